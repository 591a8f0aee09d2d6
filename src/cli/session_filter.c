/* session_filter.c - compares a session with what was asked for. */
#include "cli/session_filter.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

/* "3,7-9": sets *numbers to whether it is that, and returns whether the number is in it. */
static bool in_ranges(const char *text, uint64_t number, bool *numbers)
{
    bool found = false;
    *numbers = true;
    while (*text) {
        char *end;
        if (!ascii_digit(*text))
            return *numbers = false;
        uint64_t first = strtoull(text, &end, 10), last = first;
        if (*end == '-' && ascii_digit(end[1]))
            last = strtoull(end + 1, &end, 10);
        if (*end != ',' && *end != '\0')
            return *numbers = false;
        found = found || (number >= first && number <= last);
        text = end + (*end == ',');
    }
    return found;
}

static bool wants_number(const char *session, uint64_t number, const struct session_label *label)
{
    bool numbers, found = in_ranges(session, number, &numbers);
    if (numbers)
        return found || strcmp(label->id, session) == 0;
    return strstr(label->name, session) || strstr(label->id, session);
}

bool filter_wants_session(const struct session_filter *filter, uint64_t number,
                          const struct session_label *label)
{
    if (!filter->active)
        return true;
    if (filter->session && !wants_number(filter->session, number, label))
        return false;
    if (filter->peer && !strstr(label->peer, filter->peer))
        return false;
    bool timed = label->time[0] != '\0';
    if (filter->has_since && (!timed || log_time_before(&label->begun, &filter->since)))
        return false;
    return !filter->has_until || (timed && log_time_before(&label->begun, &filter->until));
}

bool filter_wants_rule(const struct session_filter *filter, const struct rule *rule)
{
    return !filter->has_rules || filter->rules[rule - smtpseq_rules];
}

void filter_say_none(enum cli_command command, uint64_t sessions)
{
    if (command == CLI_REPLAY)
        message_count(sessions,
                      "none of %llu sessions is selected by --session, --peer, --since, --until "
                      "and --rule",
                      "none of %llu sessions is selected by --session, --peer, --since, --until "
                      "and --rule",
                      (unsigned long long)sessions);
    else
        message_count(sessions,
                      "none of %llu sessions is selected by --session, --peer, --since and --until",
                      "none of %llu sessions is selected by --session, --peer, --since and --until",
                      (unsigned long long)sessions);
}
