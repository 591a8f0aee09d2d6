/* forwards.c - the answers of all recordings together.
 */
#include "cli/forwards.h"

#include "cli/message.h"

struct ending {
    const struct report *reports;
    size_t count;
};

/* A report as it is while recordings are read. */
static struct report open_report(const struct report *report)
{
    struct report open = *report;
    open.out = open.sections[0].stream;
    return open;
}

static void print_unique(const struct forward_list *forwards, const struct report *report)
{
    struct report open = open_report(report);
    for (size_t i = 0; i < forwards->count; i++) {
        const struct forward *forward = &forwards->list[i];
        struct finding finding = *forward->finding;
        finding.more_sessions = forward->count - 1;
        report->format->forward(&open, forward->file, &finding);
    }
}

/* "a moved to b moved to c" on standard error. */
static void say_chain(const struct forward_chain *chain)
{
    fputs("smtpseq: ", stderr);
    fputs(translate(language(), chain->loop ? N_("loop:") : N_("chain:")), stderr);
    for (size_t i = 0; i < chain->count; i++) {
        fputs(i > 0 ? " -> " : " ", stderr);
        print_escaped(stderr, slice_of(chain->addresses[i]));
    }
    putc('\n', stderr);
}

static void on_chain(void *context, const struct forward_chain *chain)
{
    const struct ending *ending = context;
    bool said = false;
    for (size_t i = 0; i < ending->count; i++) {
        struct report open = open_report(&ending->reports[i]);
        if (open.format->chain)
            open.format->chain(&open, chain);
        else if (!said)
            say_chain(chain);
        said = said || !open.format->chain;
    }
}

void forwards_end(struct forward_list *forwards, const struct report reports[], size_t count,
                  bool unique)
{
    struct ending ending = {reports, count};
    for (size_t i = 0; i < count && unique; i++)
        print_unique(forwards, &reports[i]);
    forward_list_chains(forwards, on_chain, &ending);
    if (forwards->full)
        message("more than %d different answers: the others are neither merged nor followed",
                FORWARDS_MAX);
}
