/* mermaid.c - sessions as a sequence diagram for Mermaid: for an issue, a wiki, a README.
 *
 * One diagram for the run; the sessions of all files follow one another.
 */
#include <inttypes.h>

#include "report/escape.h"
#include "report/replay_sessions.h"

/* Writes text of a recording for a message or a note. Mermaid's syntax begins with one of a few
 * characters (; ends a statement, # begins an entity, % a comment or a directive, < markup), so all
 * but the plainest are written as entities. So is the first letter of "style" and "classDef", after
 * which Mermaid drops the end of an entity. */
static void mermaid_text(FILE *out, struct slice text)
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

static void mermaid_heading(const struct report *report)
{
    fputs("sequenceDiagram\n    participant Client\n    participant Server\n", report->out);
}

static void print_note(FILE *out, const char *text)
{
    fprintf(out, "    Note over Client,Server: %s\n", text);
}

/* Writes all lines of the replies in one message. A refusal has its own kind of arrow. */
static void print_answer(FILE *out, const struct copied_step *step)
{
    struct slice text = step->answered;
    fprintf(out, "    Server%sClient: ", step->code >= 400 ? "--x" : "-->>");
    while (text.size > 0) {
        size_t line = slice_find(text, '\n');
        mermaid_text(out, slice_head(text, line));
        text = slice_after(text, line + 1);
        fputs(text.size > 0 ? "<br/>" : "", out);
    }
    fputs(step->answered_cut ? " ...\n" : "\n", out);
}

static void print_step(const struct report *report, const struct copied_step *step)
{
    FILE *out = report->out;
    if (step->command != COMMAND_CONNECT) {
        fprintf(out, "    Client->>Server: %" PRIu64 ": ", step->line);
        mermaid_text(out, step->sent);
        fputs(step->sent_cut ? " ...\n" : "\n", out);
    }
    if (!step->legal)
        fprintf(out, "    Note left of Client: line %" PRIu64 ": out of order in %s", step->line,
                state_name(step->state));
    if (!step->legal && step->predicted > 0)
        fprintf(out, ", a strict server says %d", step->predicted);
    if (!step->legal)
        putc('\n', out);
    if (step->answered.size > 0)
        print_answer(out, step);
    else if (!step->assumed)
        fputs("    Note right of Server: no reply\n", out);
}

static void mermaid_session(const struct report *report, const char *file, uint64_t number,
                            struct copied_session *session)
{
    FILE *out = report->out;
    fputs("    Note over Client,Server: ", out);
    mermaid_text(out, slice_of(file));
    fprintf(out, ", session %" PRIu64 "%s\n", number, session->cleared > 0 ? ", continued" : "");
    for (size_t i = 0; i < session->step_count; i++) {
        const struct copied_step *step = &session->steps[i];
        print_step(report, step);
        if (step->next != step->state)
            print_note(out, state_name(step->next));
    }
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
