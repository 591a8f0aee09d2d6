/* kept.c - keeps the sessions of a recording until a report shows them.
 */
#include "report/kept.h"

#include <stdlib.h>
#include <string.h>

#include "report/memory_stream.h"

struct kept *kept_new(bool with_steps)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept)
        kept->with_steps = with_steps;
    return kept;
}

void kept_free(struct kept *kept)
{
    if (!kept)
        return;
    for (size_t i = 0; i < kept->session_count; i++) {
        struct kept_session *session = &kept->sessions[i];
        for (size_t k = 0; k < session->step_count; k++)
            free((char *)session->steps[k].sent.data); /* one block with what was answered */
        for (size_t k = 0; k < session->finding_count; k++)
            finding_free(session->findings[k]);
        free(session->steps);
        free(session->findings);
    }
    free(kept->sessions);
    free(kept);
}

/* The array with room for one more. NULL when memory is short; the array is then as it was. */
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

/* The session of that number; NULL when memory is short. */
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

static void write_sent(FILE *out, const struct exchange *exchange, const struct verdict *verdict,
                       bool show_secrets)
{
    char room[128];
    if (exchange->command == COMMAND_CONNECT)
        return;
    struct slice verb = exchange->command == COMMAND_UNKNOWN
                            ? shown_verb(exchange, verdict, show_secrets)
                            : slice_of(command_verb(exchange->command));
    struct slice argument = shown_argument(exchange, show_secrets, room, sizeof room);
    verb = slice_head(verb, KEPT_TEXT_MOST);
    argument = slice_head(argument, KEPT_TEXT_MOST - verb.size);
    fwrite(verb.data, 1, verb.size, out);
    if (argument.size > 0) {
        putc(' ', out);
        fwrite(argument.data, 1, argument.size, out);
    }
}

/* The replies as they stood on the wire, "250-" before all lines of one but the last. */
static void write_answered(FILE *out, const struct exchange *exchange,
                           const struct verdict *verdict, bool show_secrets)
{
    size_t most = KEPT_TEXT_MOST;
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct reply *reply = &exchange->replies[i];
        struct slice text = shown_reply(exchange, verdict, reply, show_secrets);
        text = slice_head(text, most);
        most -= text.size;
        do {
            struct slice line = slice_head(text, slice_find(text, '\n'));
            bool more = line.size < text.size;
            fprintf(out, "%s%03d%c", i > 0 || line.data != reply->text.data ? "\n" : "",
                    reply->code, more ? '-' : ' ');
            fwrite(line.data, 1, line.size, out);
            text = slice_after(text, line.size + 1);
        } while (text.size > 0);
    }
}

static bool keep_step(struct kept_session *session, const struct exchange *exchange,
                      const struct verdict *verdict, bool show_secrets)
{
    char *text = NULL;
    size_t size = 0;
    void *steps = with_room(session->steps, session->step_count, &session->step_capacity,
                            sizeof *session->steps);
    if (!steps)
        return false;
    session->steps = steps;
    FILE *out = memory_stream_open(&text, &size);
    if (!out)
        return false;
    write_sent(out, exchange, verdict, show_secrets);
    fflush(out); /* what fails fails again in fclose */
    size_t sent = size;
    write_answered(out, exchange, verdict, show_secrets);
    if (fclose(out) != 0)
        return false;
    const struct reply *final =
        exchange->reply_count > 0 ? &exchange->replies[exchange->reply_count - 1] : NULL;
    session->steps[session->step_count++] = (struct kept_step){
        .line = exchange->place.line,
        .reply_line = final ? final->line : 0,
        .command = exchange->command,
        .state = verdict->state,
        .next = verdict->next,
        .legal = verdict->legal,
        .taken = verdict->taken,
        .pipelined = exchange->answered < exchange->number,
        .code = final ? final->code : 0,
        .predicted = verdict->predicted,
        .sent = {text, sent},
        .answered = {text + sent, size - sent},
    };
    return true;
}

bool kept_exchange(struct kept *kept, uint64_t session, const struct exchange *exchange,
                   const struct verdict *verdict, bool show_secrets)
{
    struct kept_session *of = session_numbered(kept, session);
    if (!of)
        return false;
    if (of->exchanges++ == 0)
        of->first_line = exchange->place.line;
    if (!kept->with_steps || kept->step_count == KEPT_STEPS_MOST)
        return true;
    kept->step_count++;
    return keep_step(of, exchange, verdict, show_secrets);
}

static struct finding *finding_copy(const struct finding *finding)
{
    struct finding *copy = malloc(sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *finding;
    copy->follower_capacity = copy->follower_count;
    copy->followers = NULL;
    if (copy->follower_count == 0)
        return copy;
    copy->followers = calloc(copy->follower_count, sizeof *copy->followers);
    if (!copy->followers) {
        free(copy);
        return NULL;
    }
    memcpy(copy->followers, finding->followers, copy->follower_count * sizeof *copy->followers);
    return copy;
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
    return copy != NULL;
}

size_t kept_step_at(const struct kept_session *session, uint64_t line)
{
    for (size_t i = 0; i < session->step_count; i++)
        if (session->steps[i].line == line)
            return i;
    for (size_t i = 0; i < session->step_count; i++)
        if (session->steps[i].reply_line == line)
            return i;
    return session->step_count;
}
