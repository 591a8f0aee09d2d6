/* fuzz_session.c - one session in every format that the test can write: the verdicts must be the same.
 *
 * Of each recording: read octet by octet it is the same as read at once; and when it is cut, what is
 * found in the beginning stays found when the rest is there as well.
 */
#include <inttypes.h>

#include "pages.h"
#include "verdicts.h"

/* Places at which a recording is cut. */
#define CUTS        16
/* Of the formats each input tries every eighth, so that more inputs are tried. */
#define FORMAT_STEP 8
/* Lines from which a reader can learn what is what. */
#define LEARNABLE   16

/* A recording of the session. */
struct recording {
    const struct page_format *format;
    struct page page;
    char *text;
    size_t size;
    struct verdicts verdicts;
};

static void write_recording(struct recording *recording, const struct page_format *format,
                            const struct script *script)
{
    recording->format = format;
    recording->page = (struct page){.out = open_memstream(&recording->text, &recording->size)};
    demand(recording->page.out);
    page_write(&recording->page, format, script);
    demand(fclose(recording->page.out) == 0);
    verdicts_of(&recording->verdicts, (struct slice){recording->text, recording->size},
                format->format, SIZE_MAX);
}

/* Ends the program; what did not agree is printed before. */
static void disagree(const char *what, const struct recording *recording, struct slice text,
                     const struct verdicts *left, const struct verdicts *right)
{
    fprintf(stderr, "%.*s\n", (int)text.size, text.data);
    verdicts_print("expected", left);
    verdicts_print("got", right);
    fprintf(stderr, "%s: %s\n", recording->format->format, what);
    abort();
}

static bool same_finding(const struct seen_finding *left, const struct seen_finding *right)
{
    return left->rule == right->rule && left->session == right->session &&
           left->line == right->line && left->column == right->column;
}

static bool same_codes(const struct seen_exchange *left, const struct seen_exchange *right)
{
    if (left->code_count != right->code_count)
        return false;
    for (size_t i = 0; i < left->code_count && i < CODES_KEPT; i++)
        if (left->codes[i] != right->codes[i])
            return false;
    return true;
}

static bool same_verdict(const struct seen_exchange *left, const struct seen_exchange *right)
{
    return left->command == right->command && left->state == right->state &&
           left->next == right->next && left->legal == right->legal &&
           left->session == right->session && same_codes(left, right);
}

/* Octet by octet. */
static void demand_same_in_pieces(const struct recording *recording)
{
    static struct verdicts pieces;
    const struct verdicts *whole = &recording->verdicts;
    struct slice text = {recording->text, recording->size};
    verdicts_of(&pieces, text, recording->format->format, 1);
    bool same = whole->exchange_count == pieces.exchange_count &&
                whole->finding_count == pieces.finding_count;
    for (size_t i = 0; same && i < whole->exchange_count; i++)
        same = same_verdict(&whole->exchanges[i], &pieces.exchanges[i]) &&
               whole->exchanges[i].line == pieces.exchanges[i].line &&
               whole->exchanges[i].flags == pieces.exchanges[i].flags;
    for (size_t i = 0; same && i < whole->finding_count; i++)
        same = same_finding(&whole->findings[i], &pieces.findings[i]);
    if (!same)
        disagree("octet by octet it is another", recording, text, whole, &pieces);
}

static uint64_t earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* Where what was said last begins: the client's last line, or the server's last replies. */
static uint64_t last_said(const struct page *page, const struct script *script, uint64_t line)
{
    size_t i = script->count;
    while (i > 0 && page->line_of[i - 1] >= line) /* some of them, or all, have been cut off */
        i--;
    if (i > 0)
        line = page->line_of[--i]; /* it may not be whole */
    while (i > 0 && script->lines[i].server && script->lines[i - 1].server)
        line = page->line_of[--i];
    return line;
}

static bool of_the_cut(const struct seen_finding *finding)
{
    return finding->rule == &smtpseq_rules[RULE_session_truncated];
}

/* The line from which on the end of a cut recording leaves something open: the first command of the
 * group that has not all its replies, or whose last one might be none of its own. `in_line`: cut
 * inside a line. */
