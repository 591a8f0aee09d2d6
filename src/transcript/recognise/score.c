/* score.c - pairs commands with replies, just well enough to tell a reading that holds from one that
 * does not. What the dialogue really was is decided later (src/dialogue).
 */
#include "transcript/recognise/score.h"

#include "smtp/look.h"
#include "smtp/reply.h"

/* Lines within which the same text through another mark is a copy. */
#define TWICE_WITHIN 4

static bool is_sync(enum command command)
{
    return command_is_hello(command) || command == COMMAND_AUTH || command == COMMAND_STARTTLS ||
           command == COMMAND_QUIT;
}

static void punish(struct score *score, long points)
{
    score->penalties += points;
}

static void pair(struct score *score, enum command command, int code)
{
    if (command != COMMAND_UNKNOWN && !reply_code_fits(command, code)) {
        punish(score, COST_MISFIT);
        return;
    }
    score->pairs++;
    score->earned += POINTS_PAIR;
    if (reply_shows_smtp(command, code)) {
        score->sure_pairs++;
        score->earned += POINTS_SURE;
    }
}

static struct score_session *session_of(struct score *score, uint64_t key)
{
    for (size_t i = 0; i < score->session_count; i++)
        if (score->sessions[i].key == key)
            return &score->sessions[i];
    if (score->session_count < SCORE_SESSIONS_MAX)
        score->session_count++;
    else
        punish(score, COST_SESSION); /* more keys than a sample of sessions can have */
    struct score_session *session = &score->sessions[score->session_count - 1];
    *session = (struct score_session){.key = key};
    return session;
}

static void begin(struct score *score, struct score_session *session)
{
    if (session->begun)
        return;
    session->begun = true;
    punish(score, COST_SESSION);
}

/* Another session of the same key begins. */
static void restart(struct score *score, struct score_session *session, bool expected)
{
    if (session->begun) {
        punish(score, (long)session->pending_count * COST_UNANSWERED);
        if (session->greeted && !session->spoke && !session->closed)
            punish(score, COST_SILENT);
        else if (session->spoke && !session->closed && !expected)
            punish(score, COST_NO_QUIT);
    }
    *session = (struct score_session){.key = session->key};
    begin(score, session);
}

/* RFC 2033 4.2: after the message LMTP has a reply for each accepted recipient. */
static void end_message(struct score_session *session)
{
    bool several = session->lmtp && session->recipients > 1;
    session->owed = several ? session->recipients - 1 : 0;
    session->mail = session->rcpt = false;
}

/* Follows the transaction; returns false if what was accepted cannot have been. */
static bool in_order(struct score_session *session, enum command command, int code)
{
    bool taken = code < 400, order = true;
    switch (command) {
    case COMMAND_MAIL:
        order = !taken || !session->mail;
        session->recipients = 0;
        session->mail = session->mail || taken;
        session->rcpt = session->rcpt && !taken;
        break;
    case COMMAND_RCPT:
        order = !taken || session->mail;
        session->rcpt = session->rcpt || taken;
        session->recipients += taken;
        break;
    case COMMAND_DATA:
        order = !taken || session->rcpt;
        session->orphaned = !taken;
        session->content = taken;
        break;
    case COMMAND_END_OF_DATA:
    case COMMAND_BDAT_LAST:
        end_message(session);
        break;
    case COMMAND_RSET:
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        session->lmtp = command == COMMAND_LHLO || (command == COMMAND_RSET && session->lmtp);
        session->mail = session->rcpt = false;
        break;
    default:
        break;
    }
    return order;
}

static void take_out(struct score_session *session, size_t index)
{
    session->pending_count--;
    memmove(session->pending + index, session->pending + index + 1,
            (session->pending_count - index) * sizeof session->pending[0]);
}

/* The oldest pending command that is this one; pending_count: none. */
static size_t find_pending(const struct score_session *session, enum command command)
{
    size_t index = 0;
    while (index < session->pending_count && session->pending[index] != command)
        index++;
    return index;
}

static void push(struct score *score, struct score_session *session, enum command command)
{
    if (session->greeted && !session->spoke)
        pair(score, COMMAND_CONNECT, 220);
    session->spoke = true;
    for (size_t i = 0; i < session->pending_count; i++)
        if (is_sync((enum command)session->pending[i])) {
            punish(score, COST_NO_WAIT);
            break;
        }
    if (session->pending_count == SCORE_PENDING_MAX) {
        punish(score, COST_UNANSWERED);
        take_out(session, 0);
    }
    session->pending[session->pending_count++] = (uint8_t)command;
}

/* A word in capitals, as private commands have it. */
static bool looks_like_private(struct slice payload)
{
    struct slice word = slice_word(payload);
    for (size_t i = 0; i < word.size; i++)
        if (!((word.data[i] >= 'A' && word.data[i] <= 'Z') || ascii_digit(word.data[i]) ||
              word.data[i] == '-'))
            return false;
    return word.size >= 3 && word.size <= 16;
}

