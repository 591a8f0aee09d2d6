/* gathered.c - all of it at once. */
#include "cli/gathered.h"

bool gathered_add_session(struct gathered *gathered, const char *path, uint64_t number,
                          const struct session_outcome *outcome, bool statistics)
{
    return outcomes_add(&gathered->outcomes, path, number, outcome) &&
           (!statistics || statistics_add_session(&gathered->statistics, path, outcome));
}

bool gathered_merge(struct gathered *gathered, struct gathered *later)
{
    bool done = outcomes_merge(&gathered->outcomes, &later->outcomes);
    done = forward_list_merge(&gathered->forwards, &later->forwards) && done;
    return statistics_merge(&gathered->statistics, &later->statistics) && done;
}

void gathered_free(struct gathered *gathered)
{
    outcomes_free(&gathered->outcomes);
    forward_list_free(&gathered->forwards);
    statistics_free(&gathered->statistics);
}
