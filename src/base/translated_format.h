/* translated_format.h - printf in another language.
 */
#ifndef SMTPSEQ_BASE_TRANSLATED_FORMAT_H
#define SMTPSEQ_BASE_TRANSLATED_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

#include "base/catalogue.h"

/* Prints the translation of a format with the values that the English one takes: %s, %.*s, %.80s, %c, %d, %zu, %llu,
 * %f and %g, with flags and widths, at most VALUES_MAX of them. Where English says "%-s" the value is a text that
 * is translated as well. A translation may take them in another order, as %2$s; it cannot take other ones. */
#define VALUES_MAX 8
void print_translated(char *text, size_t size, const struct catalogue *catalogue,
                      const char *format, va_list values);

/* The same for a translation that was looked up already, as that of a text that counts. */
void print_translation(char *text, size_t size, const struct catalogue *catalogue,
                       const char *english, const char *format, va_list values);

#endif
