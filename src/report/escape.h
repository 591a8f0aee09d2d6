/* escape.h - escapes text of a recording for a terminal, a page or JSON.
 *
 * A recording holds any octets: terminal escapes, NUL, invalid UTF-8, characters that change the
 * direction of writing. None of these may reach a terminal, a log or a page.
 */
#ifndef SMTPSEQ_ESCAPE_H
#define SMTPSEQ_ESCAPE_H

#include <stdint.h>
#include <stdio.h>

#include "base/utf8.h"

/* Returns true if a character is safe to show. A terminal or a page acts on the others:
 * controls, and what changes or isolates the direction of writing. */
bool printable_character(uint32_t character);

/* Writes `text` for a terminal: printable characters as they are, a tab as a blank, all else as
 * \xNN or \u{NNNN}. Returns the number of columns written (every character counts as one). */
size_t print_escaped(FILE *out, struct slice text);

/* Copies `text` as valid UTF-8, with U+FFFD for octets that are not; control characters stay (JSON
 * escapes them). Returns the octets written; `room` must hold 3 * text.size. */
size_t copy_valid_utf8(char *room, struct slice text);

/* For json_dump_callback with ASCII output: writes it to `out`, a FILE, and escapes DEL, the one
 * control character that jansson does not. Returns 0, or -1 if the write failed. */
int write_json_escaped(const char *json, size_t size, void *out);

/* Octets that a character takes at most after take_shown: "\u{10fffd}". */
#define SHOWN_MAX 16

/* Takes the first character off *text (not empty) and returns it fit for a person to read, in a
 * page or in a CI system: as UTF-8; a tab as a blank; octets that are not valid UTF-8, control
 * characters and noncharacters as U+FFFD; characters that are invisible or change the direction
 * of writing as \u{NNNN}, which is written to `room`. */
struct slice take_shown(struct slice *text, char room[SHOWN_MAX]);

/* Octets that copy_shown writes at most for one. */
#define SHOWN_GROWTH 4

/* Copies `text` by take_shown. Returns the octets written; `room` must hold SHOWN_GROWTH *
 * text.size. */
size_t copy_shown(char *room, struct slice text);

/* Returns the entity of a character of markup in HTML and XML; NULL for any other character. */
const char *markup_entity(uint32_t character);

#endif
