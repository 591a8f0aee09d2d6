/* columns.h - a line of a log that is a table, cut into its columns.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_COLUMNS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_COLUMNS_H

#include "smtp/line.h"

#define COLUMNS_MAX 48

struct columns {
    struct slice at[COLUMNS_MAX]; /* parts of the line, without quotes around them */
    size_t count;
};

/* Cuts the line at each separator outside quotes; what is behind the last column there is room for,
 * is left out. A quote inside quotes stays doubled as it is written. */
void columns_cut(struct columns *columns, struct slice line, char separator);

/* The place of the column of that name; COLUMNS_MAX where there is none. */
size_t columns_find(const struct columns *names, struct slice name);

/* A column, empty where the line has fewer. */
static inline struct slice column_of(const struct columns *columns, size_t index)
{
    return index < columns->count ? columns->at[index] : SLICE("");
}

/* Where in the line a part of it begins, from 1; 1 also for what is no part of it (a column that the
 * line has not). */
static inline uint32_t column_number(struct slice line, struct slice part)
{
    uintptr_t at = (uintptr_t)part.data - (uintptr_t)line.data;
    return at <= line.size && at < UINT32_MAX ? (uint32_t)at + 1 : 1;
}

#endif
