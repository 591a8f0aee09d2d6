/* checker.c - one way through the house: source, transcript, dialogue, session, rules.
 */
#include "smtpseq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/conversation.h"
#include "transcript/dumps/tcpflow_pair.h"

/* Findings of ended sessions wait for those of older ones that still run; when so many wait, those
 * that can no longer be overtaken are given on. */
#define FINDINGS_WAIT     1024
/* When so many wait all the same, they are given on out of order: a session can run for ever. */
#define FINDINGS_WAIT_MAX 4096

/* A line "# smtpseq: ..." that waits for the line it is about. */
struct comment {
    uint64_t line;
    EXCERPT(SMTPSEQ_COMMENT_TEXT) text;
};

struct smtpseq_checker {
    struct smtpseq_callbacks callbacks;
    const struct server_set *servers;
    struct conversations conversations;
    struct smtpseq_recording recording;
    struct finding **waiting;
    size_t waiting_count, waiting_capacity, waiting_most;
    uint64_t unended; /* number of the last line, where no line end follows; else 0 */
    bool no_memory;
    struct comment comments[SMTPSEQ_COMMENTS_MAX];
    size_t comment_count;
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

static void on_closing(void *context, enum session_state state, uint64_t line)
{
    struct smtpseq_checker *checker = context;
    if (checker->callbacks.closing)
        checker->callbacks.closing(checker->callbacks.context, state, line);
}

/* Gives the waiting findings before `line` on, in order. */
static void release_findings(struct smtpseq_checker *checker, uint64_t line)
{
    size_t count = 0;
    if (checker->waiting_count > 1)
        qsort(checker->waiting, checker->waiting_count, sizeof(struct finding *), finding_compare);
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

/* Gives those on that nothing can come before: no session under way, nor the finding that has just
 * been made. */
static void release_settled(struct smtpseq_checker *checker, uint64_t line)
{
    uint64_t oldest = conversations_oldest(&checker->conversations);
    release_findings(checker, oldest < line ? oldest : line);
    if (checker->waiting_count >= FINDINGS_WAIT_MAX)
        release_findings(checker, UINT64_MAX);
    checker->waiting_most = checker->waiting_count * 2 + FINDINGS_WAIT;
    if (checker->waiting_most > FINDINGS_WAIT_MAX)
        checker->waiting_most = FINDINGS_WAIT_MAX;
}

static void on_finding(void *context, struct finding *finding)
{
    struct smtpseq_checker *checker = context;
    if (checker->waiting_count >= checker->waiting_most)
        release_settled(checker, finding->line);
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

/* The comments that waited are about this line. */
static void give_comments(struct smtpseq_checker *checker, uint64_t about)
{
    for (size_t i = 0; i < checker->comment_count && checker->callbacks.comment; i++)
        checker->callbacks.comment(checker->callbacks.context, checker->comments[i].line, about,
                                   EXCERPT_SLICE(checker->comments[i].text));
    checker->comment_count = 0;
}

static void keep_comment(struct smtpseq_checker *checker, const struct line *line)
{
    if (checker->comment_count == SMTPSEQ_COMMENTS_MAX)
        give_comments(checker, 0);
    struct comment *comment = &checker->comments[checker->comment_count++];
    comment->line = line->number;
    EXCERPT_SET(comment->text, slice_trim(line->payload));
}

/* Behind each line: gives findings on where too many wait. */
static void after_line(struct smtpseq_checker *checker)
{
    if (checker->waiting_count >= checker->waiting_most)
        release_settled(checker, UINT64_MAX);
}

static void on_line(void *context, const struct line *line)
{
    struct smtpseq_checker *checker = context;
    if (checker->no_memory)
        return;
    struct line last;
    if (line->number == checker->unended) {
        last = *line;
        last.unended = true;
        last.end = LINE_END_UNKNOWN;
        line = &last;
    }
    if (line->side == SIDE_NOTE && line->note == NOTE_REMARK)
        keep_comment(checker, line);
    else if (checker->comment_count > 0 && line->side != SIDE_NOTE)
        give_comments(checker, line->number);
    if (!conversations_line(&checker->conversations, line))
        checker->no_memory = true;
    after_line(checker);
}

static void on_remark(void *context, const char *text)
{
    struct smtpseq_checker *checker = context;
    if (checker->callbacks.remark)
        checker->callbacks.remark(checker->callbacks.context, text);
}

struct smtpseq_checker *smtpseq_checker_new(const struct smtpseq_callbacks *callbacks,
                                            const struct server_set *servers)
{
    struct smtpseq_checker *checker = calloc(1, sizeof *checker);
    if (!checker)
        return NULL;
    checker->callbacks = *callbacks;
    checker->servers = servers;
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

/* Whether no line at the beginning is the client's: then nothing was asked. */
static bool is_replies_only(const struct fit *fit)
{
    return fit->commands == 0 && fit->replies > 0;
}

/* A line, and the one behind it where the two are a command and its reply: then *taken is set. */
static void on_lines(struct smtpseq_checker *checker, struct source *source,
                     const struct reader *reader, const struct line *line)
{
    struct source_line next;
    struct line reply;
    bool taken = false;
    if (line->side == SIDE_CLIENT && checker->comment_count == 0 && source_peek(source, &next) &&
        reader_line(reader, &next, &reply) && reply.side == SIDE_SERVER &&
        !conversations_pair(&checker->conversations, line, &reply, &taken))
        checker->no_memory = true;
    if (!taken) {
        on_line(checker, line);
        return;
    }
    source_take(source);
    after_line(checker);
}

/* Reads all lines through the reader into the dialogue. */
static enum smtpseq_status read_lines(struct smtpseq_checker *checker, struct source *source,
                                      struct reader *reader)
{
    struct source_line line;
    struct line read;
    struct line_form text;
    bool has_form = reader_text_form(reader, &text);
    int more;
    while ((more = source_next(source, &line)) > 0) {
        checker->recording.cut += line.cut > 0;
        checker->unended = line.ended ? 0 : line.number;
        if (line.ended && reader_line(reader, &line, &read))
            on_lines(checker, source, reader, &read);
        else if (!reader_read(reader, &line))
            return SMTPSEQ_NO_MEMORY;
        if (checker->no_memory)
            return SMTPSEQ_NO_MEMORY;
        if (has_form && conversations_in_text(&checker->conversations))
            source_pass(source, &text);
    }
    return more < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_OK;
}

/* Reads the recording through its reader, to the end. */
static enum smtpseq_status read_recording(struct smtpseq_checker *checker, struct source *source,
                                          struct reader *reader)
{
    enum smtpseq_status status;
    if (reader->format->family->read_all) {
        reader->trouble = checker->recording.trouble;
        int done = reader->format->family->read_all(reader, source);
        checker->recording.lines = reader->lines;
        status = done > 0 ? SMTPSEQ_OK : done < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_NO_MEMORY;
    } else {
        status = read_lines(checker, source, reader);
        checker->recording.lines = source_lines(source);
    }
    int error = errno;
    if (status != SMTPSEQ_NO_MEMORY &&
        (!reader_finish(reader) || !conversations_finish(&checker->conversations)))
        status = SMTPSEQ_NO_MEMORY;
    release_findings(checker, UINT64_MAX);
    give_comments(checker, 0);
    errno = error;
    return checker->no_memory ? SMTPSEQ_NO_MEMORY : status;
}

/* Counts the lines of a recording in no known format, so that the report can say how many. */
static enum smtpseq_status read_past(struct smtpseq_checker *checker, struct source *source)
{
    struct source_line line;
    int more;
    while ((more = source_next(source, &line)) > 0)
        continue;
    checker->recording.lines = checker->recording.unplaced = source_lines(source);
    return more < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_NO_SESSION;
}

/* The life of the conversations of a recording. */
static void begin_conversations(struct smtpseq_checker *checker)
{
    checker->conversations = (struct conversations){
        .sink = {checker, on_begin, on_exchange, on_finding, on_closing},
        .options = {.echoes = checker->recording.inferred,
                    .one_sided = checker->recording.one_sided,
                    .replies_only = checker->recording.replies_only},
        .servers = checker->servers,
    };
    checker->waiting_most = FINDINGS_WAIT;
    checker->unended = 0;
}

static void end_conversations(struct smtpseq_checker *checker)
{
    checker->recording.unplaced = checker->conversations.counted.unplaced;
    checker->recording.given_up = checker->conversations.given_up;
    checker->recording.elided = checker->conversations.counted.elided;
    conversations_free(&checker->conversations);
}

static enum smtpseq_status check_source(struct smtpseq_checker *checker, struct source *source,
                                        const struct format *format)
{
    struct smtpseq_recording *recording = &checker->recording;
    struct slice head = source_head(source);
    struct recognition recognition;
    if (!(format ? format_fit(format, head, &recognition) : format_recognise(head, &recognition)))
        return SMTPSEQ_NO_MEMORY;
    format = recognition.format;
    recording->fit = recognition.fit;
    recording->inferred = recognition.inferred;
    recording->confidence = recognition.confidence;
    memcpy(recording->learnt, recognition.learnt, sizeof recording->learnt);
    if (!format) {
        recording->binary = slice_find(head, '\0') < head.size;
        return recording->binary ? SMTPSEQ_NO_SESSION : read_past(checker, source);
    }
    recording->format = format;
    recording->one_sided = is_one_sided(&recording->fit);
    recording->replies_only = is_replies_only(&recording->fit);
    begin_conversations(checker);
    struct line_sink lines = {.line = on_line, .context = checker};
    struct reader reader;
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (reader_open(&reader, &recognition, head, &lines)) {
        reader.remark = on_remark;
        reader.remark_context = checker;
        status = read_recording(checker, source, &reader);
    }
    reader_close(&reader);
    end_conversations(checker);
    bool nothing = recording->sessions == 0 && !recording->replies_only;
    return status == SMTPSEQ_OK && nothing ? SMTPSEQ_NO_SESSION : status;
}

enum smtpseq_status smtpseq_check(struct smtpseq_checker *checker, struct source *source,
                                  const struct format *format, struct smtpseq_recording *recording)
{
    checker->recording = (struct smtpseq_recording){0};
    checker->no_memory = false;
    enum smtpseq_status status = check_source(checker, source, format);
    int error = errno;
    const char *trouble = source_trouble(source);
    checker->recording.octets = source_octets(source);
    if (status == SMTPSEQ_READ_ERROR && trouble)
        snprintf(checker->recording.trouble, REMARK_MAX, "%s", trouble);
    *recording = checker->recording;
    errno = error;
    return status;
}

/* Reads a pair of files to the end. */
static enum smtpseq_status check_sources(struct smtpseq_checker *checker, struct source *client,
                                         struct source *server, const char *name)
{
    struct smtpseq_recording *recording = &checker->recording;
    recording->format = format_by_name("tcpflow");
    begin_conversations(checker);
    struct line_sink lines = {.line = on_line, .context = checker};
    int done = tcpflow_pair_read(client, server, slice_of(name), &lines, &recording->lines);
    enum smtpseq_status status = done > 0   ? SMTPSEQ_OK
                                 : done < 0 ? SMTPSEQ_READ_ERROR
                                            : SMTPSEQ_NO_MEMORY;
    int error = errno;
    if (status != SMTPSEQ_NO_MEMORY && !conversations_finish(&checker->conversations))
        status = SMTPSEQ_NO_MEMORY;
    release_findings(checker, UINT64_MAX);
    end_conversations(checker);
    errno = error;
    if (checker->no_memory)
        return SMTPSEQ_NO_MEMORY;
    return status == SMTPSEQ_OK && recording->sessions == 0 ? SMTPSEQ_NO_SESSION : status;
}

enum smtpseq_status smtpseq_check_pair(struct smtpseq_checker *checker, int client, int server,
                                       const char *name, struct smtpseq_recording *recording)
{
    checker->recording = (struct smtpseq_recording){0};
    checker->no_memory = false;
    struct source *sources[2] = {source_open(client), source_open(server)};
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (sources[0] && sources[1])
        status = check_sources(checker, sources[0], sources[1], name);
    int error = errno;
    for (size_t i = 0; i < 2; i++) {
        if (sources[i])
            checker->recording.octets += source_octets(sources[i]);
        source_close(sources[i]);
    }
    *recording = checker->recording;
    errno = error;
    return status;
}
