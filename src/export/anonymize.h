/* anonymize.h - replaces whatever may tell people, hosts and mails in a transcript, and keeps what decides
 * order: verbs, reply codes, extensions, parameters, sizes.
 *
 * The same word becomes the same other word of the same length, an address of the network one of those for
 * documentation (RFC 5737, RFC 3849). Loopback stays, and so do the words that SMTP servers use of SMTP
 * (words.def): rules look for them.
 */
#ifndef SMTPSEQ_EXPORT_ANONYMIZE_H
#define SMTPSEQ_EXPORT_ANONYMIZE_H

#include "export/transcript.h"

/* Replaces in all sessions. Returns false when out of memory. */
bool anonymize(struct transcript *transcript);

#endif
