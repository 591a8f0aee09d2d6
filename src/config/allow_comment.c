/* allow_comment.c - parses a comment of a recording that allows a finding.
 */
#include "config/allow_comment.h"

#include <stdio.h>

#include "base/array.h"
#include "base/catalogue.h"
#include "base/nearest_name.h"

const char *allow_comment_parse(struct slice text, enum rule_id *rule, char *error,
                                size_t error_size)
{
    text = slice_trim(text);
    struct slice word = slice_word(text);
    if (!slice_equal(word, SLICE("allow"))) {
        char known[41];
        snprintf(known, sizeof known, "%.*s", (int)slice_head(word, 40).size,
                 word.size ? word.data : "");
        snprintf(error, error_size, N_("'%s' is not known; write # smtpseq: allow RULE: REASON"),
                 known);
        return error;
    }
    text = slice_trim(slice_after(text, word.size));
    size_t colon = slice_find(text, ':');
    struct slice named = slice_trim(slice_head(text, colon));
    struct slice reason = slice_trim(slice_after(text, colon + 1));
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)slice_head(named, 63).size,
             named.size ? named.data : "");
    const struct rule *found = rule_by_name(name);
    const char *names[RULE_COUNT + 1] = {0};
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = smtpseq_rules[i].name;
    if (named.size == 0)
        snprintf(error, error_size, N_("the rule is missing; write # smtpseq: allow RULE: REASON"));
    else if (!found || strlen(name) != named.size)
        snprintf(error, error_size, N_("rule '%s' is not known; did you mean '%s'?"), name,
                 nearest_name(name, names));
    else if (reason.size == 0)
        snprintf(error, error_size, N_("a reason is missing; write # smtpseq: allow RULE: REASON"));
    else
        return *rule = (enum rule_id)(found - smtpseq_rules), NULL;
    return error;
}

const char *allow_comments_add(struct allow_comments *comments, uint64_t line, uint64_t about,
                               struct slice text, char *error, size_t error_size)
{
    enum rule_id rule;
    const char *wrong = allow_comment_parse(text, &rule, error, error_size);
    if (wrong)
        return wrong;
    if (about == 0)
        return N_("no line follows that it could be about");
    if (comments->count == ALLOW_COMMENTS_MAX)
        return N_("this recording has too many such lines; use [allow] in smtpseq.ini");
    struct allow_comment *list = array_with_room(comments->list, comments->count,
                                                 &comments->capacity, sizeof *comments->list);
    comments->no_memory = comments->no_memory || !list;
    if (!list)
        return NULL;
    comments->list = list;
    list[comments->count++] = (struct allow_comment){line, about, rule, false};
    return NULL;
}

/* The first comment about that line or a later one. */
static size_t first_comment(const struct allow_comments *comments, uint64_t line)
{
    size_t low = 0, high = comments->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (comments->list[middle].about < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool allow_comments_take(struct allow_comments *comments, uint64_t line, enum rule_id rule)
{
    bool allowed = false;
    for (size_t i = first_comment(comments, line);
         i < comments->count && comments->list[i].about == line; i++)
        if (comments->list[i].rule == rule)
            allowed = comments->list[i].used = true;
    return allowed;
}
