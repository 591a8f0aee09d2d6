/* check_machine.c - the table of the two grammars, and what the machine does with it. */
#include <stdio.h>

#include "session/machine.h"
#include "suite.h"

/* Plays a session written in one line: commands with "_" for a blank, each with its outcome: + 2yz,
 * > 3yz, - 4yz or 5yz, ? 500 or 502. "421": the server closes. */
static void play(struct machine *machine, const char *script)
{
    char copy[256], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", script);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        static const char signs[] = "+>-?";
        size_t length = strlen(word);
        if (strcmp(word, "421") == 0) {
            machine_close(machine);
            continue;
        }
        const char *sign = strchr(signs, word[length - 1]);
        ck_assert_msg(sign != NULL, "%s: no outcome", word);
        word[length - 1] = '\0';
        for (char *c = word; *c; c++)
            *c = *c == '_' ? ' ' : *c;
        int command = 0;
        while (command < COMMAND_COUNT && strcmp(word, command_name((enum command)command)) != 0)
            command++;
        ck_assert_msg(command < COMMAND_COUNT, "no command '%s'", word);
        machine_play(machine, (enum command)command, (enum outcome)(sign - signs));
    }
}

static const struct {
    const char *script;
    enum session_state state;
} transitions[] = {
    {"", STATE_CONNECT},
    {"CONNECT+", STATE_GREETED},
    {"CONNECT-", STATE_REJECTED},
    {"CONNECT>", STATE_REJECTED}, /* no greeting begins with 3 */
    {"CONNECT+ NOOP+ VRFY> EXPN- HELP+ RSET+", STATE_GREETED},
    {"CONNECT+ ETRN+ XFORWARD+ XCLIENT+", STATE_GREETED},
    {"CONNECT+ EHLO-", STATE_GREETED},
    {"CONNECT+ EHLO?", STATE_GREETED},
    {"CONNECT+ EHLO? HELO+", STATE_READY},
    {"CONNECT+ LHLO+", STATE_READY},
    {"CONNECT+ EHLO+ EHLO+", STATE_READY},
    {"CONNECT+ EHLO+ EHLO-", STATE_READY},
    {"CONNECT+ EHLO+ AUTH+", STATE_READY},
    {"CONNECT+ EHLO+ AUTH-", STATE_READY},
    {"CONNECT+ EHLO+ XCLIENT+", STATE_GREETED},
    {"CONNECT+ EHLO+ XCLIENT-", STATE_READY},
    {"CONNECT+ EHLO+ STARTTLS+", STATE_SECURED},
    {"CONNECT+ EHLO+ STARTTLS-", STATE_READY},
    {"CONNECT+ EHLO+ STARTTLS+ EHLO+", STATE_READY},
    {"CONNECT+ EHLO+ STARTTLS+ MAIL-", STATE_SECURED},
    {"CONNECT+ EHLO+ MAIL+", STATE_MAIL},
    {"CONNECT+ EHLO+ SEND+", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL-", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RCPT-", STATE_REFUSED},
    {"CONNECT+ EHLO+ MAIL+ RCPT- RCPT?", STATE_REFUSED},
    {"CONNECT+ EHLO+ MAIL+ RCPT- RCPT+", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ RCPT-", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA>", STATE_CONTENT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA+", STATE_RCPT}, /* 250 to DATA: nothing has begun */
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA-", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA> .+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA> .-", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ XEXCH50>", STATE_EXCH50},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ XEXCH50-", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ XEXCH50> .+", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ XEXCH50> .- DATA>", STATE_CONTENT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA> .+ MAIL+", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+", STATE_BDAT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT-", STATE_BDAT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT?", STATE_RCPT}, /* the server has no BDAT */
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+ BDAT+", STATE_BDAT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+ BDAT_LAST+", STATE_CHUNKED},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT_LAST+", STATE_CHUNKED},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT_LAST-", STATE_CHUNKED},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BURL_LAST+", STATE_CHUNKED},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT_LAST+ MAIL+", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT_LAST+ NOOP+", STATE_CHUNKED},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT_LAST+ RSET+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RSET+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RSET-", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ RCPT- RSET+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ RSET+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+ RSET+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ EHLO+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ EHLO-", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ NOOP+ VRFY+ EXPN> HELP-", STATE_MAIL},
    {"CONNECT+ QUIT+", STATE_QUIT},
    {"CONNECT+ QUIT-", STATE_GREETED},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ QUIT-", STATE_RCPT},
    {"CONNECT- QUIT+", STATE_QUIT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+ QUIT+", STATE_QUIT},
    {"CONNECT+ EHLO+ ATRN+", STATE_QUIT},
    {"CONNECT+ EHLO+ TURN-", STATE_READY},
    {"CONNECT+ 421", STATE_SHUT},
    {"CONNECT- 421", STATE_SHUT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA> 421", STATE_SHUT},
    {"CONNECT+ QUIT+ 421 421", STATE_SHUT},
    {"CONNECT+ 421 QUIT+", STATE_SHUT},
};

START_TEST(session_reaches_its_state)
{
    struct machine machine = machine_start(false);
    play(&machine, transitions[_i].script);
    enum session_state state = machine_state(&machine);
    ck_assert_msg(state == transitions[_i].state, "'%s' ends in %s", transitions[_i].script,
                  state_symbol(state));
}
END_TEST

/* What a lenient server accepts, and that a refusal changes nothing. */
static const struct {
    const char *script;
    enum session_state state;
} tolerated[] = {
    {"CONNECT+ MAIL+", STATE_MAIL},
    {"CONNECT+ MAIL-", STATE_GREETED},
    {"CONNECT+ RCPT+", STATE_RCPT},
    {"CONNECT+ DATA>", STATE_CONTENT},
    {"CONNECT+ DATA+", STATE_GREETED},
    {"CONNECT+ AUTH+", STATE_GREETED},
    {"CONNECT+ STARTTLS+", STATE_SECURED},
    {"CONNECT+ STARTTLS>", STATE_GREETED}, /* neither a yes nor a no */
    {"CONNECT+ RCPT>", STATE_GREETED},
    {"CONNECT+ EHLO+ MAIL+ STARTTLS>", STATE_MAIL},
    {"CONNECT+ BDAT+", STATE_BDAT},
    {"CONNECT+ EHLO+ BDAT_LAST+", STATE_CHUNKED},
    {"CONNECT+ BDAT_LAST+", STATE_GREETED}, /* it is over, and still without a hello */
    {"CONNECT+ MAIL+ RSET+", STATE_GREETED},
    {"CONNECT+ MAIL+ RCPT+ DATA> .+", STATE_GREETED},
    {"CONNECT+ MAIL+ EHLO+", STATE_READY},
    {"CONNECT+ EHLO+ STARTTLS+ MAIL+ RSET+", STATE_SECURED},
    {"CONNECT+ EHLO+ STARTTLS+ MAIL+", STATE_MAIL},
    {"CONNECT+ EHLO+ RCPT+", STATE_RCPT},
    {"CONNECT+ EHLO+ DATA>", STATE_CONTENT},
    {"CONNECT+ EHLO+ unknown_command+", STATE_READY},
    {"CONNECT+ EHLO+ .+", STATE_READY},
    {"CONNECT+ EHLO+ MAIL+ MAIL+", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ MAIL-", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ MAIL+", STATE_MAIL}, /* starts over: no recipients */
    {"CONNECT+ EHLO+ MAIL+ RCPT+ MAIL-", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ RCPT- MAIL+", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ DATA>", STATE_CONTENT},
    {"CONNECT+ EHLO+ MAIL+ DATA-", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ RCPT- DATA>", STATE_CONTENT},
    {"CONNECT+ EHLO+ MAIL+ RCPT- DATA+", STATE_REFUSED},
    {"CONNECT+ EHLO+ MAIL+ BDAT+", STATE_BDAT},
    {"CONNECT+ EHLO+ MAIL+ AUTH+", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ AUTH>", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ STARTTLS+", STATE_SECURED},
    {"CONNECT+ EHLO+ MAIL+ STARTTLS-", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ ETRN+", STATE_RCPT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+ DATA>", STATE_CONTENT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+ MAIL+", STATE_MAIL},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+ RCPT+", STATE_BDAT},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT_LAST+ BDAT_LAST+", STATE_CHUNKED},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA> MAIL+", STATE_CONTENT}, /* it would be message */
    {"CONNECT- EHLO+", STATE_REJECTED},
    {"CONNECT+ QUIT+ NOOP+", STATE_QUIT},
    {"CONNECT+ QUIT+ DATA>", STATE_QUIT},
    {"CONNECT+ 421 MAIL+", STATE_SHUT},
    {"MAIL+", STATE_CONNECT},
};

START_TEST(lenient_server_moves_the_session)
{
    struct machine machine = machine_start(false);
    play(&machine, tolerated[_i].script);
    enum session_state state = machine_state(&machine);
    ck_assert_msg(state == tolerated[_i].state, "'%s' ends in %s", tolerated[_i].script,
                  state_symbol(state));
}
END_TEST

static const struct {
    const char *script;
    bool encrypted;
    enum security_state state;
} securities[] = {
    {"", false, SECURITY_STATE_PLAIN},
    {"", true, SECURITY_STATE_ENCRYPTED},
    {"CONNECT+ EHLO+ AUTH+", false, SECURITY_STATE_AUTHENTICATED},
    {"CONNECT+ EHLO+ AUTH-", false, SECURITY_STATE_PLAIN},
    {"CONNECT+ EHLO+ AUTH- AUTH+", false, SECURITY_STATE_AUTHENTICATED},
    {"CONNECT+ EHLO+ STARTTLS+", false, SECURITY_STATE_ENCRYPTED},
    {"CONNECT+ EHLO+ STARTTLS- AUTH+", false, SECURITY_STATE_AUTHENTICATED},
    {"CONNECT+ EHLO+ AUTH+ STARTTLS+", false, SECURITY_STATE_ENCRYPTED}, /* RFC 3207 4.2 */
    {"CONNECT+ EHLO+ STARTTLS+ EHLO+ AUTH+", false, SECURITY_STATE_BOTH},
    {"CONNECT+ EHLO+ AUTH+ AUTH+", false, SECURITY_STATE_AUTHENTICATED},
    {"CONNECT+ EHLO+ AUTH+ AUTH-", false, SECURITY_STATE_AUTHENTICATED},
    {"CONNECT+ EHLO+ STARTTLS+ EHLO+ STARTTLS+", false, SECURITY_STATE_ENCRYPTED},
    {"CONNECT+ EHLO+ STARTTLS+ EHLO+ AUTH+ STARTTLS+", false, SECURITY_STATE_ENCRYPTED},
    {"CONNECT+ EHLO+ STARTTLS+ EHLO+ AUTH+ STARTTLS-", false, SECURITY_STATE_BOTH},
    {"CONNECT+ EHLO+ AUTH+", true, SECURITY_STATE_BOTH},
};

START_TEST(tls_and_user_are_remembered)
{
    struct machine machine = machine_start(securities[_i].encrypted);
    play(&machine, securities[_i].script);
    ck_assert_msg(machine_security(&machine) == securities[_i].state, "'%s': %d",
                  securities[_i].script, machine_security(&machine));
    bool user = securities[_i].state == SECURITY_STATE_AUTHENTICATED ||
                securities[_i].state == SECURITY_STATE_BOTH;
    bool tls = securities[_i].state == SECURITY_STATE_ENCRYPTED ||
               securities[_i].state == SECURITY_STATE_BOTH;
    command_set expected = machine_table.security_expected[machine_security(&machine)];
    ck_assert_msg(!(expected & COMMAND_BIT(COMMAND_AUTH)) == user, "%s", securities[_i].script);
    ck_assert_msg(!(expected & COMMAND_BIT(COMMAND_STARTTLS)) == tls, "%s", securities[_i].script);
}
END_TEST

/* In order in every state after the greeting (RFC 5321 4.1.4). */
#define ANYTIME "NOOP,VRFY,EXPN,HELP"

/* The lists of expected commands, in the order in which a finding shows them. */
static const struct {
    const char *script, *expected;
} lists[] = {
    {"", "CONNECT"},
    {"CONNECT+", "EHLO,HELO,LHLO,RSET,QUIT," ANYTIME ",ETRN,ATRN,TURN,XCLIENT,XFORWARD"},
    {"CONNECT+ EHLO+ STARTTLS+", "EHLO,HELO,LHLO,RSET,QUIT," ANYTIME},
    {"CONNECT+ EHLO+", "MAIL,RSET,QUIT,EHLO,HELO,LHLO,AUTH,STARTTLS," ANYTIME ",ETRN,ATRN,TURN,"
                       "XCLIENT,XFORWARD,SEND,SOML,SAML"},
    {"CONNECT+ EHLO+ AUTH+", "MAIL,RSET,QUIT,EHLO,HELO,LHLO,STARTTLS," ANYTIME ",ETRN,ATRN,TURN,"
                             "XCLIENT,XFORWARD,SEND,SOML,SAML"},
    {"CONNECT+ EHLO+ MAIL+", "RCPT,RSET,QUIT,EHLO,HELO,LHLO," ANYTIME},
    {"CONNECT+ EHLO+ MAIL+ RCPT-", "RCPT,RSET,QUIT,EHLO,HELO,LHLO," ANYTIME},
    {"CONNECT+ EHLO+ MAIL+ RCPT+",
     "RCPT,DATA,BDAT,BDAT LAST,RSET,QUIT,EHLO,HELO,LHLO," ANYTIME ",BURL,BURL LAST,XEXCH50"},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ DATA>", "."},
    {"CONNECT+ EHLO+ MAIL+ RCPT+ BDAT+",
     "BDAT,BDAT LAST,RSET,QUIT,EHLO,HELO,LHLO," ANYTIME ",BURL,BURL LAST"},
    {"CONNECT-", "QUIT"},
    {"CONNECT+ QUIT+", ""},
    {"CONNECT+ 421", "QUIT"},
};

START_TEST(expected_commands_are_listed)
{
    struct machine machine = machine_start(false);
    play(&machine, lists[_i].script);
    enum command list[COMMAND_COUNT];
    size_t count = command_set_list(machine_expects(&machine), list, COMMAND_COUNT);
    char text[512] = "";
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "," : "",
                 command_name(list[i]));
    ck_assert_msg(strcmp(text, lists[_i].expected) == 0, "'%s': %s", lists[_i].script, text);
}
END_TEST

