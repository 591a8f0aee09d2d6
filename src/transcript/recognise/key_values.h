/* key_values.h - which variable word of the marks tells sessions apart.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_KEY_VALUES_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_KEY_VALUES_H

#include "transcript/recognise/guess.h"
#include "transcript/recognise/trial.h"

/* Returns true if the words that the rule means can tell sessions apart: they repeat, there are several,
 * and both sides have them. Where none comes back, they begin as sessions do: else they count the time. */
bool may_be_key(struct trial *trial, const struct guess *guess, struct key_rule rule);

#endif
