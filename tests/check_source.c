/* check_source.c - lines from a window, whatever comes through the descriptor and in what pieces.
 *
 * A second process feeds the input through a pipe in pieces of odd sizes, so that lines and line
 * ends are cut everywhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"
#include "transcript/source/line_ends.h"
#include "transcript/source/source.h"

struct feed {
    int descriptor;
    pid_t writer;
};

/* Writes the text into a pipe, `piece` octets at a time. */
static struct feed feed_text(struct slice text, size_t piece)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t writer = fork();
    ck_assert_int_ge(writer, 0);
    if (writer == 0) {
        close(ends[0]);
        while (text.size > 0) {
            ssize_t wrote = write(ends[1], text.data, text.size < piece ? text.size : piece);
            if (wrote <= 0)
                _exit(1);
            text = slice_after(text, (size_t)wrote);
        }
        _exit(0);
    }
    close(ends[1]);
    return (struct feed){ends[0], writer};
}

static void end_feed(struct feed *feed)
{
    close(feed->descriptor);
    waitpid(feed->writer, NULL, 0);
}

static const struct {
    const char *name;
    struct slice text;
    const char *lines; /* with a | after each; "!" instead where no line end followed */
} texts[] = {
    {"empty", OCTETS(""), ""},
    {"LF", OCTETS("a\nbc\n"), "a|bc|"},
    {"CRLF", OCTETS("a\r\nbc\r\n"), "a|bc|"},
    {"mixed", OCTETS("a\r\nb\nc\r\n"), "a|b|c|"},
    {"CR alone where there is no LF", OCTETS("a\rbc\r\rd\r"), "a|bc||d|"},
    {"CR inside a line", OCTETS("a\rb\nc\n"), "a\rb|c|"},
    {"two CR", OCTETS("a\r\r\n"), "a\r|"},
    {"no line end at the end", OCTETS("a\nb"), "a|b!"},
    {"no line end at all", OCTETS("abc"), "abc!"},
    {"CR at the very end", OCTETS("a\nb\r"), "a|b!"},
    {"empty lines", OCTETS("\n\r\n\n"), "|||"},
    {"one line end", OCTETS("\n"), "|"},
    {"blanks stay", OCTETS(" a \n\t\n"), " a |\t|"},
    {"8 bit", OCTETS("\xff\xfe\n\xc3"), "\xff\xfe|\xc3!"},
};

START_TEST(lines_are_joined_from_any_pieces)
{
    size_t piece = (size_t)(_i / ROWS(texts)) * 2 + 1;
    int row = _i % ROWS(texts);
    struct feed feed = feed_text(texts[row].text, piece);
    struct source *source = source_open(feed.descriptor);
    char found[128] = "";
    struct source_line line;
    int more;
    for (uint64_t number = 1; (more = source_next(source, &line)) > 0; number++) {
        ck_assert_uint_eq(line.number, number);
        ck_assert_uint_eq(line.cut, 0);
        strncat(found, line.text.data, line.text.size);
        strcat(found, line.ended ? "|" : "!");
    }
    ck_assert_int_eq(more, 0);
    ck_assert_msg(strcmp(found, texts[row].lines) == 0, "%s in pieces of %zu: '%s'",
                  texts[row].name, piece, found);
    ck_assert_uint_eq(source_octets(source), texts[row].text.size);
    ck_assert_int_eq(source_next(source, &line), 0); /* the end stays the end */
    source_close(source);
    end_feed(&feed);
}
END_TEST

/* NUL is an octet like any other. */
START_TEST(nul_does_not_end_a_line)
{
    struct feed feed = feed_text(SLICE("a\0b\n\0\n"), 2);
    struct source *source = source_open(feed.descriptor);
    struct source_line line;
    ck_assert_int_eq(source_next(source, &line), 1);
    ck_assert(slice_equal(line.text, SLICE("a\0b")));
    ck_assert_int_eq(source_next(source, &line), 1);
    ck_assert(slice_equal(line.text, SLICE("\0")));
    source_close(source);
    end_feed(&feed);
}
END_TEST

START_TEST(head_is_not_consumed)
{
    struct feed feed = feed_text(SLICE("S: 220 mx\nC: QUIT\n"), 3);
    struct source *source = source_open(feed.descriptor);
    ck_assert(slice_equal(source_head(source), SLICE("S: 220 mx\nC: QUIT\n")));
    struct source_line line;
    ck_assert_int_eq(source_next(source, &line), 1);
    ck_assert(slice_equal(line.text, SLICE("S: 220 mx")));
    source_close(source);
    end_feed(&feed);
}
END_TEST

