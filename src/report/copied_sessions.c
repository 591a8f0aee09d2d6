/* copied_sessions.c - copies the sessions of a recording until a report shows them.
 */
#include "report/copied_sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/string_builder.h"

struct copied_sessions *copied_sessions_new(bool with_steps)
{
    struct copied_sessions *copied = calloc(1, sizeof *copied);
    if (copied)
        copied->with_steps = with_steps;
    return copied;
}

/* An entry of the index: a line with the command or the reply of a step. */
struct copied_line {
    uint64_t line;
    bool reply;
    size_t step;
};

static void clear_steps(struct copied_sessions *copied, struct copied_session *session)
{
    for (size_t i = 0; i < session->step_count; i++) {
        free((char *)session->steps[i].sent.data); /* one block with what was answered */
        free(session->steps[i].servers);
    }
    free(session->steps);
    free(session->lines);
    copied->step_count -= session->step_count;
    session->cleared += session->step_count;
    session->steps = NULL;
    session->lines = NULL;
    session->step_count = session->step_capacity = 0;
}

void copied_sessions_clear_steps(struct copied_sessions *copied)
{
    for (size_t i = 0; i < copied->session_count; i++)
        clear_steps(copied, &copied->sessions[i]);
}

void copied_sessions_forget(struct copied_sessions *copied, uint64_t line)
{
    for (; copied->forgotten < copied->session_count; copied->forgotten++) {
        struct copied_session *session = &copied->sessions[copied->forgotten];
        if (session->last_line >= line)
            return;
        enum session_state next =
            session->step_count > 0 ? session->steps[session->step_count - 1].next : STATE_CONNECT;
        if (next == STATE_QUIT || next == STATE_SHUT)
            clear_steps(copied, session);
    }
}

void copied_sessions_free(struct copied_sessions *copied)
{
    if (!copied)
        return;
    copied_sessions_clear_steps(copied);
    for (size_t i = 0; i < copied->session_count; i++) {
        struct copied_session *session = &copied->sessions[i];
        for (size_t k = 0; k < session->finding_count; k++)
            finding_free(session->findings[k]);
        free(session->findings);
    }
    free(copied->sessions);
    free(copied);
}

/* Returns the session of that number, which is added if need be; NULL when out of memory. */
static struct copied_session *session_numbered(struct copied_sessions *copied, uint64_t number)
{
    while (copied->session_count < number) {
        void *sessions = array_with_room(copied->sessions, copied->session_count,
                                         &copied->session_capacity, sizeof *copied->sessions);
        if (!sessions)
            return NULL;
        copied->sessions = sessions;
        copied->sessions[copied->session_count++] = (struct copied_session){0};
    }
    return number > 0 ? &copied->sessions[number - 1] : NULL;
}

/* Returns true if it is complete. */
static bool write_sent(FILE *out, const struct exchange *exchange)
{
    if (exchange->command == COMMAND_CONNECT)
        return true;
    struct slice verb = exchange->command == COMMAND_UNKNOWN
                            ? exchange->verb
                            : slice_of(command_verb(exchange->command));
    struct slice argument = exchange->argument;
    bool complete = verb.size + argument.size <= COPIED_TEXT_MAX;
    verb = slice_head(verb, COPIED_TEXT_MAX);
    argument = slice_head(argument, COPIED_TEXT_MAX - verb.size);
    fwrite(verb.data, 1, verb.size, out);
    if (argument.size > 0) {
        putc(' ', out);
        fwrite(argument.data, 1, argument.size, out);
    }
    return complete;
}

/* Writes the replies as on the wire, with "250-" before all lines of a reply but the last.
 * Returns true if they are complete. */
static bool write_answered(FILE *out, const struct exchange *exchange)
{
    size_t most = COPIED_TEXT_MAX;
    const char *separator = "";
    bool complete = true;
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct reply *reply = &exchange->replies[i];
        struct slice text = reply->text;
        complete = complete && text.size <= most;
        text = slice_head(text, most);
        most -= text.size;
        do {
            struct slice line = slice_head(text, slice_find(text, '\n'));
            bool more = line.size < text.size;
            fprintf(out, "%s%03d%c", separator, reply->code, more ? '-' : ' ');
            separator = "\n";
            fwrite(line.data, 1, line.size, out);
            text = slice_after(text, line.size + 1);
        } while (text.size > 0);
    }
    return complete;
}

/* Returns the codes that the servers of the run would answer; NULL when out of memory. */
static int *server_codes(const struct verdict *verdict, size_t count)
{
    int *codes = calloc(count, sizeof *codes);
    for (size_t i = 0; codes && i < count; i++)
        codes[i] = verdict->servers[i].code;
    return codes;
}

