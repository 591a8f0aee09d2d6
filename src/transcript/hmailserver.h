/* hmailserver.h - the log of hMailServer.
 */
#ifndef SMTPSEQ_HMAILSERVER_H
#define SMTPSEQ_HMAILSERVER_H

#include "transcript/format.h"

extern const struct format_family hmailserver_family;

#endif
