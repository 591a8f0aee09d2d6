/* topic.c - finds a topic by what somebody typed.
 */
#include "explain/topic.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest_name.h"
#include "explain/reply_texts.h"
#include "smtp/reply.h"

/* How much of an unknown topic an error message repeats. */
#define TOPIC_SHOWN 40

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
    const char *best = reply_text_at(0)->digits;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        keep_nearer(topic, smtpseq_rules[i].name, &best, &least);
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        keep_nearer(topic, smtpseq_rules[i].code, &best, &least);
    const struct reply_text *reply;
    for (size_t i = 0; (reply = reply_text_at(i)) != NULL; i++)
        keep_nearer(topic, reply->digits, &best, &least);
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
    topic->is_enhanced = enhanced_parse(slice_word(slice_after(text, 4)), &topic->enhanced);
    return true;
}

int find_topic(const char *text, struct topic *topic, const struct catalogue *language, char *error,
               size_t error_size)
{
    char shown[TOPIC_SHOWN + 1];
    printable(text, shown);
    *topic = (struct topic){0};
    if (strspn(text, digits) == 3 && text[3] == '\0') {
        topic->code = reply_code(slice_of(text));
        if (topic->code >= 100 && topic->code < 600)
            return 0;
        snprintf(error, error_size,
                 translate(language, "%s is not a reply code: in SMTP the first digit is 2 to 5"),
                 shown);
        return -1;
    }
    topic->rule = rule_nearly_named(text);
    topic->is_enhanced = enhanced_parse(slice_of(text), &topic->enhanced) ||
                         enhanced_parse_any(slice_of(text), &topic->enhanced);
    if (topic->rule != NULL || topic->is_enhanced || find_reply_line(slice_of(text), topic))
        return 0;
    snprintf(error, error_size,
             translate(language, "nothing is known about '%s'; the nearest topic is '%s'"), shown,
             nearest_topic(text));
    return -1;
}

const char *topic_name(const struct topic *topic, char buffer[static TOPIC_NAME])
{
    if (topic->rule != NULL)
        snprintf(buffer, TOPIC_NAME, "%s", topic->rule->name);
    else if (topic->code != 0)
        snprintf(buffer, TOPIC_NAME, "%d", topic->code);
    else
        enhanced_name(&topic->enhanced, buffer, TOPIC_NAME);
    return buffer;
}
