/* stream.h - splits the octets of one direction into lines of the dialogue.
 *
 * For formats that record each read or write: a capture, a dump, a trace of system calls. A line
 * may come in several pieces, and a piece may hold several lines.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_STREAM_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_STREAM_H

#include "base/octet_buffer.h"
#include "smtp/line.h"

/* Octets of a line, at most; a longer line is cut. */
#define STREAM_LINE_MAX ((size_t)64 << 10)

/* One direction of one connection; all zero at first. */
struct stream {
    struct octet_buffer held; /* the beginning of a line whose end has not come */
    uint64_t number;          /* of the file's line in which it began */
    uint32_t column, end_column;
    bool began; /* `number` and the columns are set */
    bool
        in_pieces; /* octets are counted (BDAT): a line that is too long is passed on in pieces, all
                       but the last unended, and not cut off */
    char *raw;     /* the beginning of that line */
    size_t raw_size;
};

/* Octets copied of a line of the file, at most. */
#define STREAM_RAW_MAX ((size_t)512)

/* Takes the octets of a piece. `at` has the side, session, number, columns and raw of the piece;
 * raw may be empty if it continues a line of an earlier piece. Passes each complete line on to
 * the sink, without its line end (LF or CRLF), which is in `end`. Returns false when out of
 * memory. */
bool stream_take(struct stream *stream, const struct line *at, struct slice octets,
                 const struct line_sink *sink);

/* The connection has ended: passes on the last line if it has no line end. */
void stream_end(struct stream *stream, const struct line *at, const struct line_sink *sink);

void stream_free(struct stream *stream);

#endif
