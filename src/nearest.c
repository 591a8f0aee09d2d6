/* nearest.c - counts the letters that differ.
 */
#include "nearest.h"

#include <stdint.h>
#include <string.h>

/* How many letters differ; only a few matter, so long words are far away. */
static size_t distance(const char *a, const char *b)
{
    size_t row[64], la = strlen(a), lb = strlen(b);
    if (la >= 64 || lb >= 64)
        return 64;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[lb];
}

const char *nearest_name(const char *word, const char *const names[])
{
    const char *best = names[0];
    size_t least = SIZE_MAX;
    for (size_t i = 0; names[i]; i++) {
        size_t found = distance(word, names[i]);
        if (found < least) {
            least = found;
            best = names[i];
        }
    }
    return best;
}
