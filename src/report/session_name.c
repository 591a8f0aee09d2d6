/* session_name.c - writes what a log calls a session. */
#include "report/session_name.h"

#include <inttypes.h>

#include "report/escape.h"

bool label_is_known(const struct session_label *label)
{
    return label->name[0] || label->peer[0] || label->id[0] || label->time[0];
}

void label_print(FILE *out, const struct session_label *label)
{
    const char *const texts[] = {label->name, label->peer, label->id, label->time};
    const char *separator = "";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i][0]) {
            fputs(separator, out);
            print_escaped(out, slice_of(texts[i]));
            separator = ", ";
        }
}

void session_name_print(FILE *out, uint64_t number, const struct session_label *label)
{
    fprintf(out, "session %" PRIu64, number);
    if (!label_is_known(label))
        return;
    fputs(" (", out);
    label_print(out, label);
    putc(')', out);
}
