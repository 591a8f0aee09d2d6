/* auth_watch.h - finds the secrets of a session: what is sent with AUTH, in order or not, and what may
 * be such a thing by where it stands or how it looks.
 *
 * Takes the exchanges and the answers to challenges of one session after the other, adds what it finds
 * to the secrets of the recording, and says which commands must not be shown as they are.
 */
#ifndef SMTPSEQ_CHECK_AUTH_WATCH_H
#define SMTPSEQ_CHECK_AUTH_WATCH_H

#include "check/secrets.h"
#include "rules/credentials.h"
#include "session/session.h"

/* Words that were sent before it was known that the client wants to log in. */
#define WATCH_RECENT      4
#define WATCH_RECENT_SIZE 80
/* Base64 of one response over several lines: octets that are put together. */
#define WATCH_JOINED      1024

/* Words that were sent and may turn out to be secrets. */
struct watched_words {
    size_t joined_size;
    char joined[WATCH_JOINED];
    size_t recent_count;
    struct {
        size_t size;
        char text[WATCH_RECENT_SIZE];
    } recent[WATCH_RECENT];
};

/* All zero but `secrets` when a session begins. */
struct auth_watch {
    struct secrets *secrets; /* of the recording */
    bool tried;              /* AUTH, or what may be meant for it, has not succeeded */
    bool close;      /* since then nothing has come that only a client that goes on would send */
    bool in_message; /* DATA or BDAT was refused: what follows may be the message ... */
    bool refused;    /* ... and what the server says may repeat it, also after its dot */
    enum mechanism mechanism;    /* of the last AUTH */
    unsigned answers;            /* to it, that came when nobody had asked */
    bool answered;               /* challenges of the AUTH under way have been answered */
    struct watched_words *words; /* NULL: none so far; most sessions need none */
};

/* Makes the watch ready for another session. */
void auth_watch_restart(struct auth_watch *watch);

void auth_watch_free(struct auth_watch *watch);

/* Returns true if nothing of the exchange can be a secret, as of most: no attempt at AUTH and no
 * refused message comes before it, and its words are not free. What may hold a password in MAIL comes after a "=". */
static inline bool auth_watch_may_pass(const struct auth_watch *watch,
                                       const struct exchange *exchange)
{
    const command_set bare = COMMAND_BIT(COMMAND_DATA) | COMMAND_BIT(COMMAND_RSET) |
                             COMMAND_BIT(COMMAND_QUIT) | COMMAND_BIT(COMMAND_NOOP);
    const command_set fixed = bare | COMMAND_BIT(COMMAND_RCPT) | COMMAND_BIT(COMMAND_MAIL) |
                              COMMAND_BIT(COMMAND_END_OF_DATA);
    command_set here = COMMAND_BIT(exchange->command);
    int code = exchange_code(exchange);
    struct slice argument = exchange->argument;
    return (fixed & here) && code < 400 && code != 251 && !watch->in_message && !watch->close &&
           !watch->refused && (argument.size == 0 || !(bare & here)) &&
           (exchange->command != COMMAND_MAIL || slice_find(argument, '=') == argument.size);
}

/* Takes an exchange. Returns what of its command must be hidden. */
enum hidden auth_watch_closely(struct auth_watch *watch, const struct exchange *exchange,
                               const struct verdict *verdict);
static inline enum hidden auth_watch_exchange(struct auth_watch *watch,
                                              const struct exchange *exchange,
                                              const struct verdict *verdict)
{
    return auth_watch_may_pass(watch, exchange) ? HIDDEN_NOTHING
                                                : auth_watch_closely(watch, exchange, verdict);
}

/* Takes a line of the server that belongs to no exchange. */
void auth_watch_stray(struct auth_watch *watch, const struct stray *stray);

/* Takes a line that no side has said: a reader may have passed over an AUTH in it. */
void auth_watch_note(struct auth_watch *watch, struct slice text);

/* Takes an answer to a challenge (OBSERVED_ANSWER). */
void auth_watch_answer(struct auth_watch *watch, const struct observation *answer);

#endif
