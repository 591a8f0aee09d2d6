/* conversation.c - keeps the conversations of a recording apart.
 */
#include "check/exchange.h"

#include <stdlib.h>

#include "check/labels.h"
#include "smtp/look.h"

static const struct server_set no_servers;

/* The memory counted for a line on top of its octets. */
#define LINE_COUNTS  64
/* After so many octets of lines the memory of all conversations is added up. */
#define ADD_UP_EVERY ((size_t)1 << 20)

static void on_begin(void *context, uint64_t line, bool from_start)
{
    struct conversation *conversation = context;
    conversation->session_number = conversation->sink->begin(conversation->sink->context);
    conversation->open = true;
    conversation->first_line = line;
    conversation->exchanges = 0;
    auth_watch_restart(&conversation->watch);
    message_text_forget(&conversation->message);
    outcome_begin(&conversation->outcome);
    conversation->outcome.from_start = from_start || conversation->connecting.silent;
    conversation->timeline = (struct timeline){0};
    conversation->error_line = 0;
    conversation->error_rule = NULL;
    conversation->findings = conversation->once_findings = 0;
    label_session(conversation);
    conversation->doubt = (struct doubt){0};
    conversation->unreadable = false;
    for (size_t i = 0; i < conversation->servers->count; i++)
        server_start(&conversation->replays[i], conversation->servers->tables[i]);
    session_start(&conversation->session, from_start);
    if (!judge_begin(conversation->judge, conversation->session_number))
        conversation->no_memory = true;
}

static void on_exchange(void *context, const struct exchange *exchange)
{
    conversation_exchange(context, exchange);
}

static void on_stray(void *context, const struct stray *stray)
{
    struct conversation *conversation = context;
    if (conversation->no_memory || conversation->protocol != PROTOCOL_SMTP)
        return;
    auth_watch_stray(&conversation->watch, stray);
    message_text_compare(&conversation->message, conversation->all->secrets, stray->reply.text);
    if (stray->kind == STRAY_CLOSING && conversation->sink->closing)
        conversation->sink->closing(conversation->sink->context,
                                    machine_state(&conversation->session.machine),
                                    stray->location.line);
    if (stray->kind == STRAY_CLOSING) {
        outcome_closing(&conversation->outcome, stray);
        session_close(&conversation->session, stray->location.line, stray->reply.code);
    }
    bool contradicts = doubt_stray(&conversation->doubt, stray);
    if (!judge_stray(conversation->judge, &conversation->session, stray))
        conversation->no_memory = true;
    if (contradicts) {
        struct line_view line = view_place(&stray->location);
        conversation_contradict(conversation, &line);
    }
}

static void on_observation(void *context, const struct observation *observation)
{
    struct conversation *conversation = context;
    if (observation->kind == OBSERVED_ANSWER)
        auth_watch_answer(&conversation->watch, observation);
    if (!conversation->no_memory && conversation->protocol == PROTOCOL_SMTP &&
        !judge_observation(conversation->judge, &conversation->session, observation))
        conversation->no_memory = true;
}

/* Passes a finding on. The first error of the client says whether its session was in order. */
static void on_finding(void *context, struct finding *finding)
{
    struct conversation *conversation = context;
    bool error = finding->severity == SEVERITY_ERROR && finding->fault == FAULT_CLIENT;
    if (error && (conversation->error_line == 0 || finding->line < conversation->error_line)) {
        conversation->error_line = finding->line;
        conversation->error_rule = finding->rule->name;
    }
    conversation->once_findings += (finding->rule->needs & ONCE_A_FILE) != 0;
    conversation->findings += (finding->rule->needs & ONCE_A_FILE) == 0;
    finding->label = conversation->label;
    conversation->sink->finding(conversation->sink->context, finding);
}

/* Says what became of the session. */
static void tell_outcome(struct conversation *conversation, const struct session_end *end)
{
    struct session_outcome outcome = outcome_of_session(&conversation->outcome, end);
    if (conversation->unreadable || conversation->broken_off)
        outcome = (struct session_outcome){.result = RESULT_UNKNOWN, .greeting_waited = -1};
    bool silent = outcome.reason == REASON_NO_REPLY && outcome.command == COMMAND_CONNECT;
    if (silent && conversation->connecting.known)
        outcome.greeting_waited = conversation->connecting.waited;
    outcome.exchanges = conversation->exchanges;
    outcome.first_line = conversation->first_line;
    outcome.error_line = conversation->error_line;
    outcome.error_rule = conversation->error_rule;
    outcome.label = conversation->label;
    outcome.findings = conversation->findings;
    outcome.once_findings = conversation->once_findings;
    conversation->sink->end(conversation->sink->context, conversation->session_number, &outcome);
}

