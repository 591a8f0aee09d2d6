/* live.h - a recording that is being written: when enough of it is there to say what it is. */
#ifndef SMTPSEQ_CHECK_LIVE_H
#define SMTPSEQ_CHECK_LIVE_H

#include "transcript/recognise/recognise.h"
#include "transcript/source/source.h"

/* Returns true if a recording is being written, and too little has been recognised in what is there, its head:
 * it is better to wait for more. */
bool live_awaits_more(const struct source *source, const struct recognition *recognition,
                      struct slice head);

#endif
