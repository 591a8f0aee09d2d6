/* made_text.h - texts that were made in English, because programs read them as well, for people.
 */
#ifndef SMTPSEQ_BASE_MADE_TEXT_H
#define SMTPSEQ_BASE_MADE_TEXT_H

#include <stddef.h>

#include "base/catalogue.h"

/* Translates such a text: its format is in the catalogue with %llu for each number, and "%s" or '%s' for what
 * stands in quotes. What stands before a colon may be there by itself. What is not there is copied. */
void translate_made(char *text, size_t size, const struct catalogue *catalogue,
                    const char *english);

#endif
