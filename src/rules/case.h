/* case.h - what the files of rules share: one exchange under judgement, and how a finding is made.
 */
#ifndef SMTPSEQ_CASE_H
#define SMTPSEQ_CASE_H

#include "rules/credentials.h"
#include "rules/judge.h"
#include "session/session_shape.h"

/* An exchange that the next ones may lean on. */
struct landmark {
    bool set;
    size_t number;
    uint64_t line;
    enum command command;
};

/* Where a finding stands and what it leans on. */
struct cause {
    size_t number; /* of the exchange, SIZE_MAX: none */
    uint64_t line; /* 0: none */
    unsigned detail;
    char message[160];
};
#define NO_CAUSE ((struct cause){.number = SIZE_MAX})

/* Findings of which one for each session is enough: what is alike follows from it, at most so many
 * lines. */
#define FOLLOWERS_MAX 100
enum standing {
    STANDING_LONG_LINE,
    STANDING_CLIENT_NEWLINE,
    STANDING_SERVER_NEWLINE,
    STANDING_SMUGGLED,
    STANDING_SECRET,
    STANDING_NO_TLS,
    STANDING_COUNT
};

struct judge {
    struct finding_sink sink;
    const struct server_set *servers;
    struct finding **findings; /* of this session, in the order in which they were made */
    size_t count, capacity;
    uint64_t session_number;
    struct session_shape shape; /* of the exchanges so far */
    struct landmark last_sync;  /* the last command that had to end its group (RFC 2920 3.1) */
    struct landmark last_starttls;
    struct landmark last_missing;  /* the last command that was never answered */
    bool client_seen;              /* a command of the client is in the recording */
    struct landmark failed_chunk;  /* a chunk was refused or out of order, and no RSET since */
    struct landmark certain;       /* the last exchange whose reply could be for nothing else */
    struct landmark after_certain; /* the one behind it */
    bool message_runs_on;          /* message lines are being sent as commands */
    struct cause orphan_cause;     /* the refused DATA that they belong to */
    struct {
        bool made;
        struct finding *finding; /* NULL: it has been given on already */
        uint64_t order;          /* of the line, as in struct observation */
    } standing[STANDING_COUNT];
    bool smuggled_end_taken;  /* the server took the dot for the end */
    bool smuggled_commands;   /* what stands behind it reads like commands: said already */
    bool greeted;             /* the recording has the greeting */
    bool loopback;            /* the connection does not leave this computer */
    bool encrypted;           /* before the recording shows it */
    enum mechanism mechanism; /* of the last AUTH */
    unsigned answers;         /* to it, that came when nobody had asked */
    bool out_of_step;         /* replies no longer fit their commands */
    uint64_t last_stray;      /* its order */
    uint64_t settled;         /* the line of the last finding that was given on */
};

/* One exchange under judgement. */
struct judgement {
    struct judge *judge;
    const struct session *session;
    const struct exchange *exchange;
    const struct verdict *verdict;
    bool orphaned;        /* a line of a message that no DATA was accepted for */
    bool client_at_fault; /* a rule has found the client at fault with this command */
    bool failed;          /* out of memory */
};

/* Gives the first `count` findings of the session on, in order. */
void give_findings(struct judge *judge, size_t count);

/* A cause at something that happened. */
struct cause cause_at(const struct past *past, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The finding that this one would only repeat: the same rule with the same cause, or the finding
 * that is about the cause itself. NULL: none. */
struct finding *find_root(struct judge *judge, enum rule_id rule, const struct cause *cause);

void add_follower(struct judgement *judgement, struct finding *finding, uint64_t line);

/* A new finding about the exchange under judgement, without its message; NULL when out of memory (`failed` is then set). */
struct finding *make_finding(struct judgement *judgement, enum rule_id rule,
                             const struct cause *cause);

/* The same at a place of its own, with neither command nor reply. */
struct finding *make_finding_at(struct judgement *judgement, enum rule_id rule,
                                const struct location *location, const struct cause *cause);

/* Whether the session has a finding of that kind already; the line then follows from it. */
bool stands(struct judgement *judgement, enum standing standing, uint64_t line);

/* Makes `finding` the one of its kind, and gives it. NULL (out of memory): there is none. */
struct finding *stand(struct judgement *judgement, enum standing standing, struct finding *finding);

/* The recorded line from its place on; whether a text is an AUTH command. */
struct slice raw_at(const struct location *location);
bool is_auth(struct slice text);

/* Where the secret begins in the recorded line of an AUTH command, from 0; SIZE_MAX: there is none. The
 * second, where it is known what the secret is, `start` being what the first gave. */
size_t secret_start(const struct location *location);
size_t secret_start_in(const struct location *location, struct slice secret, size_t start);

/* Where the argument of the exchange's command stands in place.raw, from 0; SIZE_MAX where the
 * recorded line has it in another form. */
size_t argument_at(const struct exchange *exchange);

/* Puts the columns of a finding (NULL: none) under a part of the argument, where the recorded line has
 * it as it was sent. */
void mark_argument(struct finding *finding, const struct exchange *exchange, size_t from,
                   size_t to);

/* Folds into find_root, or makes a finding. NULL: folded, or out of memory. */
struct finding *fold_or_make(struct judgement *judgement, enum rule_id rule,
                             const struct cause *cause);

void say(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The session is over, but the command had been sent before the client could know. */
bool sent_before_close(const struct judgement *judgement);

/* The rules, in the order in which they look at an exchange. orphaned_message: lines of a message
 * that no DATA was accepted for; gives whether the exchange was such a line, which ends the matter.
 */
bool orphaned_message(struct judgement *judgement);
void pipelining_rules(struct judgement *judgement);
void order_rules(struct judgement *judgement);
void extension_rules(struct judgement *judgement);
void reply_rules(struct judgement *judgement);
void forwarding_rules(struct judgement *judgement);
void server_rules(struct judgement *judgement);
void syntax_rules(struct judgement *judgement);
/* Whether the argument of MAIL or RCPT is "FROM:<address>" and nothing else, as most are: no rule has
 * anything to say of its words. `prefix`: "FROM:" or "TO:". */
bool envelope_is_plain(struct slice argument, struct slice prefix);
void safety_rules(struct judgement *judgement);

/* Octets of a command's line, CR LF included (RFC 5321 4.5.3.1.4). */
#define COMMAND_MAX 512
void line_rules(struct judgement *judgement);

/* A server's reply shows that it took the dot for the end of the message; gives whether there is such a
 * dot at all. `line` follows from it. */
bool smuggled_end_taken(struct judgement *judgement, uint64_t line);

/* What an answer to a challenge of AUTH gives away. */
void answer_rules(struct judgement *judgement, const struct observation *observation);

#endif
