/* html_session.c - a session as a ladder: what the client sent on the left, what the server said on the
 * right, the state between the lines; each fault at its line, and a line drawn to its cause.
 *
 * The page has no script, and its policy allows no style in elements: so a line that runs past many
 * rows is drawn by each of them, in one of a few lanes beside the ladder.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "report/html.h"

/* Lines beside one another; a fault whose line finds no lane still has the link. */
#define LANES            3
/* Exchanges in a row with nothing to say, from how many on they are folded: in check, where they are
 * the surroundings, and in replay, where they are what was asked for. */
#define RUN_LEAST_CHECK  8
#define RUN_LEAST_REPLAY 40
/* Of a run in check so many are drawn at its beginning, and as many at its end. */
#define RUN_DRAWN        100

#define NO_WIRE UINT32_MAX

/* The way from a cause to the last fault that it led to. Rows are counted in halves: step i is 2 * i,
 * what stands behind it and is no step 2 * i + 1. */
struct wire {
    size_t from, to;
    int lane; /* -1: none was free */
    enum severity severity;
};

/* Where something is drawn. */
struct placed {
    size_t row;
    size_t finding; /* its index */
};

struct drawing {
    struct html_ladder ladder;
    FILE *out;
    struct placed *marks; /* of all findings, by row */
    size_t next;          /* the first mark that is not drawn yet */
    struct wire *wires;
    size_t wire_count;
    uint32_t *wire_of;     /* by step: the wire that begins there, or NO_WIRE */
    uint64_t *follows;     /* by step: the line of the fault that it follows from; 0: none */
    bool *plain;           /* by step: there is nothing to say of it */
    uint32_t lanes[LANES]; /* the wires that run at present */
    const char *state;     /* the one shown last; NULL: none */
};

static int compare_marks(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a->finding < b->finding ? -1 : 1;
}

/* The row of a finding: its step, or behind the last step that began before its line. */
static size_t row_of(struct kept_session *session, const struct finding *finding)
{
    size_t step = kept_step_of(session, finding);
    if (step < session->step_count)
        return 2 * step;
    size_t low = 0, high = session->step_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (session->steps[middle].line <= finding->line)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? 2 * low - 1 : 1;
}

static void add_wire(struct drawing *drawing, const struct finding *finding, size_t row)
{
    struct kept_session *session = drawing->ladder.session;
    size_t cause = kept_step_of_cause(session, finding);
    if (finding->cause.line == 0 || cause >= session->step_count || 2 * cause >= row)
        return;
    if (drawing->wire_of[cause] == NO_WIRE) {
        drawing->wire_of[cause] = (uint32_t)drawing->wire_count;
        drawing->wires[drawing->wire_count++] = (struct wire){2 * cause, row, -1, SEVERITY_NOTE};
    }
    struct wire *wire = &drawing->wires[drawing->wire_of[cause]];
    wire->to = row > wire->to ? row : wire->to;
    wire->severity = finding->severity > wire->severity ? finding->severity : wire->severity;
    drawing->plain[cause] = false;
}

static void lay_lanes(struct drawing *drawing)
{
    size_t end[LANES] = {0};
    bool used[LANES] = {false};
    for (size_t i = 0; i < drawing->ladder.session->step_count; i++) {
        if (drawing->wire_of[i] == NO_WIRE)
            continue;
        struct wire *wire = &drawing->wires[drawing->wire_of[i]];
        for (int lane = 0; lane < LANES && wire->lane < 0; lane++)
            if (!used[lane] || end[lane] < wire->from) {
                wire->lane = lane;
                end[lane] = wire->to;
                used[lane] = true;
            }
    }
}

/* Finds the place of everything before anything is drawn. False when memory is short. */
static bool lay_out(struct drawing *drawing)
{
    struct kept_session *session = drawing->ladder.session;
    size_t steps = session->step_count, findings = session->finding_count;
    drawing->marks = calloc(findings + 1, sizeof *drawing->marks);
    drawing->wires = calloc(findings + 1, sizeof *drawing->wires);
    drawing->wire_of = calloc(steps + 1, sizeof *drawing->wire_of);
    drawing->follows = calloc(steps + 1, sizeof *drawing->follows);
    drawing->plain = calloc(steps + 1, sizeof *drawing->plain);
    if (!drawing->marks || !drawing->wires || !drawing->wire_of || !drawing->follows ||
        !drawing->plain)
        return false;
    for (size_t i = 0; i < steps; i++) {
        drawing->wire_of[i] = NO_WIRE;
        drawing->plain[i] = session->steps[i].legal;
    }
    for (size_t i = 0; i < findings; i++) {
        const struct finding *finding = session->findings[i];
        drawing->marks[i] = (struct placed){row_of(session, finding), i};
        add_wire(drawing, finding, drawing->marks[i].row);
        if (drawing->marks[i].row / 2 < steps)
            drawing->plain[drawing->marks[i].row / 2] = false;
        for (size_t k = 0; k < finding->follower_count; k++) {
            size_t step = kept_step_at(session, finding->followers[k]);
            drawing->follows[step] = finding->line;
            drawing->plain[step] = false;
        }
    }
    qsort(drawing->marks, findings, sizeof *drawing->marks, compare_marks);
    lay_lanes(drawing);
    return true;
}

