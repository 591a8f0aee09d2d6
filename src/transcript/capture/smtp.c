/* smtp.c - SMTP is known by what is spoken: one side says 220, the other EHLO, HELO, MAIL.
 *
 * Until that is clear the lines of a connection are held back, in bounded memory. What the port
 * says is not asked: SMTP is spoken on 25, 587, 24, 1025, 2525, 10025 and many more.
 */
#include "transcript/capture/smtp.h"

#include <stdlib.h>

#include "base/octet_buffer.h"
#include "smtp/follower.h"
#include "smtp/foreign.h"
#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/capture/tunnel.h"
#include "transcript/formats/format.h"
#include "transcript/formats/stream.h"

/* Octets that are held back of a connection which may be SMTP, and lines by which one that was
 * captured from its beginning must have shown it, unless it began with a command of SMTP. */
#define HELD_MAX            ((size_t)64 << 10)
#define UNDECIDED_LINES_MAX 16

/* A line that is held back; its octets follow. */
struct held_line {
    uint64_t number;
    uint32_t side, size;
    enum line_end end;
};

/* The octets that one side has sent so far. */
struct said {
    struct stream stream;
    unsigned lines, replies;
    bool greeting; /* its first line may be a greeting */
    bool rejects;  /* which is 554: no other protocol has that one */
    bool commands; /* a command that only SMTP has */
    bool begins;   /* with such a command */
    bool in_line;  /* octets up to the next line end are the rest of a line that is not known */
    bool anything;
};

/* One connection. */
struct talk {
    struct capture_smtp *smtp;
    struct connection *connection;
    struct said said[2];
    struct tunnel tunnel; /* before SMTP begins */
    unsigned server;      /* which side; known when `decided` */
    bool decided;
    bool from_start;
    struct follower follower;
    bool hidden;             /* octets of the message are missing, perhaps with a QUIT after it */
    uint64_t holes, missing; /* before it was decided */
    struct octet_buffer held;
};

/* Commands that neither FTP nor POP3 nor NNTP has. */
static bool only_smtp_says(struct slice line)
{
    const command_set envelope = COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_RCPT);
    const command_set others = HELLO_COMMANDS | COMMAND_BIT(COMMAND_BDAT) |
                               COMMAND_BIT(COMMAND_BDAT_LAST) | COMMAND_BIT(COMMAND_VRFY) |
                               COMMAND_BIT(COMMAND_STARTTLS) | COMMAND_BIT(COMMAND_EXPN) |
                               COMMAND_BIT(COMMAND_XCLIENT) | COMMAND_BIT(COMMAND_DATA);
    struct command_line command = command_scan(NULL, line);
    command_set here = COMMAND_BIT(command.command);
    return (others & here) || ((envelope & here) && command_looks_real(&command));
}

/* Passes on a note about the connection. */
static void give_note(struct talk *talk, uint64_t frame, enum note note, const char *text)
{
    struct line line = {
        .side = SIDE_NOTE,
        .note = note,
        .payload = slice_of(text),
        .raw = slice_of(text),
        .number = frame,
        .column = 1,
        .session = talk->connection->number,
    };
    if (note == NOTE_TLS) /* the handshake is over */
        talk->follower.tls = FOLLOWER_PLAIN;
    talk->smtp->sink->line(talk->smtp->sink->context, &line);
}

/* Passes on a line of one side. */
static void give_said(const struct talk *talk, enum side side, uint64_t number, enum line_end end,
                      struct slice text)
{
    struct line line = {
        .side = side,
        .end = talk->smtp->inexact ? LINE_END_UNKNOWN : end,
        .payload = text,
        .raw = text,
        .number = number,
        .column = 1,
        .session = talk->connection->number,
    };
    talk->smtp->sink->line(talk->smtp->sink->context, &line);
}

