/* reply_times.c - the slowest steps of all sessions. */
#include "session/reply_times.h"

#include <stdlib.h>
#include <string.h>

bool reply_times_add(struct reply_times *times, const char *file, enum command command,
                     uint64_t line, int64_t waited)
{
    struct reply_time *time = &times->commands[command];
    if (waited < 0)
        return true;
    time->count++;
    time->sum += waited;
    if (time->file && waited <= time->longest)
        return true;
    char *copy = time->file && strcmp(time->file, file) == 0 ? time->file : strdup(file);
    if (!copy)
        return false;
    if (copy != time->file)
        free(time->file);
    time->file = copy;
    time->longest = waited;
    time->line = line;
    return true;
}

void reply_times_merge(struct reply_times *times, struct reply_times *later)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct reply_time *into = &times->commands[i], *from = &later->commands[i];
        struct reply_time sum =
            !into->file || (from->file && from->longest > into->longest) ? *from : *into;
        free(sum.file == from->file ? into->file : from->file);
        sum.count = into->count + from->count;
        sum.sum = into->sum + from->sum;
        *into = sum;
        *from = (struct reply_time){0};
    }
}

size_t reply_times_list(const struct reply_times *times, enum command list[COMMAND_COUNT])
{
    size_t count = 0;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (times->commands[i].count == 0)
            continue;
        size_t at = count++;
        for (; at > 0 && times->commands[list[at - 1]].longest < times->commands[i].longest; at--)
            list[at] = list[at - 1];
        list[at] = (enum command)i;
    }
    return count;
}

void reply_times_free(struct reply_times *times)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        free(times->commands[i].file);
    *times = (struct reply_times){0};
}
