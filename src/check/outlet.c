/* outlet.c - passes exchanges and findings on, without secrets unless they are asked for. */
#include "check/outlet.h"

static void pass_on(void *context, struct waiting *waiting)
{
    struct outlet *outlet = context;
    redact_exchange(&outlet->secrets, &outlet->redacted, &waiting->exchange, waiting->replies,
                    &waiting->verdict);
    outlet->callbacks.exchange(outlet->callbacks.context, waiting->session, &waiting->exchange,
                               &waiting->verdict);
}

void outlet_begin(struct outlet *outlet)
{
    outlet_free(outlet);
    outlet->ahead = (struct lookahead){.give = pass_on, .context = outlet};
}

void outlet_free(struct outlet *outlet)
{
    secrets_free(&outlet->secrets);
    lookahead_free(&outlet->ahead);
    redacted_free(&outlet->redacted);
}

bool outlet_exchange(struct outlet *outlet, uint64_t session, const struct exchange *exchange,
                     const struct verdict *verdict)
{
    if (!outlet->callbacks.exchange)
        return true;
    if (!outlet->callbacks.show_secrets)
        return lookahead_add(&outlet->ahead, session, exchange, verdict, outlet->servers);
    outlet->callbacks.exchange(outlet->callbacks.context, session, exchange, verdict);
    return true;
}

void outlet_finding(void *context, struct finding *finding)
{
    struct outlet *outlet = context;
    outlet_flush(outlet); /* the exchanges of a session come before its findings */
    redact_finding(&outlet->secrets, finding, outlet->callbacks.show_secrets);
    if (outlet->callbacks.finding)
        outlet->callbacks.finding(outlet->callbacks.context, finding);
}

void outlet_flush(struct outlet *outlet)
{
    lookahead_give_all(&outlet->ahead);
}
