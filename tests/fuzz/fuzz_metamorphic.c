/* fuzz_metamorphic.c - a transcript written in another way draws the same findings: with CRLF for LF, and
 * with a blank line before it.
 *
 * Read as C:/S: lines, since recognition looks at all octets. What has a CR or a NUL is left alone.
 */
#include "target.h"
#include "transcript/recognise/recognise.h"

/* A sum over all that is found; lines count from the recording's first. */
struct sum {
    uint64_t lines_before, findings, value;
};

static void add(struct sum *sum, uint64_t number)
{
    sum->value = (sum->value ^ number) * UINT64_C(0x100000001b3);
}

static void on_finding(void *context, const struct finding *finding)
{
    struct sum *sum = context;
    sum->findings++;
    add(sum, (uint64_t)(finding->rule - smtpseq_rules));
    add(sum, finding->session);
    add(sum, finding->line - sum->lines_before);
    add(sum, finding->column);
    add(sum, finding->end_column);
}

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct sum *sum = context;
    add(sum, session);
    add(sum, exchange->location.line - sum->lines_before);
    add(sum, exchange->command);
    add(sum, verdict->legal);
    add(sum, verdict->state);
    add(sum, verdict->next);
    for (size_t i = 0; i < exchange->reply_count; i++)
        add(sum, (uint64_t)exchange->replies[i].code);
}

static struct sum check(struct slice recording, uint64_t lines_before)
{
    struct octets_origin octets = {recording, SIZE_MAX};
    struct source *source = fuzz_source(&octets);
    struct sum sum = {.lines_before = lines_before};
    struct smtpseq_callbacks callbacks = {
        .context = &sum, .finding = on_finding, .exchange = on_exchange};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    struct smtpseq_recording about;
    demand(checker);
    demand(smtpseq_check(checker, source, format_by_name("transcript"), &about) !=
           SMTPSEQ_NO_MEMORY);
    smtpseq_checker_free(checker);
    source_close(source);
    return sum;
}

static bool same(struct sum one, struct sum other)
{
    return one.findings == other.findings && one.value == other.value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice recording = {(const char *)data, size};
    if (size == 0 || memchr(data, '\0', size) || memchr(data, '\r', size) || data[0] >= FUZZ_CHOICE)
        return 0;
    char *crlf = malloc(2 * size), *moved = malloc(size + 1);
    demand(crlf && moved);
    size_t crlf_size = 0;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n')
            crlf[crlf_size++] = '\r';
        crlf[crlf_size++] = (char)data[i];
    }
    moved[0] = '\n';
    memcpy(moved + 1, data, size);
    struct sum sum = check(recording, 0);
    demand(same(sum, check((struct slice){crlf, crlf_size}, 0)));
    demand(same(sum, check((struct slice){moved, size + 1}, 1)));
    free(crlf);
    free(moved);
    return 0;
}
