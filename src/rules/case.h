/* case.h - what the files of rules share: one event under judgement, and how a finding is made.
 *
 * A rule is a row of registry.def. The row says which events the rule sees, what it needs, which
 * function checks it and which earlier line is its cause; judge.c calls the functions of the rows that
 * see an event. A check reports with the functions below, which know the rule and its cause.
 */
#ifndef SMTPSEQ_CASE_H
#define SMTPSEQ_CASE_H

#include "rules/cause.h"
#include "rules/credentials.h"
#include "rules/judge.h"
#include "session/session_shape.h"

/* The functions that a row names. */
struct judgement;
struct rule_check {
    void (*check)(struct judgement *judgement);
    struct cause (*cause)(const struct judgement *judgement);
};
extern const struct rule_check rule_checks[RULE_COUNT];

/* Rules that are reported once a session; later hits become followers, at most FOLLOWERS_MAX. */
#define FOLLOWERS_MAX 100
enum once {
    ONCE_LONG_LINE,
    ONCE_CLIENT_NEWLINE,
    ONCE_SERVER_NEWLINE,
    ONCE_SMUGGLED,
    ONCE_SECRET,
    ONCE_NO_TLS,
    ONCE_FOREIGN,
    ONCE_CLEAR_REPLY,
    ONCE_CLEAR_COMMAND,
    ONCE_COUNT
};

/* The events that a judge remembers. */
enum seen {
    SEEN_SYNC, /* the last command that had to end its group (RFC 2920 3.1) */
    SEEN_STARTTLS,
    SEEN_FAILED_CHUNK,  /* a chunk was refused or out of order, and no RSET since */
    SEEN_CERTAIN,       /* the last exchange whose reply could be for nothing else */
    SEEN_AFTER_CERTAIN, /* the one after it */
    SEEN_REFUSED,       /* the last command that was refused */
    SEEN_UNANSWERED,    /* the last after which the client did not wait for its reply */
    SEEN_REFUSED_DATA,  /* the refused DATA of the message lines that are sent as commands */
    SEEN_COUNT
};

struct judge {
    struct finding_sink sink;
    const struct server_set *servers;
    const struct plan *plan;
    struct finding **findings; /* of this session, in the order in which they were made */
    size_t count, capacity;
    uint64_t session_number;
    struct session_shape shape; /* of the exchanges so far */
    struct event seen[SEEN_COUNT];
    bool refused_before_group; /* it was the last that was answered */
    bool group_open;           /* since then one was sent in its group and not answered */
    bool client_seen;          /* a command of the client is in the recording */
    bool message_runs_on;      /* message lines are being sent as commands */
    struct {
        bool reported;
        struct finding *finding; /* NULL: it has been passed on already */
        uint64_t order;          /* of the line, as in struct observation */
    } once[ONCE_COUNT];
    struct {
        const char *dot;        /* which odd dot */
        bool taken;             /* the server took it for the end of the message */
        uint64_t commands_line; /* where what follows reads like commands; 0: it does not */
    } smuggled;
    bool greeted;       /* the recording has the greeting */
    bool early_offered; /* PIPECONNECT of Exim: a client that knows of it need not wait for that */
    bool loopback;      /* the connection does not leave this computer */
    bool encrypted;     /* before the recording shows it */
    enum mechanism mechanism; /* of the last AUTH */
    unsigned answers;         /* to it, that came when nobody had asked */
    bool may_slip;            /* since then the client has not waited, or a reply is missing */
    bool out_of_step;         /* replies no longer fit their commands */
    uint64_t last_stray;      /* its order */
    bool withheld;            /* the session is unreadable: nothing more is reported */
    uint64_t settled;         /* the line of the last finding that was passed on */
    bool no_memory;           /* what a line said could not be kept */
};

/* One event under judgement: an exchange, a stray reply, an observation or the end of the session; the
 * others are NULL. */
struct judgement {
    struct judge *judge;
    const struct session *session; /* as it was before the exchange */
    const struct exchange *exchange;
    const struct verdict *verdict; /* of the exchange */
    const struct stray *stray;
    const struct observation *observation;
    const struct session_end *end;
    const struct line_copy *unreadable; /* where the session begins to contradict its reading ... */
    const char *reading;                /* ... which is this, in words */
    sight_set sights;
    const struct rule *broken; /* the rule of order that it breaks; NULL: it is in order */
    struct cause order_cause;  /* of that rule */
    /* The rule whose turn it is, and its cause. */
    enum rule_id rule;
    struct cause cause;
    bool explained; /* a rule that EXPLAINS is broken */
    bool failed;    /* out of memory */
};

/* Reports the rule: makes a finding about the event with this message, or adds the line to an earlier
 * finding that says the same. Returns the new finding; NULL: folded, or out of memory (`failed` is
 * then set). */