/* Lines of every length around the sizes of the window: none is cut, doubled or lost. The length of
 * a line is its number times a step, and every octet of it tells which line it belongs to. */
START_TEST(lines_across_the_edges_of_the_window)
{
    static const size_t steps[] = {1, 997, 4096, 65535};
    static const size_t pieces[] = {1 << 20, 65536, 4093, 61};
    size_t step = steps[_i % 4], size = 0, lines = 0;
    char *text = malloc((size_t)6 << 20);
    while (size + lines * step + 2 < (size_t)4 << 20 && lines < 3000) {
        memset(text + size, 'a' + (int)(lines % 26), lines * step);
        size += lines * step;
        text[size++] = '\r';
        text[size++] = '\n';
        lines++;
    }
    struct feed feed = feed_text((struct slice){text, size}, pieces[_i / 4]);
    struct source *source = source_open(feed.descriptor);
    struct source_line line;
    for (size_t number = 0; number < lines; number++) {
        ck_assert_int_eq(source_next(source, &line), 1);
        ck_assert_uint_eq(line.text.size, number * step);
        for (size_t i = 0; i < line.text.size; i++)
            if (line.text.data[i] != 'a' + (char)(number % 26))
                ck_abort_msg("line %zu, octet %zu", number, i);
    }
    ck_assert_int_eq(source_next(source, &line), 0);
    ck_assert_uint_eq(source_octets(source), size);
    source_close(source);
    free(text);
    end_feed(&feed);
}
END_TEST

/* One line of 50 MB: its beginning and its last octets are kept, the rest is counted, and the
 * next line is complete. */
START_TEST(very_long_line_is_cut_in_the_middle)
{
    size_t length = (size_t)50 << 20;
    char *text = malloc(length + 64);
    memset(text, 'x', length);
    memcpy(text, "BEGIN", 5);
    memcpy(text + length - 16, "0123456789ABCDEF", 16);
    size_t size = length + (size_t)sprintf(text + length, _i == 1 ? "\r\nnext\n" : "\nnext\n");
    if (_i == 2)
        size = length;
    struct feed feed = feed_text((struct slice){text, size}, 1 << 20);
    struct source *source = source_open(feed.descriptor);
    struct source_line line;
    ck_assert_int_eq(source_next(source, &line), 1);
    ck_assert(slice_starts(line.text, SLICE("BEGIN")));
    ck_assert_uint_le(line.text.size, SOURCE_LINE_MAX);
    ck_assert_uint_ge(line.text.size, SOURCE_LINE_MAX / 4);
    ck_assert_uint_eq(line.cut + line.text.size, length);
    size_t tail = _i == 1 ? 15 : 16; /* the CR is one of the last octets */
    struct slice end = slice_after(line.text, line.text.size - tail);
    ck_assert_msg(slice_equal(end, slice_after(SLICE("0123456789ABCDEF"), 16 - tail)), "'%.*s'",
                  (int)end.size, end.data);
    ck_assert(line.ended == (_i != 2));
    ck_assert_int_eq(source_next(source, &line), _i == 2 ? 0 : 1);
    if (_i != 2) {
        ck_assert(slice_equal(line.text, SLICE("next")));
        ck_assert_uint_eq(line.number, 2);
        ck_assert_uint_eq(line.cut, 0);
    }
    source_close(source);
    free(text);
    end_feed(&feed);
}
END_TEST

START_TEST(read_error_is_reported)
{
    int folder = open("/", O_RDONLY);
    struct source *source = source_open(folder);
    struct source_line line;
    errno = 0;
    ck_assert_int_eq(source_next(source, &line), -1);
    ck_assert_int_eq(errno, EISDIR);
    source_close(source);
    close(folder);
}
END_TEST

/* Line ends at any distance, in texts of any length and from any offset, with a small array: the
 * fast search finds the same as the plain one, and all of them. */
