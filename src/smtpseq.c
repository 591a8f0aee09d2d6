/* smtpseq.c - one way through the house: source, transcript, dialogue, session, rules.
 */
#include "smtpseq.h"

#include <errno.h>
#include <stdlib.h>

#include "conversation.h"

/* Findings of ended sessions wait for those of older ones that still run; when so many wait, those
 * that can no longer be overtaken are given on. */
#define FINDINGS_WAIT 1024

struct smtpseq_checker {
    struct smtpseq_callbacks callbacks;
    const struct server_set *servers;
    struct conversations conversations;
    struct smtpseq_recording recording;
    struct finding **waiting;
    size_t waiting_count, waiting_capacity, waiting_most;
    bool no_memory;
};

static uint64_t on_begin(void *context)
{
    struct smtpseq_checker *checker = context;
    return ++checker->recording.sessions;
}

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct smtpseq_checker *checker = context;
    checker->recording.exchanges++;
    if (checker->callbacks.exchange)
        checker->callbacks.exchange(checker->callbacks.context, session, exchange, verdict);
}

/* Gives the waiting findings before `line` on, in order. */
static void release_findings(struct smtpseq_checker *checker, uint64_t line)
{
    size_t count = 0;
    if (checker->waiting_count > 1)
        qsort(checker->waiting, checker->waiting_count, sizeof(struct finding *),
              finding_compare);
    while (count < checker->waiting_count && checker->waiting[count]->line < line) {
        if (checker->callbacks.finding)
            checker->callbacks.finding(checker->callbacks.context, checker->waiting[count]);
        finding_free(checker->waiting[count++]);
    }
    checker->waiting_count -= count;
    if (count > 0)
        memmove(checker->waiting, checker->waiting + count,
                checker->waiting_count * sizeof(struct finding *));
}

static void on_finding(void *context, struct finding *finding)
{
    struct smtpseq_checker *checker = context;
    if (checker->waiting_count == checker->waiting_capacity) {
        size_t capacity = checker->waiting_capacity ? checker->waiting_capacity * 2 : 64;
        struct finding **larger = reallocarray(checker->waiting, capacity, sizeof *larger);
        if (!larger) {
            checker->no_memory = true;
            finding_free(finding);
            return;
        }
        checker->waiting = larger;
        checker->waiting_capacity = capacity;
    }
    checker->waiting[checker->waiting_count++] = finding;
}

static void on_line(void *context, const struct line *line)
{
    struct smtpseq_checker *checker = context;
    if (checker->no_memory)
        return;
    if (!conversations_line(&checker->conversations, line))
        checker->no_memory = true;
    if (checker->waiting_count < checker->waiting_most)
        return;
    release_findings(checker, conversations_oldest(&checker->conversations));
    checker->waiting_most = checker->waiting_count * 2 + FINDINGS_WAIT;
}

struct smtpseq_checker *smtpseq_checker_new(const struct smtpseq_callbacks *callbacks,
                                            const struct server_set *servers)
{
    static const struct server_set none = {.count = 0};
    struct smtpseq_checker *checker = calloc(1, sizeof *checker);
    if (!checker)
        return NULL;
    checker->callbacks = *callbacks;
    checker->servers = servers ? servers : &none;
    return checker;
}

void smtpseq_checker_free(struct smtpseq_checker *checker)
{
    if (!checker)
        return;
    free(checker->waiting);
    free(checker);
}

/* Whether no line at the beginning is the server's: then nobody answers. */
static bool is_one_sided(const struct fit *fit)
{
    return fit->commands > 0 && fit->replies == 0;
}

/* Reads all lines through the reader into the dialogue. */
static enum smtpseq_status read_lines(struct smtpseq_checker *checker, struct source *source,
                                      struct reader *reader)
{
    struct source_line line;
    int more;
    while ((more = source_next(source, &line)) > 0) {
        checker->recording.lines++;
        checker->recording.cut += line.cut > 0;
        if (!reader->format->family->read(reader, &line) || checker->no_memory)
            return SMTPSEQ_NO_MEMORY;
    }
    return more < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_OK;
}

/* Reads the recording through its reader, to the end. */
static enum smtpseq_status read_recording(struct smtpseq_checker *checker, struct source *source,
                                          struct reader *reader)
{
    enum smtpseq_status status;
    if (reader->format->family->read_all) {
        int done = reader->format->family->read_all(reader, source);
        status = done > 0 ? SMTPSEQ_OK : done < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_NO_MEMORY;
    } else {
        status = read_lines(checker, source, reader);
    }
    int error = errno;
    if (status != SMTPSEQ_NO_MEMORY &&
        (!reader_finish(reader) || !conversations_finish(&checker->conversations)))
        status = SMTPSEQ_NO_MEMORY;
    release_findings(checker, UINT64_MAX);
    errno = error;
    return checker->no_memory ? SMTPSEQ_NO_MEMORY : status;
}

/* Counts the lines of a recording in no known format, so that the report can say how many. */
static enum smtpseq_status read_past(struct smtpseq_checker *checker, struct source *source)
{
    struct source_line line;
    int more;
    while ((more = source_next(source, &line)) > 0)
        checker->recording.lines++;
    checker->recording.unplaced = checker->recording.lines;
    return more < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_NO_SESSION;
}

static enum smtpseq_status check_source(struct smtpseq_checker *checker, struct source *source,
                                        const struct format *format)
{
    struct smtpseq_recording *recording = &checker->recording;
    struct slice head = source_head(source);
    if (format)
        recording->fit = format->family->recognise(format, head);
    else
        format = format_recognise(head, &recording->fit);
    if (!format) {
        recording->binary = slice_find(head, '\0') < head.size;
        return read_past(checker, source);
    }
    recording->format = format;
    recording->one_sided = is_one_sided(&recording->fit);
    checker->conversations = (struct conversations){
        .sink = {checker, on_begin, on_exchange, on_finding},
        .options = {.one_sided = recording->one_sided},
        .servers = checker->servers,
    };
    checker->waiting_most = FINDINGS_WAIT;
    struct line_sink lines = {.line = on_line, .context = checker};
    struct reader reader;
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (reader_open(&reader, format, head, &lines))
        status = read_recording(checker, source, &reader);
    reader_close(&reader);
    recording->unplaced = checker->conversations.counted.unplaced;
    recording->elided = checker->conversations.counted.elided;
    conversations_free(&checker->conversations);
    return status == SMTPSEQ_OK && recording->sessions == 0 ? SMTPSEQ_NO_SESSION : status;
}

enum smtpseq_status smtpseq_check(struct smtpseq_checker *checker, int descriptor,
                                  const struct format *format,
                                  struct smtpseq_recording *recording)
{
    checker->recording = (struct smtpseq_recording){0};
    checker->no_memory = false;
    struct source *source = source_open(descriptor);
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (source)
        status = check_source(checker, source, format);
    int error = errno;
    if (source)
        checker->recording.octets = source_octets(source);
    source_close(source);
    *recording = checker->recording;
    errno = error;
    return status;
}
