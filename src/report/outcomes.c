/* outcomes.c - words for what became of a session, and groups of sessions that ended alike.
 */
#include "report/outcomes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/string_builder.h"
#include "report/escape.h"
#include "smtp/reply_words.h"

/* A wait of so many milliseconds is worth a word. */
#define SLOW 10000

/* The enhanced status code at the head of a reply's text. */
static bool enhanced_of(const struct refusal *refusal, struct enhanced_code *code)
{
    return enhanced_parse(slice_word(refusal_text(refusal)), code);
}

/* Codes that are used for so much that the RFC's words would mislead. */
static bool is_vague(int code)
{
    return code == 450 || code == 451 || code == 550 || code == 554;
}

/* The RFC's words without what stands for a name. */
static const char *without_domain(const char *words)
{
    return words + (strncmp(words, "<domain> ", 9) == 0 ? 9 : 0);
}

/* The meaning of a refusal's codes; NULL if the reply says it itself, or it is not known. */
static const char *meaning_of(const struct refusal *refusal)
{
    struct enhanced_code code;
    struct slice text = refusal_text(refusal);
    const struct reply_words *words = reply_words(refusal->code);
    const char *meaning = words && !is_vague(refusal->code) ? words->text : NULL;
    bool about_command = refusal->code >= 500 && refusal->code <= 504;
    if (!about_command && enhanced_of(refusal, &code) && code.detail > 0 && enhanced_title(&code))
        meaning = enhanced_title(&code);
    if (refusal->code == 454 && refusal->command == COMMAND_STARTTLS)
        meaning = N_("TLS not available due to temporary reason"); /* RFC 3207 4 */
    bool says_it = meaning && slice_contains_nocase(text, slice_of(without_domain(meaning)));
    return says_it ? NULL : meaning;
}

static const char *subject_of(enum command command)
{
    return command == COMMAND_CONNECT       ? N_("connection")
           : command == COMMAND_END_OF_DATA ? N_("message")
           : command == COMMAND_UNKNOWN     ? N_("unknown command")
                                            : command_name(command);
}

static void print_refusal(FILE *out, const struct session_outcome *outcome,
                          const struct catalogue *language)
{
    const struct refusal *refusal = &outcome->refusal;
    struct slice text = refusal_text(refusal);
    text = slice_head(text, slice_find(text, '\n'));
    bool closed = refusal->command == COMMAND_CONNECT && refusal->code == 421;
    fprintf(
        out,
        translate(language, closed ? N_("%s closed at line %llu") : N_("%s refused at line %llu")),
        translate(language, subject_of(refusal->command)), (unsigned long long)refusal->line);
    fprintf(out, " (%03d", refusal->code);
    fputs(text.size > 0 ? " " : "", out);
    print_escaped(out, text);
    fputs(text.size == OUTCOME_TEXT ? "...)" : ")", out);
    const char *meaning = meaning_of(refusal);
    if (outcome->error_line == refusal->line)
        fprintf(out, translate(language, ": see %s"), outcome->error_rule);
    else if (meaning) { /* "User not local; please try <forward-path>": the reply has the path */
        meaning = without_domain(translate(language, meaning));
        fprintf(out, ": %c%.*s",
                ascii_lower(meaning[1]) == meaning[1] ? ascii_lower(meaning[0]) : meaning[0],
                (int)strcspn(meaning + 1, ";"), meaning + 1);
    }
}

/* What was offered and would perhaps have helped: a login against a refused sender or recipient, TLS
 * where the reply asks for it. */
static void print_unused(FILE *out, const struct session_outcome *outcome,
                         const struct catalogue *language)
{
    const struct refusal *refusal = &outcome->refusal;
    struct enhanced_code code;
    bool enhanced = enhanced_of(refusal, &code);
    bool wants_login = refusal->code == 530 || refusal->code == 535 ||
                       (enhanced ? code.subject == 7 && refusal->code >= 500
                                 : refusal->code == 550 || refusal->code == 554);
    bool wants_tls = refusal->code == 530 || refusal->code == 523 || refusal->code == 538 ||
                     (enhanced && code.subject == 7 && (code.detail == 10 || code.detail == 11));
    bool early = refusal->command == COMMAND_MAIL || refusal->command == COMMAND_RCPT;
    if (outcome->starttls_unused > 0 && wants_tls)
        fprintf(out, translate(language, "; STARTTLS was offered at line %llu and never used"),
                (unsigned long long)outcome->starttls_unused);
    if (outcome->auth_unused > 0 && wants_login && early)
        fprintf(out, translate(language, "; AUTH was offered at line %llu and never used"),
                (unsigned long long)outcome->auth_unused);
}

