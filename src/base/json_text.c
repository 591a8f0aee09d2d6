/* json_text.c - escapes as report/json_value.c does, octet by octet.
 */
#include "base/json_text.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

/* What one octet or character takes at most: two \uXXXX. */
#define GROWTH 12

/* Returns room for so many octets at the end; NULL when out of memory. */
static char *room_for(struct json_text *text, size_t size)
{
    char *room = text->failed ? NULL : octet_buffer_room(&text->buffer, size);
    text->failed = !room;
    return room;
}

void json_text_raw(struct json_text *text, struct slice json)
{
    text->failed = text->failed || !octet_buffer_append(&text->buffer, json);
}

void json_text_format(struct json_text *text, const char *format, ...)
{
    char built[300];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(built, sizeof built, format, arguments);
    va_end(arguments);
    if (size > 0)
        json_text_raw(text, slice_head((struct slice){built, (size_t)size}, sizeof built - 1));
}

/* Writes one character; returns where the next one goes. */
static char *put_character(char *room, uint32_t character)
{
    static const char digits[] = "0123456789abcdef";
    if (character > 0xffff) {
        character -= 0x10000;
        room = put_character(room, 0xd800 + (character >> 10));
        character = 0xdc00 + (character & 0x3ff);
    } else if (character >= 0x20 && character < 0x7f) {
        if (character == '"' || character == '\\')
            *room++ = '\\';
        *room++ = (char)character;
        return room;
    }
    *room++ = '\\';
    *room++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *room++ = digits[character >> shift & 0xf];
    return room;
}

/* Returns false if the octets are not UTF-8; nothing is appended then. */
static bool add_utf8(struct json_text *text, struct slice octets, char *room)
{
    char *begin = room;
    *room++ = '"';
    while (octets.size > 0) {
        uint32_t character;
        size_t size = utf8_decode(octets, &character);
        if (size == 0)
            return false;
        room = put_character(room, character);
        octets = slice_after(octets, size);
    }
    *room++ = '"';
    text->buffer.size += (size_t)(room - begin);
    return true;
}

void json_text_octets(struct json_text *text, struct slice octets)
{
    char *room = room_for(text, octets.size * GROWTH + 4);
    if (!room || add_utf8(text, octets, room))
        return;
    char *begin = room;
    *room++ = '[';
    *room++ = '"';
    for (size_t i = 0; i < octets.size; i++)
        room = put_character(room, (unsigned char)octets.data[i]);
    *room++ = '"';
    *room++ = ']';
    text->buffer.size += (size_t)(room - begin);
}

void json_text_free(struct json_text *text)
{
    octet_buffer_free(&text->buffer);
    *text = (struct json_text){0};
}
