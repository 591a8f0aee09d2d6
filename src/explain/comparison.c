/* comparison.c - what tells topics apart. The texts of pairs are in differences.def; for a pair without
 * one a text is built from the two entries.
 */
#include "explain/comparison.h"

#include <stdio.h>
#include <string.h>

#include "explain/reply_texts.h"
#include "explain/explain.h"
#include "explain/table.h"

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
    const char *first_class = reply_class(first)->name;
    const char *second_class = reply_class(second)->name;
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
    bool related = reply_has_rule(code->code, rule->rule->name);
    const char *tie = related ? "The two belong together: it is one of the replies to look for "
                                "with this rule, but other servers may use another one."
                              : "It is not among the replies that go with this rule.";
    snprintf(text, sizeof text,
             "%d is what a server says; %s is what smtpseq found in the session, whatever the "
             "server said. %s",
             code->code, rule->rule->name, tie);
    put_text(writer, text);
}

/* Returns the row for a pair of topics that are both codes; NULL: there is none. */
static const struct difference *row_of(const struct topic pair[static 2], bool *swapped)
{
    return pair[0].code && pair[1].code ? find_difference(pair[0].code, pair[1].code, swapped)
                                        : NULL;
}

static void put_differences(struct writer *writer, const struct topic pair[static 2])
{
    bool swapped = false;
    const struct difference *row = row_of(pair, &swapped);
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
}

static const char *means(const struct topic *topic)
{
    const char *title = topic->code ? reply_title(topic->code) : enhanced_title(&topic->enhanced);
    return topic->rule ? topic->rule->title : title ? title : "not registered";
}

/* The next step after a topic. A rule's advice is cut after its first sentence. */
static void print_calls_for(const struct topic *topic, char *text, size_t size)
{
    unsigned class = topic->code ? (unsigned)topic->code / 100 : topic->enhanced.class;
    if (!topic->rule) {
        snprintf(text, size, "%s", class > 0 ? reply_class((int)class * 100)->calls_for : "");
        return;
    }
    const char *fix = topic->rule->fix, *end = strstr(fix, ". ");
    size_t length = end ? (size_t)(end - fix) + 1 : strlen(fix);
    snprintf(text, size, "%.*s", (int)length, fix);
}

/* A table of the topics, a row each. */
static void put_overview(struct writer *writer, const struct topic topics[], size_t count)
{
    static const char *const heads[TABLE_COLUMNS] = {"Topic", "Means", "Calls for"};
    const struct difference *row = NULL;
    bool swapped = false;
    char names[TOPICS_MAX][TOPIC_NAME], calls_for[320];
    size_t widest = strlen(heads[0]);
    for (size_t i = 0; i < count; i++) {
        topic_name(&topics[i], names[i]);
        widest = strlen(names[i]) > widest ? strlen(names[i]) : widest;
    }
    if (count == 2)
        row = row_of(topics, &swapped);
    put_section(writer, "In short");
    begin_table(writer, heads, (int)widest);
    for (size_t i = 0; i < count; i++) {
        print_calls_for(&topics[i], calls_for, sizeof calls_for);
        if (row)
            snprintf(calls_for, sizeof calls_for, "%s",
                     (i == 0) != swapped ? row->first_calls_for : row->second_calls_for);
        const char *const cells[TABLE_COLUMNS] = {names[i], means(&topics[i]), calls_for};
        put_table_row(writer, heads, cells);
    }
    end_table(writer);
}

static bool is_enhanced_only(const struct topic *topic)
{
    return !topic->rule && !topic->code;
}

void put_comparison(struct writer *writer, const struct topic topics[], size_t count)
{
    if (count == 2 && !is_enhanced_only(&topics[0]) && !is_enhanced_only(&topics[1]))
        put_differences(writer, topics);
    put_overview(writer, topics, count);
}
