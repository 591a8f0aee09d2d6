/* coverage.h - which transitions of the protocol recordings have exercised, and which never.
 *
 * A transition is a command in a state with an answer: RCPT accepted and RCPT refused are two. They
 * are those of the grammars (session/machine.h); which of them a client can be asked to have
 * exercised, points.def says. Commands that were out of order are no transitions; they are counted
 * beside them.
 */
#ifndef SMTPSEQ_COVERAGE_H
#define SMTPSEQ_COVERAGE_H

#include <stdio.h>

#include "session/session.h"

/* What a transition belongs to. An extension counts when a recording uses it, the last group never,
 * unless it is asked for. */
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

/* "core", "auth", "starttls", "auth-tls", "bdat", "other"; and in words. Static storage. */
const char *coverage_group_name(enum coverage_group group);
const char *coverage_group_title(enum coverage_group group);

/* What an outcome means to the client: a row of machine_table.next has four of them, and most say the
 * same. */
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

/* All transitions, in the order of the states and of what is said in them. Shared by all who count;
 * about 40 KB. */
struct coverage_map {
    struct coverage_point points[POINTS_MAX];
    size_t count;
    /* From what happened to the index of its point; negative: no transition. */
    short order[STATE_COUNT][COMMAND_COUNT][ANSWER_COUNT];
    short closing[STATE_COUNT];
    short security[SECURITY_STATE_COUNT][COMMAND_COUNT][ANSWER_COUNT];
};

/* A map, owned by the caller. NULL when out of memory. */
struct coverage_map *coverage_map_new(void);
void coverage_map_free(struct coverage_map *map);

/* The name of a point's state and of the one behind it ("rcpt"), of the command ("RCPT"; "421" for
 * none), of the answer ("refused"). Static storage. */
const char *point_state(const struct coverage_point *point);
const char *point_next(const struct coverage_point *point);
const char *point_command(const struct coverage_point *point);
const char *point_answer(const struct coverage_point *point);
/* What is known in that state, in words. Static storage. */
const char *point_state_title(const struct coverage_point *point);
/* Writes what happens in words: "RCPT refused after another was accepted". Own text only, no octet of
 * a recording. */
void point_print(FILE *out, const struct coverage_point *point);

/* How often something happened, and where first. */
struct coverage_tally {
    uint64_t count;
    char *file; /* NULL while count is 0 */
    uint64_t line;
};

/* What was counted. */
struct coverage {
    const struct coverage_map *map;
    struct coverage_tally points[POINTS_MAX];
    struct coverage_tally out_of_order[STATE_COUNT][COMMAND_COUNT];
    uint64_t unanswered;   /* in order, but the reply is not in the recording */
    uint64_t unregistered; /* verbs that no RFC has and the server offered */
};

/* A count of nothing, owned by the caller. `map` must outlive it. NULL when out of memory. */
struct coverage *coverage_new(const struct coverage_map *map);
void coverage_free(struct coverage *coverage);

/* Counts an exchange, or a 421 that answered no command. False when out of memory. */
bool coverage_exchange(struct coverage *coverage, const char *file, const struct exchange *exchange,
                       const struct verdict *verdict);
bool coverage_closing(struct coverage *coverage, const char *file, enum session_state state,
                      uint64_t line);

/* Moves what `from` has counted into `into`; where both know a first place, that of `into` stays. */
void coverage_merge(struct coverage *into, struct coverage *from);

/* The sum. */
struct coverage_sum {
    unsigned groups;                                     /* that count: bits */
    unsigned total[GROUP_COUNT], exercised[GROUP_COUNT]; /* of all groups */
    unsigned counted, hit;                               /* in the groups that count */
    unsigned faulty_kinds;                               /* kinds of commands out of order ... */
    uint64_t faulty;                                     /* ... and how many there were */
};

/* `groups`: those that are to count; 0: core, and the extensions that are used. */
struct coverage_sum coverage_sum(const struct coverage *coverage, unsigned groups);

/* Tenths of a percent, rounded down: 1000 only when nothing is missing. */
unsigned coverage_permille(const struct coverage_sum *sum);

/* What the reports are made of. */
struct coverage_view {
    const struct coverage *coverage;
    struct coverage_sum sum;
    uint64_t files, sessions, exchanges;
    bool color;
    bool brief; /* text: only what was never exercised */
};

/* The reports. Write errors are in the stream. */
void coverage_print_text(FILE *out, const struct coverage_view *view);
bool coverage_print_json(FILE *out, const struct coverage_view *view); /* false: out of memory */
void coverage_print_dot(FILE *out, const struct coverage_view *view);
/* `drawn`: what Graphviz made of coverage_print_dot, ending in NUL. `inside`: to stand inside a
 * page. */
void coverage_print_svg(FILE *out, const struct coverage_view *view, const char *drawn,
                        bool inside);
/* `drawn`: NULL where there is no picture; `trouble` then says why. */
void coverage_print_html(FILE *out, const struct coverage_view *view, const char *drawn,
                         const char *trouble);

#endif
