/* look.h - what a line of a log looks like by itself, before anything is known about its side. */
#ifndef SMTPSEQ_SMTP_LOOK_H
#define SMTPSEQ_SMTP_LOOK_H

#include <stdbool.h>

#include "base/slice.h"

/* Takes the next line off a head; returns it without its line end. */
struct slice head_line(struct slice *head);

/* Return true if a line by itself looks like a reply, a verb or a command. */
bool looks_like_reply(struct slice line);
bool looks_like_verb(struct slice line); /* a command by its first word, whatever follows */
bool looks_like_command(struct slice line);

/* Returns the text without the line end that some loggers write out after it: "<CRLF>", "\r\n". */
struct slice without_written_end(struct slice text);

/* Returns true if the line of a reply to EHLO looks like an extension: a keyword in capitals (RFC 5321
 * 4.1.1.1). */
bool looks_like_extension(struct slice line);

/* Returns true if a person has put the line in the place of others: "...", "[snip]". */
bool looks_elided(struct slice line);

#endif
