/* smtpseq.c - one way through the house: source, transcript, dialogue, session, rules.
 */
#include "smtpseq.h"

#include <errno.h>
#include <stdlib.h>

#include "rules/judge.h"

struct smtpseq_checker {
    struct smtpseq_callbacks callbacks;
    struct judge *judge;
    struct dialogue *dialogue;
    struct session session;
    struct smtpseq_recording recording;
    bool no_memory;
};

static void on_begin(void *context, uint64_t line, bool from_start)
{
    struct smtpseq_checker *checker = context;
    (void)line;
    checker->recording.sessions++;
    if (!session_start(&checker->session, from_start) ||
        !judge_begin(checker->judge, checker->recording.sessions))
        checker->no_memory = true;
}

static void on_exchange(void *context, const struct exchange *exchange)
{
    struct smtpseq_checker *checker = context;
    if (checker->no_memory)
        return;
    checker->recording.exchanges++;
    struct verdict verdict = session_play(&checker->session, exchange);
    if (!judge_exchange(checker->judge, &checker->session, exchange, &verdict))
        checker->no_memory = true;
    if (checker->callbacks.exchange)
        checker->callbacks.exchange(checker->callbacks.context, checker->recording.sessions,
                                    exchange, &verdict);
}

static void on_stray(void *context, const struct stray *stray)
{
    struct smtpseq_checker *checker = context;
    if (checker->no_memory)
        return;
    if (stray->kind == STRAY_CLOSING)
        session_close(&checker->session, stray->place.line, stray->reply.code);
    if (!judge_stray(checker->judge, &checker->session, stray))
        checker->no_memory = true;
}

static void on_end(void *context, const struct session_end *end)
{
    struct smtpseq_checker *checker = context;
    if (!checker->no_memory && !judge_end(checker->judge, &checker->session, end))
        checker->no_memory = true;
}

static void on_line(void *context, const struct line *line)
{
    struct smtpseq_checker *checker = context;
    if (!dialogue_line(checker->dialogue, line))
        checker->no_memory = true;
}

static void on_finding(void *context, const struct finding *finding)
{
    struct smtpseq_checker *checker = context;
    if (checker->callbacks.finding)
        checker->callbacks.finding(checker->callbacks.context, finding);
}

struct smtpseq_checker *smtpseq_checker_new(const struct smtpseq_callbacks *callbacks)
{
    struct smtpseq_checker *checker = calloc(1, sizeof *checker);
    if (!checker)
        return NULL;
    checker->callbacks = *callbacks;
    struct finding_sink sink = {.context = checker, .finding = on_finding};
    checker->judge = judge_new(&sink);
    if (!checker->judge) {
        free(checker);
        return NULL;
    }
    return checker;
}

void smtpseq_checker_free(struct smtpseq_checker *checker)
{
    if (!checker)
        return;
    judge_free(checker->judge);
    session_free(&checker->session);
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
        if (!reader->format->read(reader, &line) || checker->no_memory)
            return SMTPSEQ_NO_MEMORY;
    }
    int error = errno;
    if (!dialogue_finish(checker->dialogue) || checker->no_memory)
        return SMTPSEQ_NO_MEMORY;
    errno = error;
    return more < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_OK;
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
        recording->fit = format->recognise(format, head);
    else
        format = format_recognise(head, &recording->fit);
    if (!format) {
        recording->binary = slice_find(head, '\0') < head.size;
        return read_past(checker, source);
    }
    recording->format = format;
    recording->one_sided = is_one_sided(&recording->fit);
    struct dialogue_sink sink = {checker, on_begin, on_exchange, on_stray, on_end};
    struct dialogue_options options = {.one_sided = recording->one_sided};
    struct line_sink lines = {.line = on_line, .context = checker};
    struct reader reader;
    checker->dialogue = dialogue_new(&sink, &options);
    if (!checker->dialogue || !reader_open(&reader, format, head, &lines))
        return SMTPSEQ_NO_MEMORY;
    enum smtpseq_status status = read_lines(checker, source, &reader);
    reader_close(&reader);
    recording->unplaced = dialogue_count(checker->dialogue).unplaced;
    recording->elided = dialogue_count(checker->dialogue).elided;
    if (status == SMTPSEQ_OK && recording->sessions == 0)
        return SMTPSEQ_NO_SESSION;
    return status;
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
    dialogue_free(checker->dialogue);
    checker->dialogue = NULL;
    if (source)
        checker->recording.octets = source_octets(source);
    source_close(source);
    *recording = checker->recording;
    errno = error;
    return status;
}
