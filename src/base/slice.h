/* slice.h - octets that are borrowed: a pointer and a length.
 *
 * Recordings hold NUL and any other octet, so text of a recording is never a C string. A function
 * that returns a slice says how long it stays valid.
 */
#ifndef SMTPSEQ_BASE_SLICE_H
#define SMTPSEQ_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "portable/portable.h"

struct slice {
    const char *data; /* not NUL-terminated; may be NULL when size is 0 */
    size_t size;      /* octets */
};

#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

/* Returns the slice of a C string, valid as long as the string. */
static inline struct slice slice_of(const char *string)
{
    return (struct slice){string, string ? strlen(string) : 0};
}

/* Returns a copy as a C string, owned by the caller; NULL when out of memory. (strndup could
 * read past the end of the slice.) */
static inline char *slice_string(struct slice text)
{
    char *copy = (char *)malloc(text.size + 1);
    if (!copy)
        return NULL;
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

/* Returns the slice without its first `count` octets; empty if it has fewer. */
static inline struct slice slice_after(struct slice text, size_t count)
{
    if (count > text.size)
        count = text.size;
    if (count == 0) /* no arithmetic on NULL */
        return text;
    return (struct slice){text.data + count, text.size - count};
}

/* Returns at most the first `count` octets. */
static inline struct slice slice_head(struct slice text, size_t count)
{
    return (struct slice){text.data, text.size < count ? text.size : count};
}

/* Moves octets from the head of *left to the room, as many as it holds. Returns how many. */
static inline size_t slice_take(struct slice *left, char *room, size_t size)
{
    struct slice taken = slice_head(*left, size);
    if (taken.size > 0)
        memcpy(room, taken.data, taken.size);
    *left = slice_after(*left, taken.size);
    return taken.size;
}

static inline bool slice_starts(struct slice text, struct slice prefix)
{
    return text.size >= prefix.size &&
           (prefix.size == 0 || memcmp(text.data, prefix.data, prefix.size) == 0);
}

static inline bool slice_ends(struct slice text, struct slice suffix)
{
    return text.size >= suffix.size &&
           slice_starts((struct slice){text.data + (text.size - suffix.size), suffix.size}, suffix);
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && slice_starts(a, b);
}

/* ASCII only, whatever the locale: RFC 5321 2.4, verbs and keywords ignore case. */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_alphanumeric(char c)
{
    return ascii_digit(c) || (ascii_upper(c) >= 'A' && ascii_upper(c) <= 'Z');
}

static inline bool ascii_space(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool slice_starts_nocase(struct slice text, struct slice prefix)
{
    if (text.size < prefix.size)
        return false;
    for (size_t i = 0; i < prefix.size; i++)
        if (text.data[i] != prefix.data[i] &&
            ascii_upper(text.data[i]) != ascii_upper(prefix.data[i]))
            return false;
    return true;
}

static inline bool slice_equal_nocase(struct slice a, struct slice b)
{
    return a.size == b.size && slice_starts_nocase(a, b);
}

/* Returns the slice without blanks and tabs at both ends. */
static inline struct slice slice_trim(struct slice text)
{
    while (text.size > 0 && ascii_space(text.data[0]))
        text = slice_after(text, 1);
    while (text.size > 0 && ascii_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Continues a hash with `text`; begin with SLICE_HASH. (FNV-1a) */
#define SLICE_HASH UINT64_C(0xcbf29ce484222325)
static inline uint64_t slice_hash(uint64_t hash, struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Returns the value of a base64 character; -1 if it is none (RFC 4648 4). */
static inline int ascii_base64(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Returns the index of the first `c` in `text`, or text.size. */
static inline size_t slice_find(struct slice text, char c)
{
    const char *found = text.data && text.size > 0 ? memchr(text.data, c, text.size) : NULL;
    return found ? (size_t)(found - text.data) : text.size;
}

/* Returns the first word: the octets before a blank or a tab. */
static inline struct slice slice_word(struct slice text)
{
    size_t size = 0;
    while (size < text.size && !ascii_space(text.data[size]))
        size++;
    return slice_head(text, size);
}

static inline bool slice_contains(struct slice text, struct slice part)
{
    return part.size == 0 || (text.data && text.size > 0 &&
                              memmem(text.data, text.size, part.data, part.size) != NULL);
}

/* Returns where the part stands in the text, in any case; text.size if it does not. */
static inline size_t slice_find_nocase(struct slice text, struct slice part)
{
    for (size_t at = 0; at + part.size <= text.size; at++)
        if (slice_starts_nocase(slice_after(text, at), part))
            return at;
    return text.size;
}

static inline bool slice_contains_nocase(struct slice text, struct slice part)
{
    return part.size == 0 || slice_find_nocase(text, part) < text.size;
}

#endif
