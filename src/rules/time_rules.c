/* time_rules.c - replies that came too late, and clients that did not wait for them. */
#include "rules/case.h"
#include "session/session_outcome.h"

static double seconds(int64_t milliseconds)
{
    return (double)milliseconds / 1000;
}

void check_reply_too_late(struct judgement *judgement)
{
    enum command command = judgement->exchange->command;
    double waited = seconds(judgement->verdict->times.waited), most = seconds(time_out_of(command));
    if (command == COMMAND_END_OF_DATA)
        report(
            judgement,
            "the reply to the message came after %.1f s; after %.0f s a client may have given up",
            waited, most);
    else
        report(judgement,
               "the reply to %s came after %.1f s; after %.0f s a client may have given up",
               command_verb(command), waited, most);
}

void check_gave_up_early(struct judgement *judgement)
{
    const struct event *silent = &judgement->judge->seen[SEEN_UNANSWERED];
    const char *verb = command_verb(judgement->exchange->command);
    double waited = seconds(judgement->verdict->times.given_up);
    double least = seconds(time_out_of(silent->command));
    if (silent->command == COMMAND_END_OF_DATA)
        report(judgement,
               "%s %.1f s after the message, which had no reply yet: a client has to wait %.0f s",
               verb, waited, least);
    else
        report(judgement, "%s %.1f s after %s, which had no reply yet: a client has to wait %.0f s",
               verb, waited, command_verb(silent->command), least);
}
