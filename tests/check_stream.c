/* check_stream.c - lines joined from the pieces in which their octets came. */
#include <inttypes.h>
#include <stdio.h>

#include "suite.h"
#include "transcript/formats/stream.h"

/* "7.4 EHLO a|": where the line began, what it holds, and how it ended: "|" CR LF, "!" LF, "?"
 * not. */
static void print_line(void *context, const struct line *line)
{
    static const char ends[] = {
        [LINE_END_UNKNOWN] = '?', [LINE_END_CRLF] = '|', [LINE_END_LF] = '!'};
    fprintf(context, "%" PRIu64 ".%u %.*s%c", line->number, line->column, (int)line->payload.size,
            line->payload.data, ends[line->end]);
}

/* Each piece stands in a line of the file of its own, from 1, at column 4. */
static const struct {
    const char *name;
    const char *pieces[6];
    const char *lines;
} streams[] = {
    {"a line in a piece", {"EHLO a\r\n", "QUIT\r\n"}, "1.4 EHLO a|2.4 QUIT|"},
    {"LF", {"EHLO a\n"}, "1.4 EHLO a!"},
    {"two lines in a piece", {"EHLO a\r\nQUIT\r\n"}, "1.4 EHLO a|1.4 QUIT|"},
    {"a line in three pieces", {"EH", "LO", " a\r\n"}, "1.4 EHLO a|"},
    {"the next line begins in the piece that ends the first",
     {"EH", "LO a\r\nQU", "IT\r\n"},
     "1.4 EHLO a|2.4 QUIT|"},
    {"cut between CR and LF", {"EHLO a\r", "\nQUIT\r\n"}, "1.4 EHLO a|2.4 QUIT|"},
    {"cut before CR", {"EHLO a", "\r\n"}, "1.4 EHLO a|"},
    {"one octet at a time", {"a", "\r", "\n", "b", "\n"}, "1.4 a|4.4 b!"},
    {"empty lines", {"\r\n\r\n", "\n"}, "1.4 |1.4 |2.4 !"},
    {"CR inside", {"a\rb\r\n"}, "1.4 a\rb|"},
    {"two CR", {"a\r\r\n"}, "1.4 a\r|"},
    {"no end", {"EHLO a\r\nQU", "IT"}, "1.4 EHLO a|1.4 QUIT?"},
    {"empty piece", {"", "a\n"}, "2.4 a!"},
};

START_TEST(line_is_joined)
{
    char *found = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&found, &size);
    struct line_sink sink = {print_line, out};
    struct stream stream = {0};
    struct line at = {.side = SIDE_CLIENT, .column = 4};
    for (size_t i = 0; i < 6 && streams[_i].pieces[i]; i++) {
        at.number = i + 1;
        ck_assert(stream_take(&stream, &at, slice_of(streams[_i].pieces[i]), &sink));
    }
    stream_end(&stream, &at, &sink);
    stream_end(&stream, &at, &sink); /* the end stays the end */
    stream_free(&stream);
    fclose(out);
    ck_assert_msg(strcmp(found, streams[_i].lines) == 0, "%s\n   expected: %s\n   found:    %s",
                  streams[_i].name, streams[_i].lines, found);
    free(found);
}
END_TEST

static void measure(void *context, const struct line *line)
{
    size_t *longest = context;
    if (line->payload.size > *longest)
        *longest = line->payload.size;
}

/* A line that never ends does not fill the memory, and the next line is complete. */
START_TEST(endless_line_is_bounded)
{
    size_t longest = 0;
    struct line_sink sink = {measure, &longest};
    struct stream stream = {0};
    struct line at = {.number = 1, .column = 1};
    for (int i = 0; i < 100000; i++)
        ck_assert(stream_take(&stream, &at, SLICE("no end to it, none at all, "), &sink));
    ck_assert_uint_le(stream.held.capacity, 2 * STREAM_LINE_MAX);
    ck_assert(stream_take(&stream, &at, SLICE("\n"), &sink));
    ck_assert_uint_eq(longest, STREAM_LINE_MAX);
    longest = 0;
    ck_assert(stream_take(&stream, &at, SLICE("QUIT\r\n"), &sink));
    ck_assert_uint_eq(longest, 4);
    stream_free(&stream);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream");
    TCase *pieces = tcase_create("pieces");
    tcase_add_loop_test(pieces, line_is_joined, 0, ROWS(streams));
    tcase_add_test(pieces, endless_line_is_bounded);
    suite_add_tcase(suite, pieces);
    return suite_run(suite);
}
