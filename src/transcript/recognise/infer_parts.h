/* infer_parts.h - what the files of the inference share. */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_INFER_PARTS_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_INFER_PARTS_H

#include "transcript/recognise/infer.h"
#include "transcript/recognise/shape.h"

/* A way to read a log: a shape for each side, and what else has been taken for a mark. */
struct guess {
    const struct events *events;
    const struct shapes *shapes;
    int client, server;         /* the main shapes; -1: none */
    enum side side[SHAPES_MAX]; /* SIDE_NOTE: not a mark */
    int key[2]; /* which variable word of the main shapes is the key: the client's, the server's */
};

/* infer_key.c: finds the words that tell sessions apart. False when out of memory. */
bool guess_key(struct guess *guess);

/* infer_text.c: what stands around the payload, how replies go on, where the message is. */
bool guess_text(const struct guess *guess, struct slice head, struct marks *marks);

/* The variable word of that number in a line of that shape; empty when there is none. */
struct slice variable_word_of(const struct event *event, size_t number, bool wide);

#endif
