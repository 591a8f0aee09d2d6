/* stream.c - joins pieces of lines.
 */
#include "transcript/formats/stream.h"

#include <stdlib.h>

static bool hold(struct stream *stream, struct slice octets)
{
    octets = slice_head(octets, STREAM_LINE_MAX - stream->held.size);
    return octet_buffer_append(&stream->held, octets);
}

/* Passes on a line, from where it began. */
static void give(struct stream *stream, const struct line *at, struct slice payload, bool ended,
                 const struct line_sink *sink)
{
    struct line line = *at;
    bool cr =
        payload.size > 0 && payload.data[payload.size - 1] == '\r' && (ended || !stream->in_pieces);
    bool cut = payload.size >= STREAM_LINE_MAX;
    line.end = !ended || cut ? LINE_END_UNKNOWN : cr ? LINE_END_CRLF : LINE_END_LF;
    line.unended = !ended;
    if (stream->began) {
        line.column = stream->column;
        line.end_column = stream->end_column;
        if (line.number != stream->number || at->raw.size == 0) {
            line.number = stream->number;
            line.raw = (struct slice){stream->raw, stream->raw_size};
        }
    }
    payload.size -= cr;
    line.payload = payload;
    sink->line(sink->context, &line);
    stream->held.size = 0;
    stream->began = false;
}

/* Copies the line of the file in which a line began, because the line continues in another
 * piece. */
static bool keep_raw(struct stream *stream, const struct line *at)
{
    if (!stream->began || stream->number != at->number ||
        (at->raw.size == 0 && stream->raw_size > 0))
        return true;
    if (!stream->raw && !(stream->raw = malloc(STREAM_RAW_MAX)))
        return false;
    struct slice raw = slice_head(at->raw, STREAM_RAW_MAX);
    if (raw.size > 0)
        memcpy(stream->raw, raw.data, raw.size);
    stream->raw_size = raw.size;
    return true;
}

bool stream_take(struct stream *stream, const struct line *at, struct slice octets,
                 const struct line_sink *sink)
{
    while (octets.size > 0) {
        if (!stream->began) {
            stream->began = true;
            stream->raw_size = 0;
            stream->number = at->number;
            stream->column = at->column;
            stream->end_column = at->end_column;
        }
        size_t size = slice_find(octets, '\n'), room = STREAM_LINE_MAX - stream->held.size;
        if (stream->in_pieces && size >= room && stream->held.size < STREAM_LINE_MAX) {
            if (!hold(stream, slice_head(octets, room)))
                return false;
            give(stream, at, octet_buffer_text(&stream->held), false, sink);
            octets = slice_after(octets, room);
            continue;
        }
        struct slice part = slice_head(octets, size);
        bool whole = size < octets.size;
        if (whole && stream->held.size == 0) {
            give(stream, at, part, true, sink);
        } else {
            if (!hold(stream, part))
                return false;
            if (whole)
                give(stream, at, octet_buffer_text(&stream->held), true, sink);
        }
        octets = slice_after(octets, size + 1);
    }
    return keep_raw(stream, at);
}

void stream_end(struct stream *stream, const struct line *at, const struct line_sink *sink)
{
    if (stream->held.size > 0)
        give(stream, at, octet_buffer_text(&stream->held), false, sink);
    stream->began = false;
}

void stream_free(struct stream *stream)
{
    octet_buffer_free(&stream->held);
    free(stream->raw);
    *stream = (struct stream){0};
}
