/* nearest_name.c - compares words by the number of letters that differ.
 */
#include "base/nearest_name.h"

#include <stdint.h>
#include <string.h>

#include "base/slice.h"

enum { WORD_OCTETS_MAX = 63 };

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

size_t spelling_distance(const char *a, const char *b)
{
    size_t row[WORD_OCTETS_MAX + 1];
    size_t columns = strnlen(b, WORD_OCTETS_MAX);
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0' && i < WORD_OCTETS_MAX; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            size_t replaced = diagonal + (ascii_upper(a[i]) != ascii_upper(b[j]));
            diagonal = row[j + 1];
            row[j + 1] = least_of(replaced, row[j] + 1, diagonal + 1);
        }
    }
    return row[columns];
}

const char *nearest_name(const char *word, const char *const names[])
{
    const char *best = names[0];
    size_t least = SIZE_MAX;
    for (size_t i = 0; names[i]; i++) {
        size_t found = spelling_distance(word, names[i]);
        if (found < least) {
            least = found;
            best = names[i];
        }
    }
    return best;
}

const char *similar_name(const char *word, const char *const names[])
{
    const char *nearest = nearest_name(word, names);
    size_t size = strlen(word);
    /* A slip changes few letters; two that are swapped count twice. */
    return spelling_distance(word, nearest) <= (size < 4   ? 1
                                                : size < 9 ? 2
                                                           : size / 3)
               ? nearest
               : NULL;
}
