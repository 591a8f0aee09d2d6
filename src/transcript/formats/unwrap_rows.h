/* unwrap_rows.h - the steps that make several lines of a row, or one line of several rows.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_UNWRAP_ROWS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_UNWRAP_ROWS_H

#include "transcript/formats/unwrap.h"

/* Adds a text to the line that is being made. */
static inline void unwrap_put(struct unwrap_room *room, struct slice text)
{
    if (!octet_buffer_append(&room->made, text))
        room->no_memory = true;
}

/* Keeps what the lines that are made begin with: without blanks around it, and not too long. */
void unwrap_keep_front(struct unwrap_room *room, struct slice front);
/* Passes on a line made of that front, a mark and a text. */
void unwrap_take_made(struct unwrap_room *room, struct slice mark, struct slice text,
                      void (*take)(void *context, struct slice text), void *context);

/* Cuts a row with a command and its reply in two. */
bool unwrap_row(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                void (*take)(void *context, struct slice text), void *context);
/* "[250-] 'mx.example.com'" becomes "250-mx.example.com". */
bool unwrap_code(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                 void (*take)(void *context, struct slice text), void *context);
/* "EHLO a [client]" becomes "[client] EHLO a". */
bool unwrap_behind(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                   void (*take)(void *context, struct slice text), void *context);
/* Joins the octets of a dump. */
bool unwrap_hex(struct unwrap_room *room, struct slice line,
                void (*take)(void *context, struct slice text), void *context);

#endif