static void on_end(void *context, const struct session_end *end)
{
    struct conversation *conversation = context;
    conversation->open = false;
    doubt_add(&conversation->doubts, &conversation->doubt);
    if (!conversation->no_memory && !judge_end(conversation->judge, &conversation->session, end))
        conversation->no_memory = true;
    if (conversation->sink->end && conversation->protocol == PROTOCOL_SMTP)
        tell_outcome(conversation, end);
}

static void conversation_free(struct conversation *conversation)
{
    if (!conversation)
        return;
    dialogue_free(conversation->dialogue);
    auth_watch_free(&conversation->watch);
    message_text_free(&conversation->message);
    session_free(&conversation->session);
    outcome_free(&conversation->outcome);
    judge_free(conversation->judge);
    free(conversation->replays);
    free(conversation->predictions);
    free(conversation);
}

/* Makes what all conversations share. Returns false when out of memory. */
static bool prepare(struct conversations *all)
{
    if (all->plan.others.count == 0)
        plan_make(&all->plan);
    if (!all->options.commands)
        all->options.commands = command_scanner_new();
    if (!all->options.replies)
        all->options.replies = reply_scanner_new();
    return all->options.commands && all->options.replies;
}

static struct conversation *conversation_new(const struct conversations *all, uint64_t key)
{
    struct conversation *conversation = calloc(1, sizeof *conversation);
    if (!conversation)
        return NULL;
    conversation->keyed.key = key;
    conversation->sink = &all->sink;
    conversation->all = all;
    conversation->watch.secrets = all->secrets;
    struct dialogue_sink lines = {conversation, on_begin, on_exchange,
                                  on_stray,     on_end,   on_observation};
    struct finding_sink findings = {conversation, on_finding, all->language};
    conversation->dialogue = dialogue_new(&lines, &all->options);
    const struct server_set *servers = all->servers ? all->servers : &no_servers;
    conversation->servers = servers;
    conversation->judge = judge_new(&findings, servers, &all->plan);
    conversation->replays = calloc(servers->count + 1, sizeof *conversation->replays);
    conversation->predictions = calloc(servers->count + 1, sizeof *conversation->predictions);
    if (conversation->dialogue && conversation->judge && conversation->replays &&
        conversation->predictions)
        return conversation;
    conversation_free(conversation);
    return NULL;
}

/* Ends a conversation and adds up what it counted. */
static bool conversation_finish(struct conversations *all, struct conversation *conversation)
{
    bool done = dialogue_finish(conversation->dialogue) && !conversation->no_memory;
    struct dialogue_count counted = dialogue_count(conversation->dialogue);
    all->counted.unplaced += counted.unplaced;
    all->counted.elided += counted.elided;
    doubt_add(&all->doubt, &conversation->doubts);
    conversation_free(conversation);
    return done;
}

/* Too many keys, or too much memory: ends the quarter of the conversations that has been silent
 * longest. */
static bool end_silent(struct conversations *all)
{
    size_t ended = all->table.count / 4;
    struct keyed **list = keyed_table_by_age(&all->table);
    bool done = list != NULL;
    for (size_t i = 0; list && i < ended; i++) {
        struct conversation *silent = (struct conversation *)list[i];
        keyed_table_remove(&all->table, list[i]);
        all->given_up += silent->open;
        silent->broken_off = true;
        done = dialogue_break_off(silent->dialogue) && done;
        done = conversation_finish(all, silent) && done;
    }
    free(list);
    return done;
}

static size_t memory_of(const struct conversation *conversation)
{
    size_t words = conversation->watch.words ? sizeof *conversation->watch.words : 0;
    return sizeof *conversation + words + conversation->message.octets.capacity +
           dialogue_memory(conversation->dialogue) + judge_memory(conversation->judge) +
           session_memory(&conversation->session) + outcome_memory(&conversation->outcome) +
           conversation->servers->count *
               (sizeof *conversation->replays + sizeof *conversation->predictions);
}

/* Keeps the memory of all conversations within its bound. False when out of memory. */
static bool keep_within_bound(struct conversations *all)
{
    size_t sum = 0;
    all->taken = 0;
    for (size_t i = 0; i < all->table.capacity; i++)
        if (all->table.slots[i])
            sum += memory_of((struct conversation *)all->table.slots[i]);
    return sum <= CONVERSATIONS_MEMORY || end_silent(all);
}

static struct conversation *find(struct conversations *all, uint64_t key)
{
    struct conversation *conversation = (struct conversation *)keyed_table_find(&all->table, key);
    if (conversation)
        return conversation;
    if (!prepare(all))
        return NULL;
    if (all->table.count >= CONVERSATIONS_MAX && !end_silent(all))
        return NULL;
    conversation = conversation_new(all, key);
    if (conversation && keyed_table_add(&all->table, &conversation->keyed))
        return conversation;
    conversation_free(conversation);
    return NULL;
}

