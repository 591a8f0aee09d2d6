/* mermaid.c - sessions as a sequence diagram for Mermaid: for an issue, a wiki, a README.
 *
 * One diagram for the run; the sessions of all files follow one another.
 */
#include "report/mermaid.h"

#include <inttypes.h>

#include "report/escape.h"
#include "report/replay_sessions.h"

/* Mermaid's syntax begins with one of a few
 * characters (; ends a statement, # begins an entity, % a comment or a directive, < markup), so all
 * but the plainest are written as entities. So is the first letter of "style" and "classDef", after
 * which Mermaid drops the end of an entity. */
void mermaid_text(FILE *out, struct slice text)
{
    while (text.size > 0) {
        uint32_t character = 0;
        size_t size = utf8_decode(text, &character);
        if (size > 0 && !printable_character(character) && character != '\t')
            fprintf(out, character < 0x80 ? "#92;x%02x" : "#92;u#123;%x#125;", (unsigned)character);
        else if (size == 0)
            fprintf(out, "#92;x%02x", (unsigned char)text.data[0]);
        else if (character == '\t')
            putc(' ', out);
        else if (character < 0x80 && !strchr(" .,-_@=/()!?*+:", (int)character) &&
                 !ascii_alphanumeric((char)character))
            fprintf(out, "#%u;", (unsigned)character);
        else if (slice_starts(text, SLICE("style")) || slice_starts(text, SLICE("classDef")))
            fprintf(out, "#%u;", (unsigned)character);
        else
            fwrite(text.data, 1, size, out);
        text = slice_after(text, size > 0 ? size : 1);
    }
}

void mermaid_head(FILE *out)
{
    fputs("sequenceDiagram\n    participant Client\n    participant Server\n", out);
}

void mermaid_sent(FILE *out, const struct copied_step *step, size_t text_max)
{
    if (step->command == COMMAND_CONNECT)
        return;
    fprintf(out, "    Client->>Server: %" PRIu64 ": ", step->line);
    mermaid_text(out, utf8_head(step->sent, text_max));
    fputs(step->sent_cut || step->sent.size > text_max ? " ...\n" : "\n", out);
}

/* Writes all lines of the replies in one message. A refusal has its own kind of arrow. */
void mermaid_answered(FILE *out, const struct copied_step *step, size_t text_max)
{
    struct slice text = utf8_head(step->answered, text_max);
    if (text.size == 0 && !step->assumed)
        fputs("    Note right of Server: no reply\n", out);
    if (text.size == 0)
        return;
    fprintf(out, "    Server%sClient: ", step->code >= 400 ? "--x" : "-->>");
    while (text.size > 0) {
        size_t line = slice_find(text, '\n');
        mermaid_text(out, slice_head(text, line));
        text = slice_after(text, line + 1);
        fputs(text.size > 0 ? "<br/>" : "", out);
    }
    fputs(step->answered_cut || step->answered.size > text_max ? " ...\n" : "\n", out);
}

void mermaid_state(FILE *out, const struct copied_step *step)
{
    if (step->next != step->state)
        fprintf(out, "    Note over Client,Server: %s\n", state_name(step->next));
}

static void mermaid_heading(const struct report *report)
{
    mermaid_head(report->out);
}

static void print_step(FILE *out, const struct copied_step *step)
{
    mermaid_sent(out, step, SIZE_MAX);
    if (!step->legal)
        fprintf(out, "    Note left of Client: line %" PRIu64 ": out of order in %s", step->line,
                state_name(step->state));
    if (!step->legal && step->predicted > 0)
        fprintf(out, ", a strict server says %d", step->predicted);
    if (!step->legal)
        putc('\n', out);
    mermaid_answered(out, step, SIZE_MAX);
    mermaid_state(out, step);
}

static void mermaid_session(const struct report *report, const char *file, uint64_t number,
                            struct copied_session *session)
{
    FILE *out = report->out;
    fputs("    Note over Client,Server: ", out);
    mermaid_text(out, slice_of(file));
    fprintf(out, ", session %" PRIu64 "%s\n", number, session->cleared > 0 ? ", continued" : "");
    for (size_t i = 0; i < session->step_count; i++)
        print_step(out, &session->steps[i]);
}

const struct report_format mermaid_report = {
    .name = "mermaid",
    .title = "the dialogue as a sequence diagram (replay)",
    .heading = mermaid_heading,
    .begin = replay_begin,
    .exchange = replay_exchange,
    .session = mermaid_session,
    .file = replay_file,
    .end = replay_end,
};
