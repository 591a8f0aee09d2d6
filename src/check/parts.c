/* parts.c - reads a source, each part of it by the reading that explains it.
 */
#include "check/parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "check/backwards.h"
#include "check/beginning.h"
#include "check/live.h"
#include "check/reading.h"
#include "check/unread.h"
#include "check/weigh.h"
#include "smtp/scan.h"
#include "transcript/source/line_ends.h"

/* Lines before the first that looks like SMTP which belong to it: a connection's, a greeting. */
#define LEAD         32
/* The same where the lines before them may be another reading's. */
#define LEAD_SHORT   4
/* After so many lines without SMTP, the sample for recognising a format ends. */
#define PAUSE        64
/* The same in packets as text. */
#define PAUSE_DUMP   1024
/* The least commands and replies that another reading must find in a gap. */
#define GAP_LEAST    2
/* The same of each where the format is known. */
#define GAP_KNOWN    1
/* So many lines in the form of a dump, more than of any other, are one: TLS in it says nothing against it. */
#define FORM_SURE    8
/* Lines for which no gap begins when one has turned out to be none; doubled each time. */
#define DEAF_FIRST   8
#define FAILURES_MAX 10

static enum smtpseq_status read_parts(struct smtpseq_checker *checker, struct source *source,
                                      const struct format *format, struct reading *outer);

static void on_remark(void *context, const char *text)
{
    const struct smtpseq_checker *checker = context;
    if (checker->callbacks.remark)
        checker->callbacks.remark(checker->callbacks.context, text);
}

static bool is_wrapped_alike(const struct recognition *a, const struct recognition *b)
{
    bool alike = a->unwrap_count == b->unwrap_count;
    for (size_t i = 0; i < a->unwrap_count && alike; i++)
        alike = unwrap_equal(&a->unwraps[i], &b->unwraps[i]);
    return alike;
}

/* Returns true if it is not the reading at hand that has been recognised again. */
static bool is_another(const struct recognition *recognition, const struct recognition *at_hand)
{
    return !is_wrapped_alike(recognition, at_hand) || recognition->format != at_hand->format ||
           recognition->prefixed != at_hand->prefixed ||
           (recognition->prefixed && !mark_equal(&recognition->prefix, &at_hand->prefix)) ||
           (recognition->inferred && strcmp(recognition->learnt, at_hand->learnt) != 0);
}

/* Where the line begins that stands so many lines before the one at this place. */
static size_t lines_before(struct slice text, size_t at, unsigned lines)
{
    for (unsigned i = 0; i <= lines && at > 0; i++) {
        const char *end = at > 1 || i == 0 ? memrchr(text.data, '\n', i == 0 ? at : at - 1) : NULL;
        at = end ? (size_t)(end - text.data) + 1 : 0;
    }
    return at;
}

/* Where the first command of SMTP may be, or the first heading of a dump; the size where none is. */
static size_t first_of(struct slice text, bool dump)
{
    enum scan_word what;
    size_t at = scan_next(text, 0, &what);
    while (at < text.size && (what == SCAN_DUMP) != dump)
        at = scan_next(text, at + 1, &what);
    return at;
}

/* Returns true if it is enough to be another reading: a known format shows itself sooner. */
static bool is_enough(const struct recognition *recognition)
{
    const struct fit *fit = &recognition->fit;
    if (!recognition->format || recognition->format->family->read_all)
        return false;
    bool good = !recognition->inferred && (recognition->points > 0 || fit->form >= FORM_SURE);
    /* What says nothing of its sides is every text with a word and a number of SMTP. */
    bool marked = good && !recognition->format->last_resort;
    unsigned commands = good || recognition->format->family->is_sure ? GAP_KNOWN : GAP_LEAST;
    return fit->commands >= commands && fit->replies >= (marked ? GAP_KNOWN : GAP_LEAST) &&
           fit->commands + fit->replies > GAP_LEAST;
}

