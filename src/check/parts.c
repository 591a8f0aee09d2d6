/* parts.c - reads a source, each part of it by the reading that explains it.
 */
#include "check/parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "check/backwards.h"
#include "check/beginning.h"
#include "check/gap.h"
#include "check/live.h"
#include "check/pieces.h"
#include "check/unread.h"
#include "smtp/scan.h"
#include "transcript/source/line_ends.h"

/* After so many lines without SMTP, the sample for recognising a format ends; in packets as text after LEAD_DUMP. */
#define PAUSE 64

static enum smtpseq_status read_parts(struct smtpseq_checker *checker, struct source *source,
                                      const struct format *format, struct reading *outer);

static void on_remark(void *context, const char *text)
{
    const struct smtpseq_checker *checker = context;
    if (checker->callbacks.remark)
        checker->callbacks.remark(checker->callbacks.context, text);
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

static bool read_gap(struct reading *reading, struct source *lines)
{
    return read_parts(reading->checker, lines, NULL, reading) != SMTPSEQ_NO_MEMORY;
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
    reading->read_gap = read_gap;
    reading_begin(reading, checker, outer);
    if (reader_open(&reading->reader, next, *head, &lines)) {
        reading->reader.remark = on_remark;
        reading->reader.remark_context = checker;
        reading->reader.language = checker->callbacks.language;
        status = next->format->family->read_all ? read_octets(reading)
                                                : read_in_pieces(reading, *head, only);
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
        if (line_ends_count(between, '\n') > (dump ? LEAD_DUMP : PAUSE))
            break;
        dump = dump || what == SCAN_DUMP;
        end = at;
    }
    return lines_after(window, end, dump ? LEAD_DUMP : LEAD);
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

/* Reads all of a source, each part of it by the reading that explains it. `outer`: in a gap of which it is; NULL. */
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
    struct source *reversed = source_of_text(&left);
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
