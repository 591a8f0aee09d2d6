/* turns.c - whose turn it is. */
#include "transcript/formats/turns.h"

#include "smtp/reply.h"

void turns_restart(struct turns *turns)
{
    *turns = (struct turns){
        .messages_shown = turns->messages_shown,
        .last = COMMAND_COUNT,
        .proofs = turns->proofs,
    };
}

/* Returns true for codes that servers of SMTP use. Other numbers are just numbers if no reply is
 * due. */
static bool code_is_known(int code)
{
    if (code >= 400)
        return reply_code_valid(code);
    return (code >= 250 && code <= 253) || code == 354 || code == 334 || code == 220 ||
           code == 221 || code == 235 || code == 211 || code == 214 || code == 200;
}

/* "250-more", "250 last", "250". */
static enum turn reply_turn(const struct turns *turns, struct slice line)
{
    int code = reply_code(line);
    bool due = turns->pending > 0 || turns->follower.open != 0;
    if (code < 0 || !(due ? reply_code_valid(code) : code_is_known(code)) ||
        (line.size == 3 && !due))
        return TURN_TEXT;
    char separator = line.size > 3 ? line.data[3] : ' ';
    if (separator == '-')
        return TURN_REPLY;
    return separator == ' ' ? TURN_REPLY_LAST : TURN_TEXT;
}

/* Returns true if the line can hold a verb at all; few lines of a message can. */
static bool may_be_command(struct slice line)
{
    char first = line.size > 0 ? ascii_upper(line.data[0]) : '\0';
    return (first >= 'A' && first <= 'Z') || (line.size == 1 && first == '.');
}

static bool real_command(struct slice line, struct command_line *command)
{
    if (!may_be_command(line))
        return false;
    *command = command_scan(NULL, line);
    return command_looks_real(command);
}

/* "Subject: hello" (RFC 5322 2.2). */
static bool is_header_field(struct slice line)
{
    size_t size = 0;
    while (size < line.size && line.data[size] > ' ' && line.data[size] != ':')
        size++;
    return size > 0 && size < line.size && line.data[size] == ':' && !ascii_digit(line.data[0]);
}

enum turn turns_of(const struct turns *turns, struct slice line)
{
    bool dot = line.size == 1 && line.data[0] == '.';
    enum turn reply = reply_turn(turns, line);
    if (turns->follower.content) {
        /* Some logs leave the message out, dot and all: then its reply comes next. */
        if (turns->content_begins && !turns->messages_shown && reply != TURN_TEXT)
            return reply;
        return dot ? TURN_DOT : TURN_CONTENT;
    }
    struct command_line command;
    if (turns->follower.chunk_left > 0) {
        if (!turns->chunk_begins)
            return TURN_CONTENT;
        if (reply != TURN_TEXT)
            return reply;
        bool next = real_command(line, &command) && line.size + 2 < turns->follower.chunk_left &&
                    (command.command == COMMAND_BDAT || command.command == COMMAND_BDAT_LAST ||
                     command.command == COMMAND_QUIT || command.command == COMMAND_RSET);
        return next ? TURN_COMMAND : TURN_CONTENT;
    }
    if (reply != TURN_TEXT)
        return reply;
    if (turns->follower.answer)
        return TURN_ANSWER;
    if (dot)
        return TURN_DOT;
    if (real_command(line, &command))
        return TURN_COMMAND;
    /* A message begins with its header: other lines before the 354 are a terminal's or a program's. */
    return turns->data && (turns->early || is_header_field(line)) ? TURN_CONTENT : TURN_TEXT;
}

/* Returns true if MAIL or RCPT has a path and parameters, and no words after them as in a
 * sentence. */
static bool is_exact(const struct command_line *command)
{
    if (command->command != COMMAND_MAIL && command->command != COMMAND_RCPT)
        return true;
    struct slice rest = slice_after(command->argument, slice_find(command->argument, '>') + 1);
    rest = slice_trim(rest);
    return rest.size == 0 || slice_find(rest, '=') < rest.size ||
           slice_equal_nocase(rest, SLICE("SMTPUTF8"));
}

