/* result.h - what came of a file and of the recordings in it.
 */
#ifndef SMTPSEQ_RESULT_H
#define SMTPSEQ_RESULT_H

#include "base/octet_buffer.h"
#include "cli/gathered.h"
#include "cli/progress.h"
#include "cli/rule_sessions.h"
#include "cli/suppress.h"
#include "coverage/coverage.h"
#include "smtpseq.h"

/* The settings for one file. */
struct setup {
    const struct options *options;
    struct known *known;          /* the baselines */
    const struct report *reports; /* into their sections go the findings */
    size_t report_count;
    unsigned jobs; /* threads for one recording */
};

/* The result of one recording. */
struct reading {
    const char *path;
    enum smtpseq_status status;
    int error; /* errno of a read error */
    struct smtpseq_recording recording;
    const char *remarks; /* lines, or NULL */
};

/* The output of a file for one report, by section. */
struct result_text {
    char *sections[REPORT_SECTIONS_MAX];
    size_t sizes[REPORT_SECTIONS_MAX];
};

/* The result of one file. With several workers its reports wait in memory for their turn. */
struct result {
    bool done;
    bool failed;          /* something in it could not be checked */
    uint64_t files;       /* recordings in it ... */
    uint64_t passed_over; /* ... and what is none: members of an archive, files of a folder */
    uint64_t sessions, exchanges;
    uint64_t selected_sessions, selected_exchanges; /* those that the options ask for */
    uint64_t findings[SEVERITY_COUNT];
    uint64_t allowed, known; /* findings that are not reported: with a reason, in the baseline */
    bool fails;              /* a finding is at or above --fail-on */
    const struct report *reports; /* while it is read: those that it goes into */
    size_t report_count;
    struct octet_buffer said;           /* for standard error */
    bool unreported;                    /* a report lacks something of it, since out of memory */
    bool speechless;                    /* out of memory for a message */
    struct result_text *texts;          /* one for each report, or NULL */
    struct gathered *gathered;          /* owned until result_take; or NULL */
    struct progress *progress;          /* of the run, or NULL */
    const struct rule_sessions *chosen; /* replay --rule: those that are shown; NULL: all */
    uint64_t recording;                 /* the number of the one that is being read */
    struct coverage *coverage;          /* where its exchanges are counted; NULL: they are not */
};

/* Adds what came of a recording to what came of its file. `archive`: of all members of an archive. */
void result_add(struct result *result, const struct reading *reading, bool archive,
                const struct options *options);

/* Keeps text for standard error, printed when it is the file's turn. */
void result_say(struct result *result, struct slice text);

/* Tells the reports what could not be checked: in English, and in the language of those that are translated. */
void result_tell_reports(struct result *result, const char *path, const char *text,
                         const char *translation);

/* Moves what the file gives to the end of the run. Returns false when out of memory. */
bool result_take(struct result *result, struct gathered *of_all);

/* Out of memory: the file could not be checked, or not be reported. */
void result_fail(struct result *result, const char *path);

/* Writes, without the name of the file, why a recording could not be checked. NULL: in English. */
void reading_trouble(FILE *out, const struct reading *reading, bool archive,
                     const struct catalogue *language);

/* Writes the remarks on a recording. `archive`: on all members of an archive. Returns false when it
 * could not be checked. */
bool reading_remark(FILE *out, const struct reading *reading, bool archive,
                    const struct options *options);

/* Writes what a recording is, for `formats FILE`. */
void recognition_remark(FILE *out, const struct smtpseq_recording *recording);

#endif
