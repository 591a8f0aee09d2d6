/* ladder.c - a session drawn for a terminal: what the client sent on the left, what the server
 * replied on the right, and between them the state before the command.
 *
 * Text that is longer than its column is wrapped within the column, never cut.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/string_builder.h"
#include "base/utf8.h"
#include "report/escape.h"
#include "report/text.h"

/* The width when output does not go to a terminal: a page of a CI log. */
#define WIDTH_WITHOUT_TERMINAL 100
#define WIDTH_LEAST            60
#define WIDTH_MAX              180

#define BEFORE_CLIENT 10 /* "123456 !+ " */
#define STATE_COLUMNS 8
/* Everything but the columns of client and server, which " > " and " < " separate from the
 * state. */
#define FIXED_COLUMNS (BEFORE_CLIENT + 3 + STATE_COLUMNS + 3)

struct layout {
    size_t client, server; /* columns */
};

/* Text that is written into a column piece by piece. */
struct cell {
    char *text; /* escaped; NULL: out of memory */
    struct slice rest;
};

static struct layout layout_for(unsigned width)
{
    size_t page = width == 0            ? WIDTH_WITHOUT_TERMINAL
                  : width < WIDTH_LEAST ? WIDTH_LEAST
                  : width > WIDTH_MAX   ? WIDTH_MAX
                                        : width;
    size_t room = page - FIXED_COLUMNS;
    return (struct layout){.client = room / 2, .server = room - room / 2};
}

/* Returns text of a recording, each of its lines escaped. */
static struct cell cell_of(const struct report *report, struct slice text, bool cut)
{
    struct string_builder shown;
    string_builder_begin(&shown);
    FILE *out = shown.out;
    while (out && text.size > 0) {
        size_t line = slice_find(text, '\n');
        print_escaped(out, slice_head(text, line));
        if (line < text.size)
            putc('\n', out);
        text = slice_after(text, line + 1);
    }
    if (out && cut)
        fputs(" " LINE_CUT, out);
    if (!string_builder_end(&shown))
        report_fail(report);
    return (struct cell){.text = shown.text, .rest = {shown.text, shown.size}};
}

/* Takes the next piece that fits, up to a blank if there is one in its second half. */
static struct slice cell_take(struct cell *cell, size_t width)
{
    struct slice rest = cell->rest, line = slice_head(rest, slice_find(rest, '\n'));
    size_t end = utf8_fitting(line, width).size, half = utf8_fitting(line, width / 2 + 1).size;
    bool whole = end == line.size;
    const char *blank = end > half ? memrchr(line.data + half, ' ', end - half) : NULL;
    if (!whole && blank)
        end = (size_t)(blank - line.data);
    bool separator = whole ? line.size < rest.size : rest.data[end] == ' ';
    cell->rest = slice_after(rest, end + separator);
    return slice_head(rest, end);
}

static void print_fill(FILE *out, size_t columns, char fill)
{
    for (; columns > 0; columns--)
        putc(fill, out);
}

/* The left half of a row. The first row has the line number and the marks, the last row of the
 * command the arrow to the server. `more`: the row goes on to the right. */
static void print_client(const struct report *report, const struct layout *layout,
                         const struct copied_step *step, struct cell *cell, bool first, bool more)
{
    FILE *out = report->out;
    struct slice piece = cell_take(cell, layout->client);
    size_t gap = layout->client - utf8_columns(piece);
    bool sends = step->command != COMMAND_CONNECT && (first || piece.size > 0);
    if (first)
        fprintf(out, "%6" PRIu64 " %s%c%s%c ", step->line, text_paint(report, COLOR_FAULT),
                step->legal ? ' ' : '!', text_paint(report, COLOR_RESET),
                step->pipelined ? '+' : ' ');
    else if (piece.size > 0 || more)
        print_fill(out, BEFORE_CLIENT, ' ');
    fwrite(piece.data, 1, piece.size, out);
    if (sends && cell->rest.size == 0) {
        fprintf(out, " %s", text_paint(report, COLOR_DIM));
        print_fill(out, gap, '-');
        fprintf(out, ">%s%s", text_paint(report, COLOR_RESET), more ? " " : "");
    } else if (more) {
        print_fill(out, gap + 3, ' ');
    }
}