START_TEST(fast_search_finds_the_same_line_ends)
{
    char text[1200];
    uint32_t quick[LINE_ENDS_STEP + 40], plain[1200], seed = (uint32_t)_i + 7;
    for (int round = 0; round < 200; round++) {
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        size_t size = seed >> 8 & 1023, begin = seed >> 20 & 63, from = begin, expected = begin;
        for (size_t i = 0; i < size; i++) {
            seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
            text[i] = (seed >> 24) % (unsigned)(1 << _i) == 0 ? '\n' : (char)(seed >> 16);
        }
        if (begin > size)
            continue;
        struct slice octets = {text, size};
        size_t count = line_ends_plain(octets, '\n', &expected, plain, 1200), seen = 0;
        while (from < size) {
            size_t found = line_ends(octets, '\n', &from, quick, ROWS(quick));
            ck_assert_uint_le(seen + found, count);
            if (found > 0)
                ck_assert_mem_eq(quick, plain + seen, found * sizeof quick[0]);
            seen += found;
        }
        ck_assert_uint_eq(seen, count);
        ck_assert_uint_eq(from, size);
    }
}
END_TEST

/* Lines that have the form are skipped, the next one is not; none is lost, however many there
 * are and wherever the pieces are cut. */
START_TEST(lines_of_a_form_are_skipped)
{
    static const struct line_form form = {.begin = {'C', ':'}, .least = 5, .most = 20};
    static const struct {
        const char *line;
        bool passes;
    } kinds[] = {
        {"C: text", true},  {"C: ab\r", true},
        {"C: .", false},    {"C: .\r", false},
        {"C:", false},      {"S: 250 Ok", false},
        {"C. text", false}, {"", false},
        {"C: .text", true}, {"C: a line of 20 oct\r", true},
        {"\r", false},      {"C: a line of 20 octets", false},
    };
    size_t capacity = (size_t)1 << 20, size = 0;
    char *text = malloc(capacity);
    uint32_t seed = (uint32_t)_i + 1;
    for (int i = 0; i < 40000; i++) {
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        const char *line = kinds[seed >> 28 == 0 ? (seed >> 20) % ROWS(kinds) : 0].line;
        size += (size_t)sprintf(text + size, "%s\n", line);
    }
    struct feed feed = feed_text((struct slice){text, size}, _i == 0 ? 4093 : 1 << 18);
    struct source *source = source_open(feed.descriptor);
    struct slice rest = {text, size};
    struct source_line line;
    uint64_t number = 0, missed = 0; /* `missed`: lines of the form that were not passed */
    while (source_next(source, &line) > 0) {
        size_t end = slice_find(rest, '\n');
        ck_assert_uint_eq(line.number, ++number);
        ck_assert(slice_starts(slice_head(rest, end), line.text));
        for (int i = 0; i < ROWS(kinds); i++)
            missed += kinds[i].passes && slice_equal(line.text, slice_of(kinds[i].line));
        rest = slice_after(rest, end + 1);
        struct slice passed = source_pass(source, &form);
        ck_assert(slice_starts(rest, passed));
        for (; passed.size > 0; passed = slice_after(passed, end + 1), number++) {
            end = slice_find(rest, '\n');
            bool passes = false;
            for (int i = 0; i < ROWS(kinds); i++)
                if (slice_equal(slice_head(rest, end), slice_of(kinds[i].line)))
                    passes = kinds[i].passes;
            ck_assert_msg(passes, "'%.*s'", (int)end, rest.data);
            rest = slice_after(rest, end + 1);
        }
    }
    ck_assert_uint_eq(rest.size, 0);
    ck_assert_uint_lt(missed * 50, number);
    source_close(source);
    free(text);
    end_feed(&feed);
}
END_TEST

/* Lines that are about other things, and one that is not, wherever the pieces are cut: it is
 * found with the lines before it, under its number. */
START_TEST(seek_stops_before_a_command)
{
    static const size_t counts[] = {0, 1, 5, 4000, 60000};
    size_t others = counts[_i % 5], size = 0;
    char *text = malloc(others * 32 + 64);
    for (size_t i = 0; i < others; i++)
        size += (size_t)sprintf(text + size, "%06zu of other things\n", i + 1);
    size += (size_t)sprintf(text + size, "EHLO a\n250 b\n");
    struct feed feed = feed_text((struct slice){text, size}, _i < 5 ? 4093 : 1 << 18);
    struct source *source = source_open(feed.descriptor);
    struct source_line line;
    ck_assert_int_eq(source_seek(source, 3), 1);
    size_t lead = others < 3 ? others : 3;
    ck_assert_uint_eq(source_lines(source), others - lead);
    ck_assert_uint_eq(source_window(source).size, lead * 23 + 13);
    for (size_t i = 0; i <= lead; i++) {
        ck_assert_int_eq(source_next(source, &line), 1);
        ck_assert_uint_eq(line.number, others - lead + i + 1);
    }
    ck_assert(slice_equal(line.text, SLICE("EHLO a")));
    ck_assert_int_eq(source_seek(source, 3), 0);
    ck_assert_uint_eq(source_lines(source), others + 2);
    ck_assert_int_eq(source_next(source, &line), 0);
    source_close(source);
    free(text);
    end_feed(&feed);
}
END_TEST

