/* lint.c - the library for others: what is pushed goes through a checker, and what it finds is handed out.
 *
 * A recording is pulled by its checker, so that it needs a thread (feed.h); a session that passes by needs none
 * (check/wire.h).
 */
#include "outgoing.h"

#include <stdlib.h>

#include "check/wire.h"
#include "feed.h"
#include "report/objects.h"

struct smtpseq_lint {
    struct outgoing outgoing;
    bool options[SMTPSEQ_LINT_OPTIONS];
    const struct format *format; /* NULL: it is found out */
    struct smtpseq_checker *checker;
    struct feed *feed; /* of a recording */
    struct wire *wire; /* of a session that passes by */
    struct smtpseq_recording recording;
    int result; /* of the checker */
    bool begun, finished;
    char *json, *redacted; /* what was returned last */
};

const char *smtpseq_lint_version(void)
{
    return SMTPSEQ_VERSION;
}

smtpseq_lint *smtpseq_lint_new(void)
{
    return calloc(1, sizeof(struct smtpseq_lint));
}

void smtpseq_lint_on_finding(smtpseq_lint *lint,
                             void (*call)(void *context, const smtpseq_lint_finding *finding),
                             void *context)
{
    lint->outgoing.hooks[KIND_FINDING] = (struct hook){.finding = call, .context = context};
}

void smtpseq_lint_on_exchange(smtpseq_lint *lint, void (*call)(void *context, const char *json),
                              void *context)
{
    lint->outgoing.hooks[KIND_EXCHANGE] = (struct hook){.text = call, .context = context};
}

void smtpseq_lint_on_session(smtpseq_lint *lint, void (*call)(void *context, const char *json),
                             void *context)
{
    lint->outgoing.hooks[KIND_SESSION] = (struct hook){.text = call, .context = context};
}

void smtpseq_lint_on_remark(smtpseq_lint *lint, void (*call)(void *context, const char *text),
                            void *context)
{
    lint->outgoing.remark = (struct hook){.text = call, .context = context};
}

int smtpseq_lint_set(smtpseq_lint *lint, enum smtpseq_lint_option option, int on)
{
    if (lint->begun || (unsigned)option >= SMTPSEQ_LINT_OPTIONS)
        return SMTPSEQ_LINT_MISUSED;
    lint->options[option] = on != 0;
    return SMTPSEQ_LINT_DONE;
}

int smtpseq_lint_format(smtpseq_lint *lint, const char *name)
{
    const struct format *format = name ? format_by_name(name) : NULL;
    if (lint->begun || (name && !format))
        return SMTPSEQ_LINT_MISUSED;
    lint->format = format;
    return SMTPSEQ_LINT_DONE;
}

/* How it stands. */
static int result_of(const struct smtpseq_lint *lint)
{
    return lint->outgoing.no_memory ? SMTPSEQ_LINT_NO_MEMORY : lint->result;
}

static int result_named(enum smtpseq_status status)
{
    static const int results[] = {[SMTPSEQ_OK] = SMTPSEQ_LINT_DONE,
                                  [SMTPSEQ_NO_SESSION] = SMTPSEQ_LINT_NO_SESSION,
                                  [SMTPSEQ_READ_ERROR] = SMTPSEQ_LINT_DAMAGED,
                                  [SMTPSEQ_NO_MEMORY] = SMTPSEQ_LINT_NO_MEMORY};
    return results[status];
}

static void run(void *context)
{
    struct smtpseq_lint *lint = context;
    const struct origin origin = {.context = lint->feed, .read = feed_read};
    struct source *source = source_of(&origin);
    lint->result =
        source ? result_named(smtpseq_check(lint->checker, source, lint->format, &lint->recording))
               : SMTPSEQ_LINT_NO_MEMORY;
    source_close(source);
}

static void settle(void *context)
{
    smtpseq_checker_settle(((struct smtpseq_lint *)context)->checker);
}

/* Begins to read a recording, or a session that passes by. */
static void begin(struct smtpseq_lint *lint, bool live)
{
    struct smtpseq_callbacks callbacks = outgoing_callbacks(&lint->outgoing);
    const struct feed_reader reader = {lint, run, settle};
    lint->begun = true;
    lint->outgoing.live = live;
    callbacks.show_secrets = lint->options[SMTPSEQ_LINT_SHOW_SECRETS];
    callbacks.show_doubtful = lint->options[SMTPSEQ_LINT_SHOW_DOUBTFUL];
    lint->checker = smtpseq_checker_new(&callbacks, NULL);
    if (lint->checker && lint->options[SMTPSEQ_LINT_REPORT_EACH])
        smtpseq_checker_report_each(lint->checker);
    if (lint->checker && live)
        lint->wire = wire_new(lint->checker);
    else if (lint->checker)
        lint->feed = feed_new(&reader);
    if (!lint->wire && !lint->feed)
        lint->result = SMTPSEQ_LINT_NO_MEMORY;
}