START_TEST(list_stops_at_the_end_of_its_array)
{
    enum command list[2] = {COMMAND_UNKNOWN, COMMAND_UNKNOWN};
    command_set set =
        COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_RSET) | COMMAND_BIT(COMMAND_QUIT);
    ck_assert_uint_eq(command_set_list(set, list, 2), 2);
    ck_assert_int_eq(list[0], COMMAND_MAIL);
    ck_assert_int_eq(list[1], COMMAND_RSET);
    ck_assert_uint_eq(command_set_list(0, list, 2), 0);
}
END_TEST

static const struct {
    enum command command;
    enum session_state state;
} entries[] = {
    {COMMAND_EHLO, STATE_GREETED},        {COMMAND_MAIL, STATE_READY},
    {COMMAND_RCPT, STATE_MAIL},           {COMMAND_DATA, STATE_RCPT},
    {COMMAND_BDAT, STATE_RCPT},           {COMMAND_BDAT_LAST, STATE_RCPT},
    {COMMAND_END_OF_DATA, STATE_CONTENT}, {COMMAND_RSET, STATE_READY},
    {COMMAND_QUIT, STATE_READY},          {COMMAND_AUTH, STATE_READY},
    {COMMAND_NOOP, STATE_READY},          {COMMAND_STARTTLS, STATE_READY},
};

