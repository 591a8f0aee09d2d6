/* doubt.c - what speaks for a reading, and what against it. */
#include "check/doubt.h"

bool doubt_exchange(struct doubt *doubt, const struct exchange *exchange,
                    const struct verdict *verdict)
{
    int code = exchange_code(exchange);
    doubt->begun = true;
    if (exchange->flags & EXCHANGE_MISFIT) {
        doubt->penalties += COST_MISFIT;
        doubt->contradictions++;
        return true;
    }
    if (exchange->command == COMMAND_UNKNOWN) {
        /* Without a reply it may be a line of a message whose DATA was refused; verbs with X are a
         * matter between this client and this server (RFC 5321 4.1.5). */
        bool taken = code > 0 && code < 400 &&
                     !(exchange->verb.size > 0 && ascii_upper(exchange->verb.data[0]) == 'X');
        doubt->penalties += taken ? COST_UNKNOWN : COST_REFUSED;
        doubt->contradictions += taken;
        return taken;
    }
    if (code == 0) {
        bool missing = exchange->flags & (EXCHANGE_MISSING | EXCHANGE_GARBLED);
        if (!(exchange->flags & EXCHANGE_ASSUMED))
            doubt->penalties += missing ? COST_UNANSWERED : COST_CUT;
        return false;
    }
    doubt_usual(doubt, exchange);
    if (!verdict->legal && code < 400)
        doubt->penalties += COST_DISORDER;
    return false;
}

bool doubt_stray(struct doubt *doubt, const struct stray *stray)
{
    bool first = !doubt->begun;
    doubt->begun = true;
    if (stray->kind == STRAY_MALFORMED)
        doubt->penalties += COST_CODELESS;
    if (stray->kind != STRAY_EXTRA)
        return false;
    doubt->penalties += first ? COST_UNASKED_FIRST : COST_UNASKED;
    doubt->contradictions += !first;
    return !first;
}

void doubt_add(struct doubt *sum, const struct doubt *doubt)
{
    sum->earned += doubt->earned;
    sum->penalties += doubt->penalties;
    sum->contradictions += doubt->contradictions;
}
