/* html_layout.c - decides where everything goes before a session is drawn.
 */
#include "report/html_layout.h"

#include <stdlib.h>

/* The shortest run of steps that is folded: of steps in order, in check, where they are only
 * context; and of any in replay, where they were asked for, and of steps that follow from a
 * fault. */
#define RUN_LEAST      8
#define RUN_LEAST_LONG 40

static int compare_placed(const void *left, const void *right)
{
    const struct placed_finding *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a->finding < b->finding ? -1 : 1;
}

/* Returns the row of a finding: its step, or the row after the last step that began before its
 * line. */
static size_t row_of(struct copied_session *session, const struct finding *finding)
{
    size_t step = copied_step_of(session, finding);
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

static void add_wire(struct html_layout *layout, struct copied_session *session,
                     const struct earlier_line *earlier, const char *words, enum severity severity,
                     size_t row)
{
    size_t from = copied_step_of_earlier(session, earlier);
    if (from >= session->step_count || 2 * from >= row)
        return;
    struct layout_step *step = &layout->steps[from];
    if (step->wire == NO_WIRE) {
        step->wire = (uint32_t)layout->wire_count;
        layout->wires[layout->wire_count++] =
            (struct wire){2 * from, row, -1, SEVERITY_NOTE, words};
    }
    struct wire *wire = &layout->wires[step->wire];
    wire->to = row > wire->to ? row : wire->to;
    wire->severity = severity > wire->severity ? severity : wire->severity;
    step->interest = INTEREST_FOUND;
}

static void add_finding(struct html_layout *layout, struct copied_session *session, size_t index)
{
    const struct finding *finding = session->findings[index];
    size_t row = row_of(session, finding);
    layout->places[index] = (struct placed_finding){row, index};
    layout->steps[row / 2].interest = INTEREST_FOUND; /* there is one more than steps */
    add_wire(layout, session, &finding->cause, finding_cause(finding), finding->severity, row);
    add_wire(layout, session, &finding->origin, finding_origin(finding), finding->severity, row);
    for (size_t i = 0; i < finding->follower_count; i++) {
        struct layout_step *step = &layout->steps[copied_step_at(session, finding->followers[i])];
        step->follows = finding->line;
        if (step->interest == INTEREST_NONE)
            step->interest = INTEREST_WRONG;
    }
}

static void lay_lanes(struct html_layout *layout, size_t steps)
{
    size_t end[LANES] = {0};
    bool used[LANES] = {false};
    for (size_t i = 0; i < steps; i++) {
        if (layout->steps[i].wire == NO_WIRE)
            continue;
        struct wire *wire = &layout->wires[layout->steps[i].wire];
        for (int lane = 0; lane < LANES && wire->lane < 0; lane++)
            if (!used[lane] || end[lane] < wire->from) {
                wire->lane = lane;
                end[lane] = wire->to;
                used[lane] = true;
            }
    }
}

/* Returns the end of the run of steps from `begin` with at most that interest. Steps next to a more
 * interesting one are not part of a run. */
static size_t run_end(const struct html_layout *layout, size_t begin, size_t count,
                      enum interest most, size_t least)
{
    size_t end = begin;
    if (begin > 0 && layout->steps[begin - 1].interest > most)
        return begin;
    while (end < count && layout->steps[end].interest <= most)
        end++;
    if (end < count && end > begin)
        end--;
    return end - begin < least ? begin : end;
}

static void fold_runs(struct html_layout *layout, size_t count, bool replay)
{
    for (size_t i = 0; i < count;) {
        size_t end = run_end(layout, i, count, INTEREST_NONE, replay ? RUN_LEAST_LONG : RUN_LEAST);
        if (end == i && !replay)
            end = run_end(layout, i, count, INTEREST_WRONG, RUN_LEAST_LONG);
        if (end == i) {
            i++;
            continue;
        }
        layout->steps[i].run_end = end;
        for (size_t k = i + RUN_DRAWN; k + RUN_DRAWN < end && !replay; k++)
            layout->steps[k].left_out = true;
        i = end;
    }
}

bool html_lay_out(struct html_layout *layout, struct copied_session *session, bool replay)
{
    size_t steps = session->step_count, findings = session->finding_count;
    *layout = (struct html_layout){
        .places = calloc(findings + 1, sizeof *layout->places),
        .wires = calloc(2 * findings + 1, sizeof *layout->wires), /* a cause and its origin */
        .steps = calloc(steps + 1, sizeof *layout->steps),
    };
    if (!layout->places || !layout->wires || !layout->steps)
        return false;
    for (size_t i = 0; i < steps; i++) {
        layout->steps[i].wire = NO_WIRE;
        layout->steps[i].interest = session->steps[i].legal ? INTEREST_NONE : INTEREST_WRONG;
    }
    for (size_t i = 0; i < findings; i++)
        add_finding(layout, session, i);
    qsort(layout->places, findings, sizeof *layout->places, compare_placed);
    lay_lanes(layout, steps);
    fold_runs(layout, steps, replay);
    return true;
}

void html_layout_free(struct html_layout *layout)
{
    free(layout->places);
    free(layout->wires);
    free(layout->steps);
}
