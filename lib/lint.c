/* lint.c - the library for others: octets are pushed, while a checker pulls them.
 *
 * The checker runs in a thread of its own. It and the caller take turns, as coroutines do: smtpseq_lint_feed gives it a piece
 * and waits until it asks for the next one, so only one of the two ever runs, and the piece is not copied. What was found
 * is queued, and handed out in the caller's thread.
 */
#include "smtpseq.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/string_builder.h"
#include "report/escape.h"
#include "report/objects.h"

/* Something to hand out: a finding, or an exchange, which has only JSON. */
struct smtpseq_lint_finding {
    struct smtpseq_lint_finding *next;
    char *json;
    const struct rule *rule; /* NULL: an exchange */
    enum severity severity;
    const char *help, *fault;
    uint64_t line, session;
    unsigned column;
    char *message;
};

enum turn { TURN_CALLER, TURN_CHECKER, TURN_OVER };

struct smtpseq_lint {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    enum turn turn;
    const char *octets; /* the piece, and what is left of it */
    size_t size;
    bool complete; /* no piece follows */
    bool joined;
    int result;
    struct smtpseq_lint_finding *first, **last;
    void (*on_finding)(void *context, const smtpseq_lint_finding *finding);
    void (*on_exchange)(void *context, const char *json);
    void *finding_context, *exchange_context;
};

const char *smtpseq_lint_version(void)
{
    return SMTPSEQ_VERSION;
}

/* Gives the turn to the other side and waits until it comes back, or the checker is done. */
static void pass_turn(struct smtpseq_lint *lint, enum turn to, enum turn back)
{
    pthread_mutex_lock(&lint->lock);
    if (lint->turn != TURN_OVER)
        lint->turn = to;
    pthread_cond_broadcast(&lint->turned);
    while (lint->turn != back && lint->turn != TURN_OVER)
        pthread_cond_wait(&lint->turned, &lint->lock);
    pthread_mutex_unlock(&lint->lock);
}

/* The checker's side: reads what the caller has given. */
static long read_pieces(void *context, char *room, size_t size)
{
    struct smtpseq_lint *lint = context;
    while (lint->size == 0 && !lint->complete)
        pass_turn(lint, TURN_CALLER, TURN_CHECKER);
    size_t taken = lint->size < size ? lint->size : size;
    if (taken > 0)
        memcpy(room, lint->octets, taken);
    lint->octets += taken;
    lint->size -= taken;
    return (long)taken;
}

static void drop(struct smtpseq_lint_finding *queued)
{
    free(queued->json);
    free(queued->message);
    free(queued);
}

/* Returns the text with what acts on a terminal escaped; NULL when out of memory. */
static char *printable(const char *text)
{
    struct string_builder built;
    if (string_builder_begin(&built))
        print_escaped(built.out, slice_of(text));
    if (string_builder_end(&built))
        return built.text;
    free(built.text);
    return NULL;
}

/* Queues an object; takes it. Returns what was queued; NULL when out of memory. */
static struct smtpseq_lint_finding *queue(struct smtpseq_lint *lint, json_t *object)
{
    struct smtpseq_lint_finding *queued = calloc(1, sizeof *queued);
    char *json = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(object);
    if (!queued || !json) {
        free(queued);
        free(json);
        lint->result = SMTPSEQ_LINT_NO_MEMORY;
        return NULL;
    }
    queued->json = json;
    *lint->last = queued;
    lint->last = &queued->next;
    return queued;
}

static void take_finding(void *context, const struct finding *finding)
{
    static const struct report report = {0};
    struct smtpseq_lint *lint = context;
    struct smtpseq_lint_finding *queued =
        lint->on_finding ? queue(lint, finding_object(&report, "", finding)) : NULL;
    if (!queued)
        return;
    queued->rule = finding->rule;
    queued->severity = finding->severity;
    queued->help = finding->help ? finding->help : finding->rule->fix;
    queued->fault = fault_name(finding->fault);
    queued->line = finding->line;
    queued->session = finding->session;
    queued->column = finding->column;
    queued->message = printable(finding->message);
    if (!queued->message)
        lint->result = SMTPSEQ_LINT_NO_MEMORY;
}

static void take_exchange(void *context, uint64_t session, const struct exchange *exchange,
                          const struct verdict *verdict)
{
    static const struct report report = {0};
    struct smtpseq_lint *lint = context;
    if (lint->on_exchange)
        queue(lint, exchange_object(&report, "", session, exchange, verdict));
}

static int check(struct smtpseq_lint *lint)
{
    static const int results[] = {[SMTPSEQ_OK] = SMTPSEQ_LINT_DONE,
                                  [SMTPSEQ_NO_SESSION] = SMTPSEQ_LINT_NO_SESSION,
                                  [SMTPSEQ_READ_ERROR] = SMTPSEQ_LINT_DAMAGED,
                                  [SMTPSEQ_NO_MEMORY] = SMTPSEQ_LINT_NO_MEMORY};
    const struct smtpseq_callbacks callbacks = {
        .context = lint, .finding = take_finding, .exchange = take_exchange};
    const struct origin origin = {.context = lint, .read = read_pieces};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    struct source *source = checker ? source_of(&origin) : NULL;
    struct smtpseq_recording *recording = source ? calloc(1, sizeof *recording) : NULL;
    int result = recording ? results[smtpseq_check(checker, source, NULL, recording)]
                           : SMTPSEQ_LINT_NO_MEMORY;
    free(recording);
    if (source)
        source_close(source);
    smtpseq_checker_free(checker);
    return result;
}