/* If a recording begins in the middle, its first command is assumed to be in order. */
START_TEST(machine_is_entered_where_the_command_is_in_order)
{
    struct machine machine = machine_start(false);
    machine_enter(&machine, entries[_i].command);
    ck_assert_msg(machine_state(&machine) == entries[_i].state, "%s: %s",
                  command_name(entries[_i].command), state_symbol(machine_state(&machine)));
    ck_assert(machine_expects(&machine) & COMMAND_BIT(entries[_i].command));
}
END_TEST

/* Any command with any outcome in any order leads to a state, and never back to the beginning. */
START_TEST(machine_survives_any_session)
{
    struct machine machine = machine_start(_i % 2 == 1);
    uint32_t random = (uint32_t)_i * 2654435761u + 1;
    play(&machine, "CONNECT+");
    for (int step = 0; step < 20000; step++) {
        random = random * 1664525u + 1013904223u;
        enum command command = (enum command)(random >> 8) % COMMAND_COUNT;
        enum session_state before = machine_state(&machine);
        bool over = before == STATE_QUIT || before == STATE_SHUT || before == STATE_REJECTED;
        if (command == COMMAND_CONNECT || (over && random >> 28 == 0)) {
            machine = machine_start(false);
            play(&machine, "CONNECT+");
        } else if (random >> 24 == 0) {
            machine_close(&machine);
        } else {
            machine_play(&machine, command, (enum outcome)(random >> 16) % OUTCOME_COUNT);
        }
        ck_assert_msg(machine_state(&machine) != STATE_CONNECT, "%s in %s", command_name(command),
                      state_symbol(before));
    }
}
END_TEST

