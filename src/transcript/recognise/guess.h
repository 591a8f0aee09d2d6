/* guess.h - a way to read a log whose format is not known: which texts before payloads are marks. */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_GUESS_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_GUESS_H

#include "transcript/formats/format.h"
#include "transcript/formats/marks.h"
#include "transcript/recognise/shape.h"

/* The variable word of a shape that is the session's key. */
struct key_rule {
    int index;       /* from 0; -1: none is */
    bool from_right; /* counted from the payload on */
};

/* Shapes that are the marks of one guess. */
#define GUESS_SHAPES_MAX (MARKS_MAX * 2)

struct guess {
    const struct anchors *anchors;
    const struct shapes *shapes;
    size_t count;
    struct {
        int shape;
        enum side side; /* SIDE_UNMARKED: its text tells */
    } marks[GUESS_SHAPES_MAX];
    int client, server; /* the main shapes */
    struct key_rule keys[2];
    long points;  /* by its dialogue (score.h), less what the guess itself costs */
    long cost;    /* of the guess itself */
    long bonus;   /* for marks that mirror each other */
    bool doubted; /* something speaks against it */
    unsigned commands, replies, sure_pairs, pairs;
};

/* The side a shape has in the guess; SIDE_NOTE where it is no mark. */
static inline enum side guess_side(const struct guess *guess, int shape)
{
    for (size_t i = 0; i < guess->count; i++)
        if (guess->marks[i].shape == shape)
            return guess->marks[i].side;
    return SIDE_NOTE;
}

/* Returns the index of the key among so many variable words; -1 if there is none. */
static inline int key_word(struct key_rule rule, int words)
{
    int index = rule.from_right ? words - 1 - rule.index : rule.index;
    return rule.index < 0 || index < 0 || index >= words ? -1 : index;
}

/* payload_form.c: the tail that most commands without an argument have, digits as # (tail_cut). */
void learn_tail(const struct anchors *anchors, char tail[TAIL_MAX]);

/* payload_form.c: learns what stands around the payload, how replies go on, where the message is. */
void learn_payload_form(const struct guess *guess, struct slice head, struct marks *marks);

#endif
