/* html_session.c - a session as a ladder: what the client sent on the left, what the server replied
 * on the right, the state between the rows; each finding at its line, and a wire drawn to its
 * cause.
 *
 * The page has no script, and its policy allows no style attribute: so each row draws its own piece
 * of a wire, in one of a few lanes beside the ladder.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "report/html.h"
#include "report/session_name.h"
#include "report/text.h"

struct drawing {
    struct html_ladder ladder;
    FILE *out;
    size_t next;           /* the first finding of the layout that is not drawn yet */
    uint32_t lanes[LANES]; /* the wires that pass the current row */
    const char *state;     /* the state shown last; NULL: none */
};

/* Returns true if the next finding to draw is in that row. */
static bool has_finding(const struct drawing *drawing, size_t row)
{
    return drawing->next < drawing->ladder.session->finding_count &&
           drawing->ladder.layout.places[drawing->next].row == row;
}

/* Returns true if the step explains a finding in that row. */
static bool leads_to(const struct drawing *drawing, size_t step, size_t row)
{
    struct copied_session *session = drawing->ladder.session;
    const struct placed_finding *places = drawing->ladder.layout.places;
    for (size_t i = drawing->next; i < session->finding_count && places[i].row == row; i++) {
        const struct finding *finding = session->findings[places[i].finding];
        if (copied_step_of_earlier(session, &finding->cause) == step ||
            copied_step_of_earlier(session, &finding->origin) == step)
            return true;
    }
    return false;
}

/* Draws the wires beside a row; SIZE_MAX: beside a row that is not a step. */
static void draw_wires(struct drawing *drawing, size_t row)
{
    static const char *const lanes[LANES] = {"l0", "l1", "l2"};
    FILE *out = drawing->out;
    uint32_t begins =
        row != SIZE_MAX && row % 2 == 0 ? drawing->ladder.layout.steps[row / 2].wire : NO_WIRE;
    for (int lane = 0; lane < LANES; lane++) {
        if (drawing->lanes[lane] == NO_WIRE)
            continue;
        struct wire *wire = &drawing->ladder.layout.wires[drawing->lanes[lane]];
        if (leads_to(drawing, wire->from / 2, row))
            fprintf(out, "<i class=\"w to %s %s\"></i>", lanes[lane],
                    severity_name(wire->severity));
        if (wire->to != row)
            fprintf(out, "<i class=\"w %s %s\"></i>", lanes[lane], severity_name(wire->severity));
        else
            drawing->lanes[lane] = NO_WIRE;
    }
    if (begins == NO_WIRE || drawing->ladder.layout.wires[begins].lane < 0)
        return;
    const struct wire *wire = &drawing->ladder.layout.wires[begins];
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
    fprintf(drawing->out, "<span><span class=\"hidden\">%s </span>%s</span></li>\n",
            text_of(drawing->ladder.report, N_("state")), name);
}

/* Draws the findings of a row. */
static void draw_faults(struct drawing *drawing, size_t row)
{
    for (; has_finding(drawing, row); drawing->next++)
        html_fault(&drawing->ladder, drawing->ladder.layout.places[drawing->next].finding);
}

/* Draws the recorded line of a finding. */
static void draw_recorded(struct drawing *drawing, const struct finding *finding)
{
    bool server = finding->fault == FAULT_SERVER;
    FILE *out = drawing->out;
    fprintf(out, "<div class=\"%s\"><span class=\"n\">%" PRIu64 "</span><code dir=\"ltr\">",
            server ? "s" : "c", finding->line);
    html_text(out, finding->raw);
    fputs("</code></div>\n", out);
}

