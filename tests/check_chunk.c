/* check_chunk.c - BDAT in recordings that keep octets: chunks of every size, cut at every octet.
 *
 * A message of dots, CR, LF, NUL and lines that read like commands is sent in two chunks, or in
 * many of the same size. The dialogue must find the commands between them and nothing else, however
 * the octets were cut into pieces, and no more of them when the recording ends early.
 */
#include <stdio.h>

#include "dialogue/dialogue.h"
#include "suite.h"
#include "transcript/formats/stream.h"

#define MESSAGE_SIZE 300
#define WIRE_MAX     8192

static char message[MESSAGE_SIZE];

static void make_message(void)
{
    static const char text[] =
        "Subject: one\r\n\r\n.\r\n..\r\nQUIT\r\nBDAT 3 LAST\r\n\0\r\r\n\n.\n\r.\r"
        "RSET\r\n250 ok\r\nend";
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = text[i % sizeof text];
}

/* What the client sends, and what the dialogue must find. */
struct wire {
    char octets[WIRE_MAX];
    size_t size;
    char commands[1024];
};

static void add(struct wire *wire, const char *octets, size_t size)
{
    ck_assert_uint_le(wire->size + size, sizeof wire->octets);
    memcpy(wire->octets + wire->size, octets, size);
    wire->size += size;
}

static void add_chunk(struct wire *wire, size_t from, size_t to)
{
    const char *last = to == MESSAGE_SIZE ? " LAST" : "";
    char line[32];
    int size = snprintf(line, sizeof line, "BDAT %zu%s\r\n", to - from, last);
    add(wire, line, (size_t)size);
    add(wire, message + from, to - from);
    strcat(wire->commands, *last ? "BDAT LAST;" : "BDAT;");
}

/* The message in chunks of that size; `two`: all the rest in the second one. */
static void make_wire(struct wire *wire, size_t size, bool two)
{
    *wire = (struct wire){.commands = "RCPT;"};
    add(wire, "RCPT TO:<a@b>\r\n", 15);
    size_t at = 0;
    do {
        size_t end = at + size < MESSAGE_SIZE ? at + size : MESSAGE_SIZE;
        add_chunk(wire, at, end);
        at = end;
    } while (at < MESSAGE_SIZE && size > 0 && !two);
    if (at < MESSAGE_SIZE)
        add_chunk(wire, at, MESSAGE_SIZE);
    add(wire, "QUIT\r\n", 6);
    strcat(wire->commands, "QUIT;");
}

/* What was found. */
struct found {
    char commands[4096];
    bool stray;
};

static void on_begin(void *context, uint64_t line, bool from_start)
{
    (void)context, (void)line, (void)from_start;
}

static void on_exchange(void *context, const struct exchange *exchange)
{
    struct found *found = context;
    size_t size = strlen(found->commands);
    snprintf(found->commands + size, sizeof found->commands - size, "%s;",
             command_name(exchange->command));
}

static void on_stray(void *context, const struct stray *stray)
{
    struct found *found = context;
    (void)stray;
    found->stray = true;
}

static void on_end(void *context, const struct session_end *end)
{
    (void)context, (void)end;
}

static void to_dialogue(void *context, const struct line *line)
{
    ck_assert(dialogue_line(context, line));
}

static void server_says(struct dialogue *dialogue, const char *reply)
{
    struct line line = {.side = SIDE_SERVER, .end = LINE_END_CRLF, .number = 1, .column = 1};
    line.payload = line.raw = slice_of(reply);
    ck_assert(dialogue_line(dialogue, &line));
}

/* Plays the first `shown` octets in pieces of `piece`, then the replies, if the wire is whole. */
static void play(const struct wire *wire, size_t shown, size_t piece, struct found *found)
{
    struct dialogue_sink sink = {found, on_begin, on_exchange, on_stray, on_end, NULL};
    struct dialogue_options options = {.one_sided = false};
    struct dialogue *dialogue = dialogue_new(&sink, &options);
    ck_assert_ptr_nonnull(dialogue);
    *found = (struct found){0};
    server_says(dialogue, "220 mx");
    struct stream stream = {0};
    struct line_sink lines = {.line = to_dialogue, .context = dialogue};
    struct line at = {.side = SIDE_CLIENT, .number = 1, .column = 1};
    for (size_t i = 0; i < shown; i += piece) {
        struct slice octets = slice_head((struct slice){wire->octets + i, shown - i}, piece);
        at.raw = octets;
        ck_assert(stream_take(&stream, &at, octets, &lines));
    }
    stream_end(&stream, &at, &lines);
    for (const char *c = wire->commands; *c && shown == wire->size; c++)
        if (*c == ';')
            server_says(dialogue, strcmp(c - 4, "QUIT;") == 0 ? "221 bye" : "250 ok");
    ck_assert(dialogue_finish(dialogue));
    stream_free(&stream);
    dialogue_free(dialogue);
}

static void assert_found(const struct wire *wire, size_t piece)
{
    struct found found;
    char expected[1100];
    snprintf(expected, sizeof expected, "CONNECT;%s", wire->commands);
    play(wire, wire->size, piece, &found);
    ck_assert_msg(strcmp(found.commands, expected) == 0 && !found.stray,
                  "pieces of %zu: %s, not %s", piece, found.commands, expected);
}

START_TEST(commands_are_found_after_chunks_of_any_size)
{
    struct wire wire;
    for (int two = 0; two < 2; two++) {
        if ((size_t)_i < 8 && _i > 0 && !two)
            continue; /* hundreds of chunks */
        make_wire(&wire, (size_t)_i, two);
        assert_found(&wire, wire.size);
        assert_found(&wire, 1);
        assert_found(&wire, 7);
    }
}
END_TEST

/* The recording ends in the middle: what is found is the beginning of the whole. BDAT may have
 * lost its LAST. */
START_TEST(recording_may_be_cut_at_any_octet)
{
    struct wire wire;
    make_wire(&wire, (size_t)_i, true);
    for (size_t shown = 0; shown < wire.size; shown++) {
        struct found found;
        play(&wire, shown, wire.size, &found);
        ck_assert_msg(!found.stray && !strstr(found.commands, "unknown") &&
                          !strstr(found.commands, "RSET") && !strstr(found.commands, ".;"),
                      "%zu octets, chunk of %d: %s", shown, _i, found.commands);
    }
}
END_TEST

int main(void)
{
    make_message();
    Suite *suite = suite_create("chunk");
    TCase *chunks = tcase_create("chunks");
    tcase_add_loop_test(chunks, commands_are_found_after_chunks_of_any_size, 0, MESSAGE_SIZE + 1);
    tcase_add_loop_test(chunks, recording_may_be_cut_at_any_octet, 0, MESSAGE_SIZE + 1);
    suite_add_tcase(suite, chunks);
    return suite_run(suite);
}