void turns_take_command(struct turns *turns, struct slice line)
{
    struct command_line command = command_scan(NULL, line);
    follower_command(&turns->follower, &command);
    turns->under_way = true;
    turns->greeted = false;
    turns->last = command.command;
    turns->last_is_exact = is_exact(&command);
    turns->pending++;
    turns->chunk_begins = turns->follower.chunk_left > 0;
    if (command.command == COMMAND_DATA) {
        turns->data = true;
        turns->dot = false;
    } else if (command_is_hello(command.command)) {
        turns->lmtp = command.command == COMMAND_LHLO;
    }
}

/* Returns true if SMTP, and nothing that resembles it, answers this command so. FTP, NNTP and
 * others have codes and commands in common with it. */
static bool proves_smtp(enum command command, int code)
{
    switch (command) {
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
    case COMMAND_END_OF_DATA:
        return code == 250;
    case COMMAND_MAIL:
    case COMMAND_RCPT:
        return code == 250 || code == 251 || code >= 400;
    case COMMAND_DATA:
        return code == 354;
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
        return code == 250;
    case COMMAND_STARTTLS:
        return code == 220;
    default:
        return false;
    }
}

static void take_reply(struct turns *turns, struct slice line, bool last)
{
    int code = reply_code(line);
    struct follower *follower = &turns->follower;
    bool content = follower->content;
    if (follower->open == 0)
        turns->proofs += (turns->last_is_exact && proves_smtp(turns->last, code)) ||
                         (turns->data && code == 354);
    follower_take(follower, SIDE_SERVER, line);
    follower->chunk_left = 0;
    if (!last)
        return;
    if (turns->pending == 0 && code == 220) {
        turns_restart(turns);
        turns->under_way = turns->greeted = true;
    } else {
        turns->greeted = false;
    }
    if (code == 334)
        return;
    if (turns->pending > 0 && !content)
        turns->pending--;
    if (code == 354) {
        follower->content = turns->content_begins = turns->data && !turns->dot;
        turns->data = turns->early = turns->dot = false;
    } else if (turns->pending == 0) {
        turns->data = turns->early = turns->dot = false;
    }
    if (!turns->lmtp || turns->last != COMMAND_END_OF_DATA)
        turns->last = turns->pending > 0 ? turns->last : COMMAND_COUNT;
    if (code == 421 || (code == 221 && turns->pending == 0))
        turns->under_way = false;
}

static void take_content(struct turns *turns, struct slice line)
{
    turns->content_begins = turns->chunk_begins = false;
    turns->early = turns->data;
    if (turns->follower.content || turns->follower.chunk_left > 0)
        follower_take(&turns->follower, SIDE_CLIENT, line);
}

void turns_take(struct turns *turns, enum turn turn, struct slice line)
{
    switch (turn) {
    case TURN_REPLY:
    case TURN_REPLY_LAST:
        take_reply(turns, line, turn == TURN_REPLY_LAST);
        break;
    case TURN_COMMAND:
        turns_take_command(turns, line);
        break;
    case TURN_DOT:
        turns->dot = turns->data;
        turns->follower.content = turns->content_begins = false;
        turns->last = COMMAND_END_OF_DATA;
        turns->last_is_exact = true;
        turns->under_way = true;
        turns->pending++;
        break;
    case TURN_CONTENT:
        take_content(turns, line);
        break;
    case TURN_ANSWER:
        turns->follower.answer = false;
        break;
    case TURN_TEXT:
        turns->last = COMMAND_COUNT;
        break;
    }
}

bool turns_unasked(const struct turns *turns, struct slice reply)
{
    int code = reply_code(reply);
    if (!turns->under_way || turns->pending > 0 || turns->follower.open != 0 ||
        turns->follower.content)
        return false;
    if (turns->lmtp && turns->last == COMMAND_END_OF_DATA)
        return false;
    /* A new session, or the server hangs up (RFC 5321 3.8). */
    return code != 220 && code != 421;
}
