/* unread.h - what in a recording looks like SMTP, but belongs to no session.
 */
#ifndef SMTPSEQ_CHECK_UNREAD_H
#define SMTPSEQ_CHECK_UNREAD_H

#include "smtpseq.h"

/* Looks for logs of mail servers that have no dialogue in them, by the beginning of the file. */
enum smtpseq_mail_log mail_log_of(struct slice head);

/* Counts the lines of a text in which a command stands. `lines`: how many precede it in the file. */
void unread_count(struct smtpseq_unread *unread, struct slice text, uint64_t lines);

/* Returns true if that is a dialogue, most likely: a greeting, the commands of a mail and replies. A text
 * about SMTP or a program rarely has all of them. */
bool unread_is_dialogue(const struct smtpseq_unread *unread);

#endif
