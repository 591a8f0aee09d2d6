/* check_registry.c - the rules' codes, names, texts and examples, and who is responsible for which
 * command out of order. */
#include <stdio.h>

#include "recorded.h"
#include "suite.h"
#include "to_come.h"

/* People have these names in their settings: lines may only be added at the end. */
static const char *const names[] = {
    "mail-before-hello",
    "nested-mail",
    "rcpt-before-mail",
    "data-before-mail",
    "data-before-rcpt",
    "data-without-valid-rcpt",
    "bdat-before-mail",
    "bdat-before-rcpt",
    "data-after-bdat",
    "mail-after-bdat",
    "rcpt-after-bdat",
    "bdat-after-last",
    "auth-before-hello",
    "auth-in-transaction",
    "auth-twice",
    "starttls-before-hello",
    "starttls-in-transaction",
    "starttls-twice",
    "no-hello-after-starttls",
    "command-after-quit",
    "command-after-421",
    "command-before-greeting",
    "command-after-rejected-greeting",
    "message-without-data",
    "extension-in-transaction",
    "pipelining-not-offered",
    "pipelined-past-sync-point",
    "starttls-injection",
    "refused-in-pipeline",
    "auth-not-offered",
    "starttls-not-offered",
    "bdat-not-offered",
    "parameter-not-offered",
    "transaction-abandoned",
    "unexpected-503",
    "reply-code-unexpected",
    "reply-missing",
    "reply-extra",
    "reply-mixed-codes",
    "reply-malformed",
    "session-truncated",
    "forward-251",
    "moved-551",
    "forward-path-missing",
    "unverified-252",
    "unknown-command",
    "malformed-command",
    "line-too-long",
    "bare-newline",
    "smuggled-end-of-data",
    "auth-without-tls",
    "credentials-in-transcript",
    "refused-by-server",
    "unreadable-session",
    "login-required",
    "starttls-required",
    "extension-not-offered",
    "reply-before-tls",
    "plaintext-after-starttls",
    "foreign-protocol",
    "xexch50-before-rcpt",
    "reply-too-late",
    "gave-up-early",
};

START_TEST(every_rule_is_listed)
{
    ck_assert_uint_eq(smtpseq_rule_count, sizeof names / sizeof names[0]);
}
END_TEST

START_TEST(code_and_name_stay)
{
    char code[16];
    snprintf(code, sizeof code, "SQ%03d", _i + 1);
    ck_assert_str_eq(smtpseq_rules[_i].code, code);
    ck_assert_str_eq(smtpseq_rules[_i].name, names[_i]);
    for (int i = 0; i < _i; i++)
        ck_assert_str_ne(smtpseq_rules[i].name, names[_i]);
}
END_TEST

START_TEST(rule_is_found_by_name_and_code)
{
    const struct rule *rule = &smtpseq_rules[_i];
    char lower[16];
    snprintf(lower, sizeof lower, "sq%03d", _i + 1);
    ck_assert_ptr_eq(rule_by_name(rule->name), rule);
    ck_assert_ptr_eq(rule_by_name(rule->code), rule);
    ck_assert_ptr_eq(rule_by_name(lower), rule);
}
END_TEST

START_TEST(no_other_name_finds_a_rule)
{
    static const char *const unknown[] = {"",       "SQ",           "SQ000",      "SQ0001",
                                          "nested", "nested-mail ", "nested mail"};
    for (int i = 0; i < ROWS(unknown); i++)
        ck_assert_msg(rule_by_name(unknown[i]) == NULL, "found '%s'", unknown[i]);
}
END_TEST

/* Texts are ASCII, so that every terminal and log shows them, and not empty. */
static void assert_text(const struct rule *rule, const char *what, const char *text)
{
    ck_assert_msg(text && *text, "%s: no %s", rule->name, what);
    for (const char *c = text; *c; c++)
        ck_assert_msg((*c >= ' ' && *c <= '~') || *c == '\n', "%s: %s has octet %d", rule->name,
                      what, (unsigned char)*c);
}

