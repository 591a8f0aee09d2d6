/* script.c - makes up sessions: commands that follow one another or do not, groups of them, replies
 * that fit or do not.
 */
#include "script.h"

#include <stdio.h>

#include "smtp/command.h"

#define GROUPS_MAX 10
#define GROUP_MAX  5

#define PICK(table, feed) ((table)[feed_next(feed) % (sizeof(table) / sizeof(table)[0])])

unsigned feed_next(struct feed *feed)
{
    if (feed->size == 0)
        return 0;
    feed->size--;
    return *feed->data++;
}

/* The making of a session. */
struct making {
    struct script *script;
    struct feed *feed;
    struct command_scanner *scanner;
    enum command last; /* command that was accepted: what follows it sensibly */
    bool over;         /* no more room, or the connection is closed */
    bool goodbye;  /* 221: in a text what follows is another connection, among packets it is none */
    bool calm;     /* every command is answered, by a reply that is one */
    bool starttls; /* has been sent */
    bool grouped;  /* the commands were sent together */
};

static void add_line(struct making *making, bool server, bool message, const char *text)
{
    struct script *script = making->script;
    size_t size = strlen(text);
    if (script->count == SCRIPT_LINES_MAX || SCRIPT_TEXT_MAX - script->size < size) {
        making->over = true;
        return;
    }
    memcpy(script->text + script->size, text, size);
    script->lines[script->count++] = (struct script_line){
        .text = {script->text + script->size, size}, .server = server, .message = message};
    script->size += size;
}

static void server_says(struct making *making, int code, char separator, const char *text)
{
    char line[200];
    making->script->tls = making->script->tls || (making->starttls && code == 220);
    snprintf(line, sizeof line, "%03d%c%s", code, separator, text);
    add_line(making, true, false, line);
}

/* Codes that replies have, at the right place or not. */
static const int codes[] = {250, 550, 503, 354, 251, 551, 252, 421, 220, 221, 235,
                            334, 450, 451, 452, 500, 501, 502, 504, 530, 535, 552,
                            553, 554, 214, 211, 253, 299, 200, 600, 199, 0};

static const char *const texts[] = {
    "2.1.0 Ok",
    "Ok",
    "5.5.1 Error: nested MAIL command",
    "it's \"quoted\" & <b@example.net>",
    "User not local; will forward to <moved@example.net>",
    "back\\slash\tand tab",
    "caf\xc3\xa9",
};

static const char *const offers[] = {"PIPELINING", "STARTTLS", "AUTH PLAIN LOGIN", "CHUNKING",
                                     "SIZE 1000",  "8BITMIME", "SMTPUTF8",         "DSN"};

/* What a server that is content says to the command. */
static int fitting_code(const struct command_line *command)
{
    switch (command->command) {
    case COMMAND_DATA:
        return 354;
    case COMMAND_QUIT:
        return 221;
    case COMMAND_STARTTLS:
        return 220;
    case COMMAND_HELP:
        return 214;
    case COMMAND_VRFY:
        return 252;
    case COMMAND_UNKNOWN:
        return 500;
    case COMMAND_AUTH:
        return command->argument.size > 6 ? 235 : 334;
    default:
        return 250;
    }
}

/* A reply of several lines; the last line may be missing, or have another code. */
static void long_reply(struct making *making, int code)
{
    unsigned shape = feed_next(making->feed) % (making->calm ? 224 : 256);
    unsigned offered = feed_next(making->feed);
    server_says(making, code, '-', "mx.example.com");
    for (unsigned i = 0; i < sizeof offers / sizeof offers[0]; i++)
        if (offered >> i & 1)
            server_says(making, code, '-', offers[i]);
    if (shape < 240)
        server_says(making, shape < 224 ? code : code + 1, ' ', "HELP");
}

static void reply(struct making *making, int code)
{
    unsigned shape = feed_next(making->feed) % (making->calm ? 224 : 256);
    if (shape < 160)
        server_says(making, code, ' ', PICK(texts, making->feed));
    else if (shape < 224)
        long_reply(making, code);
    else if (shape < 232)
        add_line(making, true, false, "what is this");
    else if (shape < 240)
        return; /* none */
    else
        for (unsigned i = 0; i < shape - 238; i++)
            server_says(making, code, ' ', "again");
}

/* The code of the reply to a command: what fits, mostly. */
static int choose_code(struct making *making, const struct command_line *command)
{
    static const int refusals[] = {550, 503, 551, 421, 450, 451, 452, 500, 501, 502, 504, 530, 554};
    if (feed_next(making->feed) < 176)
        return fitting_code(command);
    return making->calm ? PICK(refusals, making->feed) : PICK(codes, making->feed);
}

/* A reply with this code may end the connection. */
static void note_end(struct making *making, int code)
{
    making->over = making->over || code == 421 || code == 221;
    making->goodbye = making->goodbye || code == 221;
}

