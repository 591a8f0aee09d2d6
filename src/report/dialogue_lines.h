/* dialogue_lines.h - for ndjson: the exchanges of sessions that have a finding, so that `smtpseq merge` can
 * make any report of it.
 *
 * A line {"type":"dialogue"} stands after a finding, with the exchanges of its session up to then that were
 * not written before. Of a session that has no such line only the line of its first exchange is
 * written, in `begins`. merge/dialogue_line.c reads both.
 */
#ifndef SMTPSEQ_DIALOGUE_LINES_H
#define SMTPSEQ_DIALOGUE_LINES_H

#include "report/report.h"

/* What an exchange is, as bits in its array. */
enum told_flag { TOLD_LEGAL = 1, TOLD_TAKEN = 2, TOLD_PIPELINED = 4, TOLD_ASSUMED = 8 };

/* The places in its array. */
enum told {
    TOLD_LINE, /* of the command; of the greeting for CONNECT */
    TOLD_PART, /* of the recording: its number in struct line */
    TOLD_COMMAND,
    TOLD_VERB, /* of an unknown command; else null */
    TOLD_ARGUMENT,
    TOLD_STATE,
    TOLD_NEXT,
    TOLD_FLAGS,
    TOLD_PREDICTED,
    TOLD_WAITED,
    TOLD_REPLIES, /* each [line, code, text] */
    TOLD_COUNT
};

/* For the format's begin and end: allocates and frees what is collected of a recording. */
void dialogue_lines_begin(struct report *report, const char *file);
void dialogue_lines_end(struct report *report);

/* For the format's around. */
void dialogue_lines_exchange(const struct report *report, uint64_t session,
                             const struct exchange *exchange, const struct verdict *verdict);

/* A finding has been written: writes the exchanges before it. */
void dialogue_lines_finding(const struct report *report, const struct finding *finding);

/* For the format's ended. */
void dialogue_lines_ended(const struct report *report, uint64_t session,
                          const struct session_outcome *outcome);

/* The recording has been read: writes the rest. */
void dialogue_lines_file(const struct report *report);

#endif
