/* verdicts.c - takes what the library calls back with. */
#include "verdicts.h"

#include <inttypes.h>

#include "session/machine.h"
#include "transcript/recognise/recognise.h"

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct verdicts *verdicts = context;
    demand(verdicts->exchange_count < 2 * SCRIPT_LINES_MAX);
    struct seen_exchange *seen = &verdicts->exchanges[verdicts->exchange_count++];
    *seen = (struct seen_exchange){
        .command = exchange->command,
        .state = verdict->state,
        .next = verdict->next,
        .legal = verdict->legal,
        .flags = exchange->flags,
        .session = session,
        .line = exchange->location.line,
        .number = exchange->number,
        .answered = exchange->answered,
        .code_count = exchange->reply_count,
    };
    for (size_t i = 0; i < exchange->reply_count && i < CODES_KEPT; i++)
        seen->codes[i] = exchange->replies[i].code;
    if (seen->code_count > 0)
        seen->final = exchange->replies[seen->code_count - 1].code;
    seen->unended = seen->code_count > 0 && exchange->replies[seen->code_count - 1].unended;
}

static void on_finding(void *context, const struct finding *finding)
{
    struct verdicts *verdicts = context;
    demand(verdicts->finding_count < 4 * SCRIPT_LINES_MAX);
    verdicts->findings[verdicts->finding_count++] = (struct seen_finding){
        .rule = finding->rule,
        .session = finding->session,
        .line = finding->line,
        .column = finding->column,
    };
}

void verdicts_of(struct verdicts *verdicts, struct slice recording, const char *format, size_t step)
{
    struct octets_origin octets = {recording, step};
    struct source *source = fuzz_source(&octets);
    struct smtpseq_callbacks callbacks = {
        .context = verdicts, .exchange = on_exchange, .finding = on_finding};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    demand(checker);
    *verdicts = (struct verdicts){0};
    demand(smtpseq_check(checker, source, format_by_name(format), &verdicts->recording) !=
           SMTPSEQ_NO_MEMORY);
    smtpseq_checker_free(checker);
    source_close(source);
}

void verdicts_print(const char *name, const struct verdicts *verdicts)
{
    fprintf(stderr, "== %s:", name);
    for (size_t i = 0; i < verdicts->exchange_count; i++) {
        const struct seen_exchange *seen = &verdicts->exchanges[i];
        fprintf(stderr, " %s@%" PRIu64, command_name(seen->command), seen->line);
        for (size_t j = 0; j < seen->code_count && j < CODES_KEPT; j++)
            fprintf(stderr, "%c%03d", j == 0 ? '=' : ',', seen->codes[j]);
        fprintf(stderr, ":%s>%s%s/%x", state_name(seen->state), state_name(seen->next),
                seen->legal ? "" : "!", seen->flags);
    }
    fputc('\n', stderr);
    for (size_t i = 0; i < verdicts->finding_count; i++)
        fprintf(stderr, "   %" PRIu64 ":%u %s\n", verdicts->findings[i].line,
                verdicts->findings[i].column, verdicts->findings[i].rule->name);
}
