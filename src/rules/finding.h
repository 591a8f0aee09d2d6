/* finding.h - what a rule found: all that a report needs, copied out of the recording.
 */
#ifndef SMTPSEQ_FINDING_H
#define SMTPSEQ_FINDING_H

#include "base/catalogue.h"
#include "base/slice.h"
#include "rules/rules.h"
#include "session/server.h"
#include "session/session.h"
#include "smtp/session_label.h"

/* Octets of a recording, at most so many. */
#define EXCERPT(most)    \
    struct {             \
        size_t size;     \
        char data[most]; \
    }

/* Copies as much as fits. */
#define EXCERPT_SET(excerpt, slice_expression)                                              \
    do {                                                                                    \
        struct slice excerpt_source = slice_head((slice_expression), sizeof(excerpt).data); \
        (excerpt).size = excerpt_source.size;                                               \
        if (excerpt_source.size > 0)                                                        \
            memcpy((excerpt).data, excerpt_source.data, excerpt_source.size);               \
    } while (0)

#define EXCERPT_SLICE(excerpt) ((struct slice){(excerpt).data, (excerpt).size})

/* Followers of a finding that are named; a session can have millions of them, and the others are
 * counted. */
#define FOLLOWERS_NAMED 256

/* An earlier line that explains a finding. */
struct earlier_line {
    uint64_t line;                 /* 0: none */
    size_t number;                 /* of its exchange; SIZE_MAX: none */
    char message[160];             /* at its line: "MAIL was accepted here" */
    struct line_copy at;           /* the line itself; without octets where it is not kept */
    size_t marked_from, marked_to; /* what of it is marked; set when the finding is passed on */
};

/* The texts of a finding in another language. */
struct finding_words {
    char message[600];
    char since[240];
    char cause[240], origin[240]; /* at their lines */
};

struct finding {
    const struct rule *rule;
    enum severity severity;
    enum fault fault;
    uint64_t session;           /* within the file, from 1 */
    struct session_label label; /* what the log calls it */
    unsigned part;              /* which file of the recording: as in struct line */
    uint64_t line;
    uint32_t column, end_column;
    struct slice raw;   /* the recorded line; kept */
    enum hidden hidden; /* what of the command must not be shown (check/redact.h) */
    size_t hidden_from; /* octets of `raw` from here on must not; SIZE_MAX: none */
    size_t hidden_size; /* HIDDEN_MESSAGE: the octets of the line of a message */
    bool blanked;       /* `raw` is not as it was recorded */
    size_t marked_from,
        marked_to;        /* what of `raw` the finding is about; set when it is passed on */
    EXCERPT(64) command;  /* empty: none */
    bool unknown;         /* it is the verb of a command that no RFC registers */
    EXCERPT(64) known_as; /* `command` for baselines, which never hold a secret */
    bool has_state;
    enum session_state state;
    uint64_t shape; /* of the session before it (session/session_shape.h) */
    command_set expected;
    struct {
        uint64_t line; /* 0: none */
        int code;
        EXCERPT(256) text;
    } reply;
    int predicted;              /* 0: nothing to say */
    struct prediction *servers; /* of the servers of the run, in their order; owned */
    size_t server_count;        /* 0: none was asked */
    struct earlier_line cause;
    char since[160];            /* the cause in a sentence: "since MAIL was accepted at line 9" */
    struct earlier_line origin; /* the MAIL whose transaction the cause did not end */
    uint64_t *followers;        /* lines, in the order in which they were found; owned */
    size_t follower_count, follower_capacity;
    uint64_t more_followers;              /* so many are not among them */
    uint64_t last_follower;               /* the line of the last one, named or not */
    size_t follower_number;               /* the exchange of the last one; SIZE_MAX: none */
    bool followed_here;                   /* something else on its own line follows from it */
    uint64_t more_sessions;               /* so many others of the file have the same */
    struct slice recipient, forward_path; /* empty: none; kept */
    char message[400];
    struct finding_words *words; /* NULL: there is no other language; owned */
    bool told;                   /* while its session still runs: it has been reported already */
    const char *help; /* where the rule's own does not fit; NULL: it does. Static storage */

    /* For folding: */
    size_t number;   /* the exchange it is about; SIZE_MAX: none */
    uint64_t detail; /* which of several causes at one exchange */
};

/* The most octets of a text that a finding keeps: longer ones are cut. */
#define FINDING_TEXT 512

/* Makes the finding's own copy of a text: `kept` is one of its slices. False when out of memory. */
bool finding_keep(struct slice *kept, struct slice text);

/* The code that the server of that place in the run would answer with; 0: none, or it was not asked. */
static inline int finding_code(const struct finding *finding, size_t server)
{
    return server < finding->server_count ? finding->servers[server].code : 0;
}

/* Returns the advice for the finding. Static storage. */
static inline const char *finding_help(const struct finding *finding)
{
    return finding->help ? finding->help : finding->rule->fix;
}

/* Return the message of a finding, its cause in a sentence, and the texts at the lines of its cause and its
 * origin, in the language of its words. */
static inline const char *finding_message(const struct finding *finding)
{
    return finding->words ? finding->words->message : finding->message;
}
static inline const char *finding_since(const struct finding *finding)
{
    return finding->words ? finding->words->since : finding->since;
}
static inline const char *finding_cause(const struct finding *finding)
{
    return finding->words ? finding->words->cause : finding->cause.message;
}
static inline const char *finding_origin(const struct finding *finding)
{
    return finding->words ? finding->words->origin : finding->origin.message;
}

/* Octets that a finding holds. */
size_t finding_memory(const struct finding *finding);

/* A copy, which is the caller's. NULL when out of memory. */
struct finding *finding_copy(const struct finding *finding);

/* Adds a line that follows from a finding. False when out of memory. */
bool finding_follow(struct finding *finding, uint64_t line);

/* Adds the finding of another session to one of the same rule: the lines of `other` follow from those of
 * `first`, or the other way round where it is the earlier one; `first` is what is left, and the caller
 * frees `other`. False when out of memory. */
bool finding_fold(struct finding *first, struct finding *other);

/* Frees a finding; NULL is allowed. */
void finding_free(struct finding *finding);

/* Orders findings by place, at one place by rule: for qsort over pointers to them. */
int finding_compare(const void *left, const void *right);

#endif