/* Returns true if another reading has been recognised in the gap: in all of it, or without what stands
 * before its first dump or most of what stands before its first command, which may be the last
 * reading's own. The gap is then cut to that. */
static bool is_read_otherwise(struct reading *reading, struct slice *gap,
                              struct recognition *recognition)
{
    const struct slice all = *gap;
    const size_t begins[] = {0, lines_before(all, first_of(all, true), 0),
                             lines_before(all, first_of(all, false), LEAD_SHORT)};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        *gap = slice_after(all, begins[i]);
        if ((i > 0 && begins[i] == begins[i - 1]) || gap->size == 0)
            continue;
        if (!recognise_beginning(*gap, recognition)) {
            reading->checker->no_memory = true;
            return false;
        }
        if (is_enough(recognition) && is_another(recognition, &reading->recognition))
            return true;
    }
    return false;
}

/* The lines of the gap were the reading's own, or nobody's. */
static void forget_gap(struct reading *reading)
{
    reading->deaf_until =
        source_lines(reading->source) + ((uint64_t)DEAF_FIRST << reading->failures);
    reading->failures += reading->failures < FAILURES_MAX;
    reading->gap_anchors = 0;
    reading->gap_unmarked = 0;
}

/* Octets that are in memory, as those of a source. */
static long read_slice(void *context, char *room, size_t size)
{
    struct slice *left = context;
    struct slice piece = slice_head(*left, size);
    if (piece.size > 0)
        memcpy(room, piece.data, piece.size);
    *left = slice_after(*left, piece.size);
    return (long)piece.size;
}

/* Reads the gap by whatever explains it. `line`: its first one, counted from 0. */
static void read_gap(struct reading *reading, struct slice gap, uint64_t line)
{
    struct origin origin = {.context = &gap, .read = read_slice};
    struct source *source = source_of(&origin);
    if (!source) {
        reading->checker->no_memory = true;
        return;
    }
    source_count_from(source, source_number(reading->source, line),
                      reading->checker->recording.newest_first);
    if (read_parts(reading->checker, source, NULL, reading) == SMTPSEQ_NO_MEMORY)
        reading->checker->no_memory = true;
    source_close(source);
}

/* Another reading explains the lines that are held from there on: this one is over. */
static void end_reading(struct reading *reading, const struct recognition *next, size_t at,
                        size_t size)
{
    reading->over = true;
    reading->gap_anchors = 0;
    reading->next = *next;
    reading->next_at = at;
    reading->next_size = size;
}

/* Returns true if the line at hand, which ends the gap, is rather the other reading's as well: a line of its
 * message that has our marks. */
static bool goes_on(struct reading *reading, struct slice gap, const struct recognition *other)
{
    struct weight weight;
    if (reading->reader.format->family->ordered) /* nobody writes packets into a message */
        return false;
    if (!weigh(gap, other, &weight))
        reading->checker->no_memory = true;
    return weight.in_message;
}

/* The reading goes on: what lies between its lines may be another's. */
static void gap_ends(struct reading *reading)
{
    struct slice held = source_held(reading->source);
    const char *line = held.size > 1 ? memrchr(held.data, '\n', held.size - 1) : NULL;
    struct recognition recognition;
    held = slice_head(held, line ? (size_t)(line - held.data) + 1 : 0);
    struct slice gap = held;
    if (reading->reader.format->family->ordered) /* its own headings follow */
        gap = slice_head(gap, reading->gap_end);
    if (reading->outer || !is_read_otherwise(reading, &gap, &recognition)) {
        forget_gap(reading);
        return;
    }
    size_t begin = (size_t)(gap.data - held.data);
    uint64_t lines = line_ends_count(slice_after(held, begin), '\n');
    reading->elsewhere += reading->gap_unmarked;
    if (goes_on(reading, slice_after(held, begin), &recognition)) {
        reading->given_up = true;
        end_reading(reading, &recognition, begin, gap.size);
        return;
    }
    forget_gap(reading);
    reading->failures = 0;
    read_gap(reading, gap, source_lines(reading->source) - 1 - lines);
}

