/* cause.h - the earlier line that explains a finding.
 *
 * A cause has two texts: one that stands at its line ("MAIL was accepted here"), and one for a sentence
 * about another line ("since MAIL was accepted at line 9"). Both are templates, so that they can be
 * translated as a whole: {verb} is the cause's command, {code} the code of its reply, {reply} the code
 * and the text, {line} its line, {origin} the line of its origin.
 */
#ifndef SMTPSEQ_CAUSE_H
#define SMTPSEQ_CAUSE_H

#include "rules/finding.h"
#include "session/session.h"

struct cause_text {
    const char *here;
    const char *since; /* NULL: it does not explain the state */
};

struct cause {
    size_t number;              /* of the exchange; SIZE_MAX: none */
    uint64_t detail;            /* tells causes at one exchange apart */
    const struct line_view *at; /* NULL: no line */
    const struct cause_text *text;
    const char *verb;
    int code;
    struct slice reply;         /* the text of a refusal; empty where it is not kept */
    const struct event *origin; /* the MAIL whose transaction it did not end; NULL: none */
};
#define NO_CAUSE ((struct cause){.number = SIZE_MAX})

/* A cause at an earlier event; none if it has not happened. */
struct cause cause_at(const struct event *event, const struct cause_text *text);

/* The cause of what was sent before the reply to a command. */
struct cause cause_of_wait(const struct event *sent);

/* The cause of what was never answered after a refusal in its group. */
struct cause cause_of_silence(const struct event *refusal);

/* Line of the cause; 0: none. */
static inline uint64_t cause_line(const struct cause *cause)
{
    return cause->at ? cause->at->line : 0;
}

/* Writes the cause, its texts and its origin into a finding, and into its words in that language. */
void cause_write(struct finding *finding, const struct cause *cause,
                 const struct catalogue *language);

/* The causes that the rows of the registry name. */
struct judgement;
#define RULE(id, code, name, severity, fault, sees, needs, check, explained_by, ...) \
    struct cause cause_##explained_by(const struct judgement *judgement);
#include "rules/registry.def"
#undef RULE

#endif