/* From this line on another protocol is spoken: what has been said of it is not judged. */
static bool turn_foreign(struct conversations *all, struct conversation *conversation,
                         enum protocol protocol)
{
    conversation->protocol = protocol;
    all->foreign[protocol]++;
    all->foreign_begun += conversation->open;
    return dialogue_break_off(conversation->dialogue);
}

/* Returns true if the line begins a session of SMTP, whatever was spoken before. */
static bool begins_smtp(const struct line *line)
{
    if (line->side == SIDE_SERVER)
        return slice_starts(line->payload, SLICE("220"));
    return line->side == SIDE_CLIENT && command_is_hello(command_scan(NULL, line->payload).command);
}

/* Follows which protocol is spoken. Only a session that has not said anything of SMTP but a greeting can
 * turn out to be of another one. Returns true if the line is of another protocol. */
static bool is_foreign(struct conversations *all, struct conversation *conversation,
                       const struct line *line)
{
    bool fresh = !conversation->open || conversation->exchanges <= 1;
    if (conversation->protocol != PROTOCOL_SMTP) {
        if (begins_smtp(line) || (line->side == SIDE_NOTE && line->note == NOTE_SESSION))
            conversation->protocol = PROTOCOL_SMTP;
    } else if (line->side == SIDE_SERVER && fresh) {
        enum protocol protocol = foreign_answer(line->payload);
        if (!conversation->open)
            conversation->names_smtp = foreign_names_smtp(line->payload);
        if (protocol != PROTOCOL_SMTP && !turn_foreign(all, conversation, protocol))
            conversation->no_memory = true;
    } else if (line->side == SIDE_CLIENT && conversation->open && conversation->exchanges == 1 &&
               !conversation->names_smtp && foreign_is_ftp(line->payload)) {
        if (!turn_foreign(all, conversation, PROTOCOL_FTP))
            conversation->no_memory = true;
    }
    return conversation->protocol != PROTOCOL_SMTP;
}

/* Passes a line on: one of a side, or that there was a message. Of a line without a mark the dialogue knows
 * whose it is: the client's in a message, else the server's where it goes on with a reply. */
static void tell_line(const struct conversation *conversation, const struct line *line,
                      bool in_text)
{
    struct line said = *line;
    bool is_reply = looks_like_reply(line->payload);
    if (conversation->protocol != PROTOCOL_SMTP)
        return;
    if (line->side == SIDE_UNMARKED)
        said.side = in_text ? SIDE_CLIENT : SIDE_SERVER;
    if ((line->side == SIDE_UNMARKED && !in_text && !is_reply) ||
        (line->side == SIDE_NOTE && (line->note != NOTE_CONTENT || !in_text)))
        return;
    bool content = in_text && said.side == SIDE_CLIENT;
    conversation->sink->line(conversation->sink->context, conversation->session_number, &said,
                             content);
}

bool conversations_line(struct conversations *all, const struct line *line)
{
    all->taken += line->raw.size + LINE_COUNTS;
    if (all->taken > ADD_UP_EVERY && !keep_within_bound(all))
        return false;
    struct conversation *conversation = find(all, line->session);
    if (!conversation)
        return false;
    conversation->keyed.touched = line->number;
    conversation->line = line;
    struct line heading;
    if (line->side == SIDE_NOTE || line->side == SIDE_UNMARKED) {
        auth_watch_note(&conversation->watch, line->raw);
        if (take_heading(all, conversation, line)) {
            heading = *line;
            heading.side = SIDE_NOTE;
            heading.note = NOTE_TEST;
            line = &heading;
        }
    }
    if (begins_test(line) && !take_test(all, conversation, line))
        return false;
    if (line->side == SIDE_NOTE)
        take_connection(conversation, line);
    else if (line->side == SIDE_SERVER)
        conversation->connecting.open = false;
    if (line->side == SIDE_NOTE && line->note == NOTE_END) {
        keyed_table_remove(&all->table, &conversation->keyed);
        return conversation_finish(all, conversation);
    }
    bool in_text = all->sink.line && dialogue_in_text(conversation->dialogue);
    /* A line before the 354 may be of the message although it is read as a note. */
    if (line->side != SIDE_SERVER && dialogue_takes_message(conversation->dialogue))
        message_text_add(&conversation->message, all->secrets,
                         line->side == SIDE_NOTE ? line->raw : line->payload);
    bool done = (line->side != SIDE_UNMARKED && is_foreign(all, conversation, line)) ||
                dialogue_line(conversation->dialogue, line);
    conversation->line = NULL;
    if (all->sink.line)
        tell_line(conversation, line, in_text);
    return done && !conversation->no_memory;
}