/* The gap is long, or the file ends: the reading may be over. */
static void gap_is_long(struct reading *reading)
{
    struct recognition recognition;
    struct slice all = slice_head(source_held(reading->source), SOURCE_HEAD), gap = all;
    if (gap.size > 0 && is_read_otherwise(reading, &gap, &recognition)) {
        reading->elsewhere += reading->gap_unmarked;
        end_reading(reading, &recognition, all.size - gap.size, gap.size);
    } else {
        forget_gap(reading);
        source_hold(reading->source);
    }
}

/* Returns true if the line at hand shows octets or packets, although it has been given to no side yet. */
static bool is_own(const struct reading *reading)
{
    return reading->reader.format->family->ordered && !reading->unmarked;
}

/* The lines before the first that looks like SMTP that are kept: of packets as text they may be many, but there
 * has to be room for what follows. */
static unsigned lead_of(const struct reading *reading)
{
    bool few = source_held(reading->source).size < SOURCE_HEAD / 4;
    return reading->reader.format->family->ordered && few ? PAUSE_DUMP : LEAD;
}

/* After a line that the reading has given to no side. */
static void watch_gap(struct reading *reading, struct slice line)
{
    bool begun = reading->gap_anchors > 0;
    enum scan_word what;
    if (source_lines(reading->source) > reading->deaf_until &&
        scan_next(line, 0, &what) < line.size &&
        (begun || !(reading->in_message || reading->in_text)))
        reading->gap_anchors++;
    if (reading->unmarked)
        reading->gap_end = source_held(reading->source).size;
    if (reading->gap_anchors == 0)
        source_slide(reading->source, lead_of(reading));
    else if (source_held(reading->source).size >= SOURCE_HEAD)
        gap_is_long(reading);
}

/* Returns true if the last lines, which nobody has claimed, may be an excerpt that no command shows which the scan
 * looks for: the end of a group, as in a bounce. */
static bool ends_in_excerpt(const struct reading *reading)
{
    static const char *const codes[] = {"250", "354", "450", "500", "503", "550", "554"};
    struct slice held = source_held(reading->source);
    bool found = false;
    if (reading->in_message || reading->in_text)
        return false;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && !found; i++)
        found = scan_reply(held, slice_of(codes[i])) < held.size;
    return found;
}

/* A line, and the one after it where the two are a command and its reply: then *taken is set. */
static void take_lines(struct reading *reading, const struct line *line)
{
    struct source_line next;
    struct line reply;
    bool taken = false;
    struct smtpseq_checker *checker = reading->checker;
    if (line->side == SIDE_CLIENT && checker->comment_count == 0 && reading->gap_anchors == 0 &&
        (!reading->in_text || line->payload.size == 1) && /* text but for the dot has no reply */
        source_peek(reading->source, &next) && reader_line(&reading->reader, &next, &reply) &&
        reply.side == SIDE_SERVER &&
        !conversations_pair(&reading->conversations, line, &reply, &taken))
        checker->no_memory = true;
    if (!taken) {
        reading_line(reading, line);
        return;
    }
    reading->placed = true;
    source_take(reading->source);
    reading_settle(reading);
}

