/* target.h - what the fuzz targets share.
 *
 * A target is one file with one LLVMFuzzerTestOneInput; libFuzzer and AFL++ call it. A build
 * without a fuzzer links standalone.c, which runs it over files and folders: so every build runs
 * the fixtures, and what fuzzing has found, as ordinary tests.
 */
#ifndef SMTPSEQ_FUZZ_TARGET_H
#define SMTPSEQ_FUZZ_TARGET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "smtpseq.h"

/* Gives 0. What must not be ends the program (demand). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program with a message unless `condition` holds. */
#define demand(condition)                                                           \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

/* A first octet from here on says how the rest is to be taken. */
#define FUZZ_CHOICE 0x80

/* Takes the choice off: 0 to count - 1, or -1 where there is none. Text begins below FUZZ_CHOICE,
 * and what does not (captures, byte order marks) is left alone: so every fixture is a seed as it is. */
static inline int fuzz_choice(struct slice *input, int count)
{
    int choice = input->size > 0 ? (int)(uint8_t)input->data[0] - FUZZ_CHOICE : -1;
    if (choice < 0 || choice >= count || slice_starts(*input, SLICE("\xa1\xb2")))
        return -1;
    *input = slice_after(*input, 1);
    return choice;
}

/* Octets in memory that are read like a file, at most `step` at a time. */
struct octets_origin {
    struct slice rest;
    size_t step;
};

/* A source that reads from `octets`, which must stay where it is. */
static inline long fuzz_read_octets(void *context, char *room, size_t size)
{
    struct octets_origin *octets = context;
    return (long)slice_take(&octets->rest, room, size < octets->step ? size : octets->step);
}

static inline struct source *fuzz_source(struct octets_origin *octets)
{
    struct origin origin = {.context = octets, .read = fuzz_read_octets};
    struct source *source = source_of(&origin);
    demand(source);
    return source;
}

#endif
