/* report.h - what a person or a CI system reads. One file for each format, one row in formats.c.
 *
 * A report is written to streams that the caller owns; write errors are for the caller to find
 * (ferror). All that comes from a recording is made harmless for the format it goes into, and AUTH
 * material is redacted, unless secrets are asked for.
 *
 * Recordings are read side by side, so what a format says of each is written apart and put together
 * in the order of the inputs. A format that is a list of lines needs no more. One that is a document
 * writes into sections, and its summary puts the document together from them when all has been read.
 */
#ifndef SMTPSEQ_REPORT_H
#define SMTPSEQ_REPORT_H

#include <stdio.h>

#include "smtpseq.h"

#define REDACTED "[redacted]"

struct report_options {
    const struct server_set *servers; /* of the run; NULL: none */
    bool color;
    bool show_secrets;
    bool quiet;     /* no summary, where a person reads the report */
    int fail_on;    /* the enum severity from which on a finding fails the run; or SEVERITY_COUNT */
    unsigned width; /* columns of the terminal; 0: there is none */
    const char *rules_page; /* where the terminal shows hyperlinks: the address of the page that
                               describes the rules; else NULL */
};

struct report_totals {
    uint64_t files, sessions, exchanges;
    uint64_t findings[SEVERITY_COUNT];
    uint64_t allowed, known; /* findings that are not reported: with a reason, in the baseline */
    bool failed;             /* something could not be checked: the exit status is 2 */
};

/* What a report is of. */
enum report_subject {
    REPORT_FINDINGS,
    REPORT_EXCHANGES,
    REPORT_FORWARDS,
    REPORT_COVERAGE /* has formats of its own (cli/coverage.h) */
};

#define REPORT_SECTIONS_MAX 5

struct kept_session; /* report/kept.h */

/* Where one part of a report goes until all has been read. */
struct report_section {
    FILE *stream;
    bool begun; /* it has an item */
    int error;  /* errno, when it could not be read back */
};

struct report {
    const struct report_format *format;
    enum report_subject subject;
    struct report_options options;
    FILE *out; /* while recordings are read the first section, then the report itself */
    struct report_section *sections;
    void *kept; /* what the format keeps of a recording until it has been read; its own */
    size_t input,
        recording; /* which input of the run is being read, and which recording in it: from
                                1; together a name for the recording that no other has */
    bool *failed;  /* set when out of memory (report_fail) */
};

struct report_format {
    const char *name;
    const char *title;
    unsigned sections;     /* 0: what is written goes straight into the report */
    const char *separator; /* between the items of a section; NULL: none */

    /* Before the first recording; NULL, as with all below: nothing is said. */
    void (*heading)(const struct report *report);
    /* A recording begins: the place to allocate report->kept. */
    void (*begin)(struct report *report, const char *file);
    /* check; NULL: the format has no form for findings */
    void (*finding)(const struct report *report, const char *file, const struct finding *finding);
    /* replay; NULL: the format has no form for exchanges */
    void (*exchange)(const struct report *report, const char *file, uint64_t session,
                     const struct exchange *exchange, const struct verdict *verdict);
    /* replay, for formats whose `exchange` is that of report/whole.h: a session. */
    void (*session)(const struct report *report, const char *file, uint64_t number,
                    struct kept_session *session);
    /* The exchanges around the findings, in check: for formats that show the session. They come before
     * the findings of their session. */
    void (*around)(const struct report *report, uint64_t session, const struct exchange *exchange,
                   const struct verdict *verdict);
    /* A recording has been read. */
    void (*file)(const struct report *report, const char *file,
                 const struct smtpseq_recording *recording);
    /* The last call for a recording, whatever became of it: frees report->kept. */
    void (*end)(struct report *report);
    /* Something could not be read, or holds no session: the exit status will be 2. Standard error
     * says it too. `text` is one line and may hold any octets. */
    void (*trouble)(const struct report *report, const char *file, const char *text);
    /* Everything has been read. With sections: writes the document. */
    void (*summary)(const struct report *report, const struct report_totals *totals);
    /* One of the 251 and 551 answers; NULL: the format has no form for them. */
    void (*forward)(const struct report *report, const char *file, const struct finding *finding);
};

/* Begins an item of a section: writes the separator unless it is the first. Gives the stream. */
FILE *report_item(const struct report *report, unsigned section);

/* A section from its beginning, for reading. What fails is found when the report is closed. */
FILE *report_section_read(const struct report *report, unsigned section);

/* Copies all that is in a section to report->out. */
void report_section_copy(const struct report *report, unsigned section);

/* Something could not be put into the report since out of memory: the run fails. */
void report_fail(const struct report *report);

/* Whether a format has a form for that. */
bool report_fits(const struct report_format *format, enum report_subject subject);

/* The argument of a command, without its secret: for AUTH the mechanism and REDACTED. Fills `room`
 * where it has to be put together; else gives the argument itself. */
struct slice shown_argument(const struct exchange *exchange, bool show_secrets, char *room,
                            size_t room_size);

/* The verb of a command that no RFC registers, and the text of a reply: REDACTED where they are, or
 * repeat, a secret. */
struct slice shown_verb(const struct exchange *exchange, const struct verdict *verdict,
                        bool show_secrets);
struct slice shown_reply(const struct exchange *exchange, const struct verdict *verdict,
                         const struct reply *reply, bool show_secrets);

/* The same of a finding. */
struct slice shown_finding_command(const struct finding *finding, bool show_secrets);
struct slice shown_finding_reply(const struct finding *finding, bool show_secrets);

/* One file each. */
extern const struct report_format text_report, gcc_report, ndjson_report, json_report, sarif_report,
    junit_report, github_report, gitlab_report, tap_report, html_report, mermaid_report;

#endif