/* The lines beside a row. `row`: the one that is drawn; SIZE_MAX: one between two. */
static void draw_wires(struct drawing *drawing, size_t row)
{
    static const char *const lanes[LANES] = {"l0", "l1", "l2"};
    FILE *out = drawing->out;
    uint32_t begins = row != SIZE_MAX && row % 2 == 0 ? drawing->wire_of[row / 2] : NO_WIRE;
    for (int lane = 0; lane < LANES; lane++) {
        if (drawing->lanes[lane] == NO_WIRE)
            continue;
        struct wire *wire = &drawing->wires[drawing->lanes[lane]];
        bool ends = false;
        for (size_t i = drawing->next;
             row != SIZE_MAX && i < drawing->ladder.session->finding_count &&
             drawing->marks[i].row == row;
             i++) {
            const struct finding *finding =
                drawing->ladder.session->findings[drawing->marks[i].finding];
            ends = ends || kept_step_of_cause(drawing->ladder.session, finding) == wire->from / 2;
        }
        if (ends)
            fprintf(out, "<i class=\"w to %s %s\"></i>", lanes[lane],
                    severity_name(wire->severity));
        if (wire->to != row)
            fprintf(out, "<i class=\"w %s %s\"></i>", lanes[lane], severity_name(wire->severity));
        else
            drawing->lanes[lane] = NO_WIRE;
    }
    if (begins == NO_WIRE || drawing->wires[begins].lane < 0)
        return;
    const struct wire *wire = &drawing->wires[begins];
    fprintf(out, "<i class=\"w from %s %s\"></i>", lanes[wire->lane],
            severity_name(wire->severity));
    drawing->lanes[wire->lane] = begins;
}

static void draw_state(struct drawing *drawing, enum session_state state)
{
    const char *name = state_name(state);
    if (drawing->state == name)
        return;
    drawing->state = name;
    fputs("<li class=\"state\">", drawing->out);
    draw_wires(drawing, SIZE_MAX);
    fprintf(drawing->out, "<span><span class=\"hidden\">state </span>%s</span></li>\n", name);
}

/* Draws the faults of a row. */
static void draw_faults(struct drawing *drawing, size_t row)
{
    for (; drawing->next < drawing->ladder.session->finding_count &&
           drawing->marks[drawing->next].row == row;
         drawing->next++)
        html_fault(&drawing->ladder, drawing->marks[drawing->next].finding);
}

/* The recorded line of a finding, as the report may show it. */
static void draw_recorded(struct drawing *drawing, const struct finding *finding)
{
    bool server = finding->fault == FAULT_SERVER;
    struct slice raw = EXCERPT_SLICE(finding->raw);
    bool secret = finding->secret_from < raw.size && !drawing->ladder.report->options.show_secrets;
    FILE *out = drawing->out;
    fprintf(out, "<div class=\"%s\"><span class=\"n\">%" PRIu64 "</span><code dir=\"ltr\">",
            server ? "s" : "c", finding->line);
    html_text(out, secret ? slice_head(raw, finding->secret_from) : raw);
    fprintf(out, "%s</code></div>\n", secret ? REDACTED : "");
}

/* What was found behind a step and belongs to none: each a row of its own. */
static void draw_strays(struct drawing *drawing, size_t row)
{
    while (drawing->next < drawing->ladder.session->finding_count &&
           drawing->marks[drawing->next].row == row) {
        const struct placed *mark = &drawing->marks[drawing->next];
        /* The way ends at the last of them. */
        bool last =
            drawing->next + 1 == drawing->ladder.session->finding_count || mark[1].row != row;
        fputs("<li class=\"step wrong\">", drawing->out);
        draw_wires(drawing, last ? row : SIZE_MAX);
        draw_recorded(drawing, drawing->ladder.session->findings[mark->finding]);
        html_fault(&drawing->ladder, mark->finding);
        fputs("</li>\n", drawing->out);
        drawing->next++;
    }
}

