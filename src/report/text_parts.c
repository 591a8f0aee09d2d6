/* text_parts.c - what the text report shares with the ladder and with other formats.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "base/plural.h"
#include "base/utf8.h"
#include "report/escape.h"
#include "report/text.h"

/* Servers whose settings are listed; with more, as in --server=all, it says where they stand. */
#define SETTINGS_SHOWN 8

/* Words are not wrapped to fewer columns. */
#define WORDS_WIDTH_LEAST 40

const char *text_paint(const struct report *report, const char *color)
{
    return report->options.color ? color : "";
}

void text_count(FILE *out, uint64_t number, const char *what)
{
    fprintf(out, "%" PRIu64 " %s%s", number, what, plural(number));
}

const char *text_counted(const struct report *report, char room[static COUNTED_MAX],
                         uint64_t number, const char *one, const char *many)
{
    snprintf(room, COUNTED_MAX, translate_count(report->options.language, one, many, number),
             (unsigned long long)number);
    return room;
}

const char *text_findings_counted(const struct report *report, char room[static COUNTED_MAX],
                                  uint64_t number, enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return text_counted(report, room, number, "%llu error", "%llu errors");
    case SEVERITY_WARNING:
        return text_counted(report, room, number, "%llu warning", "%llu warnings");
    default:
        return text_counted(report, room, number, "%llu note", "%llu notes");
    }
}

void text_findings(const struct report *report, enum severity severity, uint64_t number)
{
    char room[COUNTED_MAX];
    fputs(text_findings_counted(report, room, number, severity), report->out);
}

void text_exchanges(const struct report *report, uint64_t number)
{
    char room[COUNTED_MAX];
    fputs(text_counted(report, room, number, "%llu exchange", "%llu exchanges"), report->out);
}

size_t text_expected(const struct finding *finding, size_t most, char room[static EXPECTED_MAX])
{
    enum command expected[COMMAND_COUNT];
    size_t count = command_set_list(finding->expected, expected, COMMAND_COUNT), used = 0;
    room[0] = '\0';
    for (size_t i = 0; i < count && i < most; i++)
        used += (size_t)snprintf(room + used, EXPECTED_MAX - used, "%s%s", i > 0 ? ", " : "",
                                 command_name(expected[i]));
    if (count > most)
        snprintf(room + used, EXPECTED_MAX - used, ", ...");
    return count;
}

struct words begin_words(const struct report *report, const char *head, const char *prefix)
{
    head = text_of(report, head);
    fputs(head, report->out);
    return (struct words){report, (int)utf8_columns(slice_of(head)), prefix};
}

void print_words(struct words *words, struct slice text)
{
    FILE *out = words->report->out;
    int width = (int)words->report->options.width;
    if (width > 0 && width < WORDS_WIDTH_LEAST)
        width = WORDS_WIDTH_LEAST;
    while (text.size > 0) {
        struct slice word = slice_head(text, slice_find(text, ' '));
        text = slice_after(text, word.size + 1);
        if (width > 0 && words->column + 1 + (int)utf8_columns(word) > width)
            words->column = fprintf(out, "\n%s", words->prefix) - 1;
        putc(' ', out);
        words->column += 1 + (int)print_escaped(out, word);
    }
}

void print_words_of(struct words *words, const char *format, ...)
{
    char text[800];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size > 0)
        print_words(words, slice_of(text));
}

/* The names of servers, joined by commas. */
struct server_names {
    size_t used;
    char text[SERVERS_MAX * (SERVER_NAME_MAX + 3)];
};

static void add_name(struct server_names *names, const char *name)
{
    int written = snprintf(names->text + names->used, sizeof names->text - names->used, "%s%s",
                           names->used > 0 ? ", " : "", name);
    names->used += written > 0 ? (size_t)written : 0;
}

static void print_answer(const struct report *report, int code, bool documented,
                         const struct server_names *names)
{
    FILE *out = report->out;
    if (code == PREDICTION_NOT_MEASURED && documented)
        fprintf(out, text_of(report, N_("no source for %s")), names->text);
    else if (code == PREDICTION_NOT_MEASURED)
        fprintf(out, text_of(report, N_("not measured at %s")), names->text);
    else if (code == PREDICTION_NO_ANSWER)
        fprintf(out, text_of(report, N_("no answer from %s")), names->text);
    else if (code == 250)
        fprintf(out, text_of(report, N_("taken by %s")), names->text);
    else
        fprintf(out, text_of(report, N_("%d from %s")), code, names->text);
}

/* Writes "503 from exim, sendmail; taken by postfix" for the measured servers, or for those that are
 * documented, and marks them as said. */
static void print_groups(const struct report *report, size_t count, const int codes[], bool said[],
                         bool documented, const char *separator)
{
    const struct server_table *const *tables = report->options.servers->tables;
    for (size_t i = 0; i < count; i++) {
        struct server_names names = {0};
        if (said[i] || tables[i]->documented != documented)
            continue;
        for (size_t k = i; k < count; k++)
            if (codes[k] == codes[i] && tables[k]->documented == documented) {
                add_name(&names, tables[k]->name);
                said[k] = true;
            }
        fputs(separator, report->out);
        print_answer(report, codes[i], documented, &names);
        separator = documented ? ", " : "; ";
    }
}

void text_servers(const struct report *report, int predicted, const int codes[])
{
    const struct server_set *servers = report->options.servers;
    size_t count = servers && codes ? servers->count : 0;
    FILE *out = report->out;
    bool said[SERVERS_MAX] = {false};
    const char *separator = "";
    if (predicted > 0) {
        struct server_names names = {0};
        add_name(&names, "rfc5321");
        for (size_t i = 0; i < count; i++)
            if (codes[i] == predicted && !servers->tables[i]->documented) {
                add_name(&names, servers->tables[i]->name);
                said[i] = true;
            }
        fprintf(out, text_of(report, N_("%d from %s")), predicted, names.text);
        separator = "; ";
    }
    if (count > 0)
        print_groups(report, count, codes, said, false, separator);
    for (size_t i = 0; i < count; i++)
        if (said[i])
            separator = "; ";
    for (size_t i = 0; i < count; i++)
        if (servers->tables[i]->documented) {
            fprintf(out, "%s%s ", separator, text_of(report, N_("documented:")));
            print_groups(report, count, codes, said, true, "");
            break;
        }
}

void text_settings(const struct report *report)
{
    const struct server_set *servers = report->options.servers;
    size_t shown = 0, more = 0;
    for (size_t i = 0; servers && i < servers->count; i++) {
        const struct server_table *table = servers->tables[i];
        if (table->settings.size == 0)
            continue;
        if (shown == SETTINGS_SHOWN) {
            more++;
            continue;
        }
        char head[COUNTED_MAX];
        snprintf(head, sizeof head, text_of(report, N_("settings of %s:")), table->name);
        struct words words = begin_words(report, head, "   ");
        print_words(&words, server_settings(table, report->options.language));
        putc('\n', report->out);
        shown++;
    }
    if (more > 0) {
        char room[COUNTED_MAX];
        fprintf(report->out, "%s\n",
                text_counted(report, room, more,
                             "settings of %llu more server: see smtpseq servers",
                             "settings of %llu more servers: see smtpseq servers"));
    }
}