static void print_no_greeting(FILE *out, int64_t waited, const struct catalogue *language)
{
    if (waited >= 0)
        fprintf(out, translate(language, "no greeting came in %.1f s"), (double)waited / 1000);
    else
        fputs(translate(language, "no greeting came"), out);
}

static void print_reason(FILE *out, const struct session_outcome *outcome,
                         const struct catalogue *language)
{
    static const char *const texts[] = {
        [REASON_QUIT_EARLY] = N_("QUIT at line %llu before any MAIL"),
        [REASON_QUIT_MIDDLE] = N_("QUIT at line %llu inside a mail transaction"),
        [REASON_QUIT_DONE] = N_("QUIT at line %llu, and no message was sent"),
        [REASON_QUIT_NO_WAIT] = N_("QUIT was sent at line %llu before the reply to the message"),
        [REASON_UNFINISHED] = N_("the recording ends inside a command or message, line %llu"),
        [REASON_TLS] = N_("what follows STARTTLS at line %llu is not in the recording"),
    };
    const char *subject = translate(language, subject_of(outcome->command));
    unsigned long long line = outcome->line;
    bool message = outcome->command == COMMAND_END_OF_DATA;
    if (outcome->reason == REASON_NO_REPLY && outcome->command == COMMAND_CONNECT)
        print_no_greeting(out, outcome->greeting_waited, language);
    else if (outcome->reason == REASON_NO_REPLY && message)
        fprintf(out, translate(language, "no reply to the message at line %llu"), line);
    else if (outcome->reason == REASON_NO_REPLY)
        fprintf(out, translate(language, "no reply to %s at line %llu"), subject, line);
    else if (outcome->reason == REASON_ENDS && outcome->command == COMMAND_CONNECT)
        fprintf(out, translate(language, "the recording ends after the greeting at line %llu"),
                line);
    else if (outcome->reason == REASON_ENDS && message)
        fprintf(
            out,
            translate(language, "the recording ends after the reply to the message at line %llu"),
            line);
    else if (outcome->reason == REASON_ENDS)
        fprintf(out, translate(language, "the recording ends after the reply to %s at line %llu"),
                subject, line);
    else
        fprintf(out, translate(language, texts[outcome->reason]), line);
}

static void print_slowest(FILE *out, const struct slow_step *slowest,
                          const struct catalogue *language)
{
    unsigned long long line = slowest->line;
    double waited = (double)slowest->waited / 1000;
    if (slowest->command == COMMAND_END_OF_DATA)
        fprintf(out, translate(language, "; the reply to the message at line %llu took %.1f s"),
                line, waited);
    else
        fprintf(out, translate(language, "; the reply to %s at line %llu took %.1f s"),
                translate(language, subject_of(slowest->command)), line, waited);
    if (slowest->late)
        fputs(translate(language, ", longer than a client has to wait (RFC 5321 4.5.3.2)"), out);
}

void outcome_print(FILE *out, const struct session_outcome *outcome,
                   const struct catalogue *language)
{
    bool explained = outcome->error_line > 0 && outcome->error_line == outcome->refusal.line;
    if (outcome->error_line == 0)
        fprintf(out, "%s; ", translate(language, "in order"));
    else if (!explained) {
        fprintf(out, translate(language, "error at line %llu (%s)"),
                (unsigned long long)outcome->error_line, outcome->error_rule);
        fputs("; ", out);
    }
    if (outcome->delivered == 1)
        fputs(translate(language, "message accepted"), out);
    else if (outcome->delivered > 1)
        fprintf(out, translate(language, "%llu messages accepted"),
                (unsigned long long)outcome->delivered);
    const char *separator = outcome->delivered > 0 ? "; " : "";
    if (outcome->refusal.line > 0) {
        fputs(separator, out);
        print_refusal(out, outcome, language);
        print_unused(out, outcome, language);
    } else if (outcome->reason != REASON_NONE) {
        fputs(separator, out);
        print_reason(out, outcome, language);
    }
    if (outcome->slowest.waited >= SLOW)
        print_slowest(out, &outcome->slowest, language);
    if (outcome->recipients_refused > 1)
        fprintf(out,
                translate(language, "; %llu recipients refused beside others that were accepted"),
                (unsigned long long)outcome->recipients_refused);
}

char *outcome_text(const struct session_outcome *outcome, const struct catalogue *language)
{
    struct string_builder text;
    if (string_builder_begin(&text))
        outcome_print(text.out, outcome, language);
    string_builder_end(&text);
    return text.text;
}

bool outcome_is_plain(const struct session_outcome *outcome)
{
    return outcome->result == RESULT_UNKNOWN ||
           (outcome->result == RESULT_DELIVERED && outcome->reason == REASON_NONE &&
            outcome->refusal.line == 0 && !outcome->slowest.late);
}

