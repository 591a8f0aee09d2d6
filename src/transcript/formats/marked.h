/* marked.h - the family of formats whose lines carry a mark of their side, and its reader.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_H

#include "transcript/formats/format.h"
#include "transcript/formats/marks.h"

extern const struct format_family marked_family; /* detail: a struct marks_row */

/* Returns true if the head has not only marks that many programs use, but also a note of this
 * format.
 */
bool marked_is_sure(const struct format *format, struct slice head);

/* Returns the state of a reader for marks; NULL when out of memory. */
struct marked_reader;
struct marked_reader *marked_reader_new(const struct marks *marks);
bool marked_reader_read(struct marked_reader *marked, const struct source_line *line,
                        const struct line_sink *sink);
bool marked_reader_finish(struct marked_reader *marked, const struct line_sink *sink);
/* As `rests` of a family. */
bool marked_reader_rests(const struct marked_reader *marked, uint64_t *memory);
void marked_reader_free(struct marked_reader *marked);

#endif
