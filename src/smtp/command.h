/* command.h - the commands of SMTP and how one is read from a client's line.
 *
 * A command is one row of COMMANDS: the enum, the spellings, the verbs that are recognised
 * (command_of_verb), the rules of the scanner (grammar/verbs.py, command.l), the replies that fit
 * (reply_code_fits) and the tokens of session.y that the build walks (grammar/walk.c) come from it.
 */
#ifndef SMTPSEQ_SMTP_COMMAND_H
#define SMTPSEQ_SMTP_COMMAND_H

#include <stdint.h>

#include "base/slice.h"

/* In the order of expected lists: name, spelling, and the positive replies of RFC 5321 4.3.2 and of the
 * text that defines the command. CONNECT is the greeting, END_OF_DATA the dot; 252 to RCPT is for VRFY
 * (rule unverified-252 speaks of it). */
#define COMMANDS(X)                     \
    X(CONNECT, "CONNECT", 220)          \
    X(MAIL, "MAIL", 250)                \
    X(RCPT, "RCPT", 250, 251, 252)      \
    X(DATA, "DATA", 354)                \
    X(BDAT, "BDAT", 250)                \
    X(BDAT_LAST, "BDAT LAST", 250)      \
    X(END_OF_DATA, ".", 250, 353)       \
    X(RSET, "RSET", 250)                \
    X(QUIT, "QUIT", 221)                \
    X(EHLO, "EHLO", 250)                \
    X(HELO, "HELO", 250)                \
    X(LHLO, "LHLO", 250)                \
    X(AUTH, "AUTH", 235, 334)           \
    X(STARTTLS, "STARTTLS", 220)        \
    X(NOOP, "NOOP", 250)                \
    X(VRFY, "VRFY", 250, 251, 252)      \
    X(EXPN, "EXPN", 250, 252)           \
    X(HELP, "HELP", 211, 214)           \
    X(ETRN, "ETRN", 250, 251, 252, 253) \
    X(ATRN, "ATRN", 250)                \
    X(TURN, "TURN", 250)                \
    X(BURL, "BURL", 250)                \
    X(BURL_LAST, "BURL LAST", 250)      \
    X(XCLIENT, "XCLIENT", 220, 250)     \
    X(XFORWARD, "XFORWARD", 250)        \
    X(XEXCH50, "XEXCH50", 354)          \
    X(SEND, "SEND", 250)                \
    X(SOML, "SOML", 250)                \
    X(SAML, "SAML", 250)                \
    X(UNKNOWN, "unknown command", 0)

enum command {
#define X(name, spelling, ...) COMMAND_##name,
    COMMANDS(X)
#undef X
        COMMAND_COUNT
};

/* The spelling of a command: "MAIL", "BDAT LAST", ".". Static storage. */
const char *command_name(enum command command);

/* The verb alone, without LAST: "BDAT" for BDAT LAST. Static storage. */
const char *command_verb(enum command command);

/* A set of commands: bit n is command n. */
typedef uint64_t command_set;
#define COMMAND_BIT(command) (UINT64_C(1) << (command))
#define HELLO_COMMANDS \
    (COMMAND_BIT(COMMAND_EHLO) | COMMAND_BIT(COMMAND_HELO) | COMMAND_BIT(COMMAND_LHLO))
/* Those that begin a mail transaction. */
#define MAIL_COMMANDS                                                                    \
    (COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_SEND) | COMMAND_BIT(COMMAND_SOML) | \
     COMMAND_BIT(COMMAND_SAML))

static inline bool command_is_hello(enum command command)
{
    return HELLO_COMMANDS >> command & 1;
}

/* A client's line taken apart. All slices are parts of the line. */
struct command_line {
    enum command command;
    struct slice verb;     /* as sent */
    struct slice argument; /* after the verb and its blanks; may be empty */
    uint64_t octets;       /* BDAT: the size of the chunk; 0 where it is malformed */
};

/* The scanner's memory, owned by the caller: one for each thread. NULL when out of memory. */
struct command_scanner;
struct command_scanner *command_scanner_new(void);
void command_scanner_free(struct command_scanner *scanner);

/* Returns the command whose verb the line begins with, in any case, and in *length the octets of the
 * verb; COMMAND_UNKNOWN and 0 if there is none. BDAT LAST is COMMAND_BDAT here. */
enum command command_of_verb(struct slice line, size_t *length);

/* Takes one client's line (without its line end) apart. Any octets are allowed; what is no command
 * in COMMANDS comes back as COMMAND_UNKNOWN with the first word as its verb. A line of a single dot
 * is COMMAND_END_OF_DATA; the dialogue knows whether it means that. Without a scanner (NULL) the
 * verb of an unknown command is not found. */
void command_read(struct command_scanner *scanner, struct slice line, struct command_line *result);

static inline struct command_line command_scan(struct command_scanner *scanner, struct slice line)
{
    struct command_line result;
    command_read(scanner, line, &result);
    return result;
}

/* Returns true if the line, by itself, looks like a well-formed command of SMTP rather than like
 * text: used where only the words can tell a command from a message or from notes. */
bool command_looks_real(const struct command_line *line);

/* Returns true if a longer line could be a command that this one is not yet: it is empty, or the
 * beginning of a verb. */
bool command_may_begin(struct slice line);

#endif
