/* fuzz_capture.c - captures, pcap and pcapng, through the whole library.
 */
#include "target.h"
#include "transcript/recognise/recognise.h"

static void on_finding(void *context, const struct finding *finding)
{
    uint64_t *last = context;
    demand(finding->line >= *last); /* by frame: in order */
    *last = finding->line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"pcap", "pcapng"};
    for (size_t i = 0; i < 2; i++) {
        struct octets_origin octets = {{(const char *)data, size}, SIZE_MAX};
        struct source *source = fuzz_source(&octets);
        uint64_t last = 0;
        struct smtpseq_callbacks callbacks = {.context = &last, .finding = on_finding};
        struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
        struct smtpseq_recording recording;
        demand(checker);
        demand(smtpseq_check(checker, source, format_by_name(names[i]), &recording) !=
               SMTPSEQ_NO_MEMORY);
        smtpseq_checker_free(checker);
        source_close(source);
    }
    return 0;
}