static const struct {
    int code;
    enum outcome outcome;
} codes[] = {
    {200, OUTCOME_OK},           {250, OUTCOME_OK},           {299, OUTCOME_OK},
    {334, OUTCOME_GO},           {354, OUTCOME_GO},           {421, OUTCOME_REFUSED},
    {450, OUTCOME_REFUSED},      {550, OUTCOME_REFUSED},      {503, OUTCOME_REFUSED},
    {500, OUTCOME_UNRECOGNIZED}, {502, OUTCOME_UNRECOGNIZED}, {501, OUTCOME_REFUSED},
    {999, OUTCOME_REFUSED},      {0, OUTCOME_REFUSED},        {199, OUTCOME_REFUSED},
};

START_TEST(code_stands_for_an_outcome)
{
    ck_assert_msg(outcome_of(codes[_i].code) == codes[_i].outcome, "%d", codes[_i].code);
}
END_TEST

/* The ten names that reports use. */
START_TEST(states_have_the_names_of_the_reports)
{
    static const char *const names[STATE_COUNT] = {
        "connect", "greeted", "greeted", "ready", "ready",    "mail",   "refused",
        "rcpt",    "content", "content", "bdat",  "rejected", "closed", "closed"};
    for (int i = 0; i < STATE_COUNT; i++)
        ck_assert_str_eq(state_name((enum session_state)i), names[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machine");
    TCase *order = tcase_create("order");
    tcase_add_loop_test(order, session_reaches_its_state, 0, ROWS(transitions));
    tcase_add_loop_test(order, lenient_server_moves_the_session, 0, ROWS(tolerated));
    tcase_add_loop_test(order, tls_and_user_are_remembered, 0, ROWS(securities));
    tcase_add_loop_test(order, expected_commands_are_listed, 0, ROWS(lists));
    tcase_add_test(order, list_stops_at_the_end_of_its_array);
    tcase_add_loop_test(order, machine_is_entered_where_the_command_is_in_order, 0, ROWS(entries));
    tcase_add_loop_test(order, machine_survives_any_session, 0, 8);
    suite_add_tcase(suite, order);
    TCase *names = tcase_create("names");
    tcase_add_loop_test(names, code_stands_for_an_outcome, 0, ROWS(codes));
    tcase_add_test(names, states_have_the_names_of_the_reports);
    suite_add_tcase(suite, names);
    return suite_run(suite);
}
