/* hex_row.c - an offset, then octets of two digits each.
 */
#include "transcript/formats/hex_row.h"

#include "transcript/formats/octets.h"

/* The digits of an offset. */
#define OFFSET_LEAST 4
#define OFFSET_MOST  8

static bool is_hex(struct slice text, size_t at)
{
    return at < text.size && hex_digit(text.data[at]) >= 0;
}

/* Where an offset begins at or after `at`: a word of hex digits; the size where there is none. */
static size_t find_offset(struct slice line, size_t at, size_t *end)
{
    for (; at < line.size; at++) {
        if (at > 0 && !ascii_space(line.data[at - 1]))
            continue;
        size_t size = 0;
        while (is_hex(line, at + size))
            size++;
        char next = at + size < line.size ? line.data[at + size] : '\0';
        *end = at + size;
        if (size >= OFFSET_LEAST && size <= OFFSET_MOST && (next == ' ' || next == ':'))
            return at;
    }
    return line.size;
}

/* The octets from `at` on: pairs of digits with one sign between, and two blanks in the middle of a row. */
static void read_pairs(struct slice line, size_t at, struct hex_row *row)
{
    row->count = 0;
    while (row->count < HEX_ROW_MAX && is_hex(line, at) && is_hex(line, at + 1) &&
           (at + 2 == line.size || line.data[at + 2] == ' ' || line.data[at + 2] == '-')) {
        int high = hex_digit(line.data[at]), low = hex_digit(line.data[at + 1]);
        row->octets[row->count++] = (char)(high << 4 | low);
        at += 3;
        if (row->count == 8 && at < line.size && line.data[at] == ' ' && is_hex(line, at + 1))
            at++;
    }
}

bool hex_row(struct slice line, struct hex_row *row)
{
    size_t end = 0;
    for (size_t at = 0; (at = find_offset(line, at, &end)) < line.size; at = end) {
        row->front = slice_head(line, at);
        row->offset = 0;
        for (; at < end; at++)
            row->offset = row->offset << 4 | (uint32_t)hex_digit(line.data[at]);
        while (at < line.size && (line.data[at] == ' ' || line.data[at] == ':'))
            at++;
        read_pairs(line, at, row);
        if (row->count > 0)
            return true;
    }
    return false;
}