struct finding *report(struct judgement *judgement, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same at a place of its own, with neither command nor reply, and never folded. */
struct finding *report_at(struct judgement *judgement, const struct location *location,
                          const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Words a finding anew. */
void reword(struct judge *judge, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Returns the name of the protocol that the client's line begins, static storage; NULL: it may be SMTP. */
const char *foreign_protocol(const struct exchange *exchange);

/* Returns true if a rule of that kind has been reported in this session; the line is then added to
 * it. */
bool implied(struct judgement *judgement, enum once kind, uint64_t line);

/* Remembers `finding` as the one of its kind, and returns it. NULL (out of memory): there is none. */
struct finding *report_once(struct judgement *judgement, enum once kind, struct finding *finding);

/* Passes on the first `count` findings of the session, in order. */
void pass_on_findings(struct judge *judge, size_t count);

/* The earlier finding that this rule with this cause would only repeat: the same rule with the same
 * cause, or the finding that is about the cause itself. NULL: none. */
struct finding *find_root(struct judge *judge, enum rule_id rule, const struct cause *cause);

/* The last finding of a rule, or about an exchange; NULL: none. */
struct finding *last_of_rule(struct judge *judge, enum rule_id rule);
struct finding *finding_about(struct judge *judge, size_t number);

void add_follower(struct judgement *judgement, struct finding *finding, uint64_t line);

/* Puts the state in which the session is into a finding that is about no exchange. */
void add_state(struct finding *finding, const struct session *session);

/* The recorded line from its place on; true if a text is an AUTH command. */
struct slice raw_at(const struct location *location);
bool is_auth(struct slice text);

/* Where the secret begins in the recorded line of an AUTH command, from 0; SIZE_MAX: there is none. The
 * second, where it is known what the secret is, `start` being what the first returned. */
size_t secret_start(const struct location *location);
size_t secret_start_in(const struct location *location, struct slice secret, size_t start);

/* Where the argument of the exchange's command stands in location.raw, from 0; SIZE_MAX where the
 * recorded line has it in another form. */
size_t argument_at(const struct exchange *exchange);

/* Puts the columns of a finding (NULL: none) under a part of the argument, where the recorded line has
 * it as it was sent. */
void mark_argument(struct finding *finding, const struct exchange *exchange, size_t from,
                   size_t to);

/* Returns true if the recording ends before the command was answered. */
static inline bool is_cut_off(const struct exchange *exchange)
{
    const unsigned ends = EXCHANGE_UNANSWERED | EXCHANGE_MISSING;
    return (exchange->flags & ends) == EXCHANGE_UNANSWERED;
}

/* Returns true if the server had answered all earlier commands when this one was sent. */
static inline bool was_waited_for(const struct exchange *exchange)
{
    return exchange->answered >= exchange->number;
}

/* Returns true if the command was sent before the reply to that event. */
static inline bool sent_before_reply_to(const struct exchange *exchange, const struct event *event)
{
    return event->happened && event->number != SIZE_MAX && event->number >= exchange->answered;
}

/* Returns true if replies can get out of step with commands at this exchange. */
static inline bool may_slip(const struct exchange *exchange)
{
    return !was_waited_for(exchange) || (exchange->flags & EXCHANGE_MISSING);
}

/* Returns true if the exchange is a line of a message that no DATA was accepted for. Keeps count of
 * where such a message begins and ends, so that it is called once for every exchange. */
bool is_message_line(struct judge *judge, const struct session *session,
                     const struct exchange *exchange, const struct verdict *verdict);

/* Returns true if the argument of MAIL or RCPT is "FROM:<address>" and nothing else, as most are: no
 * rule has anything to say of its words. `prefix`: "FROM:" or "TO:". */
bool envelope_is_plain(struct slice argument, struct slice prefix);

/* The rule for a reply 251, 551 or 252: one of the forwarding rules, session-truncated where the
 * recording ends before the address, or RULE_COUNT for none. */
enum rule_id forwarding_rule(const struct judgement *judgement);

/* Octets of a command's line, CR LF included (RFC 5321 4.5.3.1.4). */
#define COMMAND_MAX 512

/* Returns true if a server says so out of habit, 250 to QUIT or HELP: every command had waited, so that no
 * reply can be out of step. */
static inline bool is_habit(const struct judge *judge, const struct exchange *exchange)
{
    return (exchange->command == COMMAND_QUIT || exchange->command == COMMAND_HELP) &&
           exchange_code(exchange) / 100 == 2 && !judge->may_slip && !may_slip(exchange);
}

/* Returns true if the exchange came inside TLS. */
static inline bool is_encrypted(const struct judgement *judgement)
{
    enum security_state security = judgement->verdict->security;
    return security == SECURITY_STATE_BOTH || security == SECURITY_STATE_ENCRYPTED ||
           judgement->judge->encrypted;
}

/* A server's reply shows that it took an odd dot for the end of the message. Returns true if there is
 * such a dot at all; `line` then follows from it. */
bool smuggled_end_taken(struct judgement *judgement, uint64_t line);

/* The checks, one for each row of the registry; several rows may share one. */
#define RULE(id, code, name, severity, fault, sees, needs, check, ...) \
    void check_##check(struct judgement *judgement);
#include "rules/registry.def"
#undef RULE

#endif
