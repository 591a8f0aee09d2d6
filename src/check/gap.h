/* gap.h - lines that look like SMTP, and that the reading at hand has given to no side.
 */
#ifndef SMTPSEQ_CHECK_GAP_H
#define SMTPSEQ_CHECK_GAP_H

#include "check/reading.h"

/* Lines before the first that looks like SMTP which belong to it: a connection's, a greeting. */
#define LEAD      32
/* The same in packets as text, of which one may take hundreds of lines. */
#define LEAD_DUMP 1024

/* After a line that the reading has given to no side. */
void gap_watch(struct reading *reading, struct slice line);

/* The reading goes on: what lies between its lines may be another's. */
void gap_ends(struct reading *reading);

/* The gap is long, or the file ends: the reading may be over. */
void gap_lasts(struct reading *reading);

/* Returns true if the line at hand shows octets or packets, although it has been given to no side yet. */
bool gap_has_own(const struct reading *reading);

/* Returns true if the last lines, which nobody has claimed, may be an excerpt that no command shows which the scan
 * looks for: the end of a group, as in a bounce. */
bool gap_may_be_excerpt(const struct reading *reading);

#endif