/* Reads lines through the reader into the conversations, to the end or up to where it is over. */
static enum smtpseq_status read_lines(struct reading *reading, bool only)
{
    struct smtpseq_checker *checker = reading->checker;
    struct source *source = reading->source;
    struct source_line line;
    struct line read;
    struct line_form text;
    bool has_form = reader_text_form(&reading->reader, &text);
    int more = 0;
    source_hold(source);
    while (!reading->over && (more = source_next(source, &line)) > 0) {
        checker->recording.cut += line.cut > 0;
        reading->unended = line.ended ? 0 : line.number;
        reading->placed = reading->unmarked = reading->in_message = false;
        if (line.ended && reader_line(&reading->reader, &line, &read))
            take_lines(reading, &read);
        else if (!reader_read(&reading->reader, &line))
            return SMTPSEQ_NO_MEMORY;
        if (checker->no_memory)
            return SMTPSEQ_NO_MEMORY;
        reading->in_text = conversations_in_text(&reading->conversations);
        if (has_form && reading->in_text)
            conversations_passed(&reading->conversations, source_pass(source, &text));
        if (reading->placed || (is_own(reading) && reading->gap_anchors == 0))
            source_hold(source);
        else if (!only && !is_own(reading))
            watch_gap(reading, line.text);
    }
    if (reading->over)
        return SMTPSEQ_OK;
    if (reading->gap_anchors > 0 || (!only && ends_in_excerpt(reading)))
        gap_is_long(reading);
    return more < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_OK;
}

/* Formats without lines are read to the end. */
static enum smtpseq_status read_octets(struct reading *reading)
{
    struct reader *reader = &reading->reader;
    reader->trouble = reading->checker->recording.trouble;
    int done = reader->format->family->read_all(reader, reading->source);
    reading->checker->recording.lines = reader->lines;
    return done > 0 ? SMTPSEQ_OK : done < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_NO_MEMORY;
}

/* Reads by one reading, which begins with `head`. Where another one is to follow, *next is what it
 * has been recognised as, and *head its beginning. */
static enum smtpseq_status read_one(struct smtpseq_checker *checker, struct source *source,
                                    struct recognition *next, struct slice *head,
                                    struct reading *outer, bool only)
{
    struct reading *reading = calloc(1, sizeof *reading);
    struct line_sink lines = {.line = reading_line, .context = reading};
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (!reading)
        return status;
    reading->recognition = *next;
    reading->source = source;
    reading->gap_ends = gap_ends;
    reading_begin(reading, checker, outer);
    if (reader_open(&reading->reader, next, *head, &lines)) {
        reading->reader.remark = on_remark;
        reading->reader.remark_context = checker;
        reading->reader.language = checker->callbacks.language;
        status = next->format->family->read_all ? read_octets(reading) : read_lines(reading, only);
    }
    int error = errno;
    bool done = status != SMTPSEQ_NO_MEMORY && reader_finish(&reading->reader);
    reader_close(&reading->reader);
    done = reading_end(reading) && done;
    next->format = NULL;
    if (reading->over && source_rewind(source)) {
        *next = reading->next;
        source_drop(source, reading->next_at);
        *head = slice_head(source_window(source), reading->next_size);
    }
    errno = error;
    free(reading);
    return done ? status : SMTPSEQ_NO_MEMORY;
}

/* Of a window, what looks like one recording: up to where nothing looks like SMTP for a while. A packet
 * as text may take hundreds of lines. */
static struct slice cluster(struct slice window)
{
    enum scan_word what;
    size_t end = scan_next(window, 0, &what);
    bool dump = false;
    for (size_t at = end; at < window.size; at = scan_next(window, at + 1, &what)) {
        struct slice between = {window.data + end, at - end};
        if (line_ends_count(between, '\n') > (dump ? PAUSE_DUMP : PAUSE))
            break;
        dump = dump || what == SCAN_DUMP;
        end = at;
    }
    return lines_after(window, end, dump ? PAUSE_DUMP : LEAD);
}

/* Finds the next place where a format is recognised, which *head is then the beginning of: 1, 0 where
 * there is none, -1 on a read error, -2 when out of memory. */
static int find_next(struct source *source, const struct format *format,
                     struct recognition *recognition, struct slice *head,
                     struct smtpseq_unread *unread)
{
    for (;;) {
        int more = source_seek(source, LEAD);
        if (more <= 0)
            return more;
        struct slice window = source_window(source);
        *head = cluster(window);
        if (!(format ? format_fit(format, *head, recognition)
                     : recognise_beginning(*head, recognition)))
            return -2;
        if (head->size == window.size && live_awaits_more(source, recognition, *head) &&
            source_more(source))
            continue;
        if (recognition->format && !recognition->format->family->read_all &&
            recognition->fit.commands + recognition->fit.replies > 0)
            return 1;
        unread_count(unread, *head, source_lines(source));
        source_drop(source, head->size);
    }
}

