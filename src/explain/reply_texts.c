/* reply_texts.c - explains a reply code. The texts are in replies.def.
 */
#include "explain/reply_texts.h"

#include <string.h>

#include "base/catalogue.h"
#include "rules/rules.h"
#include "smtp/reply_words.h"

static const struct reply_text replies[] = {
#define REPLY(code, title, meaning, when, fix, rfc, rules) \
    {code, #code, title, meaning, when, fix, rfc, rules},
#include "explain/replies.def"
#undef REPLY
};

enum { REPLY_COUNT = sizeof replies / sizeof replies[0] };

/* What shows how a code comes about: a rule whose dialogues draw it and put it right, and the step of the
 * session that is missing most often. */
static const struct {
    int code;
    enum rule_id rule;
    const char *left_out;
} examples[] = {
    {251, RULE_forward_251, NULL},
    {421, RULE_command_after_421, NULL},
    {503, RULE_data_before_mail,
     N_("MAIL, most often. Of 68 sessions with a 503 that were made after the logs people post, "
        "23 had RCPT or DATA without an accepted MAIL; 10 lacked an accepted RCPT, 5 an accepted "
        "EHLO, 4 the login. 13 times nothing was left out: the server refused what was in "
        "order.")},
    {530, RULE_login_required, NULL},
    {551, RULE_moved_551, NULL},
};

enum { EXAMPLE_COUNT = sizeof examples / sizeof examples[0] };

static const struct reply_class first_digits[] = {
    [1] = {N_("preliminary, a class SMTP does not use"), N_("waiting for the real reply"),
           N_("The first digit calls for waiting for the real reply.")},
    [2] = {N_("success"), N_("going on"), N_("The first digit calls for going on.")},
    [3] = {N_("accepted so far, the server waits for more"),
           N_("sending what the server waits for"),
           N_("The first digit calls for sending what the server waits for.")},
    [4] = {N_("temporary refusal"), N_("keeping the message and trying again later"),
           N_("The first digit calls for keeping the message and trying again later.")},
    [5] = {N_("permanent refusal"),
           N_("a change on your side; the same again gets the same answer"),
           N_("The first digit calls for a change on your side; the same again gets the same "
              "answer.")},
};

static const char *const second_digits[] = {
    N_("about the form of commands, or commands out of place"),
    N_("about information that was asked for"),
    N_("about the connection"),
    N_("about no subject that RFC 5321 names (authentication uses it)"),
    N_("about no subject that RFC 5321 names"),
    N_("about the mail system: mailboxes, messages, storage"),
};

enum { SECOND_DIGIT_COUNT = sizeof second_digits / sizeof second_digits[0] };

const struct reply_class *reply_class(int code)
{
    return &first_digits[code / 100];
}

const struct reply_text *reply_text_by_code(int code)
{
    for (size_t i = 0; i < REPLY_COUNT; i++) {
        if (replies[i].code == code)
            return &replies[i];
    }
    return NULL;
}

const struct reply_text *reply_text_at(size_t index)
{
    return index < REPLY_COUNT ? &replies[index] : NULL;
}

const char *reply_title(int code)
{
    const struct reply_words *words = reply_words(code);
    const struct reply_text *reply = reply_text_by_code(code);
    return words ? words->text : reply ? reply->title : N_("no RFC defines this code");
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

bool reply_has_rule(int code, const char *rule)
{
    const struct reply_text *reply = reply_text_by_code(code);
    return reply && has_word(reply->rules, rule);
}

static void put_class(struct writer *writer, int code)
{
    char text[300];
    size_t second = (size_t)(code / 10 % 10);
    const char *about = second < SECOND_DIGIT_COUNT
                            ? second_digits[second]
                            : N_("not allowed, RFC 5321 4.2 has 0 to 5 as second digit");
    /* Translators: 5yz: permanent refusal (x0z: about the form of commands) */
    const char *format = in_language(writer, N_("%dyz: %s (x%zuz: %s)"));
    snprintf(text, sizeof text, format, code / 100, in_language(writer, reply_class(code)->name),
             second, in_language(writer, about));
    begin_field(writer, N_("Class"));
    put_marked(writer, text);
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
            begin_field(writer, N_("Rules"));
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
    put_heading(writer, name, in_language(writer, N_("(no RFC defines this code)")));
    put_class(writer, code);
    put_field(writer, N_("Meaning"),
              N_("No RFC gives this code a meaning in SMTP. A client may go by its first digit "
                 "alone, and the server's text says the rest."));
    begin_field(writer, N_("Fix"));
    put_marked(writer, in_language(writer, reply_class(code)->fix));
    end_text(writer);
    put_field(writer, "RFC", "RFC 5321 4.2.1, 4.3.2");
    put_field(writer, N_("Rules"), "reply-code-unexpected");
}

static void put_left_out(struct writer *writer, int code)
{
    for (size_t i = 0; i < EXAMPLE_COUNT; i++)
        if (examples[i].code == code && examples[i].left_out)
            put_field(writer, N_("Left out"), examples[i].left_out);
}

static void put_examples(struct writer *writer, int code)
{
    for (size_t i = 0; i < EXAMPLE_COUNT; i++)
        if (examples[i].code == code) {
            put_dialogue(writer, N_("Draws it:"), smtpseq_rules[examples[i].rule].before);
            put_dialogue(writer, N_("Put right:"), smtpseq_rules[examples[i].rule].after);
        }
}

/* The documents about a code, the one that has its words first: "RFC 5321 4.2.3, 3.4". */
static void put_documents(struct writer *writer, const struct reply_text *reply)
{
    const struct reply_words *words = reply_words(reply->code);
    const char *rest = reply->rfc;
    const size_t name = strlen("RFC 5321 ");
    begin_field(writer, "RFC");
    if (words && !strstr(rest, words->rfc)) {
        put_text(writer, words->rfc);
        put_mark(writer, ',');
        rest += strncmp(rest, words->rfc, name) == 0 ? name : 0;
    }
    put_text(writer, rest);
    end_text(writer);
}

void put_reply(struct writer *writer, int code)
{
    const struct reply_text *reply = reply_text_by_code(code);
    if (!reply) {
        put_undefined_code(writer, code);
        return;
    }
    /* What the RFC says stays as servers say it. */
    const struct reply_words *words = reply_words(code);
    const char *title = in_language(writer, reply->title);
    put_heading(writer, reply->digits, words ? words->text : title);
    if (words && strcmp(words->text, title) != 0)
        put_field(writer, N_("In short"), reply->title);
    put_class(writer, code);
    put_left_out(writer, code);
    put_field(writer, N_("Meaning"), reply->meaning);
    put_field(writer, N_("When"), reply->when);
    put_field(writer, N_("Fix"), reply->fix);
    put_documents(writer, reply);
    put_related_rules(writer, reply->rules);
    put_examples(writer, code);
}