static bool copy_step(struct copied_session *session, const struct exchange *exchange,
                      const struct verdict *verdict, size_t server_count)
{
    struct string_builder text;
    int *servers = NULL;
    void *steps = array_with_room(session->steps, session->step_count, &session->step_capacity,
                                  sizeof *session->steps);
    if (!steps)
        return false;
    session->steps = steps;
    if (!string_builder_begin(&text))
        return false;
    bool sent_complete = write_sent(text.out, exchange);
    fflush(text.out);
    size_t sent = text.size;
    bool answered_complete = write_answered(text.out, exchange);
    bool asked = verdict->servers && server_count > 0;
    if (!string_builder_end(&text) || (asked && !(servers = server_codes(verdict, server_count)))) {
        free(text.text);
        return false;
    }
    const struct reply *final =
        exchange->reply_count > 0 ? &exchange->replies[exchange->reply_count - 1] : NULL;
    session->steps[session->step_count++] = (struct copied_step){
        .line = exchange->location.line,
        .reply_line = final ? final->line : 0,
        .command = exchange->command,
        .state = verdict->state,
        .next = verdict->next,
        .legal = verdict->legal,
        .taken = verdict->taken,
        .pipelined = exchange->answered < exchange->number,
        .assumed = exchange->flags & EXCHANGE_ASSUMED,
        .sent_cut = !sent_complete,
        .answered_cut = !answered_complete,
        .code = final ? final->code : 0,
        .predicted = verdict->predicted,
        .waited = verdict->times.waited,
        .sent = {text.text, sent},
        .answered = {text.text + sent, text.size - sent},
        .servers = servers,
    };
    free(session->lines);
    session->lines = NULL;
    return true;
}

bool copied_sessions_add_exchange(struct copied_sessions *copied, uint64_t session,
                                  const struct exchange *exchange, const struct verdict *verdict)
{
    struct copied_session *of = session_numbered(copied, session);
    if (!of)
        return false;
    if (of->exchanges++ == 0)
        of->first_line = exchange->location.line;
    for (size_t i = 0; i < exchange->reply_count; i++)
        if (exchange->replies[i].line > of->last_line)
            of->last_line = exchange->replies[i].line;
    if (exchange->location.line > of->last_line)
        of->last_line = exchange->location.line;
    if (!copied->with_steps || copied->step_count == COPIED_STEPS_MAX)
        return true;
    copied->step_count++;
    return copy_step(of, exchange, verdict, copied->server_count);
}

bool copied_sessions_add_finding(struct copied_sessions *copied, const struct finding *finding)
{
    struct copied_session *of = session_numbered(copied, finding->session);
    void *findings = of ? array_with_room(of->findings, of->finding_count, &of->finding_capacity,
                                          sizeof(struct finding *))
                        : NULL;
    if (!findings)
        return false;
    of->findings = findings;
    struct finding *copy = finding_copy(finding);
    if (copy)
        of->findings[of->finding_count++] = copy;
    copied->finding_count += copy != NULL;
    return copy != NULL;
}

bool copied_step_servers_differ(const struct copied_step *step, const struct server_set *servers)
{
    int said = step->code > 0 ? step->code : step->predicted;
    bool differ = false;
    for (size_t i = 0; servers && step->servers && i < servers->count; i++) {
        int code = step->servers[i];
        bool takes = code > 0 && code < 400;
        bool measured = code != PREDICTION_NOT_MEASURED;
        differ = differ || (measured && (takes ? said >= 400 : code != said));
    }
    return differ;
}

static int compare_lines(const void *left, const void *right)
{
    const struct copied_line *a = left, *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->reply != b->reply)
        return a->reply ? 1 : -1;
    return a->step < b->step ? -1 : a->step > b->step;
}

/* Builds the index. Returns false when out of memory. */
static bool index_lines(struct copied_session *session)
{
    session->lines = calloc(session->step_count * 2 + 1, sizeof *session->lines);
    if (!session->lines)
        return false;
    for (size_t i = 0; i < session->step_count; i++) {
        session->lines[2 * i] = (struct copied_line){session->steps[i].line, false, i};
        session->lines[2 * i + 1] = (struct copied_line){session->steps[i].reply_line, true, i};
    }
    qsort(session->lines, session->step_count * 2, sizeof *session->lines, compare_lines);
    return true;
}

/* The look-up without an index: slower. */
static size_t search_steps(const struct copied_session *session, uint64_t line)
{
    for (size_t i = 0; i < session->step_count; i++)
        if (session->steps[i].line == line)
            return i;
    size_t i = 0;
    while (i < session->step_count && session->steps[i].reply_line != line)
        i++;
    return i;
}

size_t copied_step_at(struct copied_session *session, uint64_t line)
{
    size_t low = 0, high = session->step_count * 2;
    if (line == 0 || high == 0)
        return session->step_count;
    if (!session->lines && !index_lines(session))
        return search_steps(session, line);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (session->lines[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < session->step_count * 2 && session->lines[low].line == line;
    return found ? session->lines[low].step : session->step_count;
}

/* Finds a step by its number, since a line can hold several commands; else by its line. */
static size_t step_numbered(struct copied_session *session, size_t number, uint64_t line)
{
    size_t index = number - (size_t)session->cleared;
    if (line > 0 && number >= session->cleared && index < session->step_count)
        return index;
    return copied_step_at(session, line);
}

size_t copied_step_of(struct copied_session *session, const struct finding *finding)
{
    return step_numbered(session, finding->number, finding->line);
}

size_t copied_step_of_earlier(struct copied_session *session, const struct earlier_line *earlier)
{
    return earlier->line > 0 ? step_numbered(session, earlier->number, earlier->line)
                             : session->step_count;
}
