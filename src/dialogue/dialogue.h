/* dialogue.h - from lines to exchanges: which reply answers which command.
 *
 * Takes lines of one connection after the other and passes on exchanges in the order of the commands. A
 * reply answers the oldest command that has no answer yet (RFC 5321 4.1.1, RFC 2920 3.1), so the
 * order of the lines says what was sent before which reply. Message content and the answers to AUTH
 * challenges are recognised here and never taken for commands.
 *
 * The last line may have no line end: many files that people write lack it, and so does a recording
 * that was cut. Nothing is concluded from such a line that could come out otherwise if it went on:
 * with a whole verb it is that command, with a whole code that reply, and what is less (nothing, "Q",
 * "25") only says that the recording was cut. So what is found in the beginning of a recording stays
 * when the rest is there as well.
 */
#ifndef SMTPSEQ_DIALOGUE_H
#define SMTPSEQ_DIALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "smtp/command.h"
#include "smtp/line.h"
#include "smtp/reply.h"

/* Where something is in the recording. */
struct location {
    uint64_t line;       /* from 1; 0: nowhere */
    uint32_t column;     /* from 1, in octets of the recorded line */
    uint32_t end_column; /* one past the last */
    unsigned part;       /* of the recording: its number in struct line */
    struct slice raw;    /* the recorded line, or as much of it as is copied */
};

struct reply {
    uint64_t line;     /* of its first line */
    int code;          /* of its last line */
    unsigned lines;    /* how many */
    struct slice text; /* without codes, lines joined by \n; of a very long one the beginning */
    bool unended;      /* its last line has no end: the code is known, the text may go on */
};

enum exchange_flag {
    EXCHANGE_ASSUMED = 1,         /* a recording of the client's side only: no replies in it */
    EXCHANGE_UNANSWERED = 2,      /* the session ended, or went on, before a reply came */
    EXCHANGE_MISSING = 4,         /* later commands were answered, this one was not */
    EXCHANGE_BEFORE_GREETING = 8, /* sent before the 220 came */
    EXCHANGE_IMPLIED = 16,        /* the end of a message whose dot is not in the recording */
    EXCHANGE_MISFIT = 32,         /* the reply is none that this command can draw */
    EXCHANGE_GARBLED = 64,        /* what answered it cannot be read as a reply */
    EXCHANGE_BARE_LF = 128,       /* its line ended with LF alone */
    EXCHANGE_BARE_CR = 256,       /* a CR stands in its line */
    EXCHANGE_ODD_END = 512,       /* the end of a message that is no CR LF . CR LF */
    EXCHANGE_UNENDED = 1024,  /* its line has no end: the verb is known, the argument may go on */
    EXCHANGE_FOLLOWED = 2048, /* the next command was sent before its reply came */
    EXCHANGE_AFTER_GAP = 4096 /* a person has left out lines before it: "[snip]" */
};

/* A command and what was answered. Everything in it is valid during the call only. */
struct exchange {
    enum command command;
    unsigned flags;
    struct location location;
    struct slice verb;     /* as sent */
    struct slice argument; /* as sent */
    size_t length;         /* octets of its line, CR LF included; 0: there was none */
    size_t number;         /* of the exchange in its session, from 0 */
    size_t answered;       /* how many had been answered when this was sent: if that is less than
                              `number`, the client did not wait */
    /* The final one last; before it the 334s of AUTH. LMTP: one for each recipient. */
    const struct reply *replies;
    size_t reply_count;
    struct location early; /* AUTH, DATA: what was sent after it before its 334 or 354 came */
};

/* The final reply's code, 0 where there is none. */
static inline int exchange_code(const struct exchange *exchange)
{
    return exchange->reply_count > 0 ? exchange->replies[exchange->reply_count - 1].code : 0;
}

/* Returns true if the command looks like one rather than like text (command_looks_real), or is not in
 * the recording at all. */
static inline bool exchange_looks_real(const struct exchange *exchange)
{
    const struct command_line command = {
        .command = exchange->command, .verb = exchange->verb, .argument = exchange->argument};
    return (exchange->flags & EXCHANGE_IMPLIED) || command_looks_real(&command);
}

/* A server's line or reply that is no part of an exchange, or is broken. */
enum stray_kind {
    STRAY_EXTRA,     /* a reply to nothing */
    STRAY_CLOSING,   /* a 421 that answers no command: the server closes */
    STRAY_CHUNK,     /* a refusal of octets of a refused BDAT, which were taken for commands */
    STRAY_MALFORMED, /* not a reply at all, or one without an end */
    STRAY_MIXED      /* the codes of one reply differ */
};

struct stray {
    enum stray_kind kind;
    uint64_t order; /* of its first line among those of both sides */
    struct location location;
    struct reply reply;
};