/* Pads with blanks up to `width`. */
static void print_state(const struct report *report, const char *state, size_t width)
{
    fprintf(report->out, "%s%s%s", text_paint(report, COLOR_STATE), state,
            text_paint(report, COLOR_RESET));
    if (strlen(state) < width)
        print_fill(report->out, width - strlen(state), ' ');
}

static void print_step(const struct report *report, const struct layout *layout,
                       const struct copied_step *step)
{
    FILE *out = report->out;
    struct cell client = cell_of(report, step->sent, step->sent_cut);
    struct cell server = cell_of(report, step->answered, step->answered_cut);
    if (step->answered.size == 0 && !step->assumed)
        server.rest = slice_of(text_of(report, N_("(no reply)")));
    for (bool first = true; first || client.rest.size > 0 || server.rest.size > 0; first = false) {
        bool answers = server.rest.size > 0;
        print_client(report, layout, step, &client, first, first || answers);
        if (first || answers)
            print_state(report, first ? state_name(step->state) : "", answers ? STATE_COLUMNS : 0);
        if (answers) {
            struct slice piece = cell_take(&server, layout->server);
            fprintf(out, " %s%c%s ", text_paint(report, COLOR_DIM), first ? '<' : ' ',
                    text_paint(report, COLOR_RESET));
            fwrite(piece.data, 1, piece.size, out);
        }
        putc('\n', out);
    }
    free(client.text);
    free(server.text);
}

/* A wait of so many milliseconds is shown. */
#define SHOWN_WAIT 1000

/* Writes how long a reply took, what is wrong with a step, and what the servers of the run answer if they differ. */
static void print_judgement(const struct report *report, const struct copied_step *step)
{
    FILE *out = report->out;
    if (step->waited >= SHOWN_WAIT) {
        print_fill(out, BEFORE_CLIENT, ' ');
        fprintf(out, text_of(report, N_("the reply came after %.1f s")),
                (double)step->waited / 1000);
        putc('\n', out);
    }
    int predicted = step->legal ? 0 : step->predicted;
    bool differ = copied_step_servers_differ(step, report->options.servers);
    if (step->legal && !differ)
        return;
    print_fill(out, BEFORE_CLIENT, ' ');
    if (!step->legal)
        fprintf(out, "%s%s%s%s", text_paint(report, COLOR_FAULT),
                text_of(report, N_("out of order")), text_paint(report, COLOR_RESET),
                predicted > 0 || step->servers ? ": " : "");
    text_servers(report, predicted, step->servers);
    putc('\n', out);
}

void ladder_session(const struct report *report, const char *file, uint64_t number,
                    struct copied_session *session)
{
    FILE *out = report->out;
    struct layout layout = layout_for(report->options.width);
    fputs(text_paint(report, COLOR_BOLD), out);
    print_escaped(out, slice_of(file));
    fprintf(out,
            session->cleared > 0 ? text_of(report, N_(": session %llu, continued"))
                                 : text_of(report, N_(": session %llu")),
            (unsigned long long)number);
    fprintf(out, "%s\n", text_paint(report, COLOR_RESET));
    fprintf(out, "%s%*s%-*s%-*s   %s%s\n", text_paint(report, COLOR_DIM), BEFORE_CLIENT, "",
            (int)layout.client + 3, text_of(report, N_("client")), STATE_COLUMNS,
            text_of(report, N_("state")), text_of(report, N_("server")),
            text_paint(report, COLOR_RESET));
    for (size_t i = 0; i < session->step_count; i++) {
        print_step(report, &layout, &session->steps[i]);
        print_judgement(report, &session->steps[i]);
    }
    if (session->step_count > 0) {
        print_fill(out, BEFORE_CLIENT + layout.client + 3, ' ');
        print_state(report, state_name(session->steps[session->step_count - 1].next), 0);
        putc('\n', out);
    }
}