static void draw_sent(FILE *out, const struct kept_step *step)
{
    if (step->command == COMMAND_CONNECT)
        return;
    fprintf(out,
            "<div class=\"c says\"><span class=\"n\">%" PRIu64
            "</span><span class=\"hidden\">client: </span><code dir=\"ltr\">",
            step->line);
    html_text(out, step->sent);
    fputs(step->sent_cut ? " ...</code></div>\n" : "</code></div>\n", out);
}

static void draw_answered(FILE *out, const struct kept_step *step)
{
    struct slice text = step->answered;
    if (text.size == 0) {
        if (!step->assumed)
            fputs("<div class=\"s\"><span class=\"soft\">no reply</span></div>\n", out);
        return;
    }
    fprintf(out,
            "<div class=\"s says\"><span class=\"n\">%" PRIu64
            "</span><span class=\"hidden\">server: </span><code dir=\"ltr\"%s>",
            step->reply_line, step->code >= 400 ? " class=\"refused\"" : "");
    while (text.size > 0) {
        size_t line = slice_find(text, '\n');
        html_text(out, slice_head(text, line));
        text = slice_after(text, line + 1);
        if (text.size > 0)
            putc('\n', out);
    }
    fputs(step->answered_cut ? " ...</code></div>\n" : "</code></div>\n", out);
}

/* What a step without a finding of its own has to say. */
static void draw_aside(struct drawing *drawing, size_t index)
{
    const struct kept_step *step = &drawing->ladder.session->steps[index];
    const struct server_set *servers = drawing->ladder.report->options.servers;
    FILE *out = drawing->out;
    bool found = drawing->next < drawing->ladder.session->finding_count &&
                 drawing->marks[drawing->next].row == 2 * index;
    if (drawing->follows[index] > 0) {
        fputs("<p class=\"aside\">follows from ", out);
        html_link(&drawing->ladder, kept_step_at(drawing->ladder.session, drawing->follows[index]),
                  drawing->follows[index]);
        fputs("</p>\n", out);
    } else if (!found && !step->legal) {
        fputs("<p class=\"aside\">out of order", out);
        if (step->predicted > 0)
            fprintf(out, ": a strict server answers %d", step->predicted);
        fputs("</p>\n", out);
    }
    if (step->pipelined)
        fputs("<p class=\"aside\">sent without waiting</p>\n", out);
    if (found || !kept_servers_differ(step, servers))
        return;
    fputs("<p class=\"aside\">", out);
    html_answers(&drawing->ladder, 0, step->servers);
    fputs("</p>\n", out);
}

/* Where a message is in the recording; its text stays there. */
static void draw_body(struct drawing *drawing, size_t index)
{
    const struct kept_step *step = &drawing->ladder.session->steps[index], *before = step - 1;
    if (index == 0 || step->command != COMMAND_END_OF_DATA || before->command != COMMAND_DATA)
        return;
    uint64_t first = (before->reply_line > before->line ? before->reply_line : before->line) + 1;
    if (step->line <= first)
        return;
    fputs("<li class=\"body\">", drawing->out);
    draw_wires(drawing, SIZE_MAX);
    fprintf(drawing->out, "<span>message, line%s %" PRIu64, step->line - 1 > first ? "s" : "",
            first);
    if (step->line - 1 > first)
        fprintf(drawing->out, " to %" PRIu64, step->line - 1);
    fputs("</span></li>\n", drawing->out);
}

static void draw_step(struct drawing *drawing, size_t index)
{
    const struct kept_step *step = &drawing->ladder.session->steps[index];
    FILE *out = drawing->out;
    draw_state(drawing, step->state);
    draw_body(drawing, index);
    fprintf(out, "<li class=\"step%s\" tabindex=\"-1\" id=\"", step->legal ? "" : " wrong");
    html_session_name(drawing->ladder.report, drawing->ladder.number);
    fprintf(out, "e%" PRIu64 "\">", drawing->ladder.session->cleared + index);
    draw_wires(drawing, 2 * index);
    draw_sent(out, step);
    draw_answered(out, step);
    draw_aside(drawing, index);
    draw_faults(drawing, 2 * index);
    fputs("</li>\n", out);
}

