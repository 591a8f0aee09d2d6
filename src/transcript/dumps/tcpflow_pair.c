/* tcpflow_pair.c - merges the two sides of a session. */
#include "transcript/dumps/tcpflow_pair.h"

#include <errno.h>

#include "smtp/command.h"
#include "smtp/look.h"
#include "smtp/reply.h"

/* Commands in a group, at most. */
#define GROUP_MAX 1000

/* A file and its next line. */
struct file {
    struct source *source;
    struct source_line line;
    bool ready;  /* `line` is there ... */
    size_t used; /* ... but for so many octets that have been given on (chunks) */
    bool ended;
};

struct pair {
    struct file client, server;
    const struct line_sink *sink;
    struct command_scanner *commands;
    struct reply_scanner *replies;
    bool failed;
    int error;
    uint64_t lines;
    bool pipelining; /* offered */
    bool lmtp;
    bool encrypted;
    uint64_t recipients; /* accepted */
};

/* Commands that may have been sent at once. */
struct group {
    size_t count;
    enum command commands[GROUP_MAX];
};

static bool peek(struct pair *pair, struct file *file)
{
    if (file->ready || file->ended || pair->failed)
        return file->ready;
    int more = source_next(file->source, &file->line);
    if (more < 0) {
        pair->failed = true;
        pair->error = errno;
    }
    file->ready = more > 0;
    file->ended = !file->ready;
    file->used = 0;
    pair->lines += file->ready;
    return file->ready;
}

/* Passes on the rest of the next line, or its first `most` octets. */
static void give(struct pair *pair, struct file *file, size_t most)
{
    struct slice left = slice_after(file->line.text, file->used), payload = slice_head(left, most);
    bool part = payload.size < left.size;
    struct line line = {
        .side = file == &pair->client ? SIDE_CLIENT : SIDE_SERVER,
        .end = part || !file->line.ended || file->line.cut > 0 ? LINE_END_UNKNOWN
               : file->line.cr                                 ? LINE_END_CRLF
                                                               : LINE_END_LF,
        .unended = part,
        .payload = payload,
        .raw = file->line.text,
        .number = file->line.number,
        .column = (uint32_t)file->used + 1,
        .part = file != &pair->client,
    };
    pair->sink->line(pair->sink->context, &line);
    file->used += payload.size;
    file->ready = most <= payload.size && file->used < file->line.text.size;
}

/* Passes on a reply. Returns its code; 0 if there is none. */
static int give_reply(struct pair *pair, enum command command)
{
    int code = 0;
    while (peek(pair, &pair->server)) {
        struct slice text = pair->server.line.text;
        struct reply_line reply = reply_scan(pair->replies, text);
        if (reply.kind != REPLY_LINE_NONE)
            code = reply.code;
        if (code == 250 && (command == COMMAND_EHLO || command == COMMAND_LHLO) &&
            slice_starts_nocase(reply.text, SLICE("PIPELINING")))
            pair->pipelining = true;
        give(pair, &pair->server, SIZE_MAX);
        if (reply.kind != REPLY_LINE_MORE)
            return code;
    }
    return code;
}

static struct command_line next_command(struct pair *pair)
{
    return command_scan(pair->commands, slice_after(pair->client.line.text, pair->client.used));
}

/* Passes on the octets of a chunk (RFC 3030), which may end within a line. */
static void give_chunk(struct pair *pair, uint64_t octets)
{
    while (octets > 0 && peek(pair, &pair->client)) {
        const struct source_line *line = &pair->client.line;
        size_t size = line->text.size - pair->client.used;
        uint64_t whole = size + (line->ended ? 1u + line->cr : 0u);
        if (octets < size) {
            give(pair, &pair->client, (size_t)octets);
            return;
        }
        give(pair, &pair->client, SIZE_MAX);
        octets -= whole < octets ? whole : octets;
    }
}

/* RFC 2920 3.1: returns true if another command may follow before the reply. */
static bool may_go_on(enum command command)
{
    switch (command) {
    case COMMAND_MAIL:
    case COMMAND_RCPT:
    case COMMAND_RSET:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        return true;
    default:
        return false;
    }
}

/* Passes on a group of commands. */
static void give_group(struct pair *pair, struct group *group)
{
    group->count = 0;
    while (group->count < GROUP_MAX && peek(pair, &pair->client)) {
        struct command_line command = next_command(pair);
        uint64_t octets = command.octets;
        bool chunk = command.command == COMMAND_BDAT || command.command == COMMAND_BDAT_LAST;
        group->commands[group->count++] = command.command;
        give(pair, &pair->client, SIZE_MAX);
        if (chunk)
            give_chunk(pair, octets);
        if (!pair->pipelining || !may_go_on(group->commands[group->count - 1]))
            return;
    }
}

