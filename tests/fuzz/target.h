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
#define demand(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A first octet from here on says how the rest is to be taken. Text begins below, and so do most
 * binary formats; those that do not have values that mean nothing (0xd4 of a capture, 0xef of a
 * byte order mark): so every fixture is a seed as it is. */
#define FUZZ_CHOICE 0x80

/* Octets in memory that are read like a file, at most `step` at a time. */
struct octets_origin {
    struct slice rest;
    size_t step;
};

/* A source that reads from `octets`, which must stay where it is. */
static inline long fuzz_read_octets(void *context, char *room, size_t size)
{
    struct octets_origin *octets = context;
    struct slice part = slice_head(octets->rest, size < octets->step ? size : octets->step);
    if (part.size > 0)
        memcpy(room, part.data, part.size);
    octets->rest = slice_after(octets->rest, part.size);
    return (long)part.size;
}

static inline struct source *fuzz_source(struct octets_origin *octets)
{
    struct origin origin = {.context = octets, .read = fuzz_read_octets};
    struct source *source = source_of(&origin);
    demand(source);
    return source;
}

#endif
