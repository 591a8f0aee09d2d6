/* sarif_flow.c - the session up to a fault, as steps: SARIF's code flow.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "report/sarif.h"

/* A command or a reply before the fault. */
struct flow_line {
    const struct copied_step *step;
    bool by_server;
    uint64_t line;
    size_t order; /* of several in one line: a packet */
};

static int compare_flow_lines(const void *left, const void *right)
{
    const struct flow_line *a = left, *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Returns how many steps of a session begin at or before a line. Steps are in the order of
 * lines. */
static size_t steps_up_to(const struct copied_session *session, uint64_t line)
{
    size_t low = 0, high = session->step_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (session->steps[middle].line <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Lists the commands and replies before a line, of the last SARIF_STEPS_MAX steps, in the order
 * of their lines. Returns how many there are. */
static size_t list_lines(const struct copied_session *session, uint64_t line,
                         struct flow_line list[2 * SARIF_STEPS_MAX])
{
    size_t count = 0, end = steps_up_to(session, line);
    size_t begin = end > SARIF_STEPS_MAX ? end - SARIF_STEPS_MAX : 0;
    for (size_t i = begin; i < end; i++) {
        const struct copied_step *step = &session->steps[i];
        if (step->command != COMMAND_CONNECT && step->line < line)
            list[count++] = (struct flow_line){step, false, step->line, 2 * i};
        if (step->reply_line > 0 && step->reply_line < line)
            list[count++] = (struct flow_line){step, true, step->reply_line, 2 * i + 1};
    }
    qsort(list, count, sizeof *list, compare_flow_lines);
    return count;
}

/* Returns the final reply: challenges of AUTH may come before it. */
static struct slice final_reply(const struct copied_step *step)
{
    char code[8];
    int size = snprintf(code, sizeof code, "%03d", step->code);
    struct slice rest = step->answered;
    while (rest.size > 0 && !slice_starts(rest, (struct slice){code, (size_t)size}))
        rest = slice_after(rest, slice_find(rest, '\n') + 1);
    return rest.size > 0 ? rest : step->answered;
}

/* Builds "C: MAIL FROM:<a@example.org> (state ready)", "S: 250 Ok (now mail)". All messages of a flow
 * share a builder, since a stream of its own for each would take most of the time. */
static json_t *line_message(struct string_builder *built, const struct copied_step *step,
                            bool by_server)
{
    FILE *out = built->out;
    if (!out || fflush(out) != 0)
        return NULL;
    size_t begin = built->size;
    struct slice shown = by_server ? final_reply(step) : step->sent;
    struct slice first = slice_head(shown, slice_find(shown, '\n'));
    fputs(by_server ? "S: " : "C: ", out);
    sarif_escape(out, first);
    if (first.size < shown.size)
        fputs(" ...", out);
    if (!by_server)
        fprintf(out, " (state %s%s)", state_name(step->state), step->legal ? "" : ", out of order");
    else if (step->next != step->state)
        fprintf(out, " (now %s)", state_name(step->next));
    if (fflush(out) != 0)
        return NULL;
    return json_pack("{s:o}", "text", json_stringn(built->text + begin, built->size - begin));
}

/* Returns true if the line is a command that explains the fault. */
static bool is_earlier(struct copied_session *session, const struct finding *finding,
                       const struct flow_line *line)
{
    size_t index = (size_t)(line->step - session->steps);
    return !line->by_server && (copied_step_of_earlier(session, &finding->cause) == index ||
                                copied_step_of_earlier(session, &finding->origin) == index);
}

static json_t *step_value(struct string_builder *built, json_t *artifact,
                          const struct flow_line *line)
{
    return json_pack("{s:{s:{s:O, s:{s:I}}, s:o}}", "location", "physicalLocation",
                     "artifactLocation", artifact, "region", "startLine", (json_int_t)line->line,
                     "message", line_message(built, line->step, line->by_server));
}

/* The last step: the fault itself. */
static json_t *fault_value(struct string_builder *built, const struct copied_session *session,
                           const struct finding *finding, json_t *fault)
{
    size_t end = steps_up_to(session, finding->line);
    const struct copied_step *step = end > 0 ? &session->steps[end - 1] : NULL;
    bool shown = step && step->line == finding->line && step->command != COMMAND_CONNECT;
    json_t *message =
        shown ? line_message(built, step, false) : sarif_text(slice_of(finding->message));
    return json_pack("{s:{s:O, s:o}, s:s}", "location", "physicalLocation",
                     json_object_get(fault, "physicalLocation"), "message", message, "importance",
                     "essential");
}

/* The title tells which steps are missing. `shared`: the line of the finding that has them; or 0. */
static json_t *flow_title(bool cut, bool lost, uint64_t shared)
{
    if (shared > 0)
        return json_sprintf("The last steps up to the fault; the finding at line %" PRIu64
                            " has the earlier ones.",
                            shared);
    return json_string(
        lost  ? "The end of a session that is too long for all of its steps to be shown."
        : cut ? "The last steps of the session up to the fault; earlier ones are not shown."
              : "The session up to the fault.");
}

/* A line that explains the fault, if its command is not among the steps from `first` on. */
static void append_earlier(json_t **steps, struct string_builder *built, json_t *artifact,
                           struct copied_session *session, const struct earlier_line *earlier,
                           const struct flow_line *first)
{
    size_t index = copied_step_of_earlier(session, earlier);
    if (index >= session->step_count || session->steps[index].command == COMMAND_CONNECT ||
        session->steps[index].line >= first->line)
        return;
    const struct copied_step *step = &session->steps[index];
    json_append(steps,
                step_value(built, artifact, &(struct flow_line){step, false, step->line, 0}));
}

json_t *sarif_flow(struct copied_sessions *copied, const struct finding *finding, json_t *fault)
{
    struct copied_session nothing = {0};
    struct copied_session *session = finding->session <= copied->session_count
                                         ? &copied->sessions[finding->session - 1]
                                         : &nothing;
    struct flow_line list[2 * SARIF_STEPS_MAX];
    size_t count = list_lines(session, finding->line, list);
    /* The fault comes last, and what explains it may come first. */
    size_t most = SARIF_STEPS_MAX - 2 - (finding->origin.line > 0);
    size_t first = count > most ? count - most : 0;
    bool cut = first > 0 || steps_up_to(session, finding->line) > SARIF_STEPS_MAX;
    bool lost = session->exchanges > session->step_count &&
                steps_up_to(session, finding->line) == session->step_count;
    uint64_t shared = 0;
    while (!lost && count - first > SARIF_STEPS_LEAST && list[first].line < session->shown_to) {
        shared = session->shown_to;
        first++;
    }
    json_t *location = json_object_get(fault, "physicalLocation");
    json_t *artifact = json_object_get(location, "artifactLocation"); /* shared by all steps */
    json_t *steps = json_array();
    struct string_builder built;
    string_builder_begin(&built);
    for (size_t i = 0; i < 2 && !lost && first < count; i++)
        append_earlier(&steps, &built, artifact, session,
                       i == 0 ? &finding->origin : &finding->cause, &list[first]);
    for (size_t i = lost ? count : first; i < count; i++) {
        json_t *step = step_value(&built, artifact, &list[i]);
        if (is_earlier(session, finding, &list[i]))
            json_put(&step, "importance", json_string("essential"));
        json_append(&steps, step);
    }
    json_append(&steps, fault_value(&built, session, finding, fault));
    string_builder_end(&built);
    free(built.text);
    if (finding->session <= copied->session_count)
        session->shown_to = finding->line;
    return json_pack("[{s:{s:o}, s:[{s:o}]}]", "message", "text", flow_title(cut, lost, shared),
                     "threadFlows", "locations", steps);
}