static uint64_t first_open_line(const struct recording *recording, const struct script *script,
                                const struct verdicts *cut, bool in_line)
{
    const unsigned open =
        EXCHANGE_UNANSWERED | EXCHANGE_MISFIT | EXCHANGE_GARBLED | EXCHANGE_MISSING;
    size_t i = cut->exchange_count;
    uint64_t line = i > 0 ? last_said(&recording->page, script, cut->recording.lines) : 0;
    /* Where a message ends, and whether it is one, may be told by what follows; and before the
     * client has spoken nothing is said of replies that nobody asked for. */
    const struct seen_exchange *last = i > 0 ? &cut->exchanges[i - 1] : NULL;
    if (last &&
        (last->next == STATE_CONTENT || last->command == COMMAND_CONNECT || last->final == 354))
        line = earlier(line, last->line);
    for (size_t j = 0; j < cut->finding_count; j++)
        if (of_the_cut(&cut->findings[j]))
            line = earlier(line, cut->findings[j].line);
    while (i > 0 && ((cut->exchanges[i - 1].flags & open) || cut->exchanges[i - 1].unended))
        line = earlier(line, cut->exchanges[--i].line);
    /* A dot without line end may begin a line of the message, whose end is then told by the reply. */
    if (in_line && i > 0 && i + 1 == cut->exchange_count &&
        cut->exchanges[i].command == COMMAND_END_OF_DATA)
        line = earlier(line, cut->exchanges[i - 1].line);
    while (i < cut->exchange_count && i > 0 &&
           cut->exchanges[i].answered < cut->exchanges[i].number &&
           cut->exchanges[i].session == cut->exchanges[i - 1].session)
        line = earlier(line, cut->exchanges[--i].line);
    return line;
}

static bool holds(const struct verdicts *verdicts, const struct seen_finding *finding)
{
    for (size_t i = 0; i < verdicts->finding_count; i++)
        if (same_finding(&verdicts->findings[i], finding))
            return true;
    return false;
}

/* Returns true if the recording withholds what it finds from that line on: it contradicts its reading. How
 * much of a session does, and so what is withheld, differs with what has been cut off. */
static bool withheld(const struct verdicts *verdicts, const struct seen_finding *finding)
{
    for (size_t i = 0; i < verdicts->finding_count; i++)
        if (verdicts->findings[i].rule == &smtpseq_rules[RULE_unreadable_session] &&
            verdicts->findings[i].line <= finding->line)
            return true;
    return false;
}

/* Cut after so many octets. */
static void demand_prefix(const struct recording *recording, const struct script *script,
                          size_t size)
{
    static struct verdicts cut;
    const struct verdicts *whole = &recording->verdicts;
    struct slice text = {recording->text, size};
    verdicts_of(&cut, text, recording->format->format, SIZE_MAX);
    /* Without one reply at least nobody knows that there are any; and from less, less is learnt. */
    if (recording->format->learns || cut.recording.one_sided != whole->recording.one_sided ||
        cut.recording.replies_only != whole->recording.replies_only)
        return;
    /* What is found in a group of commands whose replies are not there can change with the replies, as
     * they tell which command was in order; in lock step there is only one such command. */
    uint64_t open =
        first_open_line(recording, script, &cut, size > 0 && text.data[size - 1] != '\n');
    for (size_t i = 0; i < cut.finding_count; i++)
        if (!of_the_cut(&cut.findings[i]) && (script->lockstep || cut.findings[i].line < open) &&
            !holds(whole, &cut.findings[i]) && !withheld(whole, &cut.findings[i]) &&
            !withheld(&cut, &cut.findings[i]))
            disagree("cut, it has a finding that the whole has not", recording, text, whole, &cut);
    for (size_t i = 0; i < whole->finding_count; i++)
        if (whole->findings[i].line < open && !of_the_cut(&whole->findings[i]) &&
            !holds(&cut, &whole->findings[i]) && !withheld(whole, &whole->findings[i]) &&
            !withheld(&cut, &whole->findings[i]))
            disagree("cut, it lacks a finding", recording, text, whole, &cut);
}

/* Where a line of the first recording stands in the other. */
static uint64_t line_in(const struct recording *first, const struct recording *other,
                        const struct script *script, uint64_t line)
{
    for (size_t i = 0; i < script->count; i++)
        if (first->page.line_of[i] == line)
            return other->page.line_of[i];
    return 0;
}

/* Returns true if two greetings follow each other: on the network they are one connection's (a proxy and
 * the server after it), in a log two sessions. */
