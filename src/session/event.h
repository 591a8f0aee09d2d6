/* event.h - an earlier exchange that may explain what comes later.
 *
 * A session remembers some twenty of them. Most are a number and a place; the octets of the line and of a
 * refusal have memory of their own, which an event has once it needs it and keeps for the next session.
 */
#ifndef SMTPSEQ_SESSION_EVENT_H
#define SMTPSEQ_SESSION_EVENT_H

#include "dialogue/dialogue.h"

/* The octets of a line that are copied. */
#define LINE_COPY_MAX 120
/* The octets of a refusal's first line that are copied. */
#define REFUSAL_MAX   80

/* The beginning of a recorded line, for the findings that show it as their cause. */
struct line_copy {
    uint64_t line; /* 0: none */
    unsigned part; /* which file of the recording, as in struct location */
    uint32_t column, end_column;
    uint16_t size;
    uint16_t hidden_from; /* octets from here on must not be shown; LINE_COPY_MAX: none */
    char raw[LINE_COPY_MAX];
};

/* The same, whose octets are elsewhere. */
struct line_view {
    uint64_t line;
    unsigned part;
    uint32_t column, end_column;
    uint16_t size;
    uint16_t hidden_from;
    const char *raw;
};

/* The part of a command that must not be shown, since it is a secret or may be one. */
enum hidden {
    HIDDEN_NOTHING,
    HIDDEN_ARGUMENT, /* its argument, but for the mechanism of AUTH */
    HIDDEN_SECRET,   /* all of it: it is no command, but the answer to a challenge or the like */
    HIDDEN_MESSAGE   /* all of it that is no verb: it may be a line of a message */
};

/* The line of a place, or of an exchange. `hidden`: what of it must not be shown. */
struct line_view view_place(const struct location *place);
struct line_view view_line(const struct exchange *exchange, enum hidden hidden);

struct line_copy copy_line(const struct line_view *line);

struct event {
    struct line_view copy; /* of the command; without octets where they are not kept */
    size_t number;         /* of the exchange */
    char *room;            /* for the octets of the line and of the refusal; owned */
    uint32_t count;        /* how often, since it last began to count */
    int code;              /* of the reply; 0 where the recording has none */
    enum command command;
    bool happened;
    bool in_transaction; /* a mail transaction was open when it happened */
    uint8_t refusal_size, capacity;
};

/* The text of the reply that refused it, without the code. Empty where it is not kept. */
static inline struct slice event_refusal(const struct event *event)
{
    return (struct slice){event->copy.raw + event->copy.size, event->refusal_size};
}

/* Makes an event of the exchange. `count` and `in_transaction` stay as they are. */
static inline void event_set(struct event *event, const struct exchange *exchange)
{
    const struct location *location = &exchange->location;
    event->copy = (struct line_view){
        .line = location->line,
        .part = location->part,
        .column = location->column,
        .end_column = location->end_column,
        .hidden_from = LINE_COPY_MAX,
        .raw = "",
    };
    event->happened = true;
    event->number = exchange->number;
    event->command = exchange->command;
    event->code = exchange_code(exchange);
    event->refusal_size = 0;
}

/* The same with the octets of the line, if it is `shown`, and those of a refusal. Returns false when out
 * of memory: there are none then. */
bool event_keep(struct event *event, const struct exchange *exchange, enum hidden hidden,
                bool shown);

/* The same of another event. */
bool event_copy(struct event *event, const struct event *from);

/* Forgets events, but not their memory. */
void events_reset(struct event events[], size_t count);
void events_free(struct event events[], size_t count);
size_t events_memory(const struct event events[], size_t count);

#endif
