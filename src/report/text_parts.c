/* text_parts.c - what the text report shares with the ladder and with other formats.
 */
#include <inttypes.h>

#include "base/plural.h"
#include "report/text.h"

const char *text_paint(const struct report *report, const char *color)
{
    return report->options.color ? color : "";
}

void text_count(FILE *out, uint64_t number, const char *what)
{
    fprintf(out, "%" PRIu64 " %s%s", number, what, plural(number));
}

static void print_answer(FILE *out, int code, bool documented)
{
    if (code == PREDICTION_NOT_MEASURED)
        fputs(documented ? "no source for " : "not measured at ", out);
    else if (code == PREDICTION_NO_ANSWER)
        fputs("no answer from ", out);
    else if (code < 400)
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
