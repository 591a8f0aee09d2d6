/* cases.c - collects the output of each session of a recording.
 */
#include "report/cases.h"

#include <stdlib.h>

void cases_begin(struct report *report, const char *file)
{
    (void)file;
    report->collected = calloc(1, sizeof(struct cases));
    if (!report->collected)
        report_fail(report);
}

void cases_end(struct report *report)
{
    struct cases *cases = report->collected;
    if (!cases)
        return;
    for (size_t i = 0; i < cases->count; i++) {
        for (size_t text = 0; text < CASE_TEXTS; text++)
            free(cases->list[i].texts[text]);
        free(cases->list[i].outcome);
        free(cases->list[i].name);
    }
    free(cases->list);
    free(cases);
}

/* Adds cases up to that number. Returns false when out of memory. */
static bool reach(struct cases *cases, uint64_t number)
{
    if (number > cases->capacity) {
        size_t capacity = cases->capacity * 2 > number ? cases->capacity * 2 : (size_t)number + 7;
        struct session_case *list = reallocarray(cases->list, capacity, sizeof *list);
        if (!list)
            return false;
        cases->list = list;
        cases->capacity = capacity;
    }
    while (cases->count < number)
        cases->list[cases->count++] = (struct session_case){0};
    return true;
}

/* Returns the case of a session; when out of memory calls report_fail and returns NULL. */
static struct session_case *case_numbered(const struct report *report, uint64_t number)
{
    struct cases *cases = report->collected;
    if (cases && number > 0 && reach(cases, number))
        return &cases->list[number - 1];
    report_fail(report);
    return NULL;
}

void cases_exchange(const struct report *report, uint64_t session, const struct exchange *exchange,
                    const struct verdict *verdict)
{
    struct session_case *of = case_numbered(report, session);
    (void)verdict;
    if (of && of->exchanges++ == 0)
        of->first_line = exchange->location.line;
}

void cases_outcome(const struct report *report, const char *file, uint64_t session,
                   const struct session_outcome *outcome)
{
    struct session_case *of = case_numbered(report, session);
    (void)file;
    if (!of)
        return;
    of->result = outcome->result;
    of->outcome = outcome_text(outcome);
    if (outcome->label.name[0])
        of->name = strdup(outcome->label.name);
    if (!of->outcome || (outcome->label.name[0] && !of->name))
        report_fail(report);
}

bool case_fails(const struct report *report, const struct finding *finding)
{
    return (int)finding->severity >= report->options.fail_on;
}

void cases_add(const struct report *report, const struct finding *finding, unsigned text,
               struct string_builder *written)
{
    struct session_case *of =
        string_builder_end(written) ? case_numbered(report, finding->session) : NULL;
    char *joined = of ? realloc(of->texts[text], of->sizes[text] + written->size + 1) : NULL;
    if (joined) {
        memcpy(joined + of->sizes[text], written->text, written->size + 1);
        of->texts[text] = joined;
        of->sizes[text] += written->size;
        of->failures += case_fails(report, finding);
    } else {
        report_fail(report);
    }
    free(written->text);
}

const struct cases *cases_of(const struct report *report, uint64_t sessions)
{
    struct cases *cases = report->collected;
    if (cases && reach(cases, sessions))
        return cases;
    report_fail(report);
    return NULL;
}
