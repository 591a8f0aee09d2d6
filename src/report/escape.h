/* escape.h - text of a recording, made fit for a terminal or for JSON.
 *
 * A recording holds any octets: terminal escapes, NUL, invalid UTF-8, characters that turn the
 * direction of writing. None of these may reach a terminal, a log or a page.
 */
#ifndef SMTPSEQ_ESCAPE_H
#define SMTPSEQ_ESCAPE_H

#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

/* Decodes one character of UTF-8 at the head of `text` (not empty). Gives its length in octets; 0
 * where the octets are no valid UTF-8 (overlong, surrogate, cut). */
size_t utf8_decode(struct slice text, uint32_t *character);

/* Whether a character can be shown: a terminal or a page acts on the others (controls, and what
 * turns or isolates the direction of writing). */
bool printable_character(uint32_t character);

/* Writes `text` for a terminal: printable characters as they are, a tab as a blank, all else as
 * \xNN or \u{NNNN}. Gives how many columns that took (every character counts as one). */
size_t print_escaped(FILE *out, struct slice text);

/* Copies `text` as valid UTF-8, with U+FFFD for what is not; control characters stay (JSON escapes
 * them). Gives the octets written; `room` must hold 3 * text.size. */
size_t copy_valid_utf8(char *room, struct slice text);

/* Takes JSON that is ASCII as jansson gives it (json_dump_callback) and writes it to `out`, a FILE:
 * with the one control character escaped that jansson lets through, DEL. 0, or -1 when that failed. */
int write_json_escaped(const char *json, size_t size, void *out);

/* Octets that copy_shown may make of one. */
#define SHOWN_GROWTH 4

/* The same for what a person looks at, in a page or in the list of a CI system: control characters and
 * what is no character become U+FFFD too, and those that turn the direction of writing or cannot be
 * seen \u{NNNN}. `room` must hold SHOWN_GROWTH * text.size. */
size_t copy_shown(char *room, struct slice text);

#endif
