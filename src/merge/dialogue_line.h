/* dialogue_line.h - the exchanges of a line {"type":"dialogue"} (report/dialogue_lines.h), one by one.
 */
#ifndef SMTPSEQ_MERGE_DIALOGUE_LINE_H
#define SMTPSEQ_MERGE_DIALOGUE_LINE_H

#include "merge/object.h"
#include "session/session.h"

/* An exchange, as far as reports look at it; its texts are the object's. */
struct told_exchange {
    uint64_t session;
    bool begin_only; /* nothing is known but its line */
    struct exchange exchange;
    struct verdict verdict;
};

/* Calls back for each exchange, until object->wrong is set. `session_max`: the highest number of a
 * session. */
void dialogue_read(struct object *object, uint64_t session_max,
                   void (*take)(void *context, const struct told_exchange *told), void *context);

#endif
