/* progress.h - a line on standard error that says how far a run is: files, octets, rate, time left.
 *
 * Appears when a run takes longer than a second and standard error is a terminal; a thread of its own
 * draws it. How far a file has been read, the descriptor knows: nothing is counted while reading.
 */
#ifndef SMTPSEQ_PROGRESS_H
#define SMTPSEQ_PROGRESS_H

#include "cli/inputs.h"

struct progress;

/* Begins; the inputs must outlive it. NULL: there is no terminal that could show it, or no thread to be
 * had; all below take NULL. */
struct progress *progress_start(const struct inputs *inputs);

/* Ends, and leaves nothing on the screen. */
void progress_stop(struct progress *progress);

/* An input is read through that descriptor; may be called from any thread. Returns a number for
 * progress_file_done, after which the descriptor may be closed. */
size_t progress_file(struct progress *progress, int descriptor);
void progress_file_done(struct progress *progress, size_t number);

/* Erases the line before something else is printed; it stays away until progress_resume. */
void progress_pause(struct progress *progress);
void progress_resume(struct progress *progress);

#endif
