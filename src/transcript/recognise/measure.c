/* measure.c - one reading of a sample, from its lines to points.
 */
#include "transcript/recognise/measure.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "transcript/recognise/score.h"

struct measuring {
    struct score score;
    const struct anchors *anchors;
    struct measured *measured;
    bool *read; /* by the number of the line in the sample, from 1 */
    uint32_t lines;
};

/* Marks of a side are told apart by what stands before the payload, without numbers. */
static unsigned mark_before(const struct line *line)
{
    uint64_t hash = SLICE_HASH;
    struct slice front = slice_head(line->raw, line->column > 0 ? line->column - 1 : 0);
    for (size_t i = 0; i < front.size; i++)
        if (!ascii_alphanumeric(front.data[i]) && !ascii_space(front.data[i]))
            hash = slice_hash(hash, (struct slice){front.data + i, 1});
    return (unsigned)hash;
}

static void on_line(void *context, const struct line *line)
{
    struct measuring *measuring = context;
    score_line(&measuring->score, line, mark_before(line));
    measuring->measured->unplaced +=
        line->side == SIDE_UNMARKED && slice_trim(line->payload).size > 0;
    if ((line->side == SIDE_CLIENT || line->side == SIDE_SERVER ||
         (line->side == SIDE_NOTE && line->note == NOTE_CONTENT)) &&
        line->number <= measuring->lines)
        measuring->read[line->number] = true;
}

/* Returns true if a line near by, which was read, has the same payload: logs say things twice. */
static bool is_copied(const struct anchors *anchors, const struct measuring *measuring,
                      size_t index)
{
    const struct anchor *anchor = &anchors->list[index];
    struct slice payload = slice_after(anchor->line, anchor->at);
    payload = slice_head(payload, 24);
    size_t least = 0;
    while (least < payload.size && payload.data[least] != '\0' &&
           !strchr("\\'\"<\r", payload.data[least]))
        least++;
    payload.size = least;
    for (size_t i = 0; i < anchors->count; i++)
        if (measuring->read[anchors->list[i].number + 1] &&
            slice_starts(slice_after(anchors->list[i].line, anchors->list[i].at), payload))
            return true;
    return false;
}

static bool is_read(void *context, size_t first)
{
    struct measuring *measuring = context;
    const struct anchors *anchors = measuring->anchors;
    bool read =
        measuring->read[anchors->list[first].number + 1] || is_copied(anchors, measuring, first);
    measuring->measured->anchored++;
    measuring->measured->read += read;
    return read;
}

static bool read_sample(const struct recognition *recognition, struct slice sample,
                        struct measuring *measuring)
{
    struct line_sink sink = {on_line, measuring};
    struct reader reader;
    bool done = reader_open(&reader, recognition, sample, &sink);
    const struct format_family *family = recognition->format->family;
    struct source_line line = {.ended = true};
    for (struct slice rest = sample; done && family->read && rest.size > 0;) {
        line.text = head_line(&rest);
        line.number++;
        line.cr = rest.data > sample.data + 1 && rest.data[-1] == '\n' && rest.data[-2] == '\r';
        done = reader_read(&reader, &line);
    }
    done = done && (!family->read || reader_finish(&reader));
    reader_close(&reader);
    return done;
}

bool measure(const struct recognition *recognition, const struct anchors *anchors,
             struct measured *measured)
{
    struct measuring *measuring = calloc(1, sizeof *measuring);
    *measured = (struct measured){0};
    if (measuring)
        measuring->read = calloc((size_t)anchors->lines + 2, sizeof *measuring->read);
    bool done = measuring && measuring->read;
    if (done) {
        measuring->anchors = anchors;
        measuring->measured = measured;
        measuring->lines = anchors->lines;
        done = read_sample(recognition, anchors->sample, measuring);
        struct score *score = &measuring->score;
        measured->points = score_finish(score);
        long missed = anchors_left_out(anchors, is_read, measuring);
        measured->points -= missed;
        measured->doubt = score_doubt(score);
        measured->against = score->penalties - (long)score->session_count * COST_SESSION + missed;
        measured->paired = score->pairs > 0;
        measured->clean = measured->paired && measured->against <= 0;
        measured->commands = score->commands;
        measured->replies = score->replies;
    }
    if (measuring)
        free(measuring->read);
    free(measuring);
    return done;
}
