/* shape.h - what the texts before payloads have in common.
 *
 * A shape is the text with its variable parts taken out: words with a digit in them (times, numbers,
 * ids), and names of log levels. Lines of the same kind have the same shape.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_SHAPE_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_SHAPE_H

#include "transcript/formats/mark.h"
#include "transcript/recognise/anchors.h"

#define SHAPE_TEXT_MAX 480
/* Shapes in one recording; of more, those that come later are not looked at. */
#define SHAPES_MAX     64
/* Stands for a variable word in a shape's text; a run of blanks is one blank. */
#define SHAPE_WORD     '\1'

struct shape {
    char text[SHAPE_TEXT_MAX];
    size_t size;
    unsigned commands, replies;
    unsigned lines; /* how many lines they are on */
    uint32_t last_line;
    bool quoted;     /* the payload begins with a quote */
    size_t blanks;   /* least number of blanks before the payload */
    int merged_into; /* another shape, or -1 */
};

struct shapes {
    struct shape *list; /* SHAPES_MAX of them */
    size_t count;
    bool wide;
    int *of_anchor; /* for each anchor its shape, -1: none */
};

/* Puts the anchors into shapes. `wide`: what counts as a word. False when out of memory. */
bool shapes_find(struct shapes *shapes, const struct anchors *anchors, bool wide);
void shapes_free(struct shapes *shapes);

/* How many octets of the line stand before the payload: without its quote. */
size_t shape_prefix(const struct anchor *anchor, bool *quoted);

/* The next part of a text: a word, a run of blanks, or one other octet. */
struct slice shape_token(struct slice text, bool wide);

/* The tokens with which both begin. */
size_t shape_common(struct slice a, struct slice b, bool wide, size_t *size);

/* How many variable words a shape has. */
int shape_words(const struct shape *shape);

/* Returns true if the shape may be a mark by itself: one word, or with a sign in it. More words without
 * a sign are prose. */
bool shape_is_mark(const struct shape *shape, bool wide);

/* Of how many tokens, counted from both ends, two shapes are not the same: marks of a pair are much
 * alike. */
size_t shape_distance(const struct shape *a, const struct shape *b, bool wide);

/* The pattern of a shape: its first `size` octets. `keys`: a bit for each variable word, from the
 * first, that belongs to the session's key. Returns false when it does not fit into a mark. */
bool shape_mark(const struct shape *shape, size_t size, bool wide, uint32_t keys,
                struct mark *mark);

#endif
