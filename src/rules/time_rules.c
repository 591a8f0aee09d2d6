/* time_rules.c - replies that came too late, and clients that did not wait for them. */
#include "rules/case.h"
#include "session/session_outcome.h"

static double seconds(int64_t milliseconds)
{
    return (double)milliseconds / 1000;
}

static const char *reply_to(enum command command)
{
    return command == COMMAND_END_OF_DATA ? "the message" : command_verb(command);
}

void check_reply_too_late(struct judgement *judgement)
{
    enum command command = judgement->exchange->command;
    report(judgement, "the reply to %s came after %.1f s; after %.0f s a client may have given up",
           reply_to(command), seconds(judgement->verdict->times.waited),
           seconds(time_out_of(command)));
}

void check_gave_up_early(struct judgement *judgement)
{
    const struct event *silent = &judgement->judge->seen[SEEN_UNANSWERED];
    report(judgement, "%s %.1f s after %s, which had no reply yet: a client has to wait %.0f s",
           command_verb(judgement->exchange->command), seconds(judgement->verdict->times.given_up),
           reply_to(silent->command), seconds(time_out_of(silent->command)));
}