/* Returns true if the same can be said of both. */
static bool alike(const struct session_outcome *a, const struct session_outcome *b)
{
    struct enhanced_code code_a = {0}, code_b = {0};
    enhanced_of(&a->refusal, &code_a);
    enhanced_of(&b->refusal, &code_b);
    return a->result == b->result && a->slowest.late == b->slowest.late && a->reason == b->reason &&
           (a->reason == REASON_NONE || a->command == b->command) &&
           (a->refusal.line > 0) == (b->refusal.line > 0) &&
           (a->refusal.line == 0 ||
            (a->refusal.command == b->refusal.command && a->refusal.code == b->refusal.code)) &&
           code_a.class == code_b.class && code_a.subject == code_b.subject &&
           code_a.detail == code_b.detail && (a->error_line > 0) == (b->error_line > 0);
}

/* Returns the group of an outcome, a new one if there is none yet. NULL: there are too many, or it is out
 * of memory; *no_memory says which. */
static struct outcome_group *group_of(struct outcome_groups *groups,
                                      const struct session_outcome *outcome, bool *no_memory)
{
    for (size_t i = 0; i < groups->count; i++)
        if (alike(&groups->list[i].samples[0].outcome, outcome))
            return &groups->list[i];
    if (groups->count == OUTCOME_GROUPS_MAX)
        return NULL;
    struct outcome_group *list =
        array_with_room(groups->list, groups->count, &groups->capacity, sizeof *list);
    *no_memory = !list;
    if (!list)
        return NULL;
    groups->list = list;
    groups->list[groups->count] = (struct outcome_group){0};
    return &groups->list[groups->count++];
}

static bool set_sample(struct outcome_sample *sample, const char *file, uint64_t session,
                       const struct session_outcome *outcome)
{
    *sample = (struct outcome_sample){strdup(file), session, *outcome};
    return sample->file != NULL;
}

bool outcomes_add(struct outcome_groups *groups, const char *file, uint64_t session,
                  const struct session_outcome *outcome)
{
    bool no_memory = false;
    groups->results[outcome->result]++;
    if (outcome->result == RESULT_UNKNOWN)
        return true;
    if (outcome_is_plain(outcome))
        return groups->plain.file || set_sample(&groups->plain, file, session, outcome);
    struct outcome_group *group = group_of(groups, outcome, &no_memory);
    if (!group) {
        groups->left++;
        return !no_memory;
    }
    uint64_t number = group->count++;
    return number >= OUTCOME_SAMPLES || set_sample(&group->samples[number], file, session, outcome);
}

size_t outcome_samples(const struct outcome_group *group)
{
    size_t count = 0;
    while (count < OUTCOME_SAMPLES && group->samples[count].file)
        count++;
    return count;
}

/* Moves the samples of a group to one that is like it. */
static void join(struct outcome_group *group, struct outcome_group *later)
{
    size_t kept = outcome_samples(group);
    for (size_t i = 0; i < OUTCOME_SAMPLES && later->samples[i].file; i++)
        if (kept < OUTCOME_SAMPLES) {
            group->samples[kept++] = later->samples[i];
            later->samples[i].file = NULL;
        }
    group->count += later->count;
}

bool outcomes_merge(struct outcome_groups *groups, struct outcome_groups *later)
{
    bool no_memory = false;
    for (int i = 0; i < RESULT_COUNT; i++)
        groups->results[i] += later->results[i];
    groups->left += later->left;
    if (!groups->plain.file) {
        groups->plain = later->plain;
        later->plain.file = NULL;
    }
    for (size_t i = 0; i < later->count && !no_memory; i++) {
        struct outcome_group *of = &later->list[i];
        struct outcome_group *group = group_of(groups, &of->samples[0].outcome, &no_memory);
        if (group)
            join(group, of);
        else
            groups->left += of->count;
    }
    outcomes_free(later);
    return !no_memory;
}

void outcomes_free(struct outcome_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        for (size_t s = 0; s < OUTCOME_SAMPLES; s++)
            free(groups->list[i].samples[s].file);
    free(groups->list);
    free(groups->plain.file);
    *groups = (struct outcome_groups){0};
}

bool outcomes_print_counts(FILE *out, const struct outcome_groups *groups,
                           const struct catalogue *language)
{
    const char *separator = "";
    for (int i = RESULT_DELIVERED; i < RESULT_COUNT; i++)
        if (groups->results[i] > 0) {
            fprintf(out, "%s%" PRIu64 " %s", separator, groups->results[i],
                    translate(language, session_result_name((enum session_result)i)));
            separator = ", ";
        }
    return *separator != '\0';
}