/* Steps with nothing to say, folded. */
static void draw_run(struct drawing *drawing, size_t begin, size_t end)
{
    const struct kept_step *steps = drawing->ladder.session->steps;
    bool check = drawing->ladder.report->subject == REPORT_FINDINGS;
    FILE *out = drawing->out;
    draw_state(drawing, steps[begin].state);
    fputs("<li class=\"run\">", out);
    draw_wires(drawing, SIZE_MAX);
    uint32_t lanes[LANES];
    memcpy(lanes, drawing->lanes, sizeof lanes);
    for (int lane = 0; lane < LANES; lane++)
        drawing->lanes[lane] = NO_WIRE; /* they run beside it */
    fprintf(out,
            "<details><summary>%zu exchanges in order, lines %" PRIu64 " to %" PRIu64
            "</summary>\n<ol class=\"ladder\">\n",
            end - begin, steps[begin].line, steps[end - 1].line);
    for (size_t i = begin; i < end; i++) {
        if (check && i == begin + RUN_DRAWN && end - begin > 2 * RUN_DRAWN) {
            fprintf(out,
                    "<li class=\"body\"><span>%zu exchanges more, not drawn here</span></li>\n",
                    end - begin - 2 * RUN_DRAWN);
            i = end - RUN_DRAWN;
        }
        draw_step(drawing, i);
    }
    fputs("</ol></details></li>\n", out);
    memcpy(drawing->lanes, lanes, sizeof lanes);
    drawing->state = NULL; /* those in it are folded */
}

/* Where the run of steps with nothing to say ends that begins here; one step beside what there is
 * something to say of is left out of it. */
static size_t run_end(const struct drawing *drawing, size_t begin)
{
    size_t least =
        drawing->ladder.report->subject == REPORT_FINDINGS ? RUN_LEAST_CHECK : RUN_LEAST_REPLAY;
    size_t count = drawing->ladder.session->step_count, end = begin;
    if (begin > 0 && !drawing->plain[begin - 1])
        return begin;
    while (end < count && drawing->plain[end])
        end++;
    if (end < count && end > begin)
        end--;
    return end - begin < least ? begin : end;
}

static void draw_steps(struct drawing *drawing)
{
    struct kept_session *session = drawing->ladder.session;
    for (size_t i = 0; i < session->step_count;) {
        size_t end = run_end(drawing, i);
        if (end > i) {
            draw_run(drawing, i, end);
            i = end;
        } else {
            draw_step(drawing, i);
            draw_strays(drawing, 2 * i + 1);
            i++;
        }
    }
    if (session->step_count > 0)
        draw_state(drawing, session->steps[session->step_count - 1].next);
    draw_strays(drawing, 1); /* there is no step at all */
    uint64_t drawn = session->cleared + session->step_count;
    if (session->exchanges > drawn)
        fprintf(drawing->out,
                "<li class=\"body\"><span>%" PRIu64 " exchanges more, not drawn here</span></li>\n",
                session->exchanges - drawn);
}

/* "2 errors, 1 note, 12 exchanges" */
static void draw_counts(FILE *out, const struct kept_session *session)
{
    uint64_t counts[SEVERITY_COUNT] = {0};
    for (size_t i = 0; i < session->finding_count; i++)
        counts[session->findings[i]->severity]++;
    for (int severity = SEVERITY_COUNT; severity-- > 0;)
        if (counts[severity] > 0) {
            html_count(out, counts[severity], severity_name((enum severity)severity));
            fputs(", ", out);
        }
    html_count(out, session->exchanges, "exchange");
}

void html_session(const struct report *report, uint64_t number, struct kept_session *session,
                  bool open)
{
    FILE *out = report->out;
    struct drawing drawing = {.ladder = {report, number, session}, .out = out};
    for (int lane = 0; lane < LANES; lane++)
        drawing.lanes[lane] = NO_WIRE;
    fprintf(out,
            "<details class=\"session\"%s><summary><h4>Session %" PRIu64
            "%s</h4> <span class=\"soft\">",
            open ? " open" : "", number, session->cleared > 0 ? ", continued" : "");
    draw_counts(out, session);
    fputs("</span></summary>\n<ol class=\"ladder\">\n"
          "<li class=\"head\"><span>client</span><span>server</span></li>\n",
          out);
    if (lay_out(&drawing))
        draw_steps(&drawing);
    else
        report_fail(report);
    fputs("</ol></details>\n", out);
    free(drawing.marks);
    free(drawing.wires);
    free(drawing.wire_of);
    free(drawing.follows);
    free(drawing.plain);
}