/* Recognises the format of the beginning. */
static bool recognise_head(struct smtpseq_recording *recording, struct slice head,
                           const struct format *format, struct recognition *recognition)
{
    if (!(format ? format_fit(format, head, recognition) : recognise_beginning(head, recognition)))
        return false;
    if (recording->format)
        return true;
    recording->fit = recognition->fit;
    recording->inferred = recognition->inferred;
    recording->confidence = recognition->confidence;
    memcpy(recording->learnt, recognition->learnt, sizeof recording->learnt);
    recording->unread.pairs = recognition->pairs;
    recording->binary = !recognition->format && slice_find(head, '\0') < head.size;
    return true;
}

/* Reads all of a source, each part of it by the reading that explains it. */
static enum smtpseq_status read_parts(struct smtpseq_checker *checker, struct source *source,
                                      const struct format *format, struct reading *outer)
{
    struct smtpseq_recording *recording = &checker->recording;
    struct recognition recognition;
    struct slice head = source_head(source);
    enum smtpseq_status status = SMTPSEQ_OK;
    uint64_t last = UINT64_MAX; /* where the last reading began: none begins there again */
    bool known;
    while ((known = recognise_head(recording, head, format, &recognition)) &&
           live_awaits_more(source, &recognition, head) && source_more(source))
        head = source_window(source);
    if (!known)
        return SMTPSEQ_NO_MEMORY;
    if (recording->binary)
        return SMTPSEQ_NO_SESSION;
    while (status == SMTPSEQ_OK) {
        int found = recognition.format
                        ? 1
                        : find_next(source, format, &recognition, &head, &recording->unread);
        if (found <= 0) {
            status = found == 0 ? SMTPSEQ_OK : found == -1 ? SMTPSEQ_READ_ERROR : SMTPSEQ_NO_MEMORY;
            break;
        }
        bool only = format != NULL || source_lines(source) == last;
        last = source_lines(source);
        status = read_one(checker, source, &recognition, &head, outer, only);
    }
    return status;
}

/* Reads the rest of the source from its end to its beginning. */
static enum smtpseq_status read_backwards(struct smtpseq_checker *checker, struct source *source)
{
    struct slice text = source_rest(source, BACKWARDS_MAX);
    char *room = lines_reversed(text);
    struct slice left = {room, text.size};
    struct origin origin = {.context = &left, .read = read_slice};
    struct source *reversed = source_of(&origin);
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (room && reversed) {
        source_drop(source, text.size);
        source_count_from(reversed, source_lines(source), true);
        checker->recording.newest_first = true;
        status = read_parts(checker, reversed, NULL, NULL);
    }
    source_close(reversed);
    free(room);
    return status;
}

enum smtpseq_status read_source(struct smtpseq_checker *checker, struct source *source,
                                const struct format *format)
{
    struct smtpseq_recording *recording = &checker->recording;
    struct slice head = source_head(source);
    enum smtpseq_status status;
    bool backwards = false;
    recording->unread.log = mail_log_of(head);
    if (!format && source_ends(source) && !is_backwards(head, &backwards))
        return SMTPSEQ_NO_MEMORY;
    if (backwards && source_rest(source, BACKWARDS_MAX).size == 0) {
        on_remark(checker, translate(checker->callbacks.language,
                                     "the newest line comes first, but the file is too large to be "
                                     "read backwards"));
        backwards = false;
    }
    status =
        backwards ? read_backwards(checker, source) : read_parts(checker, source, format, NULL);
    if (!(recording->format && recording->format->family->read_all))
        recording->lines = source_lines(source);
    return status;
}
