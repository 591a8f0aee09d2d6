/* outlet.c - passes exchanges and findings on, without secrets unless they are asked for. */
#include "check/outlet.h"

#include <stdlib.h>

static void pass_on(void *context, struct waiting *waiting)
{
    struct outlet *outlet = context;
    redact_exchange(&outlet->secrets, &outlet->redacted, &waiting->exchange, waiting->replies,
                    &waiting->verdict);
    outlet->callbacks.exchange(outlet->callbacks.context, waiting->session, &waiting->exchange,
                               &waiting->verdict);
}

/* Blanks the secrets in the text of a refusal. */
static void blank_refusal(struct outlet *outlet, struct refusal *refusal)
{
    if (outlet->callbacks.show_secrets || refusal->line == 0)
        return;
    struct slice text = secrets_blank(&outlet->secrets, refusal_text(refusal), NULL);
    text = slice_head(text, OUTCOME_TEXT);
    refusal->size = (unsigned char)text.size;
    if (text.size > 0)
        memmove(refusal->text, text.data, text.size);
}

void outlet_end(struct outlet *outlet)
{
    for (size_t i = 0; i < outlet->ended_count; i++) {
        struct ended_session *ended = &outlet->ended[i];
        blank_refusal(outlet, &ended->outcome.refusal);
        if (!outlet->callbacks.show_secrets)
            redact_label(&outlet->secrets, &ended->outcome.label);
        outlet->callbacks.session(outlet->callbacks.context, ended->number, &ended->outcome);
    }
    outlet->ended_count = 0;
}

bool outlet_session(struct outlet *outlet, uint64_t number, const struct session_outcome *outcome)
{
    if (!outlet->callbacks.session)
        return true;
    if (!outlet->ended)
        outlet->ended = reallocarray(NULL, OUTLET_SESSIONS, sizeof *outlet->ended);
    if (!outlet->ended)
        return false;
    if (outlet->ended_count == OUTLET_SESSIONS)
        outlet_end(outlet);
    struct ended_session *ended = &outlet->ended[outlet->ended_count++];
    ended->number = number;
    ended->outcome = *outcome;
    return true;
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
    octet_buffer_free(&outlet->redacted);
    free(outlet->ended);
    outlet->ended = NULL;
    outlet->ended_count = 0;
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
