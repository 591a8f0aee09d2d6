/* fingerprint.h - what makes a finding the same one in the next run.
 *
 * Made of content, never of places: the rule, the file, the command, the state before it, and the
 * shape of its session up to there (finding.shape: which commands came, and of which class their
 * replies were). Lines that are put in above, other arguments, other texts of replies and a better
 * worded message leave it as it is. For baselines, SARIF's partialFingerprints and GitLab's reports.
 */
#ifndef SMTPSEQ_FINGERPRINT_H
#define SMTPSEQ_FINGERPRINT_H

#include "rules/finding.h"

/* Hexadecimal digits and the NUL. */
#define FINGERPRINT_TEXT 17

/* What a finding is known by beside its file and its shape; static storage, or the finding's own. The
 * command is empty where there is none, and "AUTH" where it is AUTH material itself; the state is
 * empty where there is none. */
struct slice fingerprint_command(const struct finding *finding);
const char *fingerprint_state(const struct finding *finding);

/* The fingerprint of a finding. `file`: as the report shows it; the same path in the next run gives
 * the same fingerprint. Several findings of a file may share one: fingerprint_unique tells them apart.
 */
uint64_t fingerprint(const struct finding *finding, const char *file);

/* Counts how often each fingerprint has come; all zero at first. Not for two threads at once. */
struct fingerprint_counts {
    struct fingerprint_count *table;
    size_t count, capacity;
};

/* The fingerprint with how many equal ones came before it mixed in; the first of them keeps its
 * own. False when out of memory. */
bool fingerprint_unique(struct fingerprint_counts *counts, uint64_t *print);
void fingerprint_counts_free(struct fingerprint_counts *counts);

/* Writes it as 16 hexadecimal digits. */
void fingerprint_text(uint64_t print, char text[FINGERPRINT_TEXT]);

#endif
