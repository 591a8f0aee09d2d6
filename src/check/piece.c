/* piece.c - reads a piece, whose first sessions only tell what is remembered at the cut.
 */
#include "check/piece.h"

#include <stdlib.h>

#include "check/lines.h"

static void on_remark(void *context, const char *text)
{
    struct journal *journal = context;
    (void)text;
    journal->odd = true;
}

/* What another reading explains hangs on more than the piece: there is no use in the rest of it. */
static void on_gap(struct reading *reading)
{
    reading->over = true;
}

/* Reads the text, after which the source stops. Returns true if the reading rests then. */
static bool read_text(struct reading *reading, struct slice *left, struct slice text, bool only,
                      struct rest *rest)
{
    *left = text;
    source_go_on(reading->source);
    source_stop_after(reading->source, text.size);
    return lines_read(reading, only) == SMTPSEQ_OK && source_is_stopped(reading->source) &&
           source_is_plain(reading->source) && reading_rests(reading, rest);
}

/* Sets what has been counted since the cut. */
static void count(struct piece *piece, const struct reading *reading)
{
    const struct conversations *all = &reading->conversations;
    struct dialogue_count lines = conversations_count(all);
    piece->counted = reading->checker->recording;
    piece->lines.unplaced = lines.unplaced - piece->lines.unplaced;
    piece->lines.elided = lines.elided - piece->lines.elided;
    memcpy(piece->foreign, all->foreign, sizeof piece->foreign);
    piece->foreign_begun = all->foreign_begun;
}

/* Returns true if another protocol was spoken. */
static bool has_foreign(const struct conversations *all)
{
    bool any = false;
    for (size_t i = 0; i < PROTOCOLS; i++)
        any = any || all->foreign[i] > 0;
    return any;
}

/* Reads the sessions before the cut, and then the piece. */
static bool read_both(struct piece *piece, struct reading *reading, struct slice *left, bool only)
{
    struct slice text = octet_buffer_text(&piece->text);
    size_t before = piece->cut.place - piece->cut.warm_up;
    struct smtpseq_checker *checker = reading->checker;
    if (!read_text(reading, left, slice_head(text, before), only, &piece->begins) ||
        has_foreign(&reading->conversations))
        return false;
    journal_clear(&piece->journal);
    piece->sessions_before = checker->recording.sessions;
    piece->lines = conversations_count(&reading->conversations);
    checker->recording.exchanges = checker->recording.cut = 0;
    bool rests = text.size == before ||
                 read_text(reading, left, slice_after(text, before), only, &piece->ends);
    count(piece, reading);
    return rests && !reading->had_gap && reading->conversations.given_up == 0;
}

static void read_with(struct piece *piece, struct reading *reading, const struct piece_setup *setup)
{
    struct slice left = SLICE("");
    struct smtpseq_checker *checker = reading->checker;
    struct line_sink lines = {.line = reading_line, .context = reading};
    reading->recognition = *setup->recognition;
    reading->gap_ends = on_gap;
    reading->source = source_of_text(&left);
    reading_begin(reading, checker, NULL);
    if (reading->source && reader_open(&reading->reader, setup->recognition, setup->head, &lines)) {
        source_count_from(reading->source, piece->cut.warm_up_lines + 1, false);
        reading->reader.remark = on_remark;
        reading->reader.remark_context = &piece->journal;
        piece->usable = read_both(piece, reading, &left, setup->only);
    }
    piece->usable = piece->usable && !checker->no_memory && !piece->journal.odd &&
                    !piece->journal.no_memory && !checker->outlet.secrets.no_memory;
    reader_close(&reading->reader);
    conversations_free(&reading->conversations);
    source_close(reading->source);
}

void piece_read(struct piece *piece, const struct piece_setup *setup)
{
    const struct smtpseq_callbacks *wanted = &setup->checker->callbacks;
    struct reading *reading = calloc(1, sizeof *reading);
    struct smtpseq_checker *checker = calloc(1, sizeof *checker);
    if (reading && checker) {
        /* The session is written down, and so is all else that is wanted of a recording that is cut. */
        checker->callbacks = (struct smtpseq_callbacks){.session = wanted->session,
                                                        .language = wanted->language,
                                                        .show_doubtful = wanted->show_doubtful};
        checker->servers = setup->checker->servers;
        checker->journal = &piece->journal;
        checker->outlet.secrets.told = journal_secret;
        checker->outlet.secrets.context = &piece->journal;
        reading->checker = checker;
        read_with(piece, reading, setup);
        outlet_free(&checker->outlet);
        finding_order_free(&checker->findings);
    }
    free(reading);
    free(checker);
}

