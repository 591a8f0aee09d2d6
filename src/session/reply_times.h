/* reply_times.h - how long replies took, by command.
 */
#ifndef SMTPSEQ_SESSION_REPLY_TIMES_H
#define SMTPSEQ_SESSION_REPLY_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp/command.h"

/* Of the replies to one command; milliseconds. */
struct reply_time {
    uint64_t count;
    int64_t sum, longest;
    char *file; /* where the longest was; NULL while count is 0 */
    uint64_t line;
};

/* All zero at first. */
struct reply_times {
    struct reply_time commands[COMMAND_COUNT];
};

/* Add a reply to the command at that line, if the log says how long it took (milliseconds; -1: it does
 * not), or those of a later file, which are emptied. Returns false when out of memory. */
bool reply_times_add(struct reply_times *times, const char *file, enum command command,
                     uint64_t line, int64_t waited);
void reply_times_merge(struct reply_times *times, struct reply_times *later);

/* Lists the commands that have times, the longest reply first. Returns how many there are. */
size_t reply_times_list(const struct reply_times *times, enum command list[COMMAND_COUNT]);

void reply_times_free(struct reply_times *times);

#endif
