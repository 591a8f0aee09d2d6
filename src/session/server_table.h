/* server_table.h - the answers of a real server, state by state: measured, or documented.
 *
 * The format (doc/server-tables.md) is one file for a server: a head, rows that hold in every
 * state, and the states with the rows that differ. Built-in tables are the files of
 * src/session/servers; others can be read at run time.
 */
#ifndef SMTPSEQ_SERVER_TABLE_H
#define SMTPSEQ_SERVER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/catalogue.h"
#include "base/slice.h"

/* The rows of a state: a command and, where that makes a difference, what becomes of it for
 * reasons other than order. "MAIL size" is a refusal for SIZE= (552); without such a row it is
 * "MAIL refused". "UNKNOWN text" is a line of a message ("Subject: x"); without such a row it is
 * "UNKNOWN". Only a server of LMTP has rows for LHLO. */
#define SERVER_EVENTS(X)            \
    X(HELO_OK, "HELO ok")           \
    X(HELO_BAD, "HELO bad")         \
    X(EHLO_OK, "EHLO ok")           \
    X(EHLO_BAD, "EHLO bad")         \
    X(MAIL_OK, "MAIL ok")           \
    X(MAIL_REFUSED, "MAIL refused") \
    X(MAIL_BAD, "MAIL bad")         \
    X(MAIL_SIZE, "MAIL size")       \
    X(RCPT_OK, "RCPT ok")           \
    X(RCPT_REFUSED, "RCPT refused") \
    X(RCPT_BAD, "RCPT bad")         \
    X(DATA, "DATA")                 \
    X(DOT_OK, ". ok")               \
    X(DOT_REFUSED, ". refused")     \
    X(BDAT, "BDAT")                 \
    X(BDAT_LAST, "BDAT LAST")       \
    X(RSET, "RSET")                 \
    X(NOOP, "NOOP")                 \
    X(VRFY, "VRFY")                 \
    X(EXPN, "EXPN")                 \
    X(HELP, "HELP")                 \
    X(AUTH_OK, "AUTH ok")           \
    X(AUTH_REFUSED, "AUTH refused") \
    X(STARTTLS, "STARTTLS")         \
    X(QUIT, "QUIT")                 \
    X(UNKNOWN, "UNKNOWN")           \
    X(TEXT, "UNKNOWN text")         \
    X(LHLO_OK, "LHLO ok")           \
    X(LHLO_BAD, "LHLO bad")

enum server_event {
#define X(name, spelling) SERVER_##name,
    SERVER_EVENTS(X)
#undef X
        SERVER_EVENT_COUNT
};

#define SERVER_CODE_RECORDED   (-1) /* in order: the code is the recording's */
#define SERVER_CODE_UNMEASURED (-2) /* nobody has asked, or no source says it */
#define SERVER_CODE_NONE       (-3) /* it answers nothing */
#define SERVER_STATES_MAX      1024
#define SERVER_NAME_MAX        40
#define SERVER_SOURCES_MAX     32

struct server_row {
    int16_t code;      /* a reply code, one of SERVER_CODE_..., or 0: the table has no row */
    uint16_t next;     /* the state it leads to */
    struct slice text; /* of the reply; part of the table's source */
    bool own;          /* the state's, not from `always` */
    uint32_t line;     /* in the source, from 1 */
};

struct server_state {
    struct slice name; /* part of the table's source */
    uint32_t line;
    struct server_row rows[SERVER_EVENT_COUNT];
};

/* The rows of the block `pipelined`: what is said to commands that do not wait. What has no row is
 * answered as one by one. */
enum server_together {
    TOGETHER_FOLLOWED = 0, /* plus an event: more was sent before the command had its reply */
    TOGETHER_FOLLOWED_HELO = SERVER_EVENT_COUNT,      /* the same, without an EHLO that was taken */
    TOGETHER_FOLLOWED_TAKEN = 2 * SERVER_EVENT_COUNT, /* the same, if it takes the command */
    TOGETHER_EARLY = 3 * SERVER_EVENT_COUNT, /* the greeting, when a command came before it */
    TOGETHER_AFTER_DOT,                      /* a command sent before the reply to the dot */
    TOGETHER_AFTER_STARTTLS,                 /* one sent before the 220 to STARTTLS */
    SERVER_TOGETHER_COUNT
};

/* How much of a kind it puts up with, with its default settings, before it closes. */
#define SERVER_LIMITS_MAX 4
enum server_limit_kind {
    LIMIT_COMMANDS, /* of some kinds, whatever it answers */
    LIMIT_ERRORS,   /* replies from 400 to 599 */
    LIMIT_FAULTS    /* replies from 500 to 504 */
};
struct server_limit {
    enum server_limit_kind of;
    uint16_t count;
    uint32_t events;  /* LIMIT_COMMANDS: bits of enum server_event */
    bool per_message; /* a message that is taken begins the count anew */
};
_Static_assert(SERVER_EVENT_COUNT <= 32, "the events of a limit are bits");

struct server_table {
    char name[SERVER_NAME_MAX];
    struct slice version;  /* part of the source */
    struct slice settings; /* of its settings what makes a difference; part of the source */
    struct slice banner;   /* of its greeting, tells its program; part of the source */
    bool documented;       /* written from public sources: what has no row was not documented */
    bool lmtp;             /* it takes LHLO: LMTP (RFC 2033) */
    struct server_limit limits[SERVER_LIMITS_MAX];
    size_t limit_count;
    bool pipelining_measured;                          /* it has the block `pipelined` */
    struct server_row together[SERVER_TOGETHER_COUNT]; /* `own`: with a next state */
    char *source;                                      /* owned */
    size_t source_size;
    struct server_state *states; /* owned; the first is where a session begins */
    size_t state_count;
    bool lacks[SERVER_EVENT_COUNT]; /* a command that no state takes: the server does not have it */
};

/* Returns what was set for the server, in a language. Those of ours are in po/server-settings.def. */
struct slice server_settings(const struct server_table *table, const struct catalogue *language);

/* Reads a table from its text, which is copied. On error returns NULL; `error` says what is
 * wrong, with `origin` and line ("mine.server:12: there is no state 'redy'"). */
struct server_table *server_table_parse(const char *origin, struct slice text,
                                        const struct catalogue *language, char *error,
                                        size_t error_size);

/* Reads a table from a file. On error returns NULL; `error` says why. */
struct server_table *server_table_load(const char *path, const struct catalogue *language,
                                       char *error, size_t error_size);

void server_table_free(struct server_table *table);

/* The built-in tables: their names and their texts; NULL after the last. */
struct server_source {
    const char *name;
    const char *text;
    size_t size;
};
extern const struct server_source server_sources[];

/* Returns the text of the built-in table of that name; NULL if there is none. */
const struct server_source *server_source_by_name(const char *name);

/* Returns "MAIL ok". Static storage. */
const char *server_event_name(enum server_event event);

#endif
