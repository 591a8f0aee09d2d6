/* auth.c - the dialogue that AUTH begins (RFC 4954 4): challenges, and commands that the log hides.
 */
#include "dialogue/state.h"

/* X-EXPS: AUTH between servers of Exchange, and what others may call theirs (RFC 5321 4.1.5). */
static bool is_private(const struct queue *queue, const struct queued_command *queued)
{
    return slice_starts_nocase(copied_slice(queue, queued->verb), SLICE("X-"));
}

void auth_challenge(struct dialogue *dialogue, size_t index)
{
    struct queue *queue = &dialogue->queue;
    if (index + 1 == queue->count) {
        dialogue->session.sending = SENDING_RESPONSE;
        return;
    }
    if (queue->commands[index].early.line == 0)
        queue->commands[index].early = queue->commands[index + 1].location;
    check_early_answer(dialogue, index + 1);
    queue_remove(queue, index + 1, 1);
}

bool auth_goes_on(const struct queue *queue, const struct queued_command *queued, int code)
{
    bool private = queued->command == COMMAND_UNKNOWN && is_private(queue, queued);
    return code == 334 && (queued->command == COMMAND_AUTH || private);
}

bool auth_recognise(struct dialogue *dialogue, struct queued_command *queued, int code)
{
    if (queued->command != COMMAND_UNKNOWN || (code != 334 && code != 235) ||
        is_private(&dialogue->queue, queued))
        return true;
    queued->command = COMMAND_AUTH;
    queued->argument = (struct copied_text){0};
    return queue_copy(&dialogue->queue, SLICE("AUTH"), COPIED_COMMAND_MAX, &queued->verb);
}