/* Takes off a line what is of a chunk that BDAT has announced (RFC 3030 2): the next command begins right
 * after it. A log that leaves chunks out goes on with the reply, or with the next BDAT. Returns true if all
 * of the line was taken. */
static bool take_chunk(struct score_session *session, struct slice *payload)
{
    uint64_t left = session->chunk_left, octets = payload->size + 2;
    bool left_out = !session->chunk_begun && slice_starts_nocase(*payload, SLICE("BDAT "));
    if (left == 0 || left_out)
        return false;
    session->chunk_begun = true;
    session->chunk_left -= octets < left ? octets : left;
    if (left >= payload->size)
        return true;
    *payload = slice_after(*payload, (size_t)left);
    return false;
}

static void take_client(struct score *score, struct score_session *session, struct slice payload)
{
    if (session->open != 0 && session->pending_count > 0) {
        /* The last line of the reply is not in the log: neither for nor against the reading. */
        punish(score, COST_CODELESS);
        take_out(session, 0);
    }
    session->open = 0;
    if (session->content) {
        /* A dot before more text was a line of the message, unless that text is a command. */
        struct command_line next = command_scan(NULL, payload);
        if (!session->dot || next.command == COMMAND_UNKNOWN || !command_looks_real(&next)) {
            session->dot = slice_equal(payload, SLICE("."));
            return;
        }
        session->content = session->dot = false;
        push(score, session, COMMAND_END_OF_DATA);
    }
    begin(score, session);
    if (session->answering) {
        session->answering = false;
        push(score, session, COMMAND_AUTH);
        return;
    }
    struct command_line line = command_scan(NULL, payload);
    enum command command = line.command;
    if (command != COMMAND_UNKNOWN && (!session->orphaned || command != COMMAND_HELP)) {
        if (session->closed && command_is_hello(command))
            restart(score, session, true);
        session->orphaned = session->orphaned && command == COMMAND_END_OF_DATA;
        session->verbless = false;
        session->chunk = command == COMMAND_BDAT || command == COMMAND_BDAT_LAST;
        session->chunk_left = session->chunk ? line.octets : 0;
        session->chunk_begun = false;
        score->commands++;
        push(score, session, command);
    } else if (session->orphaned || session->chunk) {
        session->verbless = session->orphaned;
    } else if (looks_like_private(payload)) {
        push(score, session, COMMAND_UNKNOWN);
    } else {
        session->verbless = true;
        punish(score, COST_VERBLESS);
    }
}

/* A final reply that no pending command is the obvious cause of. */
static void take_unasked(struct score *score, struct score_session *session, int code)
{
    bool first = !score->any_reply;
    if (code == 220 || (!session->begun && (code == 421 || code == 554) && !session->verbless)) {
        bool elsewhere = session->greeted && session->spoke && !session->closed &&
                         session->greeting_mark != score->mark;
        restart(score, session, false);
        if (elsewhere) /* "220 connections" in another line of the log */
            punish(score, COST_TWICE);
        session->greeted = true;
        session->greeting_mark = score->mark;
        session->closed = code != 220;
        score->greeted++;
        return;
    }
    begin(score, session);
    if (session->verbless && code >= 500) { /* the line was an unknown command */
        session->spoke = true;
        punish(score, COST_REFUSED - COST_VERBLESS);
        score->pairs++;
        score->earned += POINTS_PAIR;
        session->verbless = false;
    } else if (code == 235 || code == 334 || code == 535) {
        session->spoke = true; /* the log hides the AUTH */
    } else if (code == 221 || code == 421) {
        session->closed = true; /* or the QUIT, or the server has lost patience */
        if (!session->spoke)
            punish(score, first ? COST_UNASKED_FIRST : COST_UNASKED);
    } else {
        punish(score, first ? COST_UNASKED_FIRST : COST_UNASKED);
    }
}

static void take_final(struct score *score, struct score_session *session, struct slice payload)
{
    size_t index = 0;
    int code = reply_code(payload);
    score->replies++;
    if (session->hello && session->pending_count == 0 && code == 250 &&
        looks_like_extension(payload))
        return; /* each line of the reply to EHLO has a blank after its code */
    session->hello = false;
    if (session->owed > 0) {
        session->owed--;
        pair(score, COMMAND_END_OF_DATA, code);
        return;
    }
    if (session->content) {
        /* The message is over, whether its dot is shown or not. */
        session->content = false;
        end_message(session);
        pair(score, COMMAND_END_OF_DATA, code);
        return;
    }
    if (code == 354)
        index = find_pending(session, COMMAND_DATA);
    else if (code == 221)
        index = find_pending(session, COMMAND_QUIT);
    else if (code == 220)
        index = find_pending(session, COMMAND_STARTTLS);
    else if (code == 235 || code == 334 || code == 535)
        index = find_pending(session, COMMAND_AUTH);
    if (index >= session->pending_count) {
        take_unasked(score, session, code);
        return;
    }
    enum command command = (enum command)session->pending[index];
    take_out(session, index);
    if (command == COMMAND_UNKNOWN)
        punish(score, code >= 500 ? COST_REFUSED : COST_UNKNOWN);
    pair(score, command, code);
    if (!in_order(session, command, code))
        punish(score, COST_DISORDER);
    if ((command == COMMAND_ATRN || command == COMMAND_TURN) && code == 250) {
        *session = (struct score_session){.key = session->key, .turned = !session->turned};
        return;
    }
    session->closed = session->closed || code == 421 || (command == COMMAND_QUIT && code < 400);
    session->answering = code == 334;
    session->hello = command_is_hello(command);
    session->content = session->content || code == 354;
    session->dot = false;
}

