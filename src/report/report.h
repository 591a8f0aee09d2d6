/* report.h - what a person or a CI system reads. One file for each format, one row in formats.c.
 *
 * A report is written to streams that the caller owns; write errors are for the caller to find
 * (ferror). Text of a recording is escaped for the format it goes into; secrets have been blanked in
 * it before (check/outlet.h).
 *
 * Recordings are read side by side: the output for each is written apart, and joined in the order
 * of the inputs. That is enough for a format that is a list of lines. A format that is a document
 * writes into sections, and its summary assembles the document from them after the last recording.
 */
#ifndef SMTPSEQ_REPORT_H
#define SMTPSEQ_REPORT_H

#include <stdio.h>

#include "report/forward_list.h"
#include "report/outcomes.h"
#include "report/statistics.h"
#include "smtpseq.h"

struct report_options {
    const struct server_set *servers; /* of the run; NULL: none */
    const struct catalogue *language; /* where the format is `translated`; NULL: English */
    bool color;
    bool quiet;     /* no summary, where a person reads the report */
    int fail_on;    /* an enum severity: findings at or above it fail the run; or SEVERITY_COUNT */
    unsigned width; /* columns of the terminal; 0: output does not go to a terminal */
    const char *rules_page; /* where the terminal shows hyperlinks: the address of the page that
                               describes the rules; else NULL */
};

struct report_totals {
    uint64_t files, sessions, exchanges;
    uint64_t findings[SEVERITY_COUNT];
    uint64_t allowed, known; /* findings not reported: allowed with a reason, in the baseline */
    const struct outcome_groups *outcomes; /* check: what became of the sessions; else NULL */
    const struct statistics *statistics;   /* check: where it was asked for; else NULL */
    bool failed;                    /* something could not be checked: the exit status is 2 */
    bool unread;                    /* the same, other than that there was no session in any file */
    const char *const *passed_over; /* files of folders without a session, up to a NULL; or NULL */
};

/* The subject of a report. */
enum report_subject {
    REPORT_FINDINGS,
    REPORT_EXCHANGES,
    REPORT_FORWARDS,
    REPORT_COVERAGE /* has formats of its own (cli/coverage.h) */
};

#define REPORT_SECTIONS_MAX 5

struct copied_session; /* report/copied_sessions.h */

/* Buffers one part of a report until all recordings have been read. */
struct report_section {
    FILE *stream;
    bool begun; /* it has an item */
    int error;  /* errno, when it could not be read back; else 0 */
};

struct report {
    const struct report_format *format;
    enum report_subject subject;
    struct report_options options;
    FILE *out; /* while recordings are read the first section, then the report itself */
    struct report_section *sections;
    void *collected; /* the format's own data about the recording that is being read */
    /* The number of the input in the run and of the recording in that input, from 1. Together they
     * identify the recording. */
    size_t input, recording;
    bool *failed; /* set when out of memory (report_fail) */
};

struct report_format {
    const char *name;
    const char *title;
    unsigned sections;     /* 0: what is written goes straight into the report */
    const char *separator; /* between the items of a section; NULL: none */
    bool translated;       /* people read it, in the language of the run */
    bool endless; /* each item stands by itself, and nothing is kept: `check --follow` writes it */

    /* Each of these may be NULL. Before the first recording: */
    void (*heading)(const struct report *report);
    /* A recording begins: allocates report->collected. */
    void (*begin)(struct report *report, const char *file);
    /* check; NULL: the format cannot show findings */
    void (*finding)(const struct report *report, const char *file, const struct finding *finding);
    /* replay; NULL: the format cannot show exchanges */
    void (*exchange)(const struct report *report, const char *file, uint64_t session,
                     const struct exchange *exchange, const struct verdict *verdict);
    /* replay, for formats whose `exchange` is replay_exchange (replay_sessions.h): one session. */
    void (*session)(const struct report *report, const char *file, uint64_t number,
                    struct copied_session *session);
    /* check, for formats that show the session: an exchange. It comes before the findings about
     * it. */
    void (*around)(const struct report *report, uint64_t session, const struct exchange *exchange,
                   const struct verdict *verdict);
    /* check: what became of a session; after its findings, and not for RESULT_UNKNOWN. */
    void (*outcome)(const struct report *report, const char *file, uint64_t session,
                    const struct session_outcome *outcome);
    /* check: a session has ended, also RESULT_UNKNOWN; after `outcome`. Findings about it may still come, if
     * it has any. */
    void (*ended)(const struct report *report, uint64_t session,
                  const struct session_outcome *outcome);
    /* A recording has been read. */
    void (*file)(const struct report *report, const char *file,
                 const struct smtpseq_recording *recording);
    /* The last call for a recording, also after an error: frees report->collected. */
    void (*end)(struct report *report);
    /* A file could not be read, or holds no session: the exit status will be 2. The message is
     * printed to standard error too. `text` is one line and may hold any octets. */
    void (*trouble)(const struct report *report, const char *file, const char *text);
    /* All recordings have been read. With sections: writes the document. */
    void (*summary)(const struct report *report, const struct report_totals *totals);
    /* One of the 251 and 551 replies; NULL: the format cannot show them. */
    void (*forward)(const struct report *report, const char *file, const struct finding *finding);
    /* Addresses of which each has moved to the next. */
    void (*chain)(const struct report *report, const struct forward_chain *chain);
};

/* check: says what became of a session that has ended. */
void report_session(const struct report *report, const char *file, uint64_t session,
                    const struct session_outcome *outcome);

/* Begins an item of a section: writes the separator unless it is the first. Returns the stream. */
FILE *report_item(const struct report *report, unsigned section);

/* Returns the stream of a section, at its beginning, for reading. Errors are reported when the
 * report is closed. */
FILE *report_section_read(const struct report *report, unsigned section);

/* Copies the content of a section to report->out. */
void report_section_copy(const struct report *report, unsigned section);

/* Makes the run fail: the report lacks something, because out of memory. */
void report_fail(const struct report *report);

/* Returns true if the format can show the subject. */
bool report_fits(const struct report_format *format, enum report_subject subject);

/* The formats, one file each, in the order in which --help lists them; the first is the default. */
#define REPORT_FORMATS(X) \
    X(text)               \
    X(gcc)                \
    X(json)               \
    X(ndjson)             \
    X(sarif)              \
    X(junit)              \
    X(github)             \
    X(gitlab)             \
    X(tap)                \
    X(html)               \
    X(markdown)           \
    X(mermaid)            \
    X(csv)
#define X(name) extern const struct report_format name##_report;
REPORT_FORMATS(X)
#undef X

/* check: text_report, except that of many findings of one kind the first ones are shown. */
extern const struct report_format text_groups_report;

#endif