static void *run_checker(void *context)
{
    struct smtpseq_lint *lint = context;
    pthread_mutex_lock(&lint->lock);
    while (lint->turn != TURN_CHECKER)
        pthread_cond_wait(&lint->turned, &lint->lock);
    pthread_mutex_unlock(&lint->lock);
    int result = check(lint);
    pthread_mutex_lock(&lint->lock);
    if (lint->result == SMTPSEQ_LINT_DONE)
        lint->result = result;
    lint->turn = TURN_OVER;
    pthread_cond_broadcast(&lint->turned);
    pthread_mutex_unlock(&lint->lock);
    return NULL;
}

/* Starts the checker's thread, with all signals blocked: they are for the caller's threads. */
static bool start(struct smtpseq_lint *lint)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&lint->thread, NULL, run_checker, lint) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

smtpseq_lint *smtpseq_lint_new(void)
{
    struct smtpseq_lint *lint = calloc(1, sizeof *lint);
    if (!lint)
        return NULL;
    lint->last = &lint->first;
    pthread_mutex_init(&lint->lock, NULL);
    pthread_cond_init(&lint->turned, NULL);
    if (start(lint))
        return lint;
    pthread_cond_destroy(&lint->turned);
    pthread_mutex_destroy(&lint->lock);
    free(lint);
    return NULL;
}

void smtpseq_lint_on_finding(smtpseq_lint *lint,
                             void (*call)(void *context, const smtpseq_lint_finding *finding),
                             void *context)
{
    lint->on_finding = call;
    lint->finding_context = context;
}

void smtpseq_lint_on_exchange(smtpseq_lint *lint, void (*call)(void *context, const char *json),
                              void *context)
{
    lint->on_exchange = call;
    lint->exchange_context = context;
}

/* Empties the queue; `call`: to the callbacks. */
static void hand_out(struct smtpseq_lint *lint, bool call)
{
    while (lint->first) {
        struct smtpseq_lint_finding *queued = lint->first;
        lint->first = queued->next;
        if (!lint->first)
            lint->last = &lint->first;
        if (call && queued->rule)
            lint->on_finding(lint->finding_context, queued);
        else if (call)
            lint->on_exchange(lint->exchange_context, queued->json);
        drop(queued);
    }
}

int smtpseq_lint_feed(smtpseq_lint *lint, const void *octets, size_t size)
{
    if (size == 0 || lint->joined || lint->turn == TURN_OVER)
        return lint->result;
    lint->octets = octets;
    lint->size = size;
    pass_turn(lint, TURN_CHECKER, TURN_CALLER);
    hand_out(lint, true);
    return lint->result;
}

/* Lets the checker come to its end. */
static void join(struct smtpseq_lint *lint)
{
    if (lint->joined)
        return;
    lint->complete = true;
    pass_turn(lint, TURN_CHECKER, TURN_CALLER);
    pthread_join(lint->thread, NULL);
    lint->joined = true;
}

int smtpseq_lint_finish(smtpseq_lint *lint)
{
    join(lint);
    hand_out(lint, true);
    return lint->result;
}

void smtpseq_lint_free(smtpseq_lint *lint)
{
    if (!lint)
        return;
    join(lint);
    hand_out(lint, false);
    pthread_cond_destroy(&lint->turned);
    pthread_mutex_destroy(&lint->lock);
    free(lint);
}

const char *smtpseq_lint_rule(const smtpseq_lint_finding *finding)
{
    return finding->rule->name;
}

const char *smtpseq_lint_code(const smtpseq_lint_finding *finding)
{
    return finding->rule->code;
}

const char *smtpseq_lint_fault(const smtpseq_lint_finding *finding)
{
    return finding->fault;
}

const char *smtpseq_lint_message(const smtpseq_lint_finding *finding)
{
    return finding->message ? finding->message : "";
}

const char *smtpseq_lint_help(const smtpseq_lint_finding *finding)
{
    return finding->help;
}

const char *smtpseq_lint_json(const smtpseq_lint_finding *finding)
{
    return finding->json;
}

enum smtpseq_lint_severity smtpseq_lint_severity(const smtpseq_lint_finding *finding)
{
    return finding->severity == SEVERITY_ERROR     ? SMTPSEQ_LINT_ERROR
           : finding->severity == SEVERITY_WARNING ? SMTPSEQ_LINT_WARNING
                                                   : SMTPSEQ_LINT_NOTE;
}

uint64_t smtpseq_lint_line(const smtpseq_lint_finding *finding)
{
    return finding->line;
}

uint64_t smtpseq_lint_session(const smtpseq_lint_finding *finding)
{
    return finding->session;
}

unsigned smtpseq_lint_column(const smtpseq_lint_finding *finding)
{
    return finding->column;
}