START_TEST(texts_are_there)
{
    const struct rule *rule = &smtpseq_rules[_i];
    assert_text(rule, "title", rule->title);
    assert_text(rule, "what", rule->what);
    assert_text(rule, "when", rule->when);
    assert_text(rule, "fix", rule->fix);
    assert_text(rule, "did", rule->did);
    assert_text(rule, "rfc", rule->rfc);
    assert_text(rule, "before", rule->before);
    assert_text(rule, "after", rule->after);
    ck_assert_msg(strncmp(rule->rfc, "RFC ", 4) == 0, "%s: rfc is '%s'", rule->name, rule->rfc);
    ck_assert_msg(strchr(rule->title, '\n') == NULL, "%s: title of two lines", rule->name);
    ck_assert_msg(rule->severity < SEVERITY_COUNT && rule->fault < FAULT_COUNT, "%s", rule->name);
    ck_assert_msg((rule->states == 0) == (rule->commands == 0),
                  "%s: states without commands, or commands without states", rule->name);
}
END_TEST

static bool draws(const char *dialogue, const char *rule, char **findings)
{
    char line[80];
    snprintf(line, sizeof line, "\n%s ", rule);
    free(*findings);
    *findings = recorded_findings(slice_of(dialogue));
    return strncmp(*findings, line + 1, strlen(line + 1)) == 0 || strstr(*findings, line) != NULL;
}

/* Returns an example as a file, owned by the caller: with a line end, and with a long line in
 * place of "[...]". */
static char *as_file(const char *example)
{
    char *text = NULL;
    const char *cut = strstr(example, " [...]</p>");
    int written = cut ? asprintf(&text, "%.*s%*d%s\n", (int)(cut - example), example, 1400, 0,
                                 cut + strlen(" [...]"))
                      : asprintf(&text, "%s\n", example);
    ck_assert_int_gt(written, 0);
    return text;
}

/* The examples of `smtpseq explain` must draw what it says in `smtpseq check`. */
START_TEST(examples_are_true)
{
    const struct rule *rule = &smtpseq_rules[_i];
    char *findings = NULL;
    if (is_to_come(rule->name))
        return;
    char *before = as_file(rule->before), *after = as_file(rule->after);
    ck_assert_msg(draws(before, rule->name, &findings), "%s: 'before' draws\n%s", rule->name,
                  findings);
    ck_assert_msg(!draws(after, rule->name, &findings), "%s: 'after' draws\n%s", rule->name,
                  findings);
    ck_assert_msg(strcmp(findings, "clean\n") == 0 || rule->severity == SEVERITY_NOTE,
                  "%s: 'after' is to be put right, but draws\n%s", rule->name, findings);
    free(findings);
    free(before);
    free(after);
}
END_TEST

START_TEST(severities_and_faults_have_names)
{
    ck_assert_str_eq(severity_name(SEVERITY_NOTE), "note");
    ck_assert_str_eq(severity_name(SEVERITY_WARNING), "warning");
    ck_assert_str_eq(severity_name(SEVERITY_ERROR), "error");
    ck_assert_str_eq(fault_name(FAULT_CLIENT), "client");
    ck_assert_str_eq(fault_name(FAULT_SERVER), "server");
    ck_assert_str_eq(fault_name(FAULT_RECORDING), "recording");
}
END_TEST

/* Rules with this state and this command; *last is set to one of them. */
static int count_rules(uint32_t states, enum command command, const struct rule **last)
{
    int count = 0;
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        if ((smtpseq_rules[i].states & states) &&
            (smtpseq_rules[i].commands & COMMAND_BIT(command))) {
            *last = &smtpseq_rules[i];
            count++;
        }
    return count;
}

/* A rule stands at a command in a state exactly when it is out of order there is proved from the
 * automaton by grammar/shape.py; here only that no two rows claim the same. */
START_TEST(no_two_rules_claim_the_same_command)
{
    static const uint32_t secure[] = {RULE_STATE_AUTHENTICATED, RULE_STATE_ENCRYPTED};
    for (int command = 0; command < COMMAND_COUNT; command++) {
        const struct rule *rule = NULL;
        for (int state = 0; state < STATE_COUNT; state++)
            ck_assert_msg(count_rules(UINT32_C(1) << state, (enum command)command, &rule) <= 1,
                          "%s in %s: %s and another", command_name((enum command)command),
                          state_symbol((enum session_state)state), rule->name);
        for (int i = 0; i < ROWS(secure); i++)
            ck_assert_msg(count_rules(secure[i], (enum command)command, &rule) <= 1,
                          "%s: %s and another", command_name((enum command)command), rule->name);
    }
}
END_TEST

