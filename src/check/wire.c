/* wire.c - the capture's reader of one connection, whose sides are known.
 */
#include "check/wire.h"

#include <stdlib.h>

#include "check/reading.h"
#include "transcript/capture/smtp.h"

static const struct format_family wire_family = {.ordered = true};
static const struct format wire_format = {
    .name = "live",
    .program = "a program that uses the library",
    .family = &wire_family,
};

struct wire {
    struct smtpseq_checker *checker;
    struct reading reading;
    struct line_sink lines;
    struct tcp tcp; /* only its frame, which numbers lines, and what it counts */
    struct connection connection;
    struct capture_smtp smtp;
    struct tcp_receiver receiver;
};

/* Lines are numbered where they end; a note has the number of the line that follows. */
static void on_line(void *context, const struct line *line)
{
    struct wire *wire = context;
    struct line numbered = *line;
    numbered.number = wire->tcp.frame;
    if (line->side != SIDE_NOTE)
        wire->tcp.frame++;
    reading_line(&wire->reading, &numbered);
}

struct wire *wire_new(struct smtpseq_checker *checker)
{
    struct wire *wire = calloc(1, sizeof *wire);
    if (!wire)
        return NULL;
    checker_begin(checker);
    wire->checker = checker;
    wire->reading.recognition.format = &wire_format;
    reading_begin(&wire->reading, checker, NULL);
    wire->tcp.frame = 1;
    wire->connection.number = 1;
    wire->connection.sides[0].syn = wire->connection.sides[1].syn = true;
    wire->lines = (struct line_sink){on_line, wire};
    wire->smtp = (struct capture_smtp){.tcp = &wire->tcp, .sink = &wire->lines, .known = true};
    wire->receiver = capture_smtp_receiver(&wire->smtp);
    return wire;
}

bool wire_take(struct wire *wire, enum side side, struct slice octets)
{
    wire->checker->recording.octets += octets.size;
    if (octets.size == 0 || wire->connection.ignored)
        return true;
    bool done = wire->receiver.octets(wire->receiver.context, &wire->connection,
                                      side == SIDE_SERVER, wire->tcp.frame, octets);
    smtpseq_checker_flush(wire->checker);
    return done && !wire->checker->no_memory;
}

bool wire_note(struct wire *wire, enum wire_fact fact, enum side side)
{
    if (wire->connection.ignored)
        return true;
    switch (fact) {
    case WIRE_TLS:
        return capture_smtp_note(&wire->smtp, &wire->connection, NOTE_TLS, "TLS");
    case WIRE_LOCAL:
        return capture_smtp_note(&wire->smtp, &wire->connection, NOTE_PLAIN, "localhost");
    case WIRE_LOST:
        return wire->receiver.hole(wire->receiver.context, &wire->connection, side == SIDE_SERVER,
                                   wire->tcp.frame, 1);
    }
    return true;
}

enum smtpseq_status wire_end(struct wire *wire, struct smtpseq_recording *recording)
{
    struct smtpseq_checker *checker = wire->checker;
    bool done = wire->receiver.end(wire->receiver.context, &wire->connection);
    done = reading_end(&wire->reading) && done;
    checker->recording.lines = wire->tcp.frame - 1;
    *recording = checker->recording;
    free(wire);
    bool nothing = recording->sessions == recording->foreign_begun;
    return !done ? SMTPSEQ_NO_MEMORY : nothing ? SMTPSEQ_NO_SESSION : SMTPSEQ_OK;
}
