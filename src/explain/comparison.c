/* comparison.c - what tells topics apart. The texts of pairs are in differences.def; for a pair without
 * one a text is built from the two entries.
 */
#include "explain/comparison.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "explain/explain.h"
#include "explain/reply_texts.h"
#include "explain/table.h"

/* The longest text of a pair, and the longest advice, in any language. */
enum { PAIR_MAX = 1500 };

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
    char text[PAIR_MAX];
    const char *first_class = in_language(writer, reply_class(first)->name);
    const char *second_class = in_language(writer, reply_class(second)->name);
    if (first / 100 != second / 100) {
        snprintf(text, sizeof text,
                 in_language(writer,
                             N_("The first digit tells them apart. %d: %s. %d: %s. A client that "
                                "looks only at that digit already does the right thing.")),
                 first, first_class, second, second_class);
    } else if (first / 10 != second / 10) {
        snprintf(
            text, sizeof text,
            in_language(writer, N_("The first digit is the same (%s), so a client does the same in "
                                   "both cases. The second one says what it is about; the entries "
                                   "above have the details.")),
            first_class);
    } else {
        snprintf(text, sizeof text,
                 in_language(writer,
                             N_("Both are of the same class (%s) and about the same subject; only "
                                "the third digit and the text tell them apart. The entries above "
                                "have the details.")),
                 first_class);
    }
    put_text(writer, text);
}

static void put_rule_pair(struct writer *writer, const struct rule *first,
                          const struct rule *second)
{
    char text[PAIR_MAX];
    const char *format = in_language(writer, N_("%s: %s (%s, fault %s).\n%s: %s (%s, fault %s)."));
    snprintf(text, sizeof text, format, first->name, in_language(writer, first->title),
             severity_name(first->severity), in_language(writer, fault_name(first->fault)),
             second->name, in_language(writer, second->title), severity_name(second->severity),
             in_language(writer, fault_name(second->fault)));
    put_text(writer, text);
}

static void put_mixed_pair(struct writer *writer, const struct topic *code,
                           const struct topic *rule)
{
    char text[PAIR_MAX];
    bool related = reply_has_rule(code->code, rule->rule->name);
    const char *tie = related ? N_("The two belong together: it is one of the replies to look for "
                                   "with this rule, but other servers may use another one.")
                              : N_("It is not among the replies that go with this rule.");
    snprintf(text, sizeof text,
             in_language(writer, N_("%d is what a server says; %s is what smtpseq found in the "
                                    "session, whatever the server said.")),
             code->code, rule->rule->name);
    put_text(writer, text);
    put_text(writer, in_language(writer, tie));
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
    put_section(writer, in_language(writer, N_("Differences")));
    begin_paragraph(writer);
    if (row != NULL)
        put_text(writer, in_language(writer, row->text));
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

/* The title of a topic. The RFC's words for a code are English: another language has its own. */
static const char *means(const struct writer *writer, const struct topic *topic)
{
    const struct reply_text *reply = writer->language ? reply_text_by_code(topic->code) : NULL;
    const char *title = reply         ? reply->title
                        : topic->code ? reply_title(topic->code)
                                      : enhanced_title(&topic->enhanced);
    return topic->rule ? topic->rule->title : title ? title : N_("not registered");
}

/* The next step after a topic. A rule's advice is cut after its first sentence. */
static void print_calls_for(const struct writer *writer, const struct topic *topic, char *text,
                            size_t size)
{
    unsigned class = topic->code ? (unsigned)topic->code / 100 : topic->enhanced.class;
    if (!topic->rule) {
        const char *step = class > 0 ? reply_class((int)class * 100)->calls_for : "";
        snprintf(text, size, "%s", in_language(writer, step));
        return;
    }
    const char *fix = in_language(writer, topic->rule->fix), *end = strstr(fix, ". ");
    size_t length = end ? (size_t)(end - fix) + 1 : strlen(fix);
    snprintf(text, size, "%.*s", (int)length, fix);
}

/* A table of the topics, a row each. */
static void put_overview(struct writer *writer, const struct topic topics[], size_t count)
{
    const char *const heads[TABLE_COLUMNS] = {in_language(writer, N_("Topic")),
                                              in_language(writer, N_("Means")),
                                              in_language(writer, N_("Calls for"))};
    const struct difference *row = NULL;
    bool swapped = false;
    char names[TOPICS_MAX][TOPIC_NAME], calls_for[PAIR_MAX];
    size_t widest = utf8_columns(slice_of(heads[0]));
    for (size_t i = 0; i < count; i++) {
        topic_name(&topics[i], names[i]);
        widest = strlen(names[i]) > widest ? strlen(names[i]) : widest;
    }
    if (count == 2)
        row = row_of(topics, &swapped);
    put_section(writer, translate_in(writer->language, "section", "In short"));
    begin_table(writer, heads, (int)widest);
    for (size_t i = 0; i < count; i++) {
        print_calls_for(writer, &topics[i], calls_for, sizeof calls_for);
        if (row)
            snprintf(calls_for, sizeof calls_for, "%s",
                     in_language(writer, (i == 0) != swapped ? row->first_calls_for
                                                             : row->second_calls_for));
        const char *const cells[TABLE_COLUMNS] = {
            names[i], in_language(writer, means(writer, &topics[i])), calls_for};
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
