/* cases.h - a recording as test cases, one for each session, for reports that are lists of tests.
 *
 * Findings of interleaved sessions come mixed, and a suite begins with numbers that are known at its end. So texts are
 * kept in a section of the report, in the order in which they come, and the summary puts them in order: memory does not
 * grow with the recording. A finding at or above --fail-on fails its case.
 */
#ifndef SMTPSEQ_CASES_H
#define SMTPSEQ_CASES_H

#include "base/string_builder.h"
#include "report/report.h"

/* The texts of a case, in the syntax of the format; in this order they are read fastest. */
enum case_text { CASE_NAME, CASE_FAILURES, CASE_OUTCOME, CASE_REMARKS, CASE_TEXTS };

/* The sections of a format that is a list of cases; the other two are for the summary. */
enum { SECTION_CASES, SECTION_INDEX, SECTION_NEXT, CASES_SECTIONS };

struct session_case {
    uint64_t recording;         /* to which it belongs, in the order of the report */
    uint64_t first_line;        /* 0: the session has no exchange */
    uint64_t failures;          /* findings that fail it */
    uint64_t texts[CASE_TEXTS]; /* where the first part of each is; 0: there is none */
    uint64_t ends[CASE_TEXTS];  /* and the last one */
};

/* The cases of a report, while the summary writes them. */
struct cases;

/* How a format writes them. */
struct case_writer {
    /* A recording that has cases, `failing` of which fail. */
    void (*suite)(struct cases *cases, struct slice path, uint64_t count, uint64_t failing);
    void (*one)(struct cases *cases, struct slice path, uint64_t number,
                const struct session_case *session);
    void (*suite_end)(struct cases *cases); /* NULL, as `suite`: nothing is written */
    /* What could not be checked: the text of cases_add_trouble. */
    void (*trouble)(struct cases *cases, struct slice text);
};

/* For the format's begin. */
void cases_begin(struct report *report, const char *file);

/* For the format's around. */
void cases_exchange(const struct report *report, uint64_t session, const struct exchange *exchange,
                    const struct verdict *verdict);

/* Returns true if a finding fails its case. */
bool case_fails(const struct report *report, const struct finding *finding);

/* End a text that was built, and add it: to one of a case; as the path of a recording that has been read; as trouble.
 * `fails`: it is a finding that fails the case. */
void cases_add(const struct report *report, uint64_t session, enum case_text text, bool fails,
               struct string_builder *written);
void cases_add_file(const struct report *report, uint64_t sessions, struct string_builder *path);
void cases_add_trouble(const struct report *report, struct string_builder *written);

/* Writes all suites, in the order of the recordings. Returns how many cases and troubles there are. */
uint64_t cases_write(const struct report *report, const struct case_writer *writer);

/* For a struct case_writer: where to write, and the number of this case or trouble in the report, from 1. */
FILE *cases_out(const struct cases *cases);
uint64_t cases_number(const struct cases *cases);

/* The same: writes a text of a case. */
void case_copy(struct cases *cases, const struct session_case *session, enum case_text text);

#endif
