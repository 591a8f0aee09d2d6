/* explain.c - explains reply codes and rules.
 *
 * The texts are in replies.def, differences.def and the rule registry. This file finds them and
 * lays them out; for a pair without a row it builds a text from the two entries.
 */
#include "explain/explain.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/nearest_name.h"
#include "explain/enhanced.h"
#include "explain/writer.h"
#include "rules/rules.h"
#include "smtp/reply.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_MIN = 60,  /* the longest rule name with its label and code has to fit */
    TOPIC_SHOWN = 40 /* how much of an unknown topic an error message repeats */
};

struct reply {
    int code;
    const char *digits, *title, *meaning, *when, *fix, *rfc, *rules;
};

static const struct reply replies[] = {
#define REPLY(code, title, meaning, when, fix, rfc, rules) \
    {code, #code, title, meaning, when, fix, rfc, rules},
#include "explain/replies.def"
#undef REPLY
};

enum { REPLY_COUNT = sizeof replies / sizeof replies[0] };

struct difference {
    int first, second;
    const char *text, *first_calls_for, *second_calls_for;
};

static const struct difference differences[] = {
#define DIFFERENCE(first, second, text, first_calls_for, second_calls_for) \
    {first, second, text, first_calls_for, second_calls_for},
#include "explain/differences.def"
#undef DIFFERENCE
};

enum { DIFFERENCE_COUNT = sizeof differences / sizeof differences[0] };

/* Rules whose dialogues show what draws a code, and how it is put right. */
static const struct {
    int code;
    enum rule_id rule;
} examples[] = {
    {251, RULE_forward_251},    {421, RULE_command_after_421}, {503, RULE_data_before_mail},
    {530, RULE_login_required}, {551, RULE_moved_551},
};

/* The meaning of a reply's first digit, and the client's next step (RFC 5321 4.2.1). */
struct severity_class {
    const char *name, *calls_for;
};

static const struct severity_class first_digits[] = {
    [1] = {"preliminary, a class SMTP does not use", "waiting for the real reply"},
    [2] = {"success", "going on"},
    [3] = {"accepted so far, the server waits for more", "sending what the server waits for"},
    [4] = {"temporary refusal", "keeping the message and trying again later"},
    [5] = {"permanent refusal", "a change on your side; the same again gets the same answer"},
};

static const char *const second_digits[] = {
    "the form of commands, or commands out of place",
    "information that was asked for",
    "the connection",
    "no subject that RFC 5321 names (authentication uses it)",
    "no subject that RFC 5321 names",
    "the mail system: mailboxes, messages, storage",
};

enum { SECOND_DIGIT_COUNT = sizeof second_digits / sizeof second_digits[0] };

/* A rule, or a code with or without an entry. */
struct topic {
    int code;
    const struct reply *reply;
    const struct rule *rule;
    bool is_enhanced;
    struct enhanced_code enhanced; /* of a code, or instead of one (code 0) */
};

static const struct reply *reply_by_code(int code)
{
    for (size_t i = 0; i < REPLY_COUNT; i++) {
        if (replies[i].code == code)
            return &replies[i];
    }
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length) {
        bool begins = at == words || at[-1] == ' ';
        if (begins && (at[length] == '\0' || at[length] == ' '))
            return true;
    }
    return false;
}

static const char *topic_name(const struct topic *topic, char buffer[static 12])
{
    if (topic->rule != NULL)
        return topic->rule->name;
    snprintf(buffer, 12, "%d", topic->code);
    return buffer;
}

static void put_class(struct writer *writer, int code)
{
    char part[32];
    size_t second = (size_t)(code / 10 % 10);
    begin_field(writer, "Class");
    snprintf(part, sizeof part, "%dyz:", code / 100);
    put_text(writer, part);
    put_text(writer, first_digits[code / 100].name);
    snprintf(part, sizeof part, "(x%zuz:", second);
    put_text(writer, part);
    if (second < SECOND_DIGIT_COUNT) {
        put_text(writer, "about");
        put_text(writer, second_digits[second]);
    } else {
        put_text(writer, "not allowed, RFC 5321 4.2 has 0 to 5 as second digit");
    }
    put_mark(writer, ')');
    end_text(writer);
}

/* The rules of a reply, each with its code, in the order of `names`; a name without a rule would be an
 * error in replies.def and is left out. */