static void take_server(struct score *score, struct score_session *session, struct slice payload)
{
    if (!looks_like_reply(payload)) {
        punish(score, COST_CODELESS);
        score->codeless += COST_CODELESS;
        return;
    }
    session->chunk_left = 0;
    int code = reply_code(payload);
    bool more = payload.size > 3 && payload.data[3] == '-';
    if (payload.size <= 4)
        punish(score, COST_WORDLESS);
    session->open = more ? code : 0;
    if (!more)
        take_final(score, session, payload);
    score->any_reply = true;
}

/* Returns true if the text has come on this side a few lines ago, through another mark. */
static bool is_copy(struct score *score, const struct line *line, unsigned mark)
{
    uint64_t text = slice_hash(SLICE_HASH, line->payload);
    /* "??? 250" before "<<< 250 OK": a script says what it expects. */
    uint64_t code = slice_hash(SLICE_HASH, slice_head(line->payload, 3));
    uint64_t head = slice_hash(SLICE_HASH, slice_head(line->payload, 4));
    bool reply = line->side == SIDE_SERVER && looks_like_reply(line->payload), copy = false;
    for (size_t i = 0; i < SCORE_RECENT_MAX; i++)
        copy = copy ||
               ((score->recent[i].text == text ||
                 (reply && (score->recent[i].text == code || score->recent[i].text == head))) &&
                score->recent[i].side == line->side && score->recent[i].mark != mark &&
                line->number - score->recent[i].line <= TWICE_WITHIN);
    size_t at = score->recent_at++ % SCORE_RECENT_MAX;
    score->recent[at].text = text;
    score->recent[at].line = line->number;
    score->recent[at].side = line->side;
    score->recent[at].mark = mark;
    return copy;
}

/* A dot before the server has spoken: the recording begins inside a message, and so far all was its text. Or
 * all was sent in one go: then EHLO or DATA stands before the lines that are no commands. */
static void forget_unseen_message(struct score *score, struct score_session *session)
{
    if (session->asked)
        return;
    score->penalties -= session->early;
    score->commands -= session->early_commands;
    *session = (struct score_session){.key = session->key};
}

/* A client's line, before the server has spoken. */
static void take_early(struct score *score, struct score_session *session, struct slice payload,
                       long penalties)
{
    unsigned commands = score->commands;
    enum command command = command_scan(NULL, payload).command;
    if (command == COMMAND_END_OF_DATA)
        forget_unseen_message(score, session);
    session->told = session->told || command == COMMAND_UNKNOWN;
    if (command == COMMAND_UNKNOWN && looks_like_reply(payload))
        session->asked = false; /* the client sends one in a message only */
    else if (!session->told && (command == COMMAND_DATA || command_is_hello(command)))
        session->asked = true;
    take_client(score, session, payload);
    session->early += score->penalties - penalties;
    session->early_commands += score->commands - commands;
}

void score_line(struct score *score, const struct line *line, unsigned mark)
{
    if (line->side == SIDE_NOTE && (line->note == NOTE_SESSION || line->note == NOTE_END)) {
        struct score_session *session = session_of(score, line->session);
        punish(score, (long)session->pending_count * COST_CUT);
        *session = (struct score_session){.key = session->key};
        return;
    }
    if (line->side != SIDE_CLIENT && line->side != SIDE_SERVER)
        return;
    struct line trimmed = *line;
    struct score_session *session = session_of(score, line->session);
    long penalties = score->penalties;
    if (line->side == SIDE_CLIENT && take_chunk(session, &trimmed.payload))
        return;
    trimmed.payload = slice_trim(trimmed.payload);
    if (trimmed.payload.size >= 3 && !session->content && is_copy(score, &trimmed, mark))
        punish(score, COST_TWICE);
    score->mark = mark;
    if ((line->side == SIDE_CLIENT) == session->turned) {
        take_server(score, session, trimmed.payload);
        session->heard = true;
    } else if (session->heard) {
        take_client(score, session, trimmed.payload);
    } else {
        take_early(score, session, trimmed.payload, penalties);
    }
}

long score_finish(struct score *score)
{
    bool lonely = false;
    for (size_t i = 0; i < score->session_count; i++) {
        const struct score_session *session = &score->sessions[i];
        punish(score, (long)session->pending_count * COST_CUT);
        if (session->greeted && session->spoke)
            score->earned += POINTS_GREETED;
        lonely = lonely || (session->greeted && !session->spoke);
    }
    score->earned += lonely ? POINTS_LONELY : 0;
    return score->earned - score->penalties;
}