int smtpseq_lint_feed(smtpseq_lint *lint, const void *octets, size_t size)
{
    if (lint->wire || lint->finished)
        return SMTPSEQ_LINT_MISUSED;
    if (!lint->begun)
        begin(lint, false);
    if (size == 0 || !lint->feed)
        return result_of(lint);
    feed_give(lint->feed, (struct slice){octets, size});
    outgoing_hand_out(&lint->outgoing);
    return result_of(lint);
}

/* Returns true if the session that passes by can take something. */
static bool is_live(struct smtpseq_lint *lint)
{
    if (!lint->begun)
        begin(lint, true);
    return lint->wire != NULL;
}

/* After something was taken, or could not be. */
static int live_result(struct smtpseq_lint *lint, bool taken)
{
    lint->outgoing.no_memory = lint->outgoing.no_memory || !taken;
    outgoing_hand_out(&lint->outgoing);
    return result_of(lint);
}

int smtpseq_lint_said(smtpseq_lint *lint, enum smtpseq_lint_side side, const void *octets,
                      size_t size)
{
    bool server = side == SMTPSEQ_LINT_SERVER;
    if (lint->feed || lint->finished || (!server && side != SMTPSEQ_LINT_CLIENT))
        return SMTPSEQ_LINT_MISUSED;
    if (!is_live(lint))
        return result_of(lint);
    return live_result(lint, wire_take(lint->wire, server ? SIDE_SERVER : SIDE_CLIENT,
                                       (struct slice){octets, size}));
}

int smtpseq_lint_know(smtpseq_lint *lint, enum smtpseq_lint_fact fact)
{
    static const struct {
        enum wire_fact fact;
        enum side side;
    } facts[] = {
        [SMTPSEQ_LINT_TLS] = {WIRE_TLS, SIDE_NOTE},
        [SMTPSEQ_LINT_LOCAL] = {WIRE_LOCAL, SIDE_NOTE},
        [SMTPSEQ_LINT_LOST_OF_CLIENT] = {WIRE_LOST, SIDE_CLIENT},
        [SMTPSEQ_LINT_LOST_OF_SERVER] = {WIRE_LOST, SIDE_SERVER},
    };
    if (lint->feed || lint->finished || (size_t)fact >= sizeof facts / sizeof facts[0])
        return SMTPSEQ_LINT_MISUSED;
    if (!is_live(lint))
        return result_of(lint);
    return live_result(lint, wire_note(lint->wire, facts[fact].fact, facts[fact].side));
}

/* Lets the checker come to its end. */
static void end(struct smtpseq_lint *lint)
{
    if (!lint->begun)
        lint->result = SMTPSEQ_LINT_NO_SESSION;
    feed_end(lint->feed);
    if (lint->wire)
        lint->result = result_named(wire_end(lint->wire, &lint->recording));
    lint->feed = NULL;
    lint->wire = NULL;
    lint->finished = true;
}

int smtpseq_lint_finish(smtpseq_lint *lint)
{
    if (lint->finished)
        return SMTPSEQ_LINT_MISUSED;
    end(lint);
    outgoing_hand_out(&lint->outgoing);
    if (lint->checker)
        outgoing_hand_out_remarks(&lint->outgoing, lint->checker);
    return result_of(lint);
}

const char *smtpseq_lint_recording(smtpseq_lint *lint)
{
    static const struct report report = {.options.fail_on = SEVERITY_ERROR};
    free(lint->json);
    lint->json = lint->finished ? line_of_json(file_object(&report, "", &lint->recording)) : NULL;
    return lint->json;
}

const char *smtpseq_lint_redact(smtpseq_lint *lint, const char *text)
{
    struct slice left = slice_of(text);
    if (lint->checker && !lint->feed)
        left = smtpseq_redact(lint->checker, left);
    free(lint->redacted);
    lint->redacted = slice_string(left);
    return lint->redacted;
}

void smtpseq_lint_free(smtpseq_lint *lint)
{
    if (!lint)
        return;
    if (!lint->finished)
        end(lint);
    outgoing_free(&lint->outgoing);
    smtpseq_checker_free(lint->checker);
    free(lint->json);
    free(lint->redacted);
    free(lint);
}
