/* tcpflow_pair.h - a session in two files, one for each side, as tcpflow writes it.
 *
 * The files do not show the order of commands and replies, so it is reconstructed: the greeting, a
 * group of commands that may be sent at once, its replies, and so on. The client gets the benefit
 * of the doubt: if PIPELINING was offered a group is as long as RFC 2920 allows, else it is one
 * command.
 */
#ifndef SMTPSEQ_TRANSCRIPT_DUMPS_TCPFLOW_PAIR_H
#define SMTPSEQ_TRANSCRIPT_DUMPS_TCPFLOW_PAIR_H

#include "transcript/formats/format.h"

/* Reads both files to the end. `name`: that of a file, with its addresses. Adds their lines to
 * *lines. Returns 1 when done, -1 on a read error (errno), 0 when out of memory. */
int tcpflow_pair_read(struct source *client, struct source *server, struct slice name,
                      const struct line_sink *sink, uint64_t *lines);

/* Returns true for the name of a file of a pair: "A-B", each an address with a port. Writes the
 * name of the other one, "B-A", to `other`, which must hold as many octets as `name`. */
bool tcpflow_other_name(struct slice name, char *other);

#endif
