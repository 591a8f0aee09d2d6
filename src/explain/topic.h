/* topic.h - a topic that somebody asked for: a rule, a reply code or an enhanced status code.
 */
#ifndef SMTPSEQ_TOPIC_H
#define SMTPSEQ_TOPIC_H

#include <stdbool.h>

#include "base/catalogue.h"
#include "rules/rules.h"
#include "smtp/reply_words.h"

struct topic {
    int code;                /* 0: none */
    const struct rule *rule; /* NULL: none */
    bool is_enhanced;
    struct enhanced_code enhanced; /* of a code, or instead of one (code 0) */
};

/* A topic's name as it is shown, the longest rule's with its NUL. */
#define TOPIC_NAME 64

/* Finds the topic that a text is. Returns 0, or -1 and sets `error` to one line without a newline. */
int find_topic(const char *text, struct topic *topic, const struct catalogue *language, char *error,
               size_t error_size);

/* "503", "5.5.1", "X.7.1" or "nested-mail". Returns `buffer`. */
const char *topic_name(const struct topic *topic, char buffer[static TOPIC_NAME]);

#endif
