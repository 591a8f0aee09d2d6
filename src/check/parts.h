/* parts.h - the life of readings within a recording: where one begins, and where another one takes over.
 *
 * A recording may hold several logs, and other lines around them. A reading begins some lines before
 * what looks like SMTP, and holds as long as it explains that. Lines that look like SMTP and that it
 * does not explain are a gap: where another reading explains them, the gap is read by that one, and
 * the first goes on after it, or it was over.
 */
#ifndef SMTPSEQ_CHECK_PARTS_H
#define SMTPSEQ_CHECK_PARTS_H

#include "smtpseq.h"

/* Reads all of a source, whatever is in it. `format`: NULL to find it by content. */
enum smtpseq_status read_source(struct smtpseq_checker *checker, struct source *source,
                                const struct format *format);

#endif
