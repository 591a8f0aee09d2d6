/* backwards.c - finds out whether the newest line comes first, by trying what dialogue comes out. */
#include "check/backwards.h"

#include <stdlib.h>

#include "check/weigh.h"
#include "smtp/log_time.h"
#include "smtp/scan.h"

/* How much better the dialogue must be from the end to the beginning, in the points of smtp/points.h; with
 * clocks that run backwards anything better will do. */
#define BETTER_BY 400
/* Octets at the head of a line where its time is looked for. */
#define CLOCK_MAX 60

char *lines_reversed(struct slice text)
{
    char *room = malloc(text.size + 1);
    size_t size = 0, whole = text.size;
    while (room && text.size > 0) {
        size_t end = text.data[text.size - 1] == '\n' ? text.size - 1 : text.size;
        const char *before = end > 0 ? memrchr(text.data, '\n', end) : NULL;
        size_t begin = before ? (size_t)(before - text.data) + 1 : 0;
        memcpy(room + size, text.data + begin, end - begin);
        size += end - begin;
        if (size < whole)
            room[size++] = '\n';
        text.size = begin;
    }
    return room;
}

/* Returns true if what comes later in a session comes first: an address to send to before the sender,
 * a sender before the hello, a goodbye before the greeting. A recording that begins in the middle is
 * like that as well. One that begins with a greeting and a hello, if it has one, and all else after them,
 * is not backwards, whatever its client sends then. */
static bool may_be_backwards(struct slice head)
{
    size_t first[SCAN_WORDS];
    enum scan_word what;
    for (size_t i = 0; i < SCAN_WORDS; i++)
        first[i] = head.size;
    for (size_t at = scan_next(head, 0, &what); at < head.size; at = scan_next(head, at + 1, &what))
        if (first[what] == head.size)
            first[what] = at;
    size_t greeting = scan_reply(head, SLICE("220")), goodbye = scan_reply(head, SLICE("221"));
    size_t hello = first[SCAN_HELLO];
    size_t begun = hello < head.size ? hello : greeting;
    if (greeting < hello && begun < first[SCAN_MAIL] && begun < first[SCAN_RCPT] && begun < goodbye)
        return false;
    return first[SCAN_RCPT] < first[SCAN_MAIL] || first[SCAN_MAIL] < hello || goodbye < greeting;
}

/* Returns true if the times at the heads of the lines run backwards. */
static bool clocks_run_back(struct slice head)
{
    struct log_time last = {0}, now = {0};
    size_t back = 0, on = 0;
    for (bool any = false; head.size > 0; head = slice_after(head, slice_find(head, '\n') + 1)) {
        struct slice line = slice_head(head, slice_find(head, '\n'));
        if (log_time_find(slice_head(line, CLOCK_MAX), &now).size == 0)
            continue;
        back += any && log_time_before(&now, &last);
        on += any && log_time_before(&last, &now);
        last = now;
        any = true;
    }
    return back > 1 && on == 0;
}

/* What speaks for the text as the reading that is recognised in it; 0: none is. Sets *ordered if its packets
 * say themselves which came first. Returns false when out of memory. */
static bool weigh_text(struct slice text, long *points, bool *ordered)
{
    struct recognition *recognition = malloc(sizeof *recognition);
    struct weight weight;
    bool done =
        recognition && format_recognise(text, recognition) && weigh(text, recognition, &weight);
    *points = done ? weight_points(&weight) : 0;
    *ordered = done && recognition->format && recognition->format->family->ordered;
    free(recognition);
    return done;
}

bool is_backwards(struct slice head, bool *backwards)
{
    *backwards = false;
    if (slice_find(head, '\0') < head.size || !may_be_backwards(head))
        return true;
    long forwards, points;
    bool ordered;
    if (!weigh_text(head, &forwards, &ordered) || ordered)
        return ordered;
    char *room = lines_reversed(head);
    bool done = room && weigh_text((struct slice){room, head.size}, &points, &ordered);
    *backwards = done && points > forwards + (clocks_run_back(head) ? 0 : BETTER_BY);
    free(room);
    return done;
}
