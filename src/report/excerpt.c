/* excerpt.c - recorded lines with what is marked in them. */
#include "report/excerpt.h"

#include <inttypes.h>

#include "report/escape.h"
#include "report/text.h"

/* What stands before a line, and before what is below it. */
#define MARGIN_WIDTH 8
#define MARGIN       "      | "

/* Words are wrapped to this many columns where there is no terminal: a log in CI has no width. */
#define WORDS_WIDTH 100

/* Where a line has been cut. */
#define CUT "..."

/* Where a line has been cut. */
#define CUT "..."

/* Columns that stay before a mark in a line that is cut on the left. */
#define BEFORE_MARK 16

/* A line to be shown. */
struct excerpt {
    uint64_t line;
    struct slice raw;
    size_t marked_from, marked_to; /* what of it is marked */
    bool whole;                    /* it is not cut already */
    const char *color;
    char first, other; /* of the mark */
    const char *words; /* after the mark; NULL: none */
};

void print_wrapped(FILE *out, const char *text, int column, int width, const char *prefix)
{
    struct slice rest = slice_of(text);
    while (rest.size > 0) {
        struct slice word = slice_head(rest, slice_find(rest, ' '));
        rest = slice_after(rest, word.size + 1);
        if (column + 1 + (int)word.size > width)
            column = fprintf(out, "\n%s", prefix) - 1;
        column += fprintf(out, " %.*s", (int)word.size, word.data);
    }
    putc('\n', out);
}

/* Which octets of the line are shown, from where: all of them, or what the terminal has room for. */
static struct slice visible(const struct report *report, struct slice raw, size_t mark,
                            size_t *from)
{
    size_t width = report->options.width;
    *from = 0;
    if (width < MARGIN_WIDTH + 3 * BEFORE_MARK || raw.size <= width - MARGIN_WIDTH)
        return raw;
    width -= MARGIN_WIDTH + 2 * sizeof CUT;
    if (mark > width - BEFORE_MARK) {
        *from = mark - BEFORE_MARK;
        raw = slice_after(raw, *from);
    }
    return slice_head(raw, width);
}

static void print_mark(const struct report *report, const struct excerpt *excerpt, size_t indent,
                       size_t marked)
{
    FILE *out = report->out;
    fprintf(out, MARGIN "%*s%s%c", (int)indent, "", text_paint(report, excerpt->color),
            excerpt->first);
    for (size_t i = 1; i < marked; i++)
        putc(excerpt->other, out);
    fputs(text_paint(report, COLOR_RESET), out);
    if (!excerpt->words) {
        putc('\n', out);
        return;
    }
    int width = report->options.width > 0 ? (int)report->options.width : WORDS_WIDTH;
    char prefix[sizeof MARGIN + 64];
    snprintf(prefix, sizeof prefix, MARGIN "%*s",
             indent > 40  ? 40
             : indent > 0 ? (int)indent - 1
                          : 0,
             "");
    print_wrapped(out, excerpt->words, MARGIN_WIDTH + (int)(indent + marked), width, prefix);
}

static void print_line(const struct report *report, const struct excerpt *excerpt)
{
    FILE *out = report->out;
    size_t before = excerpt->marked_from, length = excerpt->marked_to - before, from;
    struct slice shown = visible(report, excerpt->raw, before, &from);
    bool cut = from + shown.size < excerpt->raw.size || !excerpt->whole;
    before = before > from ? before - from : 0;
    fprintf(out, "%5" PRIu64 " | %s", excerpt->line, from > 0 ? CUT : "");
    size_t indent = print_escaped(out, slice_head(shown, before)) + (from > 0 ? strlen(CUT) : 0);
    size_t marked = print_escaped(out, slice_head(slice_after(shown, before), length));
    print_escaped(out, slice_after(shown, before + length));
    fprintf(out, "%s\n", cut ? CUT : "");
    print_mark(report, excerpt, indent, marked);
}

bool excerpt_shows_cause(const struct finding *finding)
{
    return finding->cause.at.size > 0 && finding->raw.size > 0 &&
           finding->cause.at.part == finding->part && finding->cause.line < finding->line;
}

void excerpt_print(const struct report *report, const struct finding *finding)
{
    const struct line_copy *at = &finding->cause.at;
    if (finding->raw.size == 0)
        return;
    if (excerpt_shows_cause(finding)) {
        print_line(report, &(struct excerpt){
                               .line = at->line,
                               .raw = {at->raw, at->size},
                               .whole = at->size < LINE_COPY_MAX,
                               .marked_from = finding->cause.marked_from,
                               .marked_to = finding->cause.marked_to,
                               .color = COLOR_CAUSE,
                               .first = '-',
                               .other = '-',
                               .words = finding->cause.message,
                           });
        if (finding->line > at->line + 1)
            fputs("      ...\n", report->out);
    }
    print_line(report, &(struct excerpt){
                           .line = finding->line,
                           .raw = finding->raw,
                           .whole = finding->raw.size < FINDING_TEXT,
                           .marked_from = finding->marked_from,
                           .marked_to = finding->marked_to,
                           .color = COLOR_CARET,
                           .first = '^',
                           .other = '~',
                       });
}
