/* exchange.h - the protocol logs of Microsoft Exchange (SmtpReceive, SmtpSend).
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_EXCHANGE_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_EXCHANGE_H

#include "transcript/formats/format.h"

extern const struct format_family exchange_family;

#endif
