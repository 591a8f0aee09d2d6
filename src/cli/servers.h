/* servers.h - smtpseq servers: the measured tables, and the matrix of rules and servers.
 */
#ifndef SMTPSEQ_CLI_SERVERS_H
#define SMTPSEQ_CLI_SERVERS_H

#include "cli/options.h"

enum cli_status command_servers(int argc, char *argv[]);

/* What each built-in server says to the fault; nothing where that is no matter of servers. False
 * when out of memory. */
bool print_servers_of_rule(const struct rule *rule);

#endif
