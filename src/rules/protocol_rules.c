/* protocol_rules.c - what is not SMTP, or should not be there in the clear. */
#include "rules/case.h"

const char *foreign_protocol(const struct exchange *exchange)
{
    struct slice argument = exchange->argument, verb = exchange->verb;
    size_t version = sizeof "HTTP/1.1" - 1;
    if (argument.size > version &&
        slice_starts(slice_after(argument, argument.size - version), SLICE("HTTP/")))
        return "HTTP";
    if (verb.size >= 2 && verb.data[0] == 0x16 && verb.data[1] == 0x03)
        return "TLS"; /* RFC 8446 5.1: handshake, version 3.x */
    return NULL;
}

static const char *help_for(struct slice protocol)
{
    if (slice_equal(protocol, SLICE("HTTP")))
        return N_("Find out what speaks HTTP to this port: a browser, a proxy, a health check, a "
                  "scanner. A server should close the connection when it sees HTTP.");
    return N_("For TLS from the beginning use port 465, and STARTTLS on 25 and 587.");
}

/* The first line is reported; the others of a request, which are no commands either, follow. */
void check_foreign_protocol(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct observation *observation = judgement->observation;
    uint64_t line = observation ? observation->location.line : judgement->exchange->location.line;
    const char *name = observation ? NULL : foreign_protocol(judgement->exchange);
    bool at_start = machine_state(&judgement->session->machine) <= STATE_GREETED;
    if (judge->once[ONCE_FOREIGN].reported && at_start) {
        implied(judgement, ONCE_FOREIGN, line);
        judgement->explained = true;
        return;
    }
    if (!observation && !name)
        return;
    struct slice spoken = observation ? observation->text : slice_of(name);
    const char *words = N_("%.*s spoken to an SMTP server");
    struct finding *finding = observation ? report_at(judgement, &observation->location, words,
                                                      (int)spoken.size, spoken.data)
                                          : report(judgement, words, (int)spoken.size, spoken.data);
    if (report_once(judgement, ONCE_FOREIGN, finding))
        finding->help = help_for(spoken);
    judgement->explained = true;
}

void check_reply_before_tls(struct judgement *judgement)
{
    const struct location *location = &judgement->observation->location;
    if (!implied(judgement, ONCE_CLEAR_REPLY, location->line))
        report_once(judgement, ONCE_CLEAR_REPLY,
                    report_at(judgement, location,
                              "reply in the clear after the 220 to STARTTLS, before the TLS "
                              "handshake"));
}

void check_plaintext_after_starttls(struct judgement *judgement)
{
    const struct location *location = &judgement->observation->location;
    if (!implied(judgement, ONCE_CLEAR_COMMAND, location->line))
        report_once(
            judgement, ONCE_CLEAR_COMMAND,
            report_at(judgement, location,
                      "command in the clear after the 220 to STARTTLS: no TLS was started"));
}

void check_unreadable_session(struct judgement *judgement)
{
    const struct line_copy *from = judgement->unreadable;
    struct location location = {
        .line = from->line,
        .column = from->column,
        .end_column = from->end_column,
        .part = from->part,
        .raw = {from->raw, from->size},
    };
    struct finding *finding = report_at(
        judgement, &location,
        "from here on the session contradicts the way it is read (%s): the rest is withheld",
        judgement->reading);
    if (finding)
        add_state(finding, judgement->session);
    if (finding && from->hidden_from < from->size)
        finding->hidden_from = from->hidden_from;
}
