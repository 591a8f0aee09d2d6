/* verdicts.h - what smtpseq makes of a recording, kept to be compared.
 */
#ifndef SMTPSEQ_FUZZ_VERDICTS_H
#define SMTPSEQ_FUZZ_VERDICTS_H

#include "script.h"
#include "target.h"

#define CODES_KEPT 8

struct seen_exchange {
    enum command command;
    enum session_state state, next;
    bool legal;
    bool unended; /* the last line of its reply */
    unsigned flags;
    uint64_t session, line;
    size_t number, answered;
    size_t code_count;
    int codes[CODES_KEPT]; /* the first ones ... */
    int final;             /* ... and the last; 0: there is none */
};

struct seen_finding {
    const struct rule *rule;
    uint64_t session, line;
    uint32_t column;
};

struct verdicts {
    struct smtpseq_recording recording;
    size_t exchange_count, finding_count;
    struct seen_exchange exchanges[2 * SCRIPT_LINES_MAX]; /* the dots of messages can be implied */
    struct seen_finding findings[4 * SCRIPT_LINES_MAX];
};

/* Checks a recording that is read in pieces of at most `step` octets. */
void verdicts_of(struct verdicts *verdicts, struct slice recording, const char *format,
                 size_t step);

/* Prints them for who looks for the fault. */
void verdicts_print(const char *name, const struct verdicts *verdicts);

#endif
