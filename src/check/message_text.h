/* message_text.h - what the client last sent as a message, for as long as the server may quote it.
 *
 * A server may repeat a line of a message in its reply. The reply is compared with the message then, and
 * what they have in common is remembered as a secret. Of a long message the beginning and the end are
 * kept.
 */
#ifndef SMTPSEQ_CHECK_MESSAGE_TEXT_H
#define SMTPSEQ_CHECK_MESSAGE_TEXT_H

#include "base/octet_buffer.h"
#include "check/secrets.h"

/* Octets of the beginning, and as many of the end. */
#define MESSAGE_TEXT_HALF ((size_t)16 << 10)

/* All zero at first; message_text_free when done. */
struct message_text {
    struct octet_buffer
        octets;  /* lines, each with a line feed: the beginning, then the end as a ring */
    size_t next; /* in the ring: where the next octets go */
};
void message_text_free(struct message_text *text);

/* Another message begins. */
static inline void message_text_forget(struct message_text *text)
{
    text->octets.size = text->next = 0;
}

/* Adds one line of the message, or several with their line ends. */
void message_text_add(struct message_text *text, struct secrets *secrets, struct slice lines);

/* Remembers what a reply quotes of the message. */
void message_text_compare(const struct message_text *text, struct secrets *secrets,
                          struct slice reply);

#endif
