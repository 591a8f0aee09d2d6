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

/* Cuts a row with a command and its reply in two. */
bool unwrap_row(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                void (*take)(void *context, struct slice text), void *context);
/* "[250-] 'mx.example.com'" becomes "250-mx.example.com". */
bool unwrap_code(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                 void (*take)(void *context, struct slice text), void *context);
/* Joins the octets of a dump. */
bool unwrap_hex(struct unwrap_room *room, struct slice line,
                void (*take)(void *context, struct slice text), void *context);

#endif
