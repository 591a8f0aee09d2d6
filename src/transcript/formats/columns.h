/* columns.h - splits a line of a table into its columns.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_COLUMNS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_COLUMNS_H

#include "smtp/line.h"

#define COLUMNS_MAX 48

struct columns {
    struct slice at[COLUMNS_MAX]; /* parts of the line, without quotes around them */
    size_t count;
};

/* Splits the line at each separator outside quotes; columns after COLUMNS_MAX are dropped. A
 * doubled quote inside quotes stays doubled. */
void columns_cut(struct columns *columns, struct slice line, char separator);

/* Returns the index of the column of that name; COLUMNS_MAX if there is none. */
size_t columns_find(const struct columns *names, struct slice name);

/* Returns a column; empty if the line has fewer. */
static inline struct slice column_of(const struct columns *columns, size_t index)
{
    return index < columns->count ? columns->at[index] : SLICE("");
}

/* Returns where in the line a part of it begins, from 1; also 1 if it is not a part of the line (a
 * missing column). */
static inline uint32_t column_number(struct slice line, struct slice part)
{
    uintptr_t at = (uintptr_t)part.data - (uintptr_t)line.data;
    return at <= line.size && at < UINT32_MAX ? (uint32_t)at + 1 : 1;
}

#endif
