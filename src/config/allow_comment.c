/* allow_comment.c - parses a comment of a recording that allows a finding.
 */
#include "config/allow_comment.h"

#include <stdio.h>

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