/* The last line need not end. */
START_TEST(seek_counts_the_last_line)
{
    struct feed feed = feed_text(SLICE("a\nb\nc"), 1);
    struct source *source = source_open(feed.descriptor);
    ck_assert_int_eq(source_seek(source, 8), 0);
    ck_assert_uint_eq(source_lines(source), 3);
    source_close(source);
    end_feed(&feed);
}
END_TEST

/* Held lines can be read again any number of times, also after the window was refilled. */
START_TEST(held_lines_are_read_again)
{
    static const size_t counts[] = {1, 100, 20000};
    size_t count = counts[_i % 3], size = 0;
    char *text = malloc((count + 2000) * 16);
    for (size_t i = 0; i < count + 2000; i++)
        size += (size_t)sprintf(text + size, "line %08zu\n", i + 1);
    struct feed feed = feed_text((struct slice){text, size}, 61);
    struct source *source = source_open(feed.descriptor);
    struct source_line line;
    for (int round = 0; round < 3; round++) {
        source_hold(source);
        uint64_t first = source_lines(source) + 1;
        for (size_t i = 0; i < count / 2 + 1; i++)
            ck_assert_int_eq(source_next(source, &line), 1);
        ck_assert_uint_eq(source_held(source).size, (count / 2 + 1) * 14);
        ck_assert(source_rewind(source));
        ck_assert_uint_eq(source_held(source).size, 0);
        ck_assert_int_eq(source_next(source, &line), 1);
        ck_assert_uint_eq(line.number, first);
        char expected[32];
        snprintf(expected, sizeof expected, "line %08zu", (size_t)first);
        ck_assert(slice_equal(line.text, slice_of(expected)));
    }
    source_close(source);
    free(text);
    end_feed(&feed);
}
END_TEST

/* If too much is held, the last lines stay. */
START_TEST(held_lines_slide)
{
    char text[1000 * 8];
    size_t size = 0;
    for (int i = 0; i < 900; i++)
        size += (size_t)sprintf(text + size, "%07d\n", i + 1);
    struct feed feed = feed_text((struct slice){text, size}, 500);
    struct source *source = source_open(feed.descriptor);
    struct source_line line;
    source_hold(source);
    for (int i = 0; i < 900; i++) {
        ck_assert_int_eq(source_next(source, &line), 1);
        source_slide(source, 10);
        size_t kept = source_held(source).size / 8;
        ck_assert_uint_le(kept, 20);
        ck_assert_uint_ge(kept, i < 10 ? (size_t)i : 10);
    }
    ck_assert(source_rewind(source));
    ck_assert_uint_ge(source_lines(source), 880);
    ck_assert_int_eq(source_next(source, &line), 1);
    ck_assert_uint_eq(line.number, source_lines(source));
    ck_assert_int_eq(atoi(line.text.data), (int)line.number);
    source_close(source);
    end_feed(&feed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *lines = tcase_create("lines");
    tcase_add_loop_test(lines, lines_are_joined_from_any_pieces, 0, 4 * ROWS(texts));
    tcase_add_test(lines, nul_does_not_end_a_line);
    tcase_add_test(lines, head_is_not_consumed);
    tcase_add_loop_test(lines, lines_across_the_edges_of_the_window, 0, 16);
    tcase_add_loop_test(lines, very_long_line_is_cut_in_the_middle, 0, 3);
    tcase_add_test(lines, read_error_is_reported);
    tcase_add_loop_test(lines, fast_search_finds_the_same_line_ends, 0, 10);
    tcase_add_loop_test(lines, lines_of_a_form_are_skipped, 0, 2);
    tcase_add_loop_test(lines, seek_stops_before_a_command, 0, 10);
    tcase_add_test(lines, seek_counts_the_last_line);
    tcase_add_loop_test(lines, held_lines_are_read_again, 0, 3);
    tcase_add_test(lines, held_lines_slide);
    suite_add_tcase(suite, lines);
    return suite_run(suite);
}
