/* score.h - how well a reading of a log explains it, by the dialogue that comes out of it.
 *
 * Takes the lines that a reading makes of a sample. Commands and replies that find each other speak for
 * it; replies to nothing, commands that nobody answers, and what cannot happen in one session speak
 * against it. Known formats and learnt marks are weighed with the same measure.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_SCORE_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_SCORE_H

#include "smtp/command.h"
#include "smtp/line.h"
#include "smtp/points.h"

/* On top of those of points.h. */
enum score_points {
    POINTS_GREETED = 100, /* a session that begins with its greeting */
    POINTS_LONELY = 30,   /* a greeting after which nothing comes, once */
    COST_SESSION = 50,    /* a session */
    COST_VERBLESS = 60,   /* a client's line outside a message that begins with no command */
    COST_WORDLESS = 10,   /* a code without words: rather what a script expects of a server */
    COST_TWICE = 300,     /* the same text on the same side through another mark, a few lines on */
    COST_SILENT = 400,    /* a greeting that nobody spoke after, and then another one */
    COST_NO_WAIT = 150,   /* sent past EHLO, STARTTLS, AUTH or QUIT without waiting */
    COST_NO_QUIT = 60     /* a greeting although nobody has said QUIT */
};

#define SCORE_SESSIONS_MAX 64
#define SCORE_PENDING_MAX  16
#define SCORE_RECENT_MAX   8

/* How one session key stands. */
struct score_session {
    uint64_t key;
    uint8_t pending[SCORE_PENDING_MAX]; /* commands without a reply, the oldest first */
    size_t pending_count;
    int open; /* the code of a reply that goes on; 0: none does */
    bool begun, greeted, spoke, closed;
    unsigned greeting_mark; /* of its greeting */
    bool hello;   /* the last reply is the one to EHLO, or goes on with it as if it were another */
    bool content; /* 354 has come, the dot has not */
    bool dot;     /* a dot is the last line of the message so far */
    bool answering;      /* 334 has come */
    bool verbless;       /* the client's last line begins with no command */
    bool chunk;          /* BDAT has been sent, and nothing that reads like a command since */
    uint64_t chunk_left; /* octets of it that have not come, if they are shown */
    bool chunk_begun;    /* a line of it has come */
    bool orphaned;       /* a message goes on after its DATA was refused */
    bool mail, rcpt;
    bool heard; /* the server has spoken; until then ... */
    bool asked; /* ... EHLO or DATA has come before all that is no command ... */
    bool told;  /* ... or after it ... */
    long early; /* ... and so much has been said against it */
    unsigned early_commands;
    bool lmtp;           /* LHLO has been accepted */
    bool turned;         /* by ATRN: the server speaks like a client now (RFC 2645 5) */
    unsigned recipients; /* accepted for this message */
    unsigned owed;       /* replies to the message that are still to come: LMTP, one a recipient */
};

struct score {
    struct score_session sessions[SCORE_SESSIONS_MAX];
    size_t session_count;
    long earned;    /* by pairs and greetings */
    long penalties; /* as a positive number */
    long codeless;  /* of these, for a server's lines without a code */
    unsigned pairs, sure_pairs;
    unsigned commands, replies;
    unsigned greeted;
    bool any_reply;
    unsigned mark; /* of the line at hand */
    struct {
        uint64_t text;
        uint64_t line;
        enum side side;
        unsigned mark;
    } recent[SCORE_RECENT_MAX];
    size_t recent_at;
};

/* All zero at first. Takes a line of the dialogue; `mark` tells marks of one side apart. */
void score_line(struct score *score, const struct line *line, unsigned mark);

/* No more lines come: what is still open is counted. Returns the points, in hundredths. */
long score_finish(struct score *score);

/* Penalties by what was earned, in percent; a reading above SCORE_DOUBT contradicts itself. */
#define SCORE_DOUBT 10
static inline unsigned score_doubt(const struct score *score)
{
    long against = score->penalties - score->codeless;
    if (against <= 0)
        return 0;
    return score->earned > 0 ? (unsigned)(against * 100 / score->earned) : 1000;
}

#endif
