/* look.h - what a line of a log looks like by itself, before it is known whose it is. */
#ifndef SMTPSEQ_SMTP_LOOK_H
#define SMTPSEQ_SMTP_LOOK_H

#include <stdbool.h>

#include "base/slice.h"

/* Takes the next line off a head, without its line end. */
struct slice head_line(struct slice *head);

/* Whether a line by itself looks like a reply, or like a command of a client: for recognising. */
bool looks_like_reply(struct slice line);
bool looks_like_verb(struct slice line); /* a command by its first word, whatever follows */
bool looks_like_command(struct slice line);

#endif
