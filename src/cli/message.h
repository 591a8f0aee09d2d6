/* message.h - messages on standard error, in the language of the run. Nothing in them acts on a terminal or a
 * log, whatever names and files they quote.
 */
#ifndef SMTPSEQ_MESSAGE_H
#define SMTPSEQ_MESSAGE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/catalogue.h"
#include "cli/language.h"
#include "report/escape.h"

/* Prints "smtpseq: ", the translation of the text and a newline. The values are those that print_translated
 * knows. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same of a text that counts: `one` for a number of 1, else `many`. Both take the same values. */
void message_count(uint64_t number, const char *one, const char *many, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* The same of a text of which the values are in it already, as translate_made has it. */
void message_made(const char *text);

/* Write such a text elsewhere, without what stands before and after it, in a language (NULL: English). */
void say_in(FILE *out, const struct catalogue *language, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void say_count_in(FILE *out, const struct catalogue *language, uint64_t number, const char *one,
                  const char *many, ...)
    __attribute__((format(printf, 4, 6), format(printf, 5, 6)));

/* The same in the language of the run. */
#define say(out, ...)               say_in((out), language(), __VA_ARGS__)
#define say_count(out, number, ...) say_count_in((out), language(), (number), __VA_ARGS__)

/* Returns what a number of errno means, in the language of the run. */
const char *error_text(int error);

/* Says that a name is not known: of all `names` (at least one, NULL-terminated) it offers one that is
 * similar, and lists them, or `see` instead: the command that does. `what` is translated. Returns false. */
bool message_unknown(const char *what, const char *name, const char *const names[],
                     const char *see);

/* "smtpseq: " and the name of the file, escaped. */
static inline void message_on(FILE *out, const char *path)
{
    fputs("smtpseq: ", out);
    print_escaped(out, slice_of(path));
}

/* A whole message on a line of the file (0: on the file); it may hold any octets. A text of ours is
 * translated, as translate_made does. */
void message_at(FILE *out, const char *path, uint64_t line, const char *text);

void message_out_of_memory(FILE *out, const char *path);

#endif