/* A message, or what is sent for one. */
static void message(struct making *making)
{
    static const char *const lines[] = {
        "Subject: test",
        "",
        "text",
        "..stuffed",
        "MAIL FROM:<in@example.org>",
        "QUIT",
        "250 like a reply",
        "DATA",
        "<b>&amp;</b>",
        "C: S: ",
        "it's \"quoted\"",
        "RSET",
    };
    for (unsigned count = feed_next(making->feed) % 6; count > 0; count--)
        add_line(making, false, true, PICK(lines, making->feed));
    bool dot = feed_next(making->feed) < 248 || making->calm;
    if (dot)
        add_line(making, false, true, ".");
    making->script->odd_message = making->script->odd_message || making->grouped;
    static const struct command_line end = {.command = COMMAND_END_OF_DATA};
    int code = choose_code(making, &end);
    reply(making, code);
    note_end(making, code);
    making->last = COMMAND_RSET;
}

/* What follows an answered command. */
static void follow(struct making *making, const struct command_line *command, int code)
{
    note_end(making, code);
    if (command->command == COMMAND_DATA && code == 354)
        message(making);
    for (int i = 0; command->command == COMMAND_AUTH && code == 334 && i < 3; i++) {
        add_line(making, false, false, "c2VjcmV0");
        code = feed_next(making->feed) < 128 || making->calm ? 235 : PICK(codes, making->feed);
        reply(making, code);
    }
    if (code / 100 == 2)
        making->last = command->command;
}

/* What a client does next that knows what it does. */
static const char *sensible(const struct making *making)
{
    switch (making->last) {
    case COMMAND_CONNECT:
        return "EHLO client.example.org";
    case COMMAND_MAIL:
        return "RCPT TO:<b@example.com>";
    case COMMAND_RCPT:
        return "DATA";
    default:
        return "MAIL FROM:<a@example.org>";
    }
}

static const char *next_command(struct making *making)
{
    static const char *const commands[] = {
        "MAIL FROM:<a@example.org>",
        "RCPT TO:<b@example.com>",
        "DATA",
        "RSET",
        "QUIT",
        "EHLO client.example.org",
        "HELO client.example.org",
        "LHLO client.example.org",
        "NOOP",
        "mail from:<> SIZE=100 BODY=8BITMIME",
        "rcpt to:<c@example.com> NOTIFY=NEVER",
        "MAIL FROM:<caf\xc3\xa9@example.org> SMTPUTF8",
        "RCPT TO:<\"quoted one\"@example.com>",
        "BDAT 12",
        "BDAT 12 LAST",
        "BDAT 0 LAST",
        "VRFY bob",
        "EXPN list",
        "HELP",
        "STARTTLS",
        "AUTH PLAIN AGEAYg==",
        "AUTH LOGIN",
        "ETRN example.com",
        "XCLIENT ADDR=192.0.2.1",
        "XFORWARD NAME=x",
        "FROB",
        "XYZZY plugh",
        "MAIL",
        "RCPT",
        "NOOP text",
        "data",
        "EHLO",
    };
    return feed_next(making->feed) < 128 ? sensible(making) : PICK(commands, making->feed);
}

/* Commands that are sent together, and the replies to them. */
static void group(struct making *making)
{
    unsigned shape = feed_next(making->feed);
    size_t count = shape < 160 || making->script->lockstep ? 1 : shape % GROUP_MAX + 1;
    struct command_line commands[GROUP_MAX];
    making->grouped = count > 1;
    for (size_t i = 0; i < count && !making->over; i++) {
        const char *text = next_command(making);
        commands[i] = command_scan(making->scanner, slice_of(text));
        add_line(making, false, false, text);
        making->starttls = making->starttls || commands[i].command == COMMAND_STARTTLS;
        if (commands[i].octets > 0 || commands[i].command == COMMAND_UNKNOWN)
            making->script->odd_message = true;
        if (commands[i].octets > 0)
            add_line(making, false, true, "ten octets");
        if (count > 1 && commands[i].command != COMMAND_AUTH)
            making->last = commands[i].command;
    }
    for (size_t i = 0; i < count && !making->over; i++) {
        int code = choose_code(making, &commands[i]);
        reply(making, code);
        follow(making, &commands[i], code);
    }
}

void script_make(struct script *script, struct feed *feed)
{
    struct making making = {
        .script = script,
        .feed = feed,
        .scanner = command_scanner_new(),
        .last = COMMAND_CONNECT,
    };
    script->count = script->size = 0;
    script->tls = false;
    unsigned manner = feed_next(feed) % 4;
    script->calm = making.calm = manner < 2;
    script->lockstep = manner < 1;
    script->odd_message = !script->calm;
    unsigned greeting = feed_next(feed);
    script->greeted = greeting < 224;
    if (script->greeted)
        server_says(&making, 220, ' ', "mx.example.com ESMTP");
    else if (greeting < 240)
        reply(&making, making.calm ? 554 : PICK(codes, feed));
    for (int i = 0; making.scanner && i < GROUPS_MAX && feed->size > 0; i++) {
        group(&making);
        /* A hello after the end can be the first command of another connection; its reply tells. */
        if (making.over && (script->lockstep || making.goodbye || feed_next(feed) < 192))
            break;
        making.over = script->count == SCRIPT_LINES_MAX;
    }
    command_scanner_free(making.scanner);
}
