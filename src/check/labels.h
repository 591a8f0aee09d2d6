/* labels.h - what a log calls a session: the test, the peer, the time.
 */
#ifndef SMTPSEQ_CHECK_LABELS_H
#define SMTPSEQ_CHECK_LABELS_H

#include "check/conversation.h"

/* Takes what a note says of a connection: to whom, when, and that nothing has come. */
void take_connection(struct conversation *conversation, const struct line *note);

/* Takes when the client went on without a greeting. */
void take_first_command(struct conversation *conversation, const struct exchange *exchange);

/* Labels the session that begins with the line that is being taken. */
void label_session(struct conversation *conversation);

/* Takes the name of a test, if the line has one. Returns true if what follows belongs to another test. */
bool take_heading(struct conversations *all, struct conversation *conversation,
                  const struct line *line);

/* Returns true if unittest began the line and the client went on with it:
 * "test_send (tests.TestMail) ... send: 'ehlo client.example.org'". */
bool begins_test(const struct line *line);

/* Takes the heading before a client's line, which ends the session before it. False when out of memory. */
bool take_test(struct conversations *all, struct conversation *conversation,
               const struct line *line);

#endif
