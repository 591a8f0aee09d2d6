/* standalone.c - runs a target without a fuzzer: over the files and folders that are named, or over
 * pseudo-random octets, always the same.
 *
 *     fuzz_read FILE|FOLDER...
 *     fuzz_session --random=COUNT
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>

#include "target.h"

/* The longest pseudo-random input. */
#define RANDOM_MAX 400

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

/* A file, or all files of a folder by name. (fts and stat would be more usual; MemorySanitizer does not
 * know them.) */
static void run_path(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    if (count < 0 && errno == ENOTDIR) {
        run_file(path);
        return;
    }
    demand(count >= 0);
    for (int i = 0; i < count; i++) {
        char inside[PATH_MAX];
        demand(snprintf(inside, sizeof inside, "%s/%s", path, names[i]->d_name) <
               (int)sizeof inside);
        if (names[i]->d_name[0] != '.')
            run_path(inside);
        free(names[i]);
    }
    free(names);
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
        char octets[RANDOM_MAX];
        size_t size = next_random(&state) % (RANDOM_MAX + 1);
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
    for (int i = 1; i < argc; i++)
        run_path(argv[i]);
    printf("%lu inputs\n", inputs);
    return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