static void put_related_rules(struct writer *writer, const char *names)
{
    bool first = true;
    for (struct slice rest = slice_of(names); rest.size > 0;) {
        char item[96];
        struct slice name = slice_word(rest);
        rest = slice_after(rest, name.size + 1);
        snprintf(item, sizeof item, "%.*s", (int)name.size, name.data);
        const struct rule *rule = rule_by_name(item);
        if (!rule)
            continue;
        int length = snprintf(item, sizeof item, "%s (%s)", rule->name, rule->code);
        if (first)
            begin_field(writer, "Rules");
        else
            put_mark(writer, ',');
        put_word(writer, item, (size_t)length);
        first = false;
    }
    if (!first)
        end_text(writer);
}

static void put_undefined_code(struct writer *writer, int code)
{
    char name[12];
    snprintf(name, sizeof name, "%d", code);
    put_heading(writer, name, "(no RFC defines this code)");
    put_class(writer, code);
    put_field(writer, "Meaning",
              "No RFC gives this code a meaning in SMTP. A client may go by its first digit alone, "
              "and the server's text says the rest.");
    begin_field(writer, "Fix");
    put_text(writer, "The first digit calls for");
    put_text(writer, first_digits[code / 100].calls_for);
    put_mark(writer, '.');
    end_text(writer);
    put_field(writer, "RFC", "RFC 5321 4.2.1, 4.3.2");
    put_field(writer, "Rules", "reply-code-unexpected");
}

static void put_examples(struct writer *writer, int code)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        if (examples[i].code == code) {
            put_dialogue(writer, "Draws it:", smtpseq_rules[examples[i].rule].before);
            put_dialogue(writer, "Put right:", smtpseq_rules[examples[i].rule].after);
        }
}

static void put_reply(struct writer *writer, const struct reply *reply)
{
    put_heading(writer, reply->digits, reply->title);
    const struct reply_words *words = reply_words(reply->code);
    if (words) {
        char text[128];
        snprintf(text, sizeof text, "\"%s\" (%s)", words->text, words->rfc);
        put_field(writer, "RFC says", text);
    }
    put_class(writer, reply->code);
    put_field(writer, "Meaning", reply->meaning);
    put_field(writer, "When", reply->when);
    put_field(writer, "Fix", reply->fix);
    put_field(writer, "RFC", reply->rfc);
    put_related_rules(writer, reply->rules);
    put_examples(writer, reply->code);
}

static void put_replies_of_rule(struct writer *writer, const struct rule *rule)
{
    bool first = true;
    for (size_t i = 0; i < REPLY_COUNT; i++) {
        if (!has_word(replies[i].rules, rule->name))
            continue;
        if (first)
            begin_field(writer, "Replies");
        else
            put_mark(writer, ',');
        put_text(writer, replies[i].digits);
        first = false;
    }
    if (!first)
        end_text(writer);
}

static void put_rule(struct writer *writer, const struct rule *rule)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", rule->name, writer->format == WRITE_TEXT ? ":" : "");
    put_heading(writer, name, rule->title);
    put_field(writer, "Code", rule->code);
    put_field(writer, "Severity", severity_name(rule->severity));
    put_field(writer, "Fault", fault_name(rule->fault));
    put_field(writer, "What", rule->what);
    put_field(writer, "When", rule->when);
    put_field(writer, "Fix", rule->fix);
    put_field(writer, "smtpseq", rule->did);
    put_field(writer, "RFC", rule->rfc);
    put_replies_of_rule(writer, rule);
    put_dialogue(writer, "Draws the rule:", rule->before);
    put_dialogue(writer, "Put right:", rule->after);
}

static void put_topic(struct writer *writer, const struct topic *topic)
{
    if (topic->rule != NULL)
        put_rule(writer, topic->rule);
    else if (topic->code == 0)
        put_enhanced(writer, &topic->enhanced);
    else if (topic->reply != NULL)
        put_reply(writer, topic->reply);
    else
        put_undefined_code(writer, topic->code);
    if (topic->code != 0 && topic->is_enhanced)
        put_enhanced(writer, &topic->enhanced);
}

/* Returns the row for a pair of codes; sets *swapped if it has them in the other order. */
static const struct difference *find_difference(int first, int second, bool *swapped)
{
    for (size_t i = 0; i < DIFFERENCE_COUNT; i++) {
        const struct difference *row = &differences[i];
        if (row->first == first && row->second == second) {
            *swapped = false;
            return row;
        }
        if (row->first == second && row->second == first) {
            *swapped = true;
            return row;
        }
    }
    return NULL;
}

