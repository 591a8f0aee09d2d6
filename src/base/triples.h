/* triples.h - finds the first of a few words in a text at once, many octets at a time.
 *
 * Of each word three octets are looked for, without the bit that tells small letters from capitals; who
 * asks looks at the place more closely. Three octets that are rare in the text make it quick.
 */
#ifndef SMTPSEQ_BASE_TRIPLES_H
#define SMTPSEQ_BASE_TRIPLES_H

#include <stdint.h>

#include "base/slice.h"

/* Returns a letter in lower case; the digits and signs that are searched for do not change. */
static inline char triple_fold(char c)
{
    return (char)(c | 0x20);
}

#define TRIPLE_IS(word, begin, ...)                           \
    (triple_fold(text.data[at]) == (word)[begin] &&           \
     triple_fold(text.data[at + 1]) == (word)[(begin) + 1] && \
     triple_fold(text.data[at + 2]) == (word)[(begin) + 2]) ||

/* WORDS(X) has for each word X("word in small letters", where in it the three octets begin, ...).
 * Defines `static size_t name(struct slice text, size_t from)`: the first place at `from` or after it
 * where the three octets of a word stand; the size of the text where there is none. */
#define TRIPLES_PLAIN(name, WORDS)                           \
    static size_t name##_plain(struct slice text, size_t at) \
    {                                                        \
        for (; at + 3 <= text.size; at++)                    \
            if (WORDS(TRIPLE_IS) false)                      \
                return at;                                   \
        return text.size;                                    \
    }

#ifdef __SSE2__ /* every x86-64 has it */
#include <immintrin.h>

typedef char octets_16 __attribute__((vector_size(16)));
typedef char octets_32 __attribute__((vector_size(32)));

#define TRIPLE_PLACES(word, begin, ...)                                               \
    any |= (first == none + (word)[begin]) & (second == none + (word)[(begin) + 1]) & \
           (third == none + (word)[(begin) + 2]);

/* The first step of `octets` in which a word may be, at `at` or after it; the last one may overlap the
 * one before it. *marks: a bit for each of its places. */
#define TRIPLES_STEPS(name, attributes, octets, movemask, WORDS)                            \
    attributes static size_t name(struct slice text, size_t at, uint32_t *marks)            \
    {                                                                                       \
        octets none = {0}, fold = none + 0x20, first, second, third;                        \
        for (*marks = 0; at + 3 <= text.size; at += sizeof first) {                         \
            size_t last = text.size - sizeof first - 2, before = at > last ? at - last : 0; \
            memcpy(&first, text.data + at - before, sizeof first);                          \
            memcpy(&second, text.data + at - before + 1, sizeof first);                     \
            memcpy(&third, text.data + at - before + 2, sizeof first);                      \
            octets any = none;                                                              \
            first |= fold, second |= fold, third |= fold;                                   \
            WORDS(TRIPLE_PLACES)                                                            \
            *marks = (uint32_t)movemask >> before;                                          \
            if (*marks != 0)                                                                \
                return at;                                                                  \
        }                                                                                   \
        return text.size;                                                                   \
    }

#define TRIPLES(name, WORDS)                                                             \
    TRIPLES_PLAIN(name, WORDS)                                                           \
    TRIPLES_STEPS(name##_16, , octets_16, _mm_movemask_epi8((__m128i)any), WORDS)        \
    TRIPLES_STEPS(name##_32, __attribute__((target("avx2"))), octets_32,                 \
                  _mm256_movemask_epi8((__m256i)any), WORDS)                             \
    static size_t name(struct slice text, size_t from)                                   \
    {                                                                                    \
        uint32_t marks;                                                                  \
        if (text.size < sizeof(octets_16) + 2)                                           \
            return name##_plain(text, from);                                             \
        size_t at = text.size >= sizeof(octets_32) + 2 && __builtin_cpu_supports("avx2") \
                        ? name##_32(text, from, &marks)                                  \
                        : name##_16(text, from, &marks);                                 \
        return marks != 0 ? at + (size_t)__builtin_ctz(marks) : text.size;               \
    }
#else
#define TRIPLES(name, WORDS)                           \
    TRIPLES_PLAIN(name, WORDS)                         \
    static size_t name(struct slice text, size_t from) \
    {                                                  \
        return name##_plain(text, from);               \
    }
#endif

#endif
