/* letters.h - transcripts as people write them: "C:" and "S:" before the lines.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_LETTERS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_LETTERS_H

#include "transcript/formats/format.h"

extern const struct format_family letters_family;

/* Finds "C:", "s>", "Client :", in any spacing. Returns the side, and sets *length to that of the
 * mark. */
enum side letter_mark(struct slice line, size_t *length);

#endif
