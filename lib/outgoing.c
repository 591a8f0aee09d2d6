/* outgoing.c - from the checker's callbacks to the caller's.
 */
#include "outgoing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/string_builder.h"
#include "report/escape.h"
#include "report/objects.h"

static const struct report report = {0};

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

char *line_of_json(json_t *object)
{
    char *json = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(object);
    return json;
}

/* Queues an object; takes it. Returns what was queued; NULL when out of memory. */
static struct smtpseq_lint_finding *add(struct outgoing *outgoing, enum kind kind, json_t *object)
{
    struct smtpseq_lint_finding *queued = calloc(1, sizeof *queued);
    char *json = line_of_json(object);
    if (!queued || !json) {
        free(queued);
        free(json);
        outgoing->no_memory = true;
        return NULL;
    }
    queued->kind = kind;
    queued->json = json;
    if (outgoing->last)
        outgoing->last->next = queued;
    else
        outgoing->first = queued;
    outgoing->last = queued;
    return queued;
}

static void take_finding(void *context, const struct finding *finding)
{
    struct outgoing *outgoing = context;
    enum rule_id rule = (enum rule_id)(finding->rule - smtpseq_rules);
    if (allow_comments_take(&outgoing->allowed, finding->line, rule) ||
        (outgoing->live && rule == RULE_credentials_in_transcript))
        return;
    struct smtpseq_lint_finding *queued =
        outgoing->hooks[KIND_FINDING].finding
            ? add(outgoing, KIND_FINDING, finding_object(&report, "", finding))
            : NULL;
    if (!queued)
        return;
    queued->rule = finding->rule;
    queued->severity = finding->severity;
    queued->help = finding_help(finding);
    queued->fault = fault_name(finding->fault);
    queued->line = finding->line;
    queued->session = finding->session;
    queued->column = finding->column;
    queued->message = printable(finding->message);
    if (!queued->message)
        outgoing->no_memory = true;
}

static void take_exchange(void *context, uint64_t session, const struct exchange *exchange,
                          const struct verdict *verdict)
{
    struct outgoing *outgoing = context;
    if (outgoing->hooks[KIND_EXCHANGE].text)
        add(outgoing, KIND_EXCHANGE, exchange_object(&report, "", session, exchange, verdict));
}

static void take_session(void *context, uint64_t number, const struct session_outcome *outcome)
{
    struct outgoing *outgoing = context;
    if (outgoing->hooks[KIND_SESSION].text && outcome->result != RESULT_UNKNOWN)
        add(outgoing, KIND_SESSION, session_object("", number, outcome));
}

static void take_remark(void *context, const char *text)
{
    struct outgoing *outgoing = context;
    char *shown = printable(text);
    if (!shown || !octet_buffer_append(&outgoing->remarks, slice_of(shown)) ||
        !octet_buffer_append(&outgoing->remarks, SLICE("\n")))
        outgoing->no_memory = true;
    free(shown);
}

static void take_comment(void *context, uint64_t line, uint64_t about, struct slice text)
{
    struct outgoing *outgoing = context;
    char room[300], said[400];
    const char *wrong =
        allow_comments_add(&outgoing->allowed, line, about, text, room, sizeof room);
    outgoing->no_memory = outgoing->no_memory || outgoing->allowed.no_memory;
    if (!wrong)
        return;
    snprintf(said, sizeof said, "line %" PRIu64 ": %s", line, wrong);
    take_remark(outgoing, said);
}

struct smtpseq_callbacks outgoing_callbacks(struct outgoing *outgoing)
{
    return (struct smtpseq_callbacks){
        .context = outgoing,
        .finding = take_finding,
        .exchange = outgoing->hooks[KIND_EXCHANGE].text ? take_exchange : NULL,
        .session = take_session,
        .comment = take_comment,
        .remark = take_remark,
    };
}

void outgoing_hand_out(struct outgoing *outgoing)
{
    while (outgoing->first) {
        struct smtpseq_lint_finding *queued = outgoing->first;
        const struct hook *hook = &outgoing->hooks[queued->kind];
        outgoing->first = queued->next;
        if (!outgoing->first)
            outgoing->last = NULL;
        if (queued->kind == KIND_FINDING)
            hook->finding(hook->context, queued);
        else
            hook->text(hook->context, queued->json);
        drop(queued);
    }
}

void outgoing_hand_out_remarks(struct outgoing *outgoing, struct smtpseq_checker *checker)
{
    struct slice left = smtpseq_redact(checker, octet_buffer_text(&outgoing->remarks));
    while (outgoing->remark.text && left.size > 0) {
        size_t size = slice_find(left, '\n');
        char *line = slice_string(slice_head(left, size));
        if (line)
            outgoing->remark.text(outgoing->remark.context, line);
        else
            outgoing->no_memory = true;
        free(line);
        left = slice_after(left, size + 1);
    }
    octet_buffer_free(&outgoing->remarks);
}

void outgoing_free(struct outgoing *outgoing)
{
    while (outgoing->first) {
        struct smtpseq_lint_finding *next = outgoing->first->next;
        drop(outgoing->first);
        outgoing->first = next;
    }
    octet_buffer_free(&outgoing->remarks);
    free(outgoing->allowed.list);
}
