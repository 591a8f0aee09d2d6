/* hmailserver.h - the log of hMailServer.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_HMAILSERVER_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_HMAILSERVER_H

#include "transcript/formats/format.h"

extern const struct format_family hmailserver_family;

#endif