/* Observations besides exchanges: how lines were sent, not what was answered. */
enum observation_kind {
    OBSERVED_LONG_LINE,     /* of a message: over LINE_OCTETS_MAX octets */
    OBSERVED_BARE_LF,       /* ends a line of a message or of a reply */
    OBSERVED_BARE_CR,       /* stands in one */
    OBSERVED_ODD_DOT,       /* of a message: a dot between line ends that are not both CR LF */
    OBSERVED_AFTER_ODD_DOT, /* a line after it reads like a command */
    OBSERVED_ANSWER,        /* of the client to a challenge of AUTH */
    OBSERVED_LOOPBACK,      /* a note says that the connection does not leave this computer */
    OBSERVED_TLS,           /* a note says that it was encrypted before the recording shows it */
    OBSERVED_CLEAR_REPLY,   /* a reply in the clear after the 220 to STARTTLS */
    OBSERVED_CLEAR_COMMAND, /* a command in the clear after it, in a recording that shows octets */
    OBSERVED_FOREIGN        /* octets of another protocol from the client; text: its name */
};

struct observation {
    enum observation_kind kind;
    uint64_t order;           /* of the line, among those of the dialogue */
    struct location location; /* the line, or what is odd in it */
    bool server;              /* BARE_LF, BARE_CR: the server's line */
    size_t length;            /* of the line, CR LF included */
    uint32_t begins;          /* the column of its first octet; 0: there is no line */
    const char *dot;          /* ODD_DOT: which one, "LF . CR LF"; static storage */
    struct slice text;        /* ANSWER: what was sent */
    struct slice argument;    /* ANSWER: that of the AUTH; empty where it is not known */
    struct slice challenge;   /* ANSWER: the text of the 334; empty where there is none */
    unsigned number;          /* ANSWER: which one, from 1; 0: not known */
};

/* The octets of a line of a message, CR LF included (RFC 5321 4.5.3.1.6). */
#define LINE_OCTETS_MAX 1000

/* How a session ended. */
struct session_end {
    bool truncated;           /* in the middle of a command or of a message */
    bool in_content;          /* of a message */
    bool in_line;             /* of a line of which not even the verb or the code is whole */
    struct location location; /* what is unfinished */
};

struct dialogue_sink {
    void *context;
    /* A session begins. `from_start`: the recording has its beginning (a greeting, or a note that
     * the connection was made). */
    void (*begin)(void *context, uint64_t line, bool from_start);
    void (*exchange)(void *context, const struct exchange *exchange);
    void (*stray)(void *context, const struct stray *stray);
    void (*end)(void *context, const struct session_end *end);
    void (*observe)(void *context, const struct observation *observation); /* NULL: nobody asks */
};

struct dialogue_options {
    /* Scanners that it shares with the other dialogues of its thread; they stay the caller's. NULL: it
     * has its own. */
    struct command_scanner *commands;
    struct reply_scanner *replies;
    /* The log may write a reply twice: one that repeats the last one's code says nothing. */
    bool echoes;
    bool one_sided;    /* the recording has the client's lines only */
    bool replies_only; /* it has the server's lines only, so that no reply is one too many */
};

struct dialogue_count {
    uint64_t unplaced; /* lines that are neither a side's nor a note */
    uint64_t elided;   /* messages whose content or end is not in the recording */
};

/* A dialogue, owned by the caller. dialogue_new returns NULL when out of memory. */
struct dialogue;
struct dialogue *dialogue_new(const struct dialogue_sink *sink,
                              const struct dialogue_options *options);
void dialogue_free(struct dialogue *dialogue);

/* One more line. False when out of memory: the dialogue can then only be freed. */
bool dialogue_line(struct dialogue *dialogue, const struct line *line);

/* A client's line and the server's line after it at once, neither of which is the last without a line
 * end. *taken: they were a command and its whole reply, and nothing was open before; else the
 * dialogue is as it was, and wants them one by one. False when out of memory. */
bool dialogue_pair(struct dialogue *dialogue, const struct line *command, const struct line *reply,
                   bool *taken);

/* Returns true if the client's next lines up to the dot are text of a message: the dialogue need not see
 * them. */
bool dialogue_in_text(const struct dialogue *dialogue);
/* Returns true if the client's message is to come, or more of it. */
bool dialogue_in_message(const struct dialogue *dialogue);

/* Returns true if the client's next line may be of a message: it is due, or DATA waits for its answer. */
bool dialogue_takes_message(const struct dialogue *dialogue);

/* The transcript has ended; ends the last session. The dialogue can take another transcript. */
bool dialogue_finish(struct dialogue *dialogue);

/* The rest of the session will not be seen: ends it without a word on how. */
bool dialogue_break_off(struct dialogue *dialogue);

/* Returns true if a session is over with the 221 to its QUIT, and the dialogue remembers nothing else but *hints
 * (connection_hints.h): of two with the same, both go on alike. */
bool dialogue_rests(const struct dialogue *dialogue, unsigned *hints);

/* Octets of memory that the dialogue holds. */
size_t dialogue_memory(const struct dialogue *dialogue);

struct dialogue_count dialogue_count(const struct dialogue *dialogue);

#endif
