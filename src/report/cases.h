/* cases.h - a recording as test cases, one for each session, for reports that are lists of tests.
 *
 * Findings of interleaved sessions come mixed, so the output of each session is collected until the
 * recording has been read. A finding at or above --fail-on fails its case.
 */
#ifndef SMTPSEQ_CASES_H
#define SMTPSEQ_CASES_H

#include "base/string_builder.h"
#include "report/report.h"

/* The output of a session goes into two texts; the format decides which is for what. */
#define CASE_TEXTS 2

struct session_case {
    uint64_t first_line; /* 0: the session has no exchange */
    uint64_t exchanges;
    uint64_t failures; /* findings that fail it */
    enum session_result result;
    char *name;               /* of its test; NULL: not known */
    char *outcome;            /* what became of it in words; NULL: nothing is known */
    char *texts[CASE_TEXTS];  /* NULL: nothing */
    size_t sizes[CASE_TEXTS]; /* without the NUL */
};

struct cases {
    struct session_case *list; /* session 1 first */
    size_t count, capacity;
};

/* For the format's begin and end: allocates and frees cases in report->collected. */
void cases_begin(struct report *report, const char *file);
void cases_end(struct report *report);

/* For the format's around: counts the exchange. */
void cases_exchange(const struct report *report, uint64_t session, const struct exchange *exchange,
                    const struct verdict *verdict);

/* For the format's outcome: keeps it. */
void cases_outcome(const struct report *report, const char *file, uint64_t session,
                   const struct session_outcome *outcome);

/* Returns true if a finding fails its case. */
bool case_fails(const struct report *report, const struct finding *finding);

/* Counts a finding, ends the text that was built of it, and appends that to one of the texts. */
void cases_add(const struct report *report, const struct finding *finding, unsigned text,
               struct string_builder *written);

/* Returns the cases of a recording that has been read, at least `sessions`; NULL when out of
 * memory. */
const struct cases *cases_of(const struct report *report, uint64_t sessions);

#endif
