/* log_time.c - reads times as logs write them.
 */
#include "smtp/log_time.h"

enum { DAY = 86400000 };

/* Two digits at that place; -1 where there are none. */
static int two_digits(struct slice text, size_t at)
{
    if (at + 2 > text.size || !ascii_digit(text.data[at]) || !ascii_digit(text.data[at + 1]))
        return -1;
    return (text.data[at] - '0') * 10 + (text.data[at + 1] - '0');
}

static bool is_at(struct slice text, size_t at, char c)
{
    return at < text.size && text.data[at] == c;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t days_to(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1;
    int era_year = y % 400, shifted = (month + 9) % 12;
    int64_t day_of_era =
        era_year * 365 + era_year / 4 - era_year / 100 + (153 * shifted + 2) / 5 + day - 1;
    return (int64_t)(y / 400) * 146097 + day_of_era - 719468;
}

/* "10:00:00.123" at that place. Returns its octets, 0 where there is none. */
static size_t read_clock(struct slice text, size_t at, int64_t *milliseconds)
{
    int hour = two_digits(text, at), minute = two_digits(text, at + 3);
    int second = two_digits(text, at + 6);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
        text.data[at + 2] != ':' || text.data[at + 5] != ':')
        return 0;
    size_t size = 8;
    int64_t fraction = 0, unit = 100;
    if ((is_at(text, at + size, '.') || is_at(text, at + size, ',')) && at + size + 1 < text.size &&
        ascii_digit(text.data[at + size + 1]))
        for (size++; at + size < text.size && ascii_digit(text.data[at + size]); size++) {
            fraction += unit * (text.data[at + size] - '0');
            unit /= 10;
        }
    *milliseconds = ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + fraction;
    return size;
}

/* "2026-11-30" or "2026/11/30". Returns its octets. */
static size_t read_date(struct slice text, size_t at, int64_t *days)
{
    int century = two_digits(text, at), year = two_digits(text, at + 2);
    int month = two_digits(text, at + 5), day = two_digits(text, at + 8);
    if (century < 19 || century > 21 || year < 0 || month < 1 || month > 12 || day < 1 ||
        day > 31 || !(text.data[at + 4] == '-' || text.data[at + 4] == '/') ||
        text.data[at + 7] != text.data[at + 4])
        return 0;
    *days = days_to(century * 100 + year, month, day);
    return 10;
}

/* "Nov 30 " or "Nov  3 ". Returns its octets. */
static size_t read_syslog_date(struct slice text, size_t at, int64_t *days)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (at + 7 > text.size || text.data[at + 3] != ' ' || text.data[at + 6] != ' ')
        return 0;
    int tens = text.data[at + 4] == ' ' ? 0 : text.data[at + 4] - '0',
        ones = text.data[at + 5] - '0';
    for (int month = 0; month < 12; month++)
        if (memcmp(months + 3 * month, text.data + at, 3) == 0) {
            int day = tens * 10 + ones;
            *days = days_to(1972, month + 1, day);
            return tens >= 0 && tens < 4 && ones >= 0 && ones <= 9 && day >= 1 && day <= 31 ? 7 : 0;
        }
    return 0;
}

/* A time that begins at that place. Returns its octets. */
static size_t read_time(struct slice text, size_t at, struct log_time *time)
{
    int64_t days = 0, clock = 0;
    size_t date = read_date(text, at, &days), size = 0;
    *time = (struct log_time){.has_date = date > 0, .has_year = date > 0};
    if (date > 0 && (is_at(text, at + date, 'T') || is_at(text, at + date, ' ')))
        size = read_clock(text, at + date + 1, &clock);
    if (size > 0)
        date++;
    if (date == 0 && (date = read_syslog_date(text, at, &days)) > 0)
        time->has_date = (size = read_clock(text, at + date, &clock)) > 0;
    else if (date == 0)
        size = read_clock(text, at, &clock);
    time->milliseconds = days * DAY + clock;
    return size > 0 ? date + size : 0;
}

struct slice log_time_find(struct slice text, struct log_time *time)
{
    for (size_t at = 0; at + 8 <= text.size; at++) {
        char c = text.data[at], before = at > 0 ? text.data[at - 1] : ' ';
        if (ascii_alphanumeric(before) || before == ':' || before == '.')
            continue;
        if (!ascii_digit(c) && !(c >= 'A' && c <= 'S'))
            continue;
        size_t size = read_time(text, at, time);
        if (size > 0)
            return slice_head(slice_after(text, at), size);
    }
    *time = (struct log_time){0};
    return SLICE("");
}

bool log_time_parse(const char *text, struct log_time *time)
{
    char whole[64];
    struct slice slice = slice_of(text);
    int64_t days;
    if (slice.size < sizeof whole - 8 && log_time_find(slice, time).size > 0)
        return true;
    *time = (struct log_time){0};
    if (slice.size == 10 && read_date(slice, 0, &days) > 0) {
        *time = (struct log_time){true, true, days * DAY};
        return true;
    }
    if (slice.size != 5 && slice.size != 16) /* without seconds */
        return false;
    memcpy(whole, text, slice.size);
    memcpy(whole + slice.size, ":00", 4);
    return log_time_find(slice_of(whole), time).size > 0;
}

/* The time of a year, in whatever year. */
static int64_t within_year(const struct log_time *time)
{
    int64_t days = time->milliseconds / DAY;
    int year = 1970;
    while (days_to(year + 1, 1, 1) <= days)
        year++;
    int64_t day = days - days_to(year, 1, 1);
    bool leap = days_to(year + 1, 1, 1) - days_to(year, 1, 1) == 366;
    return (day + (!leap && day >= 59)) * DAY + time->milliseconds % DAY;
}

bool log_time_before(const struct log_time *a, const struct log_time *b)
{
    if (a->has_year && b->has_year)
        return a->milliseconds < b->milliseconds;
    if (a->has_date && b->has_date)
        return within_year(a) < within_year(b);
    return a->milliseconds % DAY < b->milliseconds % DAY;
}
