/* bounce.h - the part of a session that a mail server quotes when it sends a message back.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_BOUNCE_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_BOUNCE_H

#include "transcript/formats/format.h"

extern const struct format_family bounce_family;

#endif
