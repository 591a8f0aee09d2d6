/* kept.c - keeps the sessions of a recording until a report shows them.
 */
#include "report/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/string_builder.h"

struct kept *kept_new(bool with_steps)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept)
        kept->with_steps = with_steps;
    return kept;
}

/* A line of the recording at which a step's command or reply is. */
struct kept_line {
    uint64_t line;
    bool reply;
    size_t step;
};

void kept_clear(struct kept *kept)
{
    for (size_t i = 0; i < kept->session_count; i++) {
        struct kept_session *session = &kept->sessions[i];
        for (size_t k = 0; k < session->step_count; k++) {
            free((char *)session->steps[k].sent.data); /* one block with what was answered */
            free(session->steps[k].servers);
        }
        free(session->steps);
        free(session->lines);
        session->cleared += session->step_count;
        session->steps = NULL;
        session->lines = NULL;
        session->step_count = session->step_capacity = 0;
    }
    kept->step_count = 0;
}

void kept_free(struct kept *kept)
{
    if (!kept)
        return;
    kept_clear(kept);
    for (size_t i = 0; i < kept->session_count; i++) {
        struct kept_session *session = &kept->sessions[i];
        for (size_t k = 0; k < session->finding_count; k++)
            finding_free(session->findings[k]);
        free(session->findings);
    }
    free(kept->sessions);
    free(kept);
}

/* The array with room for one more. NULL when out of memory; the array is then as it was. */
static void *with_room(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity > 0 ? *capacity * 2 : 8;
    void *moved = reallocarray(array, larger, size);
    if (moved)
        *capacity = larger;
    return moved;
}

/* The session of that number; NULL when out of memory. */
static struct kept_session *session_numbered(struct kept *kept, uint64_t number)
{
    while (kept->session_count < number) {
        void *sessions = with_room(kept->sessions, kept->session_count, &kept->session_capacity,
                                   sizeof *kept->sessions);
        if (!sessions)
            return NULL;
        kept->sessions = sessions;
        kept->sessions[kept->session_count++] = (struct kept_session){0};
    }
    return number > 0 ? &kept->sessions[number - 1] : NULL;
}

/* Gives whether it is whole. */
static bool write_sent(FILE *out, const struct exchange *exchange, const struct verdict *verdict,
                       bool show_secrets)
{
    char room[128];
    if (exchange->command == COMMAND_CONNECT)
        return true;
    struct slice verb = exchange->command == COMMAND_UNKNOWN
                            ? shown_verb(exchange, verdict, show_secrets)
                            : slice_of(command_verb(exchange->command));
    struct slice argument = shown_argument(exchange, show_secrets, room, sizeof room);
    bool whole = verb.size + argument.size <= KEPT_TEXT_MAX;
    verb = slice_head(verb, KEPT_TEXT_MAX);
    argument = slice_head(argument, KEPT_TEXT_MAX - verb.size);
    fwrite(verb.data, 1, verb.size, out);
    if (argument.size > 0) {
        putc(' ', out);
        fwrite(argument.data, 1, argument.size, out);
    }
    return whole;
}

/* The replies as they stood on the wire, "250-" before all lines of one but the last. Gives whether
 * they are whole. */
static bool write_answered(FILE *out, const struct exchange *exchange,
                           const struct verdict *verdict, bool show_secrets)
{
    size_t most = KEPT_TEXT_MAX;
    const char *separator = "";
    bool whole = true;
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct reply *reply = &exchange->replies[i];
        struct slice text = shown_reply(exchange, verdict, reply, show_secrets);
        whole = whole && text.size <= most;
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
    return whole;
}

/* What the servers of the run say, as numbers. NULL when out of memory. */
static int *server_codes(const struct verdict *verdict, size_t count)
{
    int *codes = calloc(count, sizeof *codes);
    for (size_t i = 0; codes && i < count; i++)
        codes[i] = verdict->servers[i].code;
    return codes;
}

