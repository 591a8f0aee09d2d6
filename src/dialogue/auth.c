/* auth.c - the dialogue that AUTH begins (RFC 4954 4): challenges, and commands that the log hides.
 */
#include "dialogue/state.h"

void auth_challenge(struct dialogue *dialogue, size_t index)
{
    struct queue *queue = &dialogue->queue;
    dialogue->auth_response = index + 1 == queue->count;
    if (dialogue->auth_response)
        return;
    if (queue->sent[index].early.line == 0)
        queue->sent[index].early = queue->sent[index + 1].location;
    watch_early_answer(dialogue, index + 1);
    queue_remove(queue, index + 1, 1);
}

bool auth_recognise(struct dialogue *dialogue, struct sent *sent, int code)
{
    if (sent->command != COMMAND_UNKNOWN || (code != 334 && code != 235))
        return true;
    sent->command = COMMAND_AUTH;
    sent->argument = (struct kept){0};
    return queue_keep(&dialogue->queue, SLICE("AUTH"), KEPT_COMMAND, &sent->verb);
}
