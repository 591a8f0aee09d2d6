/* stream.h - octets that went one way, cut into the lines of the dialogue.
 *
 * For formats that record what one read or write carried: a capture, a dump, a trace of system
 * calls. A line may come in several pieces and a piece may hold several lines.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_STREAM_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_STREAM_H

#include "smtp/line.h"

/* The most octets of one line that are kept. What is longer is cut off. */
#define STREAM_LINE_MAX ((size_t)64 << 10)

/* One direction of one connection; all zero at first. */
struct stream {
    char *held; /* the beginning of a line whose end has not come */
    size_t size, capacity;
    uint64_t number; /* of the file's line in which it began */
    uint32_t column, end_column;
    bool began; /* `number` and the columns are set */
    char *raw;  /* the beginning of that line */
    size_t raw_size;
};

/* The most octets that are kept of a line of the file. */
#define STREAM_RAW_MAX ((size_t)512)

/* Takes octets that stand at `at`: its side, session, number, columns and raw are those of the piece;
 * raw may be empty in a piece that goes on with a line of an earlier one.
 * Each line that is now whole goes to the sink, without its line end (LF or CRLF), which is in its
 * `end`. False when out of memory. */
bool stream_take(struct stream *stream, const struct line *at, struct slice octets,
                 const struct line_sink *sink);

/* The connection has ended: gives a line that has no end, as such. */
void stream_end(struct stream *stream, const struct line *at, const struct line_sink *sink);

void stream_free(struct stream *stream);

#endif