/* Passes a line on to the dialogue. */
static void give_line(struct talk *talk, unsigned side, uint64_t number, enum line_end end,
                      struct slice text)
{
    enum side who = side == talk->server ? SIDE_SERVER : SIDE_CLIENT;
    if (!follower_take(&talk->follower, who, text))
        return;
    if (talk->hidden && who == SIDE_SERVER && slice_starts(text, SLICE("221")))
        give_said(talk, SIDE_CLIENT, number, LINE_END_UNKNOWN, SLICE("QUIT"));
    talk->hidden = talk->hidden && who == SIDE_SERVER;
    give_said(talk, who, number, end, text);
}

/* Passes on what was held back. */
static void give_held(struct talk *talk)
{
    for (size_t at = 0; at < talk->held.size;) {
        struct held_line held;
        memcpy(&held, talk->held.octets + at, sizeof held);
        at += sizeof held;
        give_line(talk, held.side, held.number, held.end,
                  (struct slice){talk->held.octets + at, held.size});
        at += held.size;
    }
    octet_buffer_free(&talk->held);
}

/* Holds a line back. In the middle of a connection the oldest make room: it may be the middle of a
 * long message. */
static bool hold(struct talk *talk, unsigned side, const struct line *line)
{
    struct held_line held = {line->number, side, (uint32_t)line->payload.size, line->end};
    size_t size = sizeof held + line->payload.size;
    if (talk->held.size + size > HELD_MAX)
        talk->held.size = 0;
    size_t whole_lines = talk->held.size;
    if (octet_buffer_append(&talk->held, (struct slice){(const char *)&held, sizeof held}) &&
        octet_buffer_append(&talk->held, line->payload))
        return true;
    talk->held.size = whole_lines;
    return false;
}

/* The connection is of no use. */
static void pass_over(struct talk *talk, uint64_t *count)
{
    (*count)++;
    talk->connection->ignored = true;
}

