/* transitions.h - every transition that the two grammars have, found by walking their parsers.
 *
 * Nothing here knows the grammars: states are found by playing every command that is in order with
 * every outcome, from every state that has been found.
 */
#ifndef SMTPSEQ_TRANSITIONS_H
#define SMTPSEQ_TRANSITIONS_H

#include "session/machine.h"

/* Where exchanges lead. Only what the RFCs allow is in it, nothing that lenient servers take. */
struct transitions {
    /* The state behind a command with that outcome; STATE_COUNT where it is not in order. */
    unsigned char next[STATE_COUNT][COMMAND_COUNT][OUTCOME_COUNT];
    /* Whether the server may close with 421 here; that leads to STATE_SHUT. */
    bool closes[STATE_COUNT];
    /* The same of the second grammar: SECURITY_STATE_COUNT where the command is not in order. Only
     * AUTH and STARTTLS are in it. */
    unsigned char security_next[SECURITY_STATE_COUNT][COMMAND_COUNT][OUTCOME_COUNT];
};

/* Walks both parsers. False when out of memory. */
bool transitions_walk(struct transitions *transitions);

/* What an outcome means to the client: a row of `next` has four of them, and most say the same. */
enum answer {
    ANSWER_ACCEPTED,
    ANSWER_REFUSED,
    ANSWER_UNRECOGNIZED, /* 500 or 502, where that leads elsewhere than another refusal */
    ANSWER_CLOSED,       /* 421: the server closes. Not of an outcome */
    ANSWER_COUNT
};

/* The answer that an outcome stands for; `next` is the row of its state and command. */
enum answer answer_of(const unsigned char next[OUTCOME_COUNT], enum outcome outcome);

/* "plain", "authenticated", ... as in security.y. Static storage. */
const char *security_state_symbol(enum security_state state);

#endif
