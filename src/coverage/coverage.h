/* coverage.h - which transitions of the protocol the recordings exercised, and which never.
 *
 * A transition is a command in a state with an answer: RCPT accepted and RCPT refused are two. The
 * transitions are those of the grammars (session/machine.h); points.def lists those that a client
 * can be expected to exercise. Commands out of order are not transitions; they are counted
 * separately.
 */
#ifndef SMTPSEQ_COVERAGE_H
#define SMTPSEQ_COVERAGE_H

#include <stdio.h>

#include "base/catalogue.h"
#include "session/reply_times.h"
#include "session/session.h"

/* The group of a transition. An extension counts if a recording uses it, the last group only on
 * request. */
enum coverage_group {
    GROUP_CORE, /* what every client does, and every server may answer */
    GROUP_AUTH,
    GROUP_STARTTLS,
    GROUP_AUTH_TLS, /* AUTH inside TLS: of clients that use both */
    GROUP_BDAT,
    GROUP_OTHER, /* rare, obsolete, or said by another transition already */
    GROUP_COUNT
};

#define GROUP_BIT(group) (1U << (group))
#define GROUPS_ALL       (GROUP_BIT(GROUP_COUNT) - 1)

/* Return "core", "auth", "starttls", "auth-tls", "bdat", "other"; and that in words. Static
 * storage. */
const char *coverage_group_name(enum coverage_group group);
const char *coverage_group_title(enum coverage_group group);

/* What an outcome means to the client: a row of machine_table.next has four of them, and most
 * say the same. */
enum answer {
    ANSWER_ACCEPTED,
    ANSWER_REFUSED,
    ANSWER_UNRECOGNIZED, /* 500 or 502, where that leads elsewhere than another refusal */
    ANSWER_CLOSED,       /* 421: the server closes. Not of an outcome */
    ANSWER_COUNT
};

/* Returns the answer that an outcome stands for; `next` is the row of its state and command. */
enum answer answer_of(const unsigned char next[OUTCOME_COUNT], enum outcome outcome);

/* A transition. */
struct coverage_point {
    bool security; /* of security.y: state and next are security states */
    unsigned char state, next;
    enum command command; /* COMMAND_COUNT: none, the server closes */
    enum answer answer;
    enum coverage_group group;
    const char *words; /* what happens; NULL: the command and its answer say it */
    const char *hint;  /* how to provoke it, or NULL */
};

#define POINTS_MAX 512

/* All transitions, by state and command. Shared by all counts; about 40 KB. */
struct coverage_map {
    struct coverage_point points[POINTS_MAX];
    size_t count;
    /* The index of the point of an exchange; negative: not a transition. */
    short order[STATE_COUNT][COMMAND_COUNT][ANSWER_COUNT];
    short closing[STATE_COUNT];
    short security[SECURITY_STATE_COUNT][COMMAND_COUNT][ANSWER_COUNT];
};

/* Returns a map, owned by the caller; NULL when out of memory. */
struct coverage_map *coverage_map_new(void);
void coverage_map_free(struct coverage_map *map);

/* Return the name of the state before and after ("rcpt"), of the command ("RCPT"; "421" for
 * none), of the answer ("refused"). Static storage. */
const char *point_state(const struct coverage_point *point);
const char *point_next(const struct coverage_point *point);
const char *point_command(const struct coverage_point *point);
const char *point_answer(const struct coverage_point *point);
/* Returns what is known in the state before, in words. Static storage. */
const char *point_state_title(const struct coverage_point *point);
/* Writes what happens in words: "RCPT refused after another was accepted". No octet comes from a
 * recording. */
void point_print(FILE *out, const struct coverage_point *point, const struct catalogue *language);

/* How often something happened, and where it happened first. */
struct coverage_tally {
    uint64_t count;
    char *file; /* NULL while count is 0 */
    uint64_t line;
};

/* The counts. */
struct coverage {
    const struct coverage_map *map;
    struct coverage_tally points[POINTS_MAX];
    struct coverage_tally out_of_order[STATE_COUNT][COMMAND_COUNT];
    uint64_t unanswered;   /* in order, but the reply is not in the recording */
    uint64_t unregistered; /* verbs that no RFC defines but the server offered */
    struct reply_times times;
};

/* The count of the replies to a command, and where the longest is; its file remains that of `time`. */
static inline struct coverage_tally tally_of_times(const struct reply_time *time)
{
    return (struct coverage_tally){time->count, time->file, time->line};
}

/* Returns counts of zero, owned by the caller; NULL when out of memory. `map` must outlive them. */
struct coverage *coverage_new(const struct coverage_map *map);
void coverage_free(struct coverage *coverage);

/* Counts an exchange, or a 421 that answered no command. Returns false when out of memory. */
bool coverage_exchange(struct coverage *coverage, const char *file, const struct exchange *exchange,
                       const struct verdict *verdict);
bool coverage_closing(struct coverage *coverage, const char *file, enum session_state state,
                      uint64_t line);

/* Moves the counts of `from` into `into`. If both have a first location, that of `into` stays. */
void coverage_merge(struct coverage *into, struct coverage *from);

/* The same, with the location that is first by the names of files, then by line. */
void coverage_merge_by_name(struct coverage *into, struct coverage *from);

/* What coverage_print_json wrote. */
struct coverage_document {
    struct coverage *counts;
    uint64_t files, sessions, exchanges;
    bool unread; /* something could not be read */
};

/* Reads such a document, which somebody else may have written, into counts of zero. Returns what is
 * wrong with it, static storage; NULL: nothing. `json`: a json_t. */
struct json_t;
const char *coverage_read(struct coverage_document *document, const struct json_t *json);

/* The totals. */
struct coverage_sum {
    unsigned groups;                                     /* those that count, as bits */
    unsigned total[GROUP_COUNT], exercised[GROUP_COUNT]; /* of all groups */
    unsigned counted, hit;                               /* in the groups that count */
    unsigned faulty_kinds;                               /* kinds of commands out of order ... */
    uint64_t faulty;                                     /* ... and how many there were */
};

/* Returns the totals. `groups`: those to count, as bits; 0: core, and the extensions that are
 * used. */
struct coverage_sum coverage_sum(const struct coverage *coverage, unsigned groups);

/* Returns tenths of a percent, rounded down: 1000 only if nothing is missing. */
unsigned coverage_permille(const struct coverage_sum *sum);

/* The input of a report. */
struct coverage_view {
    const struct coverage *coverage;
    struct coverage_sum sum;
    uint64_t files, sessions, exchanges;
    bool unread;                      /* something could not be read */
    const struct catalogue *language; /* of text and html; NULL: English */
    bool color;
    bool brief; /* text: only what was never exercised */
};

/* Write the reports. Write errors are in the stream. */
void coverage_print_text(FILE *out, const struct coverage_view *view);
bool coverage_print_json(FILE *out, const struct coverage_view *view); /* false: out of memory */
void coverage_print_dot(FILE *out, const struct coverage_view *view);
/* `drawn`: the output of Graphviz for coverage_print_dot, NUL-terminated. `inside`: it goes
 * inside a page. */
void coverage_print_svg(FILE *out, const struct coverage_view *view, const char *drawn,
                        bool inside);
/* `drawn`: NULL if there is no picture; `trouble` then says why. */
void coverage_print_html(FILE *out, const struct coverage_view *view, const char *drawn,
                         const char *trouble);

#endif