/* Returns true if the connection does not leave the computer: 127.0.0.0/8 or ::1 at either end. */
static bool is_loopback(const struct connection *connection)
{
    static const unsigned char mapped[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
    static const unsigned char self[16] = {[15] = 1};
    for (size_t i = 0; i < 2; i++) {
        const unsigned char *address = connection->ends[i].address;
        if (memcmp(address, mapped, sizeof mapped) == 0 || memcmp(address, self, sizeof self) == 0)
            return true;
    }
    return false;
}

/* It is SMTP, and that side is the server. */
static void decide(struct talk *talk, unsigned server, uint64_t frame)
{
    bool holes = talk->holes > 0;
    talk->decided = true;
    talk->server = server;
    talk->smtp->count.smtp++;
    talk->smtp->count.holes += talk->holes;
    talk->smtp->count.missing += talk->missing;
    talk->smtp->count.broken += holes;
    if (talk->from_start && !holes)
        give_note(talk, frame, NOTE_SESSION, "connection made");
    give_note(talk, frame, NOTE_WIRE, "octets of the network");
    if (is_loopback(talk->connection))
        give_note(talk, frame, NOTE_PLAIN, "localhost");
    /* In the middle a greeting is a beginning as well, and a client that speaks first may be judged
     * at once. */
    talk->follower.lost = holes || !(talk->from_start || talk->said[server].greeting);
    talk->follower.answered = !holes && talk->said[!server].begins && talk->said[server].lines == 0;
}

static bool is_quit(struct slice text)
{
    return command_scan(NULL, text).command == COMMAND_QUIT;
}

/* Weighs a line for and against SMTP. An HTTP request may have been sent to a server of SMTP. */
static void weigh(struct talk *talk, unsigned side, uint64_t frame, struct slice text)
{
    struct said *said = &talk->said[side];
    const struct said *other = &talk->said[!side];
    bool reply = looks_like_reply(text);
    bool command = !reply && (only_smtp_says(text) || (other->rejects && is_quit(text)));
    bool greets = reply && (slice_starts(text, SLICE("220")) || slice_starts(text, SLICE("554")) ||
                            slice_starts(text, SLICE("421")));
    if (said->lines == 0 && !other->commands)
        said->greeting = greets && (talk->from_start || slice_starts(text, SLICE("220")));
    if (said->lines == 0)
        said->rejects = said->greeting && slice_starts(text, SLICE("554"));
    said->commands = said->commands || command;
    said->begins = said->begins || (command && said->lines == 0);
    if (said->lines == 0 && greets && foreign_names_smtp(text))
        decide(talk, side, frame);
    else if (command && other->replies > 0)
        decide(talk, !side, frame);
    else if (reply && other->commands)
        decide(talk, side, frame);
    said->lines++;
    said->replies += reply;
    if (talk->decided || !talk->from_start)
        return;
    bool odd = said->lines == 1 && !reply && !command && !other->greeting &&
               !slice_starts(text, SLICE("PROXY ")) && !slice_contains(text, SLICE(" HTTP/1."));
    if (odd || (said->lines > UNDECIDED_LINES_MAX && !said->begins))
        pass_over(talk, &talk->smtp->count.other);
}

/* A client may send all that it has before the server says a word. Returns true if both sides are in
 * the capture, so that more than can be held back may as well be judged now. */
static bool is_client_alone(const struct talk *talk, unsigned side)
{
    const struct connection *connection = talk->connection;
    return talk->said[side].begins && talk->said[!side].lines == 0 && talk->holes == 0 &&
           connection->sides[0].syn && connection->sides[1].syn;
}

/* A line of one side, from its stream. */
struct from_side {
    struct talk *talk;
    unsigned side;
    bool no_memory;
};

/* The server answers while the end of a client's line is missing: what has been sent with DATA before
 * its 354, or a line that the server does not wait for any longer. */
static void answer_begun_line(struct talk *talk, struct slice reply)
{
    struct said *client = &talk->said[!talk->server];
    struct slice begun = octet_buffer_text(&client->stream.held);
    const struct follower *follower = &talk->follower;
    int code = reply_code(reply);
    bool early = code == 354 && follower->data && follower->waiting == 1;
    bool given_up =
        code >= 400 && follower->waiting == 0 && follower->open == 0 && !follower->content;
    if (begun.size == 0 || begun.data[0] == '.' || !(early || given_up))
        return;
    give_line(talk, !talk->server, client->stream.number, LINE_END_UNKNOWN, begun);
    client->stream.held.size = 0;
    client->stream.began = false;
    client->in_line = given_up;
}

static void on_line(void *context, const struct line *line)
{
    struct from_side *from = context;
    struct talk *talk = from->talk;
    if (talk->connection->ignored)
        return;
    /* What a proxy says of the client (HAProxy, PROXY protocol version 1) is no command of his. */
    if (talk->said[from->side].lines == 0 && !talk->decided &&
        slice_starts(line->payload, SLICE("PROXY TCP")))
        return;
    if (!talk->decided) {
        if (!hold(talk, from->side, line))
            from->no_memory = true;
        weigh(talk, from->side, line->number, line->payload);
        if (!talk->decided && talk->held.size > HELD_MAX / 2 && is_client_alone(talk, from->side))
            decide(talk, !from->side, line->number);
        if (talk->decided)
            give_held(talk);
        return;
    }
    if (from->side == talk->server)
        answer_begun_line(talk, line->payload);
    give_line(talk, from->side, line->number, line->end, line->payload);
}

/* The head of a TLS record with a handshake in it (RFC 8446 5.1). */
static bool begins_tls(struct slice octets)
{
    return octets.data[0] == 0x16 && (octets.size < 2 || octets.data[1] == 0x03);
}

/* The same of a client's line, whose first octets may have come in segments of their own; three of them are
 * sure, also where nothing was agreed on. */
static bool line_begins_tls(const struct said *said, struct slice octets)
{
    char head[3];
    struct slice held = slice_head(octet_buffer_text(&said->stream.held), sizeof head);
    if (said->in_line || held.size + octets.size < sizeof head)
        return false;
    for (size_t i = 0; i < sizeof head; i++)
        head[i] = i < held.size ? held.data[i] : octets.data[i - held.size];
    return begins_tls((struct slice){head, sizeof head}) && head[2] <= 0x04;
}

/* Returns true if from here on nothing can be read, or nothing is worth it. */
static bool is_beyond_reading(struct talk *talk, struct said *said, uint64_t frame,
                              struct slice octets)
{
    bool line_begins = said->stream.held.size == 0 && !said->in_line;
    bool first = talk->smtp->known && !talk->said[0].anything && !talk->said[1].anything;
    if ((first || (!said->anything && !talk->decided)) && begins_tls(octets)) {
        pass_over(talk, &talk->smtp->count.tls);
        return true;
    }
    bool agreed = talk->follower.tls == FOLLOWER_TLS_AGREED ||
                  (talk->follower.tls == FOLLOWER_TLS_ASKED && talk->follower.lost);
    bool handshake = line_begins && begins_tls(octets);
    if (talk->smtp->known && agreed && !handshake && said != &talk->said[1])
        give_note(talk, frame, NOTE_TLS, "inside TLS from here on");
    if (talk->decided && agreed && handshake) {
        give_note(talk, frame, NOTE_PLAIN, "TLS from here on");
        talk->smtp->count.starttls++;
        talk->connection->ignored = true;
        return true;
    }
    if (talk->decided && said != &talk->said[talk->server] && !talk->follower.content &&
        line_begins_tls(said, octets)) {
        give_note(talk, said->stream.held.size > 0 ? said->stream.number : frame, NOTE_FOREIGN,
                  "TLS");
        talk->connection->ignored = true;
        return true;
    }
    if (!talk->decided && slice_find(octets, '\0') < octets.size) {
        pass_over(talk, &talk->smtp->count.other);
        return true;
    }
    return false;
}

static void forget(struct talk *talk)
{
    for (unsigned i = 0; i < 2; i++)
        stream_free(&talk->said[i].stream);
    octet_buffer_free(&talk->held);
}

/* Counts the memory of a connection. */
static void count_memory(struct talk *talk)
{
    size_t memory = sizeof *talk + talk->held.capacity + talk->said[0].stream.held.capacity +
                    talk->said[1].stream.held.capacity;
    talk->smtp->tcp->memory += memory - talk->connection->memory;
    talk->connection->memory = memory;
}

static struct talk *begin_talk(struct capture_smtp *smtp, struct connection *connection)
{
    struct talk *talk = calloc(1, sizeof *talk);
    if (!talk)
        return NULL;
    talk->smtp = smtp;
    talk->connection = connection;
    talk->from_start = connection->sides[0].syn || connection->sides[1].syn;
    connection->receiver = talk;
    smtp->count.connections++;
    if (smtp->known)
        decide(talk, 1, smtp->tcp->frame);
    return talk;
}

/* Skips what precedes SMTP. Returns false if no octets are left. */
static bool take_tunnel(struct talk *talk, unsigned side, struct slice *octets)
{
    bool first = !talk->said[0].anything && !talk->said[1].anything;
    tunnel_take(&talk->tunnel, side, first, octets);
    if (talk->tunnel.refused)
        pass_over(talk, &talk->smtp->count.other);
    return octets->size > 0 && !talk->tunnel.refused;
}

/* Octets after a hole, without the rest of the line that began in it; segments mostly end where
 * lines do, so there may be none. */
static struct slice after_broken_line(const struct talk *talk, struct said *said,
                                      struct slice octets)
{
    size_t end = slice_find(octets, '\n');
    struct slice line = slice_head(octets, end);
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    if (!talk->follower.content && (looks_like_command(line) || looks_like_reply(line))) {
        said->in_line = false;
        return octets;
    }
    said->in_line = end == octets.size;
    return slice_after(octets, end + 1);
}

static bool on_octets(void *context, struct connection *connection, unsigned side, uint64_t frame,
                      struct slice octets)
{
    struct capture_smtp *smtp = context;
    struct talk *talk = connection->receiver ? connection->receiver : begin_talk(smtp, connection);
    if (!talk)
        return false;
    if (!talk->decided && !take_tunnel(talk, side, &octets))
        return true;
    struct said *said = &talk->said[side];
    bool beyond = is_beyond_reading(talk, said, frame, octets);
    said->anything = true;
    if (said->in_line && !beyond)
        octets = after_broken_line(talk, said, octets);
    struct from_side from = {talk, side, false};
    struct line_sink sink = {.line = on_line, .context = &from};
    struct line at = {.number = frame, .column = 1};
    said->stream.in_pieces = talk->follower.chunk_left > 0 && side != talk->server;
    bool done = beyond || stream_take(&said->stream, &at, octets, &sink);
    if (connection->ignored)
        forget(talk);
    count_memory(talk);
    return done && !from.no_memory;
}

static bool on_hole(void *context, struct connection *connection, unsigned side, uint64_t frame,
                    uint32_t size)
{
    struct capture_smtp *smtp = context;
    struct talk *talk = connection->receiver ? connection->receiver : begin_talk(smtp, connection);
    if (!talk)
        return false;
    struct said *said = &talk->said[side];
    if (talk->tunnel.step) {
        pass_over(talk, &smtp->count.other);
        return true;
    }
    stream_free(&said->stream); /* the beginning of a line whose end is missing */
    count_memory(talk);
    said->in_line = true;
    said->anything = true;
    if (!talk->decided) { /* what has been said so far can be paired with nothing */
        talk->from_start = said->greeting = false;
        talk->held.size = 0;
        talk->holes++;
        talk->missing += size;
        return true;
    }
    smtp->count.holes++;
    smtp->count.missing += size;
    bool already = talk->follower.lost;
    if (!follower_lose(&talk->follower, side == talk->server ? SIDE_SERVER : SIDE_CLIENT)) {
        talk->hidden = true;
        give_note(talk, frame, NOTE_CONTENT, "octets of the message are missing");
        return true;
    }
    smtp->count.broken += !already;
    give_note(talk, frame, NOTE_HOLE, "octets are missing");
    return true;
}

static bool on_end(void *context, struct connection *connection)
{
    struct capture_smtp *smtp = context;
    struct talk *talk = connection->receiver;
    if (!talk)
        return true;
    struct from_side from = {talk, 0, false};
    struct line_sink sink = {.line = on_line, .context = &from};
    if (!connection->ignored)
        for (from.side = 0; from.side < 2; from.side++) {
            struct stream *stream = &talk->said[from.side].stream;
            struct line at = {.number = stream->number, .column = 1};
            stream_end(stream, &at, &sink);
        }
    if (!talk->decided && !connection->ignored) {
        bool one_way = (talk->said[0].commands && !talk->said[1].anything) ||
                       (talk->said[1].commands && !talk->said[0].anything);
        pass_over(talk, one_way ? &smtp->count.one_way : &smtp->count.other);
    }
    if (talk->decided)
        give_note(talk, smtp->tcp->frame, NOTE_END, "connection closed");
    forget(talk);
    smtp->tcp->memory -= connection->memory;
    connection->memory = 0;
    connection->receiver = NULL;
    free(talk);
    return !from.no_memory;
}

bool capture_smtp_note(struct capture_smtp *smtp, struct connection *connection, enum note note,
                       const char *text)
{
    struct talk *talk = connection->receiver ? connection->receiver : begin_talk(smtp, connection);
    if (talk)
        give_note(talk, smtp->tcp->frame, note, text);
    return talk != NULL;
}

struct tcp_receiver capture_smtp_receiver(struct capture_smtp *smtp)
{
    return (struct tcp_receiver){smtp, on_octets, on_hole, on_end};
}
