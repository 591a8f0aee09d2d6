/* log_time.h - the time at the head of a log's line.
 */
#ifndef SMTPSEQ_SMTP_LOG_TIME_H
#define SMTPSEQ_SMTP_LOG_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* What a log says of a time. */
struct log_time {
    bool has_date, has_year; /* syslog (RFC 3164) has no year, some consoles not even a date */
    int64_t milliseconds;    /* since 1970-01-01T00:00:00, in the log's own zone; without a year of
                                1972, without a date of 1970-01-01 */
};

/* Finds the first time in a text: ISO 8601 ("2026-11-30T10:00:00.123"), syslog ("Nov 30 10:00:00") or
 * a clock ("10:00:00.123"). Returns where it is, empty where there is none. */
struct slice log_time_find(struct slice text, struct log_time *time);

/* Reads a time that a person typed: any of these, or a date alone. */
bool log_time_parse(const char *text, struct log_time *time);

/* Returns true if a is before b, as far as both say: without a year on one side the years are not
 * compared, without a date the clocks are. */
bool log_time_before(const struct log_time *a, const struct log_time *b);

#endif
