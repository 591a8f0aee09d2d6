/* plural_form.h - which form of a text goes with a number, as the head of a catalogue says.
 */
#ifndef SMTPSEQ_BASE_PLURAL_FORM_H
#define SMTPSEQ_BASE_PLURAL_FORM_H

#include <stddef.h>
#include <stdint.h>

/* Returns the value of an expression in n: C's operators from ?: to %, numbers and brackets, as after
 * "plural=" in a catalogue. An expression that is wrong has the value 0. */
size_t plural_form(const char *expression, uint64_t number);

#endif
