/* standalone.c - runs a target without a fuzzer: over the files and folders that are named, or over
 * pseudo-random octets, always the same.
 *
 *     fuzz_read FILE|FOLDER...
 *     fuzz_session --random=COUNT
 */
#include <errno.h>
#include <fts.h>

#include "target.h"

/* The longest pseudo-random input. */
#define RANDOM_MOST 400

static unsigned long inputs;

/* Copied into memory of just that size, so that one octet too far is seen. */
static void run_octets(const char *octets, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    demand(copy);
    memcpy(copy, octets, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    inputs++;
}

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    FILE *all = open_memstream(&text, &size);
    char room[16384];
    size_t got;
    demand(file && all);
    while ((got = fread(room, 1, sizeof room, file)) > 0)
        fwrite(room, 1, got, all);
    fclose(file);
    demand(fclose(all) == 0);
    printf("%s\n", path); /* if it ends here, this is the input */
    fflush(stdout);
    run_octets(text, size);
    free(text);
}

static int by_name(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

/* SplitMix64: the same numbers everywhere. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Each input has its own seed, its number, so that one of them can be looked at by itself. */
static void run_random(unsigned long count)
{
    for (unsigned long seed = 1; seed <= count; seed++) {
        uint64_t state = seed;
        char octets[RANDOM_MOST];
        size_t size = next_random(&state) % (RANDOM_MOST + 1);
        for (size_t i = 0; i < size; i++)
            octets[i] = (char)next_random(&state);
        run_octets(octets, size);
    }
}

int main(int argc, char *argv[])
{
    if (argc > 1 && strncmp(argv[1], "--random=", 9) == 0) {
        run_random(strtoul(argv[1] + 9, NULL, 10));
        argv++, argc--;
    }
    if (argc > 1) {
        FTS *walk = fts_open(argv + 1, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
        demand(walk);
        for (FTSENT *entry; (entry = fts_read(walk));) {
            if (entry->fts_info == FTS_F)
                run_file(entry->fts_path);
            demand(entry->fts_info != FTS_NS && entry->fts_info != FTS_DNR &&
                   entry->fts_info != FTS_ERR);
        }
        fts_close(walk);
    }
    printf("%lu inputs\n", inputs);
    return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