/* Passes on the message up to its dot, and the replies to it. */
static void give_content(struct pair *pair)
{
    bool dot = false;
    while (!dot && peek(pair, &pair->client)) {
        dot = pair->client.line.ended && slice_equal(pair->client.line.text, SLICE("."));
        give(pair, &pair->client, SIZE_MAX);
    }
    uint64_t replies = pair->lmtp && pair->recipients > 1 ? pair->recipients : 1;
    for (; dot && replies > 0 && peek(pair, &pair->server); replies--)
        give_reply(pair, COMMAND_END_OF_DATA);
    pair->recipients = 0;
}

/* Passes on challenges and their answers. */
static void give_challenges(struct pair *pair, int code)
{
    while (code == 334 && peek(pair, &pair->client)) {
        give(pair, &pair->client, SIZE_MAX);
        code = give_reply(pair, COMMAND_AUTH);
    }
}

/* Does what the reply to a command requires next. */
static void follow(struct pair *pair, enum command command, int code)
{
    bool accepted = code / 100 == 2;
    switch (command) {
    case COMMAND_EHLO:
    case COMMAND_LHLO:
    case COMMAND_HELO:
        pair->lmtp = accepted ? command == COMMAND_LHLO : pair->lmtp;
        pair->recipients = 0;
        break;
    case COMMAND_MAIL:
    case COMMAND_RSET:
        pair->recipients = accepted ? 0 : pair->recipients;
        break;
    case COMMAND_RCPT:
        pair->recipients += accepted;
        break;
    case COMMAND_BDAT_LAST:
        for (uint64_t i = 1;
             accepted && pair->lmtp && i < pair->recipients && peek(pair, &pair->server); i++)
            give_reply(pair, command);
        pair->recipients = 0;
        break;
    case COMMAND_DATA:
        if (code / 100 == 3)
            give_content(pair);
        break;
    case COMMAND_AUTH:
        give_challenges(pair, code);
        break;
    case COMMAND_STARTTLS:
        /* TLS follows, unless the client continues in the clear. */
        if (accepted && peek(pair, &pair->client))
            pair->encrypted = !looks_like_command(pair->client.line.text);
        break;
    default:
        break;
    }
}

static void read_pair(struct pair *pair)
{
    struct group group;
    give_reply(pair, COMMAND_CONNECT);
    while (!pair->encrypted && peek(pair, &pair->client)) {
        give_group(pair, &group);
        for (size_t i = 0; i < group.count && peek(pair, &pair->server); i++) {
            int code = give_reply(pair, group.commands[i]);
            if (pair->encrypted)
                break;
            follow(pair, group.commands[i], code);
        }
    }
    while (!pair->encrypted && peek(pair, &pair->server))
        give(pair, &pair->server, SIZE_MAX);
    /* TLS is counted, but not read. */
    while (peek(pair, &pair->client))
        pair->client.ready = false;
    while (peek(pair, &pair->server))
        pair->server.ready = false;
}

int tcpflow_pair_read(struct source *client, struct source *server, struct slice name,
                      const struct line_sink *sink, uint64_t *lines)
{
    struct pair pair = {
        .client.source = client,
        .server.source = server,
        .sink = sink,
        .commands = command_scanner_new(),
        .replies = reply_scanner_new(),
    };
    bool memory = pair.commands && pair.replies;
    if (memory) {
        struct line note = {.side = SIDE_NOTE, .payload = name};
        sink->line(sink->context, &note);
        read_pair(&pair);
    }
    command_scanner_free(pair.commands);
    reply_scanner_free(pair.replies);
    *lines += pair.lines;
    errno = pair.error;
    return !memory || (pair.failed && pair.error == ENOMEM) ? 0 : pair.failed ? -1 : 1;
}

/* Returns the length of an address with a port at the head of a name ("127.000.000.001.12600",
 * "2001:...:0001.12600"); 0 if there is none. */
static size_t address_at(struct slice text)
{
    size_t size = 0, dots = 0, colons = 0, digits = 0;
    for (; size < text.size; size++) {
        char c = text.data[size];
        bool hex = ascii_digit(c) || (ascii_upper(c) >= 'A' && ascii_upper(c) <= 'F');
        if (c == '.' && ++dots > 0)
            digits = 0;
        else if (c == ':')
            colons++;
        else if (!hex || (digits == 5 && dots == 4) || (digits == 5 && colons > 0 && dots == 1))
            break;
        else
            digits++;
    }
    return digits == 5 && (dots == 4 || (dots == 1 && colons > 1)) ? size : 0;
}

bool tcpflow_other_name(struct slice name, char *other)
{
    size_t from = address_at(name);
    if (from == 0 || from >= name.size || name.data[from] != '-')
        return false;
    struct slice rest = slice_after(name, from + 1);
    size_t to = address_at(rest);
    if (to == 0)
        return false;
    memcpy(other, rest.data, to);
    other[to] = '-';
    memcpy(other + to + 1, name.data, from);
    memcpy(other + to + 1 + from, rest.data + to, rest.size - to); /* "c1": a later connection */
    return true;
}
