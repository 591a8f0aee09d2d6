/* mermaid.h - the lines of a sequence diagram for Mermaid, of a session or a part of one.
 */
#ifndef SMTPSEQ_REPORT_MERMAID_H
#define SMTPSEQ_REPORT_MERMAID_H

#include "report/copied_sessions.h"

/* Begins a diagram between a client and a server. */
void mermaid_head(FILE *out);

/* Writes text of a recording for a message or a note: at most 9 octets for each of it. */
void mermaid_text(FILE *out, struct slice text);

/* Writes what the client sent (nothing for the greeting), and what the server answered; of each at most
 * `text_max` octets of the recording. */
void mermaid_sent(FILE *out, const struct copied_step *step, size_t text_max);
void mermaid_answered(FILE *out, const struct copied_step *step, size_t text_max);

/* Writes the state that a step leads to, if that is another one. */
void mermaid_state(FILE *out, const struct copied_step *step);

#endif
