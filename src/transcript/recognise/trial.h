/* trial.h - tries guesses on a sample of a log: what dialogue comes out of each? */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_TRIAL_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_TRIAL_H

#include "transcript/recognise/guess.h"

/* Words of a mark that are looked at. */
#define WORDS_MAX 24

/* A line of the sample: one with an anchor, or one near such a line. */
struct trial_row {
    struct slice line;
    uint32_t number; /* in the sample, from 0 */
    int anchor;      /* its first anchor; -1: it has none */
};

/* The words of a row by the mark of a shape. */
struct row_words {
    int shape; /* 1 + its index; 0: none has been asked for */
    uint16_t count;
    struct {
        uint16_t at, size;
    } words[WORDS_MAX];
};

/* Computed once, used often. */
struct trial {
    const struct anchors *anchors;
    const struct shapes *shapes;
    struct trial_row *rows;
    size_t row_count;
    struct row_words *words; /* for each row those that were asked for last */
    int *copies;             /* for each anchor the first one with the same payload */
    struct mark *marks;      /* for each shape */
    uint16_t *
        lengths[SHAPES_MAX]; /* for each row how much the shape's mark takes; NULL: not asked yet */
    bool *read;              /* for each anchor: its payload has been read */
    char tail[TAIL_MAX];     /* what follows commands without an argument */
    bool no_memory;
};

/* Returns false when out of memory. */
bool trial_begin(struct trial *trial, const struct anchors *anchors, const struct shapes *shapes);
void trial_end(struct trial *trial);

/* Reads the sample by the guess: sets its points, `doubted` and what it counted. */
void trial_run(struct trial *trial, struct guess *guess);

/* The variable words before the payload of that row, by the mark of that shape: how many. */
size_t trial_words(struct trial *trial, int shape, size_t row, struct slice words[], size_t most);

/* Returns true if the row begins with the shape's mark. */
bool trial_has(struct trial *trial, int shape, size_t row);

/* The text of a payload as a person would read it: without the quote and the literal line end after it.
 * `escaped`: the quote stands in another literal, with a backslash before it. `next`: where the next line in the same text begins, text.size where none does. */
struct slice payload_text(struct slice text, char quote, bool escaped, size_t *next);

#endif
