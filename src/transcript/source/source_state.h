/* source_state.h - what the parts of a source share: the window that moves over the input (source_window.c), and the
 * lines in it (source.c).
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_STATE_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_STATE_H

#include "transcript/source/encoding.h"
#include "transcript/source/source.h"

/* Line ends found in advance. */
#define ENDS_MAX 512

struct source {
    int descriptor;
    struct origin origin; /* instead of the descriptor, where `read` is set */
    char *window;
    size_t capacity;
    size_t begin, end;                /* what has been read and not been given out */
    bool holds;                       /* what was given out from `held` on is kept */
    size_t held, later;               /* `later`: the next place for it (source_slide) */
    uint64_t held_lines, later_lines; /* lines given before them */
    size_t searched;                  /* up to here line ends have been looked for ... */
    uint32_t ends[ENDS_MAX];          /* ... and those that have not been given out stand here */
    size_t next_end, end_count;
    uint64_t lines, octets;
    uint64_t first_number; /* of the first line ... */
    bool downwards;        /* ... and of the others: one less each */
    char line_end;
    enum encoding encoding; /* known when head_read */
    struct utf16 utf16;
    bool head_read;
    bool at_end;
    bool stops, stopped; /* it is to stop, or has stopped, where so many octets ... */
    uint64_t stop;       /* ... have been read */
    int error;
};

/* Reads a piece. Returns false at the end, on an error, or when the window is full. */
bool source_fill(struct source *source);

/* Returns what has been read and not been given out; valid until more is read. */
static inline struct slice source_unread(const struct source *source)
{
    return (struct slice){source->window + source->begin, source->end - source->begin};
}

/* Forgets the known line ends, so that they are searched again. */
static inline void source_forget_ends(struct source *source)
{
    source->next_end = source->end_count = 0;
    source->searched = source->begin;
}

#endif
