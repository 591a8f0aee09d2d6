/* report.c - the sections of a report, and the redacted texts that all formats share.
 */
#include "report/report.h"

#include <errno.h>

bool report_fits(const struct report_format *format, enum report_subject subject)
{
    switch (subject) {
    case REPORT_EXCHANGES:
        return format->exchange != NULL;
    case REPORT_FORWARDS:
        return format->forward != NULL;
    default:
        return format->finding != NULL;
    }
}

FILE *report_item(const struct report *report, unsigned section)
{
    struct report_section *part = &report->sections[section];
    if (part->begun && report->format->separator)
        fputs(report->format->separator, part->stream);
    part->begun = true;
    return part->stream;
}

FILE *report_section_read(const struct report *report, unsigned section)
{
    struct report_section *part = &report->sections[section];
    /* Not rewind: that forgets a write that failed. */
    if (fseek(part->stream, 0, SEEK_SET) != 0 && part->error == 0)
        part->error = errno;
    return part->stream;
}

void report_section_copy(const struct report *report, unsigned section)
{
    FILE *from = report_section_read(report, section);
    char block[16384];
    size_t size;
    while ((size = fread(block, 1, sizeof block, from)) > 0)
        fwrite(block, 1, size, report->out);
}

void report_fail(const struct report *report)
{
    *report->failed = true;
}

struct slice shown_argument(const struct exchange *exchange, bool show_secrets, char *room,
                            size_t room_size)
{
    struct slice argument = exchange->argument;
    size_t mechanism = slice_word(argument).size;
    if (exchange->command != COMMAND_AUTH || show_secrets || mechanism == argument.size)
        return argument;
    int size = snprintf(room, room_size, "%.*s %s", (int)(mechanism < 64 ? mechanism : 64),
                        argument.data, REDACTED);
    return (struct slice){room, (size_t)size < room_size ? (size_t)size : room_size - 1};
}

struct slice shown_verb(const struct exchange *exchange, const struct verdict *verdict,
                        bool show_secrets)
{
    return verdict->secret && !show_secrets ? SLICE(REDACTED) : exchange->verb;
}

struct slice shown_reply(const struct exchange *exchange, const struct verdict *verdict,
                         const struct reply *reply, bool show_secrets)
{
    struct slice secret = exchange_secret(exchange, verdict);
    bool repeats = secret.size > 0 && slice_contains(reply->text, secret);
    return repeats && !show_secrets ? SLICE(REDACTED) : reply->text;
}

struct slice shown_finding_command(const struct finding *finding, bool show_secrets)
{
    return finding->secret_command && !show_secrets ? SLICE(REDACTED)
                                                    : EXCERPT_SLICE(finding->command);
}

struct slice shown_finding_reply(const struct finding *finding, bool show_secrets)
{
    return finding->reply.secret && !show_secrets ? SLICE(REDACTED)
                                                  : EXCERPT_SLICE(finding->reply.text);
}