static void put_code_pair(struct writer *writer, int first, int second)
{
    char text[320];
    const char *first_class = first_digits[first / 100].name;
    const char *second_class = first_digits[second / 100].name;
    if (first / 100 != second / 100) {
        snprintf(text, sizeof text,
                 "The first digit tells them apart. %d: %s. %d: %s. A client that looks only at "
                 "that digit already does the right thing.",
                 first, first_class, second, second_class);
    } else if (first / 10 != second / 10) {
        snprintf(text, sizeof text,
                 "The first digit is the same (%s), so a client does the same in both cases. The "
                 "second one says what it is about; the entries above have the details.",
                 first_class);
    } else {
        snprintf(text, sizeof text,
                 "Both are of the same class (%s) and about the same subject; only the third digit "
                 "and the text tell them apart. The entries above have the details.",
                 first_class);
    }
    put_text(writer, text);
}

static void put_rule_pair(struct writer *writer, const struct rule *first,
                          const struct rule *second)
{
    char text[400];
    snprintf(text, sizeof text, "%s: %s (%s, fault %s).\n%s: %s (%s, fault %s).", first->name,
             first->title, severity_name(first->severity), fault_name(first->fault), second->name,
             second->title, severity_name(second->severity), fault_name(second->fault));
    put_text(writer, text);
}

static void put_mixed_pair(struct writer *writer, const struct topic *code,
                           const struct topic *rule)
{
    char text[400];
    bool related = code->reply != NULL && has_word(code->reply->rules, rule->rule->name);
    const char *tie = related ? "The two belong together: it is one of the replies to look for "
                                "with this rule, but other servers may use another one."
                              : "It is not among the replies that go with this rule.";
    snprintf(text, sizeof text,
             "%d is what a server says; %s is what smtpseq found in the session, whatever the "
             "server said. %s",
             code->code, rule->rule->name, tie);
    put_text(writer, text);
}

/* Writes one line of "What calls for what". */
static void put_call(struct writer *writer, const struct topic *topic, const char *calls_for)
{
    char buffer[12];
    const char *text = calls_for;
    if (text == NULL)
        text = topic->rule != NULL ? topic->rule->fix : first_digits[topic->code / 100].calls_for;
    put_entry(writer, topic_name(topic, buffer), text);
}

static void put_differences(struct writer *writer, const struct topic pair[static 2])
{
    bool swapped = false;
    const struct difference *row = NULL;
    if (pair[0].rule == NULL && pair[1].rule == NULL)
        row = find_difference(pair[0].code, pair[1].code, &swapped);

    put_section(writer, "Differences");
    begin_paragraph(writer);
    if (row != NULL)
        put_text(writer, row->text);
    else if (pair[0].rule != NULL && pair[1].rule != NULL)
        put_rule_pair(writer, pair[0].rule, pair[1].rule);
    else if (pair[0].rule != NULL)
        put_mixed_pair(writer, &pair[1], &pair[0]);
    else if (pair[1].rule != NULL)
        put_mixed_pair(writer, &pair[0], &pair[1]);
    else
        put_code_pair(writer, pair[0].code, pair[1].code);
    end_text(writer);

    const char *calls[2] = {NULL, NULL};
    if (row != NULL) {
        calls[swapped] = row->first_calls_for;
        calls[!swapped] = row->second_calls_for;
    }
    put_section(writer, "What calls for what");
    put_call(writer, &pair[0], calls[0]);
    put_call(writer, &pair[1], calls[1]);
}

static void keep_nearer(const char *topic, const char *candidate, const char **best, size_t *least)
{
    size_t d = spelling_distance(topic, candidate);
    if (d < *least) {
        *least = d;
        *best = candidate;
    }
}

/* Returns the nearest known topic of any kind. Static storage, never NULL. */
static const char *nearest_topic(const char *topic)
{
    const char *best = replies[0].digits;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        keep_nearer(topic, smtpseq_rules[i].name, &best, &least);
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        keep_nearer(topic, smtpseq_rules[i].code, &best, &least);
    for (size_t i = 0; i < REPLY_COUNT; i++)
        keep_nearer(topic, replies[i].digits, &best, &least);
    return best;
}

