/* session_name.h - a session as a person finds it again: its number, and what the log calls it.
 */
#ifndef SMTPSEQ_SESSION_NAME_H
#define SMTPSEQ_SESSION_NAME_H

#include <stdio.h>

#include "smtp/session_label.h"

/* Returns true if the log says anything of the session. */
bool label_is_known(const struct session_label *label);

/* Writes "test_send, 192.0.2.7, 08DE00A1, 2026-11-30T10:00:00", escaped for a terminal. */
void label_print(FILE *out, const struct session_label *label);

/* Writes "session 3", and the label in brackets if there is one. */
void session_name_print(FILE *out, uint64_t number, const struct session_label *label);

#endif
