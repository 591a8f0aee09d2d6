/* material.h - takes apart what is sent with AUTH, and remembers what of it is secret.
 */
#ifndef SMTPSEQ_CHECK_MATERIAL_H
#define SMTPSEQ_CHECK_MATERIAL_H

#include "check/secrets.h"
#include "rules/credentials.h"

/* The content of a response, if its place in the dialogue tells. */
enum material_role {
    MATERIAL_ANY,
    MATERIAL_FIRST, /* of LOGIN, unasked: the name of the user, if it is like one */
    MATERIAL_USER,
    MATERIAL_PASSWORD
};

/* Remembers a response of the client: as it was sent, and what it holds when it is decoded. The names
 * of users and hosts in it are no secrets. */
void material_add(struct secrets *secrets, enum mechanism mechanism, struct slice text,
                  enum material_role role);

/* The same of the password in a response of PLAIN that was put together from several lines. */
void material_add_joined(struct secrets *secrets, struct slice text);

/* Remembers the challenge of a server, unless it is a plain question ("Password:"). */
void material_add_challenge(struct secrets *secrets, struct slice text);

/* Remembers what may be a line of a message, but for the addresses in it. */
void material_add_message(struct secrets *secrets, struct slice text);

/* The same of what a server has quoted of a message. */
void material_add_quote(struct secrets *secrets, struct slice text);

/* Returns true for a mailbox or a host name. */
bool is_address(struct slice word);

#endif