bool conversations_pair(struct conversations *all, const struct line *command,
                        const struct line *reply, bool *taken)
{
    struct conversation *conversation = (struct conversation *)all->table.last;
    *taken = false;
    if (!conversation || all->sink.line || conversation->keyed.key != command->session ||
        command->session != reply->session || all->taken > ADD_UP_EVERY || begins_test(command) ||
        conversation->exchanges <= 1 || conversation->protocol != PROTOCOL_SMTP)
        return true;
    conversation->line = reply;
    bool done = dialogue_pair(conversation->dialogue, command, reply, taken);
    conversation->line = NULL;
    if (!done)
        return false;
    if (*taken) {
        all->taken += command->raw.size + reply->raw.size + 2 * LINE_COUNTS;
        conversation->keyed.touched = reply->number;
    }
    return !conversation->no_memory;
}

bool conversations_in_text(const struct conversations *all)
{
    const struct conversation *last = (const struct conversation *)all->table.last;
    return all->table.count == 1 && last && !all->sink.line && dialogue_in_text(last->dialogue);
}

void conversations_passed(struct conversations *all, struct slice lines)
{
    struct conversation *last = (struct conversation *)all->table.last;
    if (last && lines.size > 0)
        message_text_add(&last->message, all->secrets, lines);
}

bool conversations_in_message(const struct conversations *all)
{
    const struct conversation *last = (const struct conversation *)all->table.last;
    return last && dialogue_in_message(last->dialogue);
}

bool conversations_finish(struct conversations *all)
{
    /* In the order in which they came last, so that the same input gives the same output. */
    struct keyed **list = keyed_table_by_age(&all->table);
    bool done = list != NULL;
    for (size_t i = 0, count = all->table.count; list && i < count; i++) {
        /* First: the others are still asked for the oldest line. */
        keyed_table_remove(&all->table, list[i]);
        done = conversation_finish(all, (struct conversation *)list[i]) && done;
    }
    free(list);
    return done;
}

uint64_t conversations_oldest(const struct conversations *all)
{
    uint64_t oldest = UINT64_MAX;
    for (size_t i = 0; i < all->table.capacity; i++) {
        const struct conversation *under_way = (const struct conversation *)all->table.slots[i];
        if (!under_way || !under_way->open)
            continue;
        uint64_t first = under_way->first_line, settled = judge_settled(under_way->judge);
        uint64_t line = settled > first ? settled : first;
        if (line < oldest)
            oldest = line;
    }
    return oldest;
}

/* Returns true if nothing more is to come in the session, and all that has been found in it has been passed on. */
static bool is_told(struct conversation *conversation, bool *done)
{
    enum session_state state = machine_state(&conversation->session.machine);
    if ((state != STATE_QUIT && state != STATE_SHUT) || conversation->doubt.contradictions > 0)
        return false;
    *done = judge_tell(conversation->judge) && *done;
    return !judge_holds(conversation->judge);
}

bool conversations_settle(struct conversations *all, uint64_t *line)
{
    bool done = true;
    *line = UINT64_MAX;
    for (size_t i = 0; i < all->table.capacity; i++) {
        struct conversation *under_way = (struct conversation *)all->table.slots[i];
        if (under_way && under_way->open && under_way->first_line < *line &&
            !is_told(under_way, &done))
            *line = under_way->first_line;
    }
    return done;
}

bool conversations_tell(struct conversations *all)
{
    bool done = true;
    for (size_t i = 0; i < all->table.capacity; i++) {
        struct conversation *under_way = (struct conversation *)all->table.slots[i];
        if (under_way && under_way->open && under_way->doubt.contradictions == 0)
            done = judge_tell(under_way->judge) && done;
    }
    return done;
}

struct dialogue_count conversations_count(const struct conversations *all)
{
    struct dialogue_count sum = all->counted;
    for (size_t i = 0; i < all->table.capacity; i++) {
        const struct conversation *conversation = (const struct conversation *)all->table.slots[i];
        if (!conversation)
            continue;
        struct dialogue_count counted = dialogue_count(conversation->dialogue);
        sum.unplaced += counted.unplaced;
        sum.elided += counted.elided;
    }
    return sum;
}

void conversations_drop(struct conversations *all)
{
    all->counted = conversations_count(all);
    for (size_t i = 0; i < all->table.capacity; i++)
        conversation_free((struct conversation *)all->table.slots[i]);
    keyed_table_clear(&all->table);
}

void conversations_free(struct conversations *all)
{
    conversations_drop(all);
    command_scanner_free(all->options.commands);
    reply_scanner_free(all->options.replies);
    *all = (struct conversations){0};
}