static const struct {
    enum session_state state;
    enum security_state security;
    enum command command;
    const char *rule; /* NULL: none */
} lookups[] = {
    {STATE_GREETED, SECURITY_STATE_PLAIN, COMMAND_MAIL, "mail-before-hello"},
    {STATE_SECURED, SECURITY_STATE_ENCRYPTED, COMMAND_MAIL, "no-hello-after-starttls"},
    {STATE_SECURED, SECURITY_STATE_ENCRYPTED, COMMAND_STARTTLS, "starttls-twice"},
    {STATE_MAIL, SECURITY_STATE_PLAIN, COMMAND_MAIL, "nested-mail"},
    {STATE_REFUSED, SECURITY_STATE_PLAIN, COMMAND_SAML, "nested-mail"},
    {STATE_BDAT, SECURITY_STATE_PLAIN, COMMAND_MAIL, "mail-after-bdat"},
    {STATE_MAIL, SECURITY_STATE_PLAIN, COMMAND_DATA, "data-before-rcpt"},
    {STATE_REFUSED, SECURITY_STATE_PLAIN, COMMAND_DATA, "data-without-valid-rcpt"},
    {STATE_CHUNKED, SECURITY_STATE_PLAIN, COMMAND_BDAT_LAST, "bdat-after-last"},
    {STATE_READY, SECURITY_STATE_PLAIN, COMMAND_BDAT_LAST, "bdat-before-mail"},
    {STATE_READY, SECURITY_STATE_AUTHENTICATED, COMMAND_AUTH, "auth-twice"},
    {STATE_RCPT, SECURITY_STATE_BOTH, COMMAND_AUTH, "auth-twice"}, /* the more specific reason */
    {STATE_RCPT, SECURITY_STATE_PLAIN, COMMAND_AUTH, "auth-in-transaction"},
    {STATE_READY, SECURITY_STATE_BOTH, COMMAND_STARTTLS, "starttls-twice"},
    {STATE_QUIT, SECURITY_STATE_BOTH, COMMAND_AUTH, "command-after-quit"},
    {STATE_SHUT, SECURITY_STATE_PLAIN, COMMAND_UNKNOWN, "command-after-421"},
    {STATE_SHUT, SECURITY_STATE_PLAIN, COMMAND_QUIT, NULL},
    {STATE_READY, SECURITY_STATE_PLAIN, COMMAND_MAIL, NULL},
    {STATE_CONTENT, SECURITY_STATE_PLAIN, COMMAND_MAIL, NULL},
};

START_TEST(most_specific_rule_of_order_is_found)
{
    const struct rule *rule =
        rule_of_order(lookups[_i].state, lookups[_i].security, lookups[_i].command);
    const char *name = rule ? rule->name : "none";
    ck_assert_msg(strcmp(name, lookups[_i].rule ? lookups[_i].rule : "none") == 0, "%s in %s: %s",
                  command_name(lookups[_i].command), state_symbol(lookups[_i].state), name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("registry");
    TCase *rows = tcase_create("rows");
    tcase_add_test(rows, every_rule_is_listed);
    tcase_add_loop_test(rows, code_and_name_stay, 0, ROWS(names));
    tcase_add_loop_test(rows, rule_is_found_by_name_and_code, 0, ROWS(names));
    tcase_add_test(rows, no_other_name_finds_a_rule);
    tcase_add_loop_test(rows, texts_are_there, 0, RULE_COUNT);
    tcase_add_loop_test(rows, examples_are_true, 0, RULE_COUNT);
    tcase_add_test(rows, severities_and_faults_have_names);
    suite_add_tcase(suite, rows);
    TCase *order = tcase_create("order");
    tcase_add_test(order, no_two_rules_claim_the_same_command);
    tcase_add_loop_test(order, most_specific_rule_of_order_is_found, 0, ROWS(lookups));
    suite_add_tcase(suite, order);
    return suite_run(suite);
}
