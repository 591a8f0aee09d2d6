/* report.h - what a person or a CI system reads. One file for each format, one row in report.c.
 *
 * A report is written to a stream that the caller owns; write errors are for the caller to find
 * (ferror). All that comes from a recording is made harmless for the format it goes into, and AUTH
 * material is redacted, unless secrets are asked for.
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
};

struct report_totals {
    uint64_t files, sessions, exchanges;
    uint64_t findings[SEVERITY_COUNT];
};

struct report {
    FILE *out;
    struct report_options options;
};

struct report_format {
    const char *name;
    const char *title;
    void (*finding)(const struct report *report, const char *file, const struct finding *finding);
    /* replay; NULL: the format has no form for exchanges */
    void (*exchange)(const struct report *report, const char *file, uint64_t session,
                     const struct exchange *exchange, const struct verdict *verdict);
    /* A file has been read; NULL: nothing is said. */
    void (*file)(const struct report *report, const char *file,
                 const struct smtpseq_recording *recording);
    /* Everything has been read; NULL: nothing is said. `replay`: of exchanges, not findings. */
    void (*summary)(const struct report *report, const struct report_totals *totals, bool replay);
    /* One of the 251 and 551 answers; NULL: the format has no form for them. */
    void (*forward)(const struct report *report, const char *file, const struct finding *finding);
    void (*forward_heading)(const struct report *report);
};

/* The formats one by one, NULL behind the last; and by name, NULL where there is none. */
const struct report_format *report_format_at(size_t index);
const struct report_format *report_format_by_name(const char *name);

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
extern const struct report_format text_report, gcc_report, ndjson_report;

#endif
