/* reading.c - one reading: its lines go to the conversations, their findings come in order. */
#include "check/reading.h"

#include <stdlib.h>

static uint64_t on_begin(void *context)
{
    struct reading *reading = context;
    if (reading->known)
        reading->known->sessions++;
    return ++reading->checker->recording.sessions;
}

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct smtpseq_checker *checker = ((struct reading *)context)->checker;
    checker->recording.exchanges++;
    if (!outlet_exchange(&checker->outlet, session, exchange, verdict))
        checker->no_memory = true;
}

static void on_session_end(void *context, uint64_t session, struct session_outcome *outcome)
{
    struct reading *reading = context;
    struct smtpseq_checker *checker = reading->checker;
    if (reading->conversations.options.replies_only)
        outcome->result = RESULT_UNKNOWN;
    if (checker->journal && checker->callbacks.session)
        journal_session(checker->journal, session, outcome);
    else if (!outlet_session(&checker->outlet, session, outcome))
        checker->no_memory = true;
}

static void on_said(void *context, uint64_t session, const struct line *line, bool content)
{
    struct smtpseq_checker *checker = ((struct reading *)context)->checker;
    if (checker->callbacks.line)
        checker->callbacks.line(checker->callbacks.context, session, line, content);
}

static void on_closing(void *context, enum session_state state, uint64_t line)
{
    struct smtpseq_checker *checker = ((struct reading *)context)->checker;
    if (checker->callbacks.closing)
        checker->callbacks.closing(checker->callbacks.context, state, line);
}

/* Passes those findings on that nothing can come before: no session under way, nor the finding that
 * has just been made. */
static void settle(const struct reading *reading, uint64_t line)
{
    struct finding_order *findings = &reading->checker->findings;
    if (reading->checker->recording.newest_first) /* what comes later stands before it */
        line = 0;
    for (; reading; reading = reading->outer) {
        uint64_t oldest = conversations_oldest(&reading->conversations);
        line = oldest < line ? oldest : line;
    }
    finding_order_settle(findings, line);
}

static void on_finding(void *context, struct finding *finding)
{
    const struct reading *reading = context;
    if (reading->checker->journal) {
        journal_finding(reading->checker->journal, finding,
                        conversations_oldest(&reading->conversations));
        return;
    }
    if (finding_order_is_full(&reading->checker->findings))
        settle(reading, finding->line);
    if (!finding_order_add(&reading->checker->findings, finding))
        reading->checker->no_memory = true;
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
    /* It may allow the finding of one session, not those of others. */
    checker->findings.each = true;
    if (checker->journal)
        checker->journal->odd = true;
    if (checker->comment_count == SMTPSEQ_COMMENTS_MAX)
        give_comments(checker, 0);
    struct comment *comment = &checker->comments[checker->comment_count++];
    comment->line = line->number;
    EXCERPT_SET(comment->text, slice_trim(line->payload));
}

void reading_settle(const struct reading *reading)
{
    struct journal *journal = reading->checker->journal;
    if (journal) {
        if (journal->unsettled)
            journal_settle(journal, conversations_oldest(&reading->conversations));
        return;
    }
    if (finding_order_is_full(&reading->checker->findings))
        settle(reading, UINT64_MAX);
}

static bool is_known(const struct smtpseq_reading *known, const struct recognition *recognition)
{
    return known->format == recognition->format && known->inferred == recognition->inferred &&
           strcmp(known->learnt, recognition->learnt) == 0;
}

/* Lists the reading, whose first line this is. */
static void list_reading(struct reading *reading, uint64_t line)
{
    struct smtpseq_recording *recording = &reading->checker->recording;
    const struct recognition *recognition = &reading->recognition;
    size_t i = 0;
    while (i < recording->reading_count && !is_known(&recording->readings[i], recognition))
        i++;
    if (i == SMTPSEQ_READINGS_MAX)
        i--;
    reading->known = &recording->readings[i];
    if (i < recording->reading_count)
        return;
    recording->reading_count++;
    *reading->known = (struct smtpseq_reading){
        .format = recognition->format,
        .inferred = recognition->inferred,
        .confidence = recognition->confidence,
        .line = line,
    };
    memcpy(reading->known->learnt, recognition->learnt, sizeof recognition->learnt);
}

