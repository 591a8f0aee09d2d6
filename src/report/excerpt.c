/* excerpt.c - recorded lines with marks below them. */
#include "report/excerpt.h"

#include <inttypes.h>

#include "report/escape.h"
#include "report/text.h"

/* The margin before a line, and before the marks below it. */
#define MARGIN_WIDTH 8
#define MARGIN       "      | "

/* Where a line has been cut. */
#define CUT "..."

/* Words below a mark are not indented further than that. */
#define INDENT_MAX 40

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

/* The part of the line that is shown: all of it, or as much as fits the terminal. */
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
    if (excerpt->words) {
        int below = indent > INDENT_MAX ? INDENT_MAX : indent > 0 ? (int)indent - 1 : 0;
        char prefix[sizeof MARGIN + INDENT_MAX];
        snprintf(prefix, sizeof prefix, MARGIN "%*s", below, "");
        struct words words = {report, MARGIN_WIDTH + (int)(indent + marked), prefix};
        print_words(&words, slice_of(excerpt->words));
    }
    putc('\n', out);
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

/* Returns true if the line can be shown above the finding: it is in the same file, and comes before
 * it. */
static bool is_above(const struct earlier_line *earlier, const struct finding *finding)
{
    return earlier->at.size > 0 && finding->raw.size > 0 && earlier->at.part == finding->part &&
           earlier->line < finding->line;
}

bool excerpt_shows_cause(const struct finding *finding)
{
    return is_above(&finding->cause, finding);
}

/* Writes an earlier line with words after its mark, and below it the dots for what is left out before `next`. */
static void print_earlier(const struct report *report, const struct earlier_line *earlier,
                          const char *words, uint64_t next)
{
    const struct line_copy *at = &earlier->at;
    print_line(report, &(struct excerpt){
                           .line = at->line,
                           .raw = {at->raw, at->size},
                           .whole = at->size < LINE_COPY_MAX,
                           .marked_from = earlier->marked_from,
                           .marked_to = earlier->marked_to,
                           .color = COLOR_CAUSE,
                           .first = '-',
                           .other = '-',
                           .words = words,
                       });
    if (next > at->line + 1)
        fputs("      " CUT "\n", report->out);
}

void excerpt_print(const struct report *report, const struct finding *finding)
{
    const struct earlier_line *cause = &finding->cause, *origin = &finding->origin;
    if (finding->raw.size == 0)
        return;
    bool shows_cause = is_above(cause, finding);
    if (shows_cause && is_above(origin, finding) && origin->line < cause->line)
        print_earlier(report, origin, finding_origin(finding), cause->line);
    if (shows_cause)
        print_earlier(report, cause, finding_cause(finding), finding->line);
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