static bool keep_step(struct kept_session *session, const struct exchange *exchange,
                      const struct verdict *verdict, size_t server_count, bool show_secrets)
{
    struct string_builder text;
    int *servers = NULL;
    void *steps = with_room(session->steps, session->step_count, &session->step_capacity,
                            sizeof *session->steps);
    if (!steps)
        return false;
    session->steps = steps;
    if (!string_builder_begin(&text))
        return false;
    bool sent_whole = write_sent(text.out, exchange, verdict, show_secrets);
    fflush(text.out);
    size_t sent = text.size;
    bool answered_whole = write_answered(text.out, exchange, verdict, show_secrets);
    bool asked = verdict->servers && server_count > 0;
    if (!string_builder_end(&text) || (asked && !(servers = server_codes(verdict, server_count)))) {
        free(text.text);
        return false;
    }
    const struct reply *final =
        exchange->reply_count > 0 ? &exchange->replies[exchange->reply_count - 1] : NULL;
    session->steps[session->step_count++] = (struct kept_step){
        .line = exchange->location.line,
        .reply_line = final ? final->line : 0,
        .command = exchange->command,
        .state = verdict->state,
        .next = verdict->next,
        .legal = verdict->legal,
        .taken = verdict->taken,
        .pipelined = exchange->answered < exchange->number,
        .assumed = exchange->flags & EXCHANGE_ASSUMED,
        .sent_cut = !sent_whole,
        .answered_cut = !answered_whole,
        .code = final ? final->code : 0,
        .predicted = verdict->predicted,
        .sent = {text.text, sent},
        .answered = {text.text + sent, text.size - sent},
        .servers = servers,
    };
    free(session->lines);
    session->lines = NULL;
    return true;
}

bool kept_exchange(struct kept *kept, uint64_t session, const struct exchange *exchange,
                   const struct verdict *verdict, bool show_secrets)
{
    struct kept_session *of = session_numbered(kept, session);
    if (!of)
        return false;
    if (of->exchanges++ == 0)
        of->first_line = exchange->location.line;
    if (!kept->with_steps || kept->step_count == KEPT_STEPS_MAX)
        return true;
    kept->step_count++;
    return keep_step(of, exchange, verdict, kept->server_count, show_secrets);
}

bool kept_finding(struct kept *kept, const struct finding *finding)
{
    struct kept_session *of = session_numbered(kept, finding->session);
    void *findings = of ? with_room(of->findings, of->finding_count, &of->finding_capacity,
                                    sizeof(struct finding *))
                        : NULL;
    if (!findings)
        return false;
    of->findings = findings;
    struct finding *copy = finding_copy(finding);
    if (copy)
        of->findings[of->finding_count++] = copy;
    kept->finding_count += copy != NULL;
    return copy != NULL;
}

bool kept_servers_differ(const struct kept_step *step, const struct server_set *servers)
{
    int said = step->code > 0 ? step->code : step->predicted;
    bool differ = false;
    for (size_t i = 0; servers && step->servers && i < servers->count; i++) {
        int code = step->servers[i];
        bool takes = code > 0 && code < 400;
        differ = differ || (takes ? said >= 400 : code != said);
    }
    return differ;
}

static int compare_lines(const void *left, const void *right)
{
    const struct kept_line *a = left, *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->reply != b->reply)
        return a->reply ? 1 : -1;
    return a->step < b->step ? -1 : a->step > b->step;
}

/* Sorts the lines of the steps. False when out of memory. */
static bool index_lines(struct kept_session *session)
{
    session->lines = calloc(session->step_count * 2 + 1, sizeof *session->lines);
    if (!session->lines)
        return false;
    for (size_t i = 0; i < session->step_count; i++) {
        session->lines[2 * i] = (struct kept_line){session->steps[i].line, false, i};
        session->lines[2 * i + 1] = (struct kept_line){session->steps[i].reply_line, true, i};
    }
    qsort(session->lines, session->step_count * 2, sizeof *session->lines, compare_lines);
    return true;
}

/* The same without an index, which takes longer. */
static size_t look_through(const struct kept_session *session, uint64_t line)
{
    for (size_t i = 0; i < session->step_count; i++)
        if (session->steps[i].line == line)
            return i;
    size_t i = 0;
    while (i < session->step_count && session->steps[i].reply_line != line)
        i++;
    return i;
}

size_t kept_step_at(struct kept_session *session, uint64_t line)
{
    size_t low = 0, high = session->step_count * 2;
    if (line == 0 || high == 0)
        return session->step_count;
    if (!session->lines && !index_lines(session))
        return look_through(session, line);
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

/* By its number, since a line can hold several commands; else by the line. */
static size_t step_numbered(struct kept_session *session, size_t number, uint64_t line)
{
    size_t index = number - (size_t)session->cleared;
    if (line > 0 && number >= session->cleared && index < session->step_count)
        return index;
    return kept_step_at(session, line);
}

size_t kept_step_of(struct kept_session *session, const struct finding *finding)
{
    return step_numbered(session, finding->number, finding->line);
}

size_t kept_step_of_cause(struct kept_session *session, const struct finding *finding)
{
    return step_numbered(session, finding->cause_number, finding->cause.line);
}