/* Makes a copy that is safe to print: the topic is an argument, which may hold any octets. */
static void printable(const char *text, char copy[static TOPIC_SHOWN + 1])
{
    size_t i = 0;
    for (; text[i] != '\0' && i < TOPIC_SHOWN; i++)
        copy[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    copy[i] = '\0';
}

static const char *const digits = "0123456789";

/* Returns the rule of that name, also with "_" for "-". */
static const struct rule *rule_nearly_named(const char *text)
{
    char name[TOPIC_SHOWN + 1];
    size_t size = strnlen(text, TOPIC_SHOWN);
    for (size_t i = 0; i < size; i++)
        name[i] = text[i] == '_' ? '-' : text[i];
    name[size] = '\0';
    return rule_by_name(name);
}

/* A reply as a log has it: "503 5.5.1 Error: need MAIL". Its code must be known to be one. */
static bool find_reply_line(struct slice text, struct topic *topic)
{
    struct slice code = slice_head(text, 3);
    topic->code = reply_code(code);
    if (topic->code < 200 || topic->code >= 600 || (text.size > 3 && !strchr(" -", text.data[3])))
        return false;
    topic->reply = reply_by_code(topic->code);
    topic->is_enhanced = enhanced_parse(slice_word(slice_after(text, 4)), &topic->enhanced);
    return true;
}

static int find_topic(const char *text, struct topic *topic, char *error, size_t error_size)
{
    char shown[TOPIC_SHOWN + 1];
    printable(text, shown);
    *topic = (struct topic){0};
    if (strspn(text, digits) == 3 && text[3] == '\0') {
        topic->code = reply_code(slice_of(text));
        topic->reply = reply_by_code(topic->code);
        if (topic->code >= 100 && topic->code < 600)
            return 0;
        snprintf(error, error_size, "%s is not a reply code: in SMTP the first digit is 2 to 5",
                 shown);
        return -1;
    }
    topic->rule = rule_nearly_named(text);
    topic->is_enhanced = enhanced_parse(slice_of(text), &topic->enhanced);
    if (topic->rule != NULL || topic->is_enhanced || find_reply_line(slice_of(text), topic))
        return 0;
    snprintf(error, error_size, "nothing is known about '%s'; the nearest topic is '%s'", shown,
             nearest_topic(text));
    return -1;
}

/* Explains two topics, and what tells them apart if both have a code or a rule. */
static void put_pair(struct writer *writer, const struct topic pair[static 2])
{
    bool same = pair[0].rule == pair[1].rule && pair[0].code == pair[1].code;
    put_topic(writer, &pair[0]);
    if (same && pair[0].code != 0)
        return;
    put_topic(writer, &pair[1]);
    if ((pair[0].rule || pair[0].code) && (pair[1].rule || pair[1].code) && !same)
        put_differences(writer, pair);
}

/* Compares several topics, one short entry each. */
static void put_comparison(struct writer *writer, const struct topic topics[], size_t count)
{
    char name[12], text[400];
    put_section(writer, "In short");
    for (size_t i = 0; i < count; i++) {
        const struct topic *topic = &topics[i];
        if (topic->rule)
            snprintf(text, sizeof text, "%s (%s, fault of the %s)", topic->rule->title,
                     severity_name(topic->rule->severity), fault_name(topic->rule->fault));
        else if (topic->code)
            snprintf(text, sizeof text, "%s; %s. It calls for %s.",
                     topic->reply ? topic->reply->title : "no RFC defines this code",
                     first_digits[topic->code / 100].name,
                     first_digits[topic->code / 100].calls_for);
        if (topic->rule || topic->code)
            put_entry(writer, topic_name(topic, name), text);
    }
}

const char *explain_meant(const char *topic)
{
    const char *names[RULE_COUNT + 1] = {0}, *only = NULL;
    struct topic known;
    char error[1];
    if (find_topic(topic, &known, error, sizeof error) == 0 || strlen(topic) < 4)
        return NULL;
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = smtpseq_rules[i].name;
    const char *similar = similar_name(topic, names);
    size_t containing = 0;
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (strstr(names[i], topic)) {
            containing++;
            only = names[i];
        }
    return similar ? similar : containing == 1 ? only : NULL;
}

int explain(FILE *out, const char *const *topics, size_t count, const struct page *page,
            char *error, size_t error_size)
{
    struct topic found[TOPICS_MAX];
    if (count < 1 || count > TOPICS_MAX) {
        snprintf(error, error_size, "give one to %d topics: a reply code or a rule", TOPICS_MAX);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (find_topic(topics[i], &found[i], error, error_size) != 0)
            return -1;
    }
    int width = page->width == 0 ? WIDTH_DEFAULT : page->width;
    struct writer writer = {
        .out = out, .format = page->format, .width = (width < WIDTH_MIN ? WIDTH_MIN : width) - 1};
    writer_begin(&writer);
    if (count == 2)
        put_pair(&writer, found);
    for (size_t i = 0; i < count && count != 2; i++)
        put_topic(&writer, &found[i]);
    if (count > 2)
        put_comparison(&writer, found, count);
    writer_end(&writer);
    return 0;
}
