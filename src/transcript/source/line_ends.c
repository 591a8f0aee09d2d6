/* line_ends.c - finds line ends, sixty-four octets at a time with SSE2. */
#include "transcript/source/line_ends.h"

size_t line_ends_plain(struct slice text, char end, size_t *from, uint32_t found[], size_t room)
{
    size_t count = 0;
    while (count < room && *from < text.size) {
        size_t at = *from + slice_find(slice_after(text, *from), end);
        *from = at < text.size ? at + 1 : at;
        if (at < text.size)
            found[count++] = (uint32_t)at;
    }
    return count;
}

static uint64_t count_plain(struct slice text, char end)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == end;
    return count;
}

#ifdef __SSE2__ /* every x86-64 has it */
#include <emmintrin.h>

/* Returns a bit for each of 64 octets, set if it is `end`. */
static uint64_t marks_of(const char *octets, __m128i end)
{
    uint64_t marks = 0;
    for (int part = 0; part < 4; part++) {
        __m128i sixteen = _mm_loadu_si128((const __m128i *)(octets + 16 * part));
        uint32_t bits = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, end));
        marks |= (uint64_t)bits << 16 * part;
    }
    return marks;
}

uint64_t line_ends_count(struct slice text, char end)
{
    const __m128i ends = _mm_set1_epi8(end);
    uint64_t count = 0;
    for (; text.size >= LINE_ENDS_STEP; text = slice_after(text, LINE_ENDS_STEP))
        count += (uint64_t)__builtin_popcountll(marks_of(text.data, ends));
    return count + count_plain(text, end);
}

size_t line_ends(struct slice text, char end, size_t *from, uint32_t found[], size_t room)
{
    const __m128i ends = _mm_set1_epi8(end);
    size_t count = 0, at = *from;
    for (; text.size - at >= LINE_ENDS_STEP; at += LINE_ENDS_STEP) {
        if (room - count < LINE_ENDS_STEP) {
            *from = at;
            return count;
        }
        for (uint64_t marks = marks_of(text.data + at, ends); marks != 0; marks &= marks - 1)
            found[count++] = (uint32_t)(at + (size_t)__builtin_ctzll(marks));
    }
    *from = at;
    return count + line_ends_plain(text, end, from, found + count, room - count);
}
#else
uint64_t line_ends_count(struct slice text, char end)
{
    return count_plain(text, end);
}

size_t line_ends(struct slice text, char end, size_t *from, uint32_t found[], size_t room)
{
    return line_ends_plain(text, end, from, found, room);
}
#endif
