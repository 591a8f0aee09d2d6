/* cases.h - a recording as test cases, one for each session, for reports that are lists of tests.
 *
 * Findings of interleaved sessions come mixed, so what is written of each session is kept until the
 * recording has been read. A case fails where the run would: by a finding at or above --fail-on.
 */
#ifndef SMTPSEQ_CASES_H
#define SMTPSEQ_CASES_H

#include "base/string_builder.h"
#include "report/report.h"

/* What is written of a session goes into two texts; which is for what, the format knows. */
#define CASE_TEXTS 2

struct session_case {
    uint64_t first_line; /* 0: the session has no exchange */
    uint64_t exchanges;
    uint64_t failures;        /* findings that fail it */
    char *texts[CASE_TEXTS];  /* NULL: nothing */
    size_t sizes[CASE_TEXTS]; /* without the NUL behind it */
};

struct cases {
    struct session_case *list; /* session 1 first */
    size_t count, capacity;
};

/* For the format's begin and end: cases in report->kept. */
void cases_begin(struct report *report, const char *file);
void cases_end(struct report *report);

/* For the format's around: counts the exchange. */
void cases_exchange(const struct report *report, uint64_t session, const struct exchange *exchange,
                    const struct verdict *verdict);

/* Whether a finding fails its case. */
bool case_fails(const struct report *report, const struct finding *finding);

/* Counts a finding, ends what has been written of it, and adds that to one of the texts. */
void cases_add(const struct report *report, const struct finding *finding, unsigned text,
               struct string_builder *written);

/* The cases of a recording that has been read, at least `sessions`; NULL when out of memory. */
const struct cases *cases_of(const struct report *report, uint64_t sessions);

#endif
