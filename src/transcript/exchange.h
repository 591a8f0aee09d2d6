/* exchange.h - the protocol logs of Microsoft Exchange (SmtpReceive, SmtpSend).
 */
#ifndef SMTPSEQ_EXCHANGE_H
#define SMTPSEQ_EXCHANGE_H

#include "transcript/format.h"

extern const struct format_family exchange_family;

#endif
