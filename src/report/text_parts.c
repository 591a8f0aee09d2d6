/* text_parts.c - what the text report shares with the ladder and with other formats.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "base/plural.h"
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

struct words begin_words(const struct report *report, const char *head, const char *prefix)
{
    return (struct words){report, fprintf(report->out, "%s", head), prefix};
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
        if (width > 0 && words->column + 1 + (int)word.size > width)
            words->column = fprintf(out, "\n%s", words->prefix) - 1;
        putc(' ', out);
        words->column += 1 + (int)print_escaped(out, word);
    }
}

void print_words_of(struct words *words, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size > 0)
        print_words(words, slice_of(text));
}

static void print_answer(FILE *out, int code, bool documented)
{
    if (code == PREDICTION_NOT_MEASURED)
        fputs(documented ? "no source for " : "not measured at ", out);
    else if (code == PREDICTION_NO_ANSWER)
        fputs("no answer from ", out);
    else if (code == 250)
        fputs("taken by ", out);
    else
        fprintf(out, "%d from ", code);
}

/* Writes "503 from exim, sendmail; taken by postfix" for the measured servers, or for those that are
 * documented, and marks them as said. */
static void print_groups(FILE *out, const struct server_set *servers, size_t count,
                         const int codes[], bool said[], bool documented, const char *separator)
{
    for (size_t i = 0; i < count; i++) {
        const char *comma = "";
        if (said[i] || servers->tables[i]->documented != documented)
            continue;
        fputs(separator, out);
        print_answer(out, codes[i], documented);
        for (size_t k = i; k < count; k++)
            if (codes[k] == codes[i] && servers->tables[k]->documented == documented) {
                fprintf(out, "%s%s", comma, servers->tables[k]->name);
                comma = ", ";
                said[k] = true;
            }
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
        fprintf(out, "%d from rfc5321", predicted);
        separator = "; ";
        for (size_t i = 0; i < count; i++)
            if (codes[i] == predicted && !servers->tables[i]->documented) {
                fprintf(out, ", %s", servers->tables[i]->name);
                said[i] = true;
            }
    }
    print_groups(out, servers, count, codes, said, false, separator);
    for (size_t i = 0; i < count; i++)
        if (said[i])
            separator = "; ";
    for (size_t i = 0; i < count; i++)
        if (servers->tables[i]->documented) {
            fprintf(out, "%sdocumented: ", separator);
            print_groups(out, servers, count, codes, said, true, "");
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
        char head[sizeof "settings of :" + SERVER_NAME_MAX];
        snprintf(head, sizeof head, "settings of %s:", table->name);
        struct words words = begin_words(report, head, "   ");
        print_words(&words, table->settings);
        putc('\n', report->out);
        shown++;
    }
    if (more > 0) {
        fputs("settings of ", report->out);
        text_count(report->out, more, "more server");
        fputs(": see smtpseq servers\n", report->out);
    }
}
