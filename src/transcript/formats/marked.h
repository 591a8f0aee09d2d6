/* marked.h - the family of formats whose lines carry a mark of their side, and its reader.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_H

#include "transcript/formats/marks.h"

extern const struct format_family marked_family; /* detail: a struct marks_row */

/* Whether the head shows more of this format than marks that many programs have: a note of its own.
 */
bool marked_is_sure(const struct format *format, struct slice head);

/* A reader's state from marks; NULL when out of memory. */
struct marked_reader;
struct marked_reader *marked_reader_new(const struct marks *marks);
bool marked_reader_read(struct marked_reader *marked, const struct source_line *line,
                        const struct line_sink *sink);
bool marked_reader_finish(struct marked_reader *marked, const struct line_sink *sink);
void marked_reader_free(struct marked_reader *marked);

#endif