/* Draws findings after a step that belong to no step: each in a row of its own. */
static void draw_strays(struct drawing *drawing, size_t row)
{
    while (has_finding(drawing, row)) {
        const struct placed_finding *mark = &drawing->ladder.layout.places[drawing->next];
        /* The wire ends at the last of them. */
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

static void draw_sent(const struct report *report, const struct copied_step *step)
{
    FILE *out = report->out;
    if (step->command == COMMAND_CONNECT)
        return;
    fprintf(out,
            "<div class=\"c says\"><span class=\"n\">%" PRIu64
            "</span><span class=\"hidden\">%s: </span><code dir=\"ltr\">",
            step->line, text_of(report, N_("client")));
    html_text(out, step->sent);
    fputs(step->sent_cut ? " ...</code></div>\n" : "</code></div>\n", out);
}

static void draw_answered(const struct report *report, const struct copied_step *step)
{
    FILE *out = report->out;
    struct slice text = step->answered;
    if (text.size == 0) {
        if (!step->assumed)
            fprintf(out, "<div class=\"s\"><span class=\"soft\">%s</span></div>\n",
                    text_of(report, N_("no reply")));
        return;
    }
    fprintf(out,
            "<div class=\"s says\"><span class=\"n\">%" PRIu64
            "</span><span class=\"hidden\">%s: </span><code dir=\"ltr\"%s>",
            step->reply_line, text_of(report, N_("server")),
            step->code >= 400 ? " class=\"refused\"" : "");
    while (text.size > 0) {
        size_t line = slice_find(text, '\n');
        html_text(out, slice_head(text, line));
        text = slice_after(text, line + 1);
        if (text.size > 0)
            putc('\n', out);
    }
    fputs(step->answered_cut ? " ...</code></div>\n" : "</code></div>\n", out);
}

/* Draws what a step has to do with a finding that it explains. */
static void draw_earlier(struct drawing *drawing, size_t index)
{
    const struct html_layout *layout = &drawing->ladder.layout;
    uint32_t wire = layout->steps[index].wire;
    if (wire == NO_WIRE)
        return;
    fputs("<p class=\"aside\">", drawing->out);
    html_text(drawing->out, slice_of(layout->wires[wire].words));
    fputs("</p>\n", drawing->out);
}

/* Draws remarks about a step that has no finding of its own. */
static void draw_aside(struct drawing *drawing, size_t index)
{
    const struct copied_step *step = &drawing->ladder.session->steps[index];
    const struct report *report = drawing->ladder.report;
    const struct server_set *servers = report->options.servers;
    FILE *out = drawing->out;
    bool found = has_finding(drawing, 2 * index);
    if (drawing->ladder.layout.steps[index].follows > 0) {
        fprintf(out, "<p class=\"aside\">%s ", text_of(report, N_("follows from")));
        html_link(
            &drawing->ladder,
            copied_step_at(drawing->ladder.session, drawing->ladder.layout.steps[index].follows),
            drawing->ladder.layout.steps[index].follows);
        fputs("</p>\n", out);
    } else if (!found && !step->legal) {
        fputs("<p class=\"aside\">", out);
        if (step->predicted > 0)
            fprintf(out, text_of(report, N_("out of order: a strict server answers %d")),
                    step->predicted);
        else
            fputs(text_of(report, N_("out of order")), out);
        fputs("</p>\n", out);
    }
    draw_earlier(drawing, index);
    if (step->pipelined)
        fprintf(out, "<p class=\"aside\">%s</p>\n", text_of(report, N_("sent without waiting")));
    if (found || !copied_step_servers_differ(step, servers))
        return;
    fputs("<p class=\"aside\">", out);
    html_answers(&drawing->ladder, 0, step->servers);
    fputs("</p>\n", out);
}

/* Draws which lines of the recording are message content, not the content itself. */
static void draw_body(struct drawing *drawing, size_t index)
{
    const struct copied_step *step = &drawing->ladder.session->steps[index], *before = step - 1;
    if (index == 0 || step->command != COMMAND_END_OF_DATA || before->command != COMMAND_DATA)
        return;
    uint64_t first = (before->reply_line > before->line ? before->reply_line : before->line) + 1;
    if (step->line <= first)
        return;
    fputs("<li class=\"body\">", drawing->out);
    draw_wires(drawing, SIZE_MAX);
    const struct report *report = drawing->ladder.report;
    fputs("<span>", drawing->out);
    if (step->line - 1 > first)
        fprintf(drawing->out, text_of(report, N_("message, lines %llu to %llu")),
                (unsigned long long)first, (unsigned long long)step->line - 1);
    else
        fprintf(drawing->out, text_of(report, N_("message, line %llu")), (unsigned long long)first);
    fputs("</span></li>\n", drawing->out);
}

static void draw_step(struct drawing *drawing, size_t index)
{
    const struct copied_step *step = &drawing->ladder.session->steps[index];
    FILE *out = drawing->out;
    draw_state(drawing, step->state);
    draw_body(drawing, index);
    fprintf(out, "<li class=\"step%s\" tabindex=\"-1\" id=\"", step->legal ? "" : " wrong");
    html_session_name(drawing->ladder.report, drawing->ladder.number);
    fprintf(out, "e%" PRIu64 "\">", drawing->ladder.session->cleared + index);
    draw_wires(drawing, 2 * index);
    draw_sent(drawing->ladder.report, step);
    draw_answered(drawing->ladder.report, step);
    draw_aside(drawing, index);
    draw_faults(drawing, 2 * index);
    fputs("</li>\n", out);
}

/* Returns how many of the steps are out of order. */
static size_t count_wrong(const struct copied_step steps[], size_t begin, size_t end)
{
    size_t wrong = 0;
    for (size_t i = begin; i < end; i++)
        wrong += !steps[i].legal;
    return wrong;
}

/* Says how many exchanges are left out. */
static void draw_rest(const struct report *report, uint64_t number)
{
    fputs("<li class=\"body\"><span>", report->out);
    fprintf(report->out, text_of(report, N_("%llu exchanges more, not drawn here")),
            (unsigned long long)number);
    fputs("</span></li>\n", report->out);
}

/* Draws a run of uninteresting steps, folded. */
static void draw_run(struct drawing *drawing, size_t begin, size_t end)
{
    const struct copied_step *steps = drawing->ladder.session->steps;
    const struct layout_step *layout = drawing->ladder.layout.steps;
    FILE *out = drawing->out;
    size_t wrong = count_wrong(steps, begin, end);
    draw_state(drawing, steps[begin].state);
    fputs("<li class=\"run\">", out);
    draw_wires(drawing, SIZE_MAX);
    uint32_t lanes[LANES];
    memcpy(lanes, drawing->lanes, sizeof lanes);
    for (int lane = 0; lane < LANES; lane++)
        drawing->lanes[lane] = NO_WIRE; /* the row of the run draws them */
    const struct report *report = drawing->ladder.report;
    unsigned long long first = steps[begin].line, last = steps[end - 1].line;
    fputs("<details><summary>", out);
    if (wrong > 0)
        fprintf(out,
                text_of(report, N_("%zu exchanges, %zu of them out of order, lines %llu to %llu")),
                end - begin, wrong, first, last);
    else
        fprintf(out, text_of(report, N_("%zu exchanges in order, lines %llu to %llu")), end - begin,
                first, last);
    fputs("</summary>\n<ol class=\"ladder\">\n", out);
    for (size_t i = begin; i < end; i++) {
        if (!layout[i].left_out)
            draw_step(drawing, i);
        else if (!layout[i - 1].left_out)
            draw_rest(report, end - begin - 2 * RUN_DRAWN);
    }
    fputs("</ol></details></li>\n", out);
    memcpy(drawing->lanes, lanes, sizeof lanes);
    drawing->state = NULL; /* the state shown last is folded */
}

static void draw_steps(struct drawing *drawing)
{
    struct copied_session *session = drawing->ladder.session;
    for (size_t i = 0; i < session->step_count;) {
        size_t end = drawing->ladder.layout.steps[i].run_end;
        if (end > 0) {
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
    draw_strays(drawing, 1); /* if there was no step */
    uint64_t drawn = session->cleared + session->step_count;
    if (session->exchanges > drawn)
        draw_rest(drawing->ladder.report, session->exchanges - drawn);
}

/* Writes "2 errors, 1 note, 12 exchanges"; zero counts are omitted. */
static void draw_counts(const struct report *report, const struct copied_session *session)
{
    uint64_t counts[SEVERITY_COUNT] = {0};
    for (size_t i = 0; i < session->finding_count; i++)
        counts[session->findings[i]->severity]++;
    for (int severity = SEVERITY_COUNT; severity-- > 0;)
        if (counts[severity] > 0) {
            text_findings(report, (enum severity)severity, counts[severity]);
            fputs(", ", report->out);
        }
    text_exchanges(report, session->exchanges);
}

/* What the log calls the session. */
static void html_label(const struct report *report, const struct session_label *label)
{
    const char *const texts[] = {label->name, label->peer, label->id, label->time};
    const char *separator = "";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i][0]) {
            fprintf(report->out, "%s<bdi>", separator);
            html_text(report->out, slice_of(texts[i]));
            fputs("</bdi>", report->out);
            separator = ", ";
        }
}

void html_session(const struct report *report, uint64_t number, struct copied_session *session,
                  bool open)
{
    FILE *out = report->out;
    struct drawing drawing = {.ladder = {.report = report, .number = number, .session = session},
                              .out = out};
    for (int lane = 0; lane < LANES; lane++)
        drawing.lanes[lane] = NO_WIRE;
    fprintf(out, "<details class=\"session\"%s><summary><h4>", open ? " open" : "");
    fprintf(
        out,
        text_of(report, session->cleared > 0 ? N_("Session %llu, continued") : N_("Session %llu")),
        (unsigned long long)number);
    fputs("</h4> <span class=\"soft\">", out);
    draw_counts(report, session);
    if (session->finding_count > 0 && label_is_known(&session->findings[0]->label)) {
        fputs(": ", out);
        html_label(report, &session->findings[0]->label);
    }
    fprintf(out,
            "</span></summary>\n<ol class=\"ladder\">\n"
            "<li class=\"head\"><span>%s</span><span>%s</span></li>\n",
            text_of(report, N_("client")), text_of(report, N_("server")));
    if (html_lay_out(&drawing.ladder.layout, session, report->subject == REPORT_EXCHANGES))
        draw_steps(&drawing);
    else
        report_fail(report);
    fputs("</ol></details>\n", out);
    html_layout_free(&drawing.ladder.layout);
}