void reading_line(void *context, const struct line *line)
{
    struct reading *reading = context;
    struct smtpseq_checker *checker = reading->checker;
    if (checker->no_memory)
        return;
    struct line last;
    if (line->number == reading->unended) {
        last = *line;
        last.unended = true;
        last.end = LINE_END_UNKNOWN;
        line = &last;
    }
    bool placed = line->side == SIDE_CLIENT || line->side == SIDE_SERVER;
    bool own = placed || (line->side == SIDE_NOTE && line->note == NOTE_CONTENT);
    if (own && reading->gap_anchors > 0)
        reading->gap_ends(reading);
    if (reading->given_up)
        return;
    if (placed && !reading->known)
        list_reading(reading, line->number);
    reading->placed = reading->placed || own;
    reading->unmarked = reading->unmarked || line->side == SIDE_UNMARKED;
    reading->gap_unmarked += line->side == SIDE_UNMARKED && reading->gap_anchors > 0;
    if (line->side == SIDE_NOTE && line->note == NOTE_REMARK)
        keep_comment(checker, line);
    else if (checker->comment_count > 0 && line->side != SIDE_NOTE)
        give_comments(checker, line->number);
    reading->in_message =
        reading->in_message || ((line->side == SIDE_UNMARKED || line->side == SIDE_NOTE) &&
                                conversations_in_message(&reading->conversations));
    if (!conversations_line(&reading->conversations, line))
        checker->no_memory = true;
    reading_settle(reading);
}

/* The recording is what its first reading with a session is. */
static void describe(struct smtpseq_recording *recording, const struct reading *reading)
{
    const struct recognition *recognition = &reading->recognition;
    if (recording->format && recording->sessions > 0)
        return;
    recording->format = recognition->format;
    recording->fit = recognition->fit;
    recording->inferred = recognition->inferred;
    recording->confidence = recognition->confidence;
    memcpy(recording->learnt, recognition->learnt, sizeof recording->learnt);
    recording->one_sided = reading->conversations.options.one_sided;
    recording->replies_only = reading->conversations.options.replies_only;
}

/* The marks that were learnt, or the name of the format. */
static const char *words_of(const struct recognition *recognition)
{
    if (recognition->inferred || !recognition->format)
        return recognition->learnt;
    return recognition->format->name;
}

void reading_begin(struct reading *reading, struct smtpseq_checker *checker, struct reading *outer)
{
    const struct fit *fit = &reading->recognition.fit;
    reading->checker = checker;
    reading->outer = outer;
    if (!outer)
        checker->reading = reading;
    reading->conversations = (struct conversations){
        .sink = {reading, on_begin, on_exchange, on_finding, on_session_end,
                 checker->callbacks.line ? on_said : NULL, on_closing,
                 checker->callbacks.exchange != NULL},
        .options = {.echoes = reading->recognition.inferred,
                    .one_sided = fit->commands > 0 && fit->replies == 0,
                    .replies_only = fit->commands == 0 && fit->replies > 0},
        .secrets = &checker->outlet.secrets,
        .servers = checker->servers,
        .reading = words_of(&reading->recognition),
        .language = checker->callbacks.language,
        .show_doubtful = checker->callbacks.show_doubtful,
    };
    describe(&checker->recording, reading);
}

bool reading_end(struct reading *reading)
{
    struct smtpseq_recording *recording = &reading->checker->recording;
    struct conversations *all = &reading->conversations;
    bool done = conversations_finish(all);
    uint64_t unplaced = all->counted.unplaced;
    recording->unplaced +=
        unplaced - (reading->elsewhere < unplaced ? reading->elsewhere : unplaced);
    recording->given_up += all->given_up;
    recording->foreign_begun += all->foreign_begun;
    for (size_t i = 0; i < PROTOCOLS; i++)
        recording->foreign[i] += all->foreign[i];
    recording->elided += all->counted.elided;
    if (!reading->outer) {
        reading->checker->reading = NULL;
        outlet_flush(&reading->checker->outlet);
        finding_order_release(&reading->checker->findings);
        outlet_end(&reading->checker->outlet);
        give_comments(reading->checker, 0);
    }
    conversations_free(all);
    return done && !reading->checker->no_memory && !reading->checker->outlet.secrets.no_memory;
}