/* The recording's checker, while it is told what is in a journal. */
struct adding {
    struct reading *reading;
    uint64_t before; /* what is added to the numbers of its sessions */
};

static void add_finding(void *context, struct finding *finding, uint64_t oldest)
{
    const struct adding *adding = context;
    struct smtpseq_checker *checker = adding->reading->checker;
    finding->session += adding->before;
    if (finding_order_is_full(&checker->findings))
        finding_order_settle(&checker->findings, oldest < finding->line ? oldest : finding->line);
    if (!finding_order_add(&checker->findings, finding))
        checker->no_memory = true;
}

static void add_settle(void *context, uint64_t oldest)
{
    struct finding_order *findings = &((const struct adding *)context)->reading->checker->findings;
    if (finding_order_is_full(findings))
        finding_order_settle(findings, oldest);
}

static void add_session(void *context, uint64_t number, const struct session_outcome *outcome)
{
    const struct adding *adding = context;
    struct smtpseq_checker *checker = adding->reading->checker;
    if (!outlet_session(&checker->outlet, number + adding->before, outcome))
        checker->no_memory = true;
}

static void add_secret(void *context, struct slice text, bool quoted)
{
    struct secrets *secrets = &((const struct adding *)context)->reading->checker->outlet.secrets;
    if (quoted)
        secrets_add_quote(secrets, text);
    else
        secrets_add(secrets, text);
}

void piece_add(struct piece *piece, struct reading *reading)
{
    struct smtpseq_recording *recording = &reading->checker->recording;
    struct conversations *all = &reading->conversations;
    struct adding adding = {reading, recording->sessions - piece->sessions_before};
    const struct journal_player player = {&adding, add_finding, add_settle, add_session,
                                          add_secret};
    uint64_t sessions = piece->counted.sessions - piece->sessions_before;
    journal_play(&piece->journal, &player);
    reading->checker->pieces++;
    recording->sessions += sessions;
    reading->known->sessions += sessions;
    recording->exchanges += piece->counted.exchanges;
    recording->cut += piece->counted.cut;
    all->counted.unplaced += piece->lines.unplaced;
    all->counted.elided += piece->lines.elided;
    all->foreign_begun += piece->foreign_begun;
    for (size_t i = 0; i < PROTOCOLS; i++)
        all->foreign[i] += piece->foreign[i];
}

/* Reads the sessions before the cut once more: nothing comes of it but what is remembered. */
static enum smtpseq_status remember(struct reading *reading, const struct piece *piece, bool only)
{
    struct smtpseq_checker *checker = reading->checker;
    struct secrets *secrets = &checker->outlet.secrets;
    struct journal journal = {.odd = false};
    struct smtpseq_recording before = checker->recording;
    struct dialogue_count lines = conversations_count(&reading->conversations);
    checker->recording.sessions -= piece->sessions_before; /* they have been counted */
    checker->journal = &journal;
    secrets->told = journal_secret;
    secrets->context = &journal;
    source_stop_after(reading->source, piece->cut.place - piece->cut.warm_up);
    enum smtpseq_status status = lines_read(reading, only);
    secrets->told = NULL;
    checker->journal = NULL;
    checker->recording = before;
    struct dialogue_count twice = conversations_count(&reading->conversations);
    reading->conversations.counted.unplaced -= twice.unplaced - lines.unplaced;
    reading->conversations.counted.elided -= twice.elided - lines.elided;
    journal_clear(&journal);
    octet_buffer_free(&journal.entries);
    source_go_on(reading->source);
    return status;
}

enum smtpseq_status piece_go(struct reading *reading, const struct piece *piece, struct slice head,
                             bool only)
{
    const struct cut *cut = &piece->cut;
    struct reader *reader = &reading->reader;
    const struct line_sink *lines = reader->outer;
    void (*remark)(void *, const char *) = reader->remark;
    void *context = reader->remark_context;
    const struct catalogue *language = reader->language;
    conversations_drop(&reading->conversations);
    reader_close(reader);
    if (!source_go(reading->source, cut->warm_up, cut->warm_up_lines))
        return SMTPSEQ_READ_ERROR;
    if (!reader_open(reader, &reading->recognition, head, lines))
        return SMTPSEQ_NO_MEMORY;
    reader->remark = remark;
    reader->remark_context = context;
    reader->language = language;
    return remember(reading, piece, only);
}

void piece_clear(struct piece *piece)
{
    journal_clear(&piece->journal);
    struct octet_buffer text = piece->text, entries = piece->journal.entries;
    *piece = (struct piece){.text = text, .journal.entries = entries};
    piece->text.size = 0;
}

void piece_free(struct piece *piece)
{
    piece_clear(piece);
    octet_buffer_free(&piece->text);
    octet_buffer_free(&piece->journal.entries);
}
