/* forward_path.h - the address in a 251 or 551 reply, and the one in a RCPT or VRFY.
 */
#ifndef SMTPSEQ_FORWARD_PATH_H
#define SMTPSEQ_FORWARD_PATH_H

#include "base/slice.h"

/* The forward-path that a reply to RCPT or VRFY names (RFC 5321 3.4, 4.2.3): "251 User not local;
 * will forward to <a@b>", without brackets as well, the last of several, without a source route.
 * `text`: the reply's text, lines joined by \n. `asked`: the address that was asked for, which is
 * no answer. Returns a part of `text`, empty where there is none, or only a placeholder such as
 * <forward-path>. */
struct slice forward_path_in_reply(struct slice text, struct slice asked);

/* The address in the argument of RCPT ("TO:<a@b> NOTIFY=NEVER") or of VRFY ("a", "<a@b>"): a part of
 * it, without brackets and source route. */
struct slice forward_path_in_argument(struct slice argument);

#endif