static bool greets_twice(const struct verdicts *verdicts)
{
    for (size_t i = 1; i < verdicts->exchange_count; i++)
        if (verdicts->exchanges[i].command == COMMAND_CONNECT &&
            verdicts->exchanges[i - 1].command == COMMAND_CONNECT)
            return true;
    return false;
}

static void demand_same_verdicts(const struct recording *first, const struct recording *other,
                                 const struct script *script)
{
    const struct verdicts *left = &first->verdicts, *right = &other->verdicts;
    if (greets_twice(left))
        return;
    /* Several commands on one line: what doubt withholds begins with the first of them, and the end of the
     * recording may be at a place that another finding explains. */
    size_t missing = 0;
    bool same = left->exchange_count == right->exchange_count;
    for (size_t i = 0; same && i < left->exchange_count; i++)
        same = same_verdict(&left->exchanges[i], &right->exchanges[i]);
    /* That nothing was encrypted is seen only where octets are. */
    for (size_t i = 0; i < right->finding_count; i++)
        missing -= of_the_cut(&right->findings[i]) ||
                   right->findings[i].rule == &smtpseq_rules[RULE_plaintext_after_starttls];
    for (size_t i = 0; same && i < left->finding_count; i++) {
        const struct seen_finding *finding = &left->findings[i];
        if (of_the_cut(finding)) {
            missing++;
            continue;
        }
        uint64_t line = line_in(first, other, script, finding->line);
        size_t found = 0;
        for (size_t j = 0; j < right->finding_count; j++)
            found += right->findings[j].rule == finding->rule && right->findings[j].line == line;
        const struct seen_finding there = {.line = line};
        bool left_out = found == 0 && withheld(right, &there);
        missing += left_out;
        same = found > 0 || left_out;
        if (!same)
            fprintf(stderr, "%s of line %" PRIu64 " is not at line %" PRIu64 "\n",
                    finding->rule->name, finding->line, line);
    }
    if (!same || right->finding_count + missing != left->finding_count)
        disagree("not what C: and S: give", other, (struct slice){first->text, first->size}, left,
                 right);
}

/* Returns true if a reader can learn from the session which lines are whose: there are enough of them, and
 * commands among them that look like it. */
static bool teaches(const struct script *script)
{
    size_t real = 0;
    for (size_t i = 0; i < script->count; i++) {
        struct command_line command;
        command_read(NULL, script->lines[i].text, &command);
        real +=
            !script->lines[i].server && !script->lines[i].message && command_looks_real(&command);
    }
    return script->calm && !script->odd_message && script->count >= LEARNABLE &&
           real >= LEARNABLE / 4;
}

/* Returns true if the format can say what the session has in it. */
static bool can_hold(const struct page_format *format, const struct script *script)
{
    if ((format->hides_message || format->guesses) && script->odd_message)
        return false;
    if (format->write && script->tls)
        return false;
    if ((format->from_start || format->write) && !script->greeted)
        return false;
    if (format->learns && !teaches(script))
        return false;
    for (size_t i = 0; i < script->count && format->ascii; i++)
        for (size_t j = 0; j < script->lines[i].text.size; j++)
            if ((unsigned char)(script->lines[i].text.data[j] - ' ') >= 0x7f - ' ')
                return false;
    return true;
}

static bool has_both_sides(const struct script *script)
{
    bool spoke[2] = {false, false};
    for (size_t i = 0; i < script->count; i++)
        spoke[script->lines[i].server] = true;
    return spoke[0] && spoke[1];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct script script;
    static struct recording first, other;
    struct feed feed = {data, size};
    uint32_t random = (uint32_t)size;
    for (size_t i = 0; i < size; i++)
        random = random * 31 + data[i];
    script_make(&script, &feed);
    if (!has_both_sides(&script))
        return 0;
    write_recording(&first, &page_formats[0], &script);
    for (size_t i = random % FORMAT_STEP; i < page_format_count; i += FORMAT_STEP) {
        if (!can_hold(&page_formats[i], &script))
            continue;
        write_recording(&other, &page_formats[i], &script);
        demand_same_verdicts(&first, &other, &script);
        demand_same_in_pieces(&other);
        for (int cut = 0; cut < CUTS && other.size > 0; cut++) {
            random = random * 1103515245u + 12345u;
            demand_prefix(&other, &script, (random >> 8) % other.size);
        }
        free(other.text);
    }
    free(first.text);
    return 0;
}
