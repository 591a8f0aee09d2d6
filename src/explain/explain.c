/* explain.c - explains reply codes and rules: each topic, and what tells them apart.
 */
#include "explain/explain.h"

#include <stdbool.h>
#include <string.h>

#include "base/nearest_name.h"
#include "explain/comparison.h"
#include "explain/enhanced.h"
#include "explain/reply_texts.h"
#include "explain/topic.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_MIN = 60 /* the longest rule name with its label and code has to fit */
};

/* The replies that go with a rule. */
static void put_replies_of_rule(struct writer *writer, const struct rule *rule)
{
    bool first = true;
    const struct reply_text *reply;
    for (size_t i = 0; (reply = reply_text_at(i)) != NULL; i++) {
        if (!reply_has_rule(reply->code, rule->name))
            continue;
        if (first)
            begin_field(writer, N_("Replies"));
        else
            put_mark(writer, ',');
        put_text(writer, reply->digits);
        first = false;
    }
    if (!first)
        end_text(writer);
}

static void put_rule(struct writer *writer, const struct rule *rule)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", rule->name, writer->format == WRITE_TEXT ? ":" : "");
    put_heading(writer, name, in_language(writer, rule->title));
    put_field(writer, N_("Code"), rule->code);
    put_field(writer, N_("Severity"), severity_name(rule->severity));
    put_field(writer, N_("Fault"), fault_name(rule->fault));
    put_field(writer, N_("What"), rule->what);
    put_field(writer, N_("When"), rule->when);
    put_field(writer, N_("Fix"), rule->fix);
    put_field(writer, "smtpseq", rule->did);
    put_field(writer, "RFC", rule->rfc);
    put_replies_of_rule(writer, rule);
    put_dialogue(writer, N_("Draws the rule:"), rule->before);
    put_dialogue(writer, N_("Put right:"), rule->after);
}

static void put_topic(struct writer *writer, const struct topic *topic)
{
    if (topic->rule != NULL)
        put_rule(writer, topic->rule);
    else if (topic->code != 0)
        put_reply(writer, topic->code);
    if (topic->is_enhanced)
        put_enhanced(writer, &topic->enhanced);
}

static bool same_topic(const struct topic *a, const struct topic *b)
{
    return a->rule == b->rule && a->code == b->code && a->is_enhanced == b->is_enhanced &&
           memcmp(&a->enhanced, &b->enhanced, sizeof a->enhanced) == 0;
}

const char *explain_meant(const char *topic)
{
    const char *names[RULE_COUNT + 1] = {0}, *only = NULL;
    struct topic known;
    char error[1];
    if (find_topic(topic, &known, NULL, error, sizeof error) == 0 || strlen(topic) < 4)
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
        snprintf(error, error_size,
                 translate(page->language, "give one to %d topics: a reply code or a rule"),
                 TOPICS_MAX);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (find_topic(topics[i], &found[i], page->language, error, error_size) != 0)
            return -1;
    }
    int width = page->width == 0 ? WIDTH_DEFAULT : page->width;
    struct writer writer = {.out = out,
                            .format = page->format,
                            .language = page->format != WRITE_JSON ? page->language : NULL,
                            .width = (width < WIDTH_MIN ? WIDTH_MIN : width) - 1};
    writer_begin(&writer);
    if (count == 2 && same_topic(&found[0], &found[1]))
        count = 1;
    for (size_t i = 0; i < count; i++)
        put_topic(&writer, &found[i]);
    if (count > 1)
        put_comparison(&writer, found, count);
    writer_end(&writer);
    return 0;
}
