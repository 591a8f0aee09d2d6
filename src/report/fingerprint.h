/* fingerprint.h - a hash that identifies a finding from one run to the next.
 *
 * It is computed from content, never from line numbers: the rule, the file, the command, the state
 * before it, and the shape of its session so far (finding.shape: the commands, and the classes of
 * their replies). It does not change when lines are inserted above, or when arguments, reply texts
 * or our messages change. For baselines, SARIF's partialFingerprints and GitLab's reports.
 */
#ifndef SMTPSEQ_FINGERPRINT_H
#define SMTPSEQ_FINGERPRINT_H

#include "rules/finding.h"

/* Hexadecimal digits and the NUL. */
#define FINGERPRINT_TEXT 17

/* Return the command and the state of a finding, as they go into the fingerprint; empty if it
 * has none. The command is "AUTH" if it is AUTH material itself. Static storage, or the
 * finding's. */
struct slice fingerprint_command(const struct finding *finding);
const char *fingerprint_state(const struct finding *finding);

/* Returns the fingerprint of a finding. `file`: the path as the report shows it. Several
 * findings of a file may share a fingerprint: fingerprint_unique tells them apart. */
uint64_t fingerprint(const struct finding *finding, const char *file);

/* Counts how often each fingerprint was seen. Initialise with zeros. Not for two threads at
 * once. */
struct fingerprint_counts {
    struct fingerprint_count *table;
    size_t count, capacity;
};

/* Mixes into *print how many equal ones were seen before; the first of them stays as it is. Returns
 * false when out of memory. */
bool fingerprint_unique(struct fingerprint_counts *counts, uint64_t *print);
void fingerprint_counts_free(struct fingerprint_counts *counts);

/* Writes it as 16 hexadecimal digits. */
void fingerprint_text(uint64_t print, char text[FINGERPRINT_TEXT]);

#endif
