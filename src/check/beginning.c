/* beginning.c - the reading of most of a text, or that of its first session.
 */
#include "check/beginning.h"

#include <stdlib.h>

#include "check/weigh.h"
#include "smtp/look.h"
#include "smtp/scan.h"

/* So many commands that scan.h finds make a session, before another hello begins the next one. */
#define SESSION_LEAST 3
/* Lines after the last of them that belong to it. */
#define SESSION_REST  16
/* How much better, in the points of smtp/points.h, a reading must explain the first session. */
#define BETTER_BY     400
/* The points of a session from the greeting to the end of a message. */
#define WHOLE_SESSION 1500
/* Percent of the lines of a text that a prefix stands before, if it is that of all its sessions. */
#define BEFORE_ALL    90

struct slice lines_after(struct slice text, size_t at, unsigned lines)
{
    for (unsigned i = 0; i <= lines && at < text.size; i++)
        at += slice_find(slice_after(text, at), '\n') + 1;
    return slice_head(text, at);
}

/* How many of the commands that scan.h finds are in the text. */
static unsigned count_commands(struct slice text)
{
    unsigned commands = 0;
    enum scan_word what;
    for (size_t at = scan_next(text, 0, &what); at < text.size; at = scan_next(text, at + 1, &what))
        commands += what != SCAN_DUMP;
    return commands;
}

/* The beginning of a text up to where a second session seems to begin; all of it where none does. */
static struct slice first_session(struct slice text)
{
    unsigned commands = 0;
    size_t last = 0;
    enum scan_word what;
    for (size_t at = scan_next(text, 0, &what); at < text.size;
         at = scan_next(text, at + 1, &what)) {
        struct slice between = {text.data + last, at - last};
        bool greeted = scan_reply(between, SLICE("220")) < between.size;
        bool closed = commands > 0 && scan_reply(between, SLICE("221")) < between.size;
        bool begins = what == SCAN_HELLO || what == SCAN_DUMP || greeted;
        if (closed || (begins && commands >= SESSION_LEAST))
            return lines_after(slice_head(text, at), last, SESSION_REST);
        commands += what != SCAN_DUMP;
        last = at;
    }
    return text;
}

/* Returns true if the reading explains what scan.h finds in the first session of a text, and little
 * speaks against it, and if it does not seem to be one of several in the text. */
static bool explains(const struct recognition *recognition, const struct weight *of_first,
                     struct slice first, struct slice text)
{
    return recognition->format && !recognition->inferred && !recognition->format->last_resort &&
           recognition->fit.commands >= count_commands(text) &&
           of_first->commands * 5 >= count_commands(first) * 4 &&
           of_first->doubt.penalties * 10 <= of_first->doubt.earned;
}

/* Returns true if the prefix stands before nearly all lines of the text. What stands before every line of one
 * session may have the session's number in it. */
static bool is_before_all(const struct mark *prefix, struct slice text)
{
    size_t lines = 0, found = 0;
    while (text.size > 0) {
        struct mark_found at;
        struct slice line = head_line(&text);
        lines += slice_trim(line).size > 0;
        found += slice_trim(line).size > 0 && mark_match(prefix, line, &at);
    }
    return found * 100 >= lines * BEFORE_ALL;
}

bool recognise_beginning(struct slice text, struct recognition *recognition)
{
    struct weight of_all, of_first;
    struct slice first = first_session(text);
    if (!format_recognise(text, recognition))
        return false;
    if (first.size == text.size || (recognition->format && recognition->format->family->read_all))
        return true;
    if (!weigh(first, recognition, &of_all))
        return false;
    if (explains(recognition, &of_all, first, text))
        return true;
    struct recognition *other = malloc(sizeof *other);
    bool done = other && format_recognise(first, other) && weigh(first, other, &of_first);
    long better = done ? weight_points(&of_first) - weight_points(&of_all) : 0;
    bool known = done && other->format && !other->inferred &&
                 (!other->prefixed || is_before_all(&other->prefix, text));
    bool marked =
        done && other->inferred && !recognised_by_text(other) && recognised_by_text(recognition);
    /* What is learnt beside a known format may be a dialogue inside a message. */
    long least =
        recognition->format && !recognition->inferred && !known ? WHOLE_SESSION : BETTER_BY;
    /* The same format once more would only know less of it. */
    bool same = done && known && other->format == recognition->format;
    if (!same && (better > least || ((known || marked) && better >= -BETTER_BY)))
        *recognition = *other;
    free(other);
    return done;
}
