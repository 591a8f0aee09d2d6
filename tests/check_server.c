/* check_server.c - the tables of servers: wrong ones, the built-in ones, and their answers.
 */
#include "session/server.h"
#include "suite.h"

#define HEAD "server mine\nversion Mine 1.0\n"
#define ALWAYS                                                                                    \
    "always\n"                                                                                    \
    " HELO 250\n EHLO 250\n MAIL ok 250 -> mail\n MAIL refused recorded\n MAIL bad 501\n"         \
    " RCPT 503 \"need MAIL\"\n DATA 503\n BDAT 500\n BDAT LAST 500\n RSET 250 -> start\n"         \
    " NOOP 250\n VRFY 252\n EXPN 502\n HELP 214\n AUTH 502\n STARTTLS 502\n QUIT 221 -> closed\n" \
    " UNKNOWN 500\n"
#define STATES                                                                        \
    "state start\n"                                                                   \
    "state mail\n MAIL 503 \"nested # MAIL\"\n RCPT ok 250\n RCPT refused recorded\n" \
    " RCPT bad 501\n DATA 354 -> content\n"                                           \
    "state content\n . ok 250 -> start\n . refused 550 -> start\n"                    \
    "state closed\n"
#define WHOLE      HEAD ALWAYS STATES
#define DOCUMENTED "documented\nsource a A log\nstate start\n"

static const struct {
    const char *name, *text, *error;
} broken[] = {
    {"empty", "", "mine.server:0: the line 'server NAME' is missing"},
    {"no state", HEAD ALWAYS, "mine.server:21: there is no state"},
    {"unknown state", HEAD ALWAYS "state start\n", "mine.server:6: there is no state 'mail'"},
    {"unreachable state", WHOLE "state lost\n", "mine.server:33: nothing leads to state 'lost'"},
    {"state twice", WHOLE "state mail\n",
     "mine.server:33: state 'mail' was described at line 23 already"},
    {"row twice", HEAD ALWAYS "state start\n NOOP 250\n NOOP 250\n",
     "mine.server:24: NOOP has a row at line 23 already"},
    {"unknown command", HEAD "always\n JUMP 250\n", "mine.server:4: there is no event 'JUMP'"},
    {"unknown outcome", HEAD "always\n DATA ok 250\n",
     "mine.server:4: there is no event 'DATA ok'"},
    {"no code", HEAD "always\n NOOP ok\n", "mine.server:4: there is no event 'NOOP ok'"},
    {"wrong code", HEAD "always\n NOOP 999\n",
     "mine.server:4: '999' is neither a reply code, 'recorded', 'unmeasured' nor 'none'"},
    {"text without quotes", HEAD "always\n NOOP 250 fine\n",
     "mine.server:4: what is 'fine' to mean? a text stands in quotes"},
    {"arrow to nowhere", HEAD "always\n NOOP 250 ->\n",
     "mine.server:4: '->' wants the name of a state"},
    {"row before a state", HEAD " NOOP 250\n",
     "mine.server:3: a row stands before 'always' and the first state"},
    {"state that says nothing of a command", HEAD "state start\n NOOP 250\n",
     "mine.server:3: state 'start' has no row for HELO ok"},
    {"pipelined twice in a state", WHOLE "pipelined\n",
     "mine.server:33: 'pipelined' stands before the first state"},
    {"unknown pipelined command", HEAD "pipelined\n MAIL,JUMP 554\n",
     "mine.server:4: there is no command 'JUMP'"},
    {"pipelined after something else", HEAD "pipelined\n after MAIL 554\n",
     "mine.server:4: 'after' wants . or STARTTLS"},
    {"pipelined to nowhere", HEAD "pipelined\n MAIL 554 -> lost\n" ALWAYS STATES,
     "mine.server:4: there is no state 'lost'"},
    {"documented row without source", HEAD DOCUMENTED " NOOP 250 \"ok [a]\"\n",
     "mine.server:6: which source says so? its key stands in []"},
    {"unknown source", HEAD DOCUMENTED " NOOP 250 [b]\n", "mine.server:6: there is no source 'b'"},
    {"source without a place", HEAD "source a\n",
     "mine.server:3: a source wants a key and where to find it"},
};

START_TEST(broken_table_is_refused)
{
    char error[256] = "";
    struct server_table *table =
        server_table_parse("mine.server", slice_of(broken[_i].text), NULL, error, sizeof error);
    ck_assert_msg(!table, "%s: taken", broken[_i].name);
    ck_assert_str_eq(error, broken[_i].error);
}
END_TEST

START_TEST(complete_table_is_read)
{
    char error[256] = "";
    struct server_table *table =
        server_table_parse("mine.server", slice_of(WHOLE), NULL, error, sizeof error);
    ck_assert_msg(table, "%s", error);
    ck_assert_str_eq(table->name, "mine");
    ck_assert_uint_eq(table->state_count, 4);
    const struct server_row *nested = &table->states[1].rows[SERVER_MAIL_OK];
    ck_assert_int_eq(nested->code, 503);
    ck_assert(slice_equal(nested->text, SLICE("nested # MAIL")));
    ck_assert(table->lacks[SERVER_BDAT]);
    ck_assert(!table->lacks[SERVER_DATA]);
    server_table_free(table);
}
END_TEST

START_TEST(documented_table_may_be_silent)
{
    char error[256] = "";
    struct server_table *table = server_table_parse(
        "mine.server", slice_of(HEAD DOCUMENTED " MAIL 503 [a]\n"), NULL, error, sizeof error);
    ck_assert_msg(table, "%s", error);
    ck_assert(table->documented);
    ck_assert_int_eq(table->states[0].rows[SERVER_MAIL_OK].code, 503);
    ck_assert_int_eq(table->states[0].rows[SERVER_RCPT_OK].code, SERVER_CODE_UNMEASURED);
    ck_assert(!table->lacks[SERVER_RCPT_OK]);
    server_table_free(table);
}
END_TEST

START_TEST(cut_table_does_no_harm)
{
    for (size_t size = 0; size < sizeof WHOLE; size++) {
        char error[256] = "";
        struct server_table *table = server_table_parse("mine.server", (struct slice){WHOLE, size},
                                                        NULL, error, sizeof error);
        ck_assert(table || error[0] != '\0');
        server_table_free(table);
    }
}
END_TEST

static size_t source_count(void)
{
    size_t count = 0;
    while (server_sources[count].name)
        count++;
    return count;
}

START_TEST(built_in_table_is_complete)
{
    const struct server_source *source = &server_sources[_i];
    char error[256] = "";
    struct server_table *table = server_table_parse(
        source->name, (struct slice){source->text, source->size}, NULL, error, sizeof error);
    ck_assert_msg(table, "%s", error);
    ck_assert_str_eq(table->name, source->name);
    ck_assert_uint_gt(table->version.size, 0);
    ck_assert_ptr_eq(server_source_by_name(source->name), source);
    server_table_free(table);
}
END_TEST

/* Plays "EHLO MAIL=552 RCPT" to the small table: each word a command, with the code of the
 * recording where it is no 250; and what it is to answer. A ! is a refusal for order. */
static const struct {
    enum command command;
    int recorded, code;
    bool for_order;
} played[] = {
    {COMMAND_CONNECT, 220, 250, false},
    {COMMAND_RCPT, 250, 503, true},
    {COMMAND_MAIL, 552, 552, false},
    {COMMAND_MAIL, 250, 250, false},
    {COMMAND_MAIL, 250, 503, true},
    {COMMAND_BDAT, 250, 500, false},
    {COMMAND_RCPT, 550, 550, false},
    {COMMAND_RCPT, 251, 250, false},
    {COMMAND_DATA, 503, 250, false},
    {COMMAND_DATA, 354, 503, true}, /* the message had followed */
    {COMMAND_QUIT, 221, 250, false},
    {COMMAND_NOOP, 250, PREDICTION_NO_ANSWER, false},
};

START_TEST(server_goes_its_own_way)
{
    char error[256] = "";
    struct server_table *table =
        server_table_parse("mine.server", slice_of(WHOLE), NULL, error, sizeof error);
    struct server_replay replay;
    server_start(&replay, table);
    for (size_t i = 0; i < sizeof played / sizeof played[0]; i++) {
        struct reply reply = {.line = i + 1, .code = played[i].recorded, .lines = 1};
        struct exchange exchange = {
            .command = played[i].command,
            .argument = played[i].command == COMMAND_MAIL   ? SLICE("FROM:<alice@example.com>")
                        : played[i].command == COMMAND_RCPT ? SLICE("TO:<bob@example.com>")
                                                            : SLICE("x"),
            .replies = &reply,
            .reply_count = 1,
        };
        struct verdict verdict = {.legal = true, .taken = played[i].recorded < 400};
        struct session session = {0};
        struct prediction said = server_predict(&replay, &exchange, &verdict, &session);
        ck_assert_msg(said.code == played[i].code, "step %zu: %d", i, said.code);
        ck_assert_msg(said.for_order == played[i].for_order, "step %zu: %d", i, said.code);
    }
    server_table_free(table);
}
END_TEST

#define TOGETHER                                                                          \
    "pipelined\n NOOP,VRFY 554\n RCPT helo 554\n DATA taken 554 -> closed\n after . 503 " \
    "\"late\"\n"                                                                          \
    " after STARTTLS none\n early 421 -> closed\n"

/* Plays commands in groups: `answered` as in struct exchange, `followed` by more before the reply. */
static const struct {
    enum command command;
    size_t answered;
    bool followed;
    int code;
} grouped[] = {
    {COMMAND_CONNECT, 0, false, 250},    {COMMAND_HELO, 1, false, 250},
    {COMMAND_RCPT, 2, true, 554}, /* without EHLO */
    {COMMAND_EHLO, 3, false, 250},       {COMMAND_RCPT, 4, true, 503},
    {COMMAND_MAIL, 4, true, 250},        {COMMAND_RCPT, 4, false, 250},
    {COMMAND_NOOP, 7, true, 554},        {COMMAND_DATA, 7, false, 250},
    {COMMAND_END_OF_DATA, 9, true, 250}, {COMMAND_MAIL, 9, true, 503}, /* after the dot */
    {COMMAND_DATA, 12, true, 503},                                     /* it would not be taken */
    {COMMAND_QUIT, 13, false, 250},
};

START_TEST(server_minds_pipelining)
{
    char error[256] = "";
    struct server_table *table = server_table_parse(
        "mine.server", slice_of(HEAD TOGETHER ALWAYS STATES), NULL, error, sizeof error);
    ck_assert_msg(table, "%s", error);
    struct server_replay replay;
    server_start(&replay, table);
    for (size_t i = 0; i < sizeof grouped / sizeof grouped[0]; i++) {
        struct reply reply = {.line = i + 1, .code = 250, .lines = 1};
        struct exchange exchange = {
            .command = grouped[i].command,
            .flags = grouped[i].followed ? EXCHANGE_FOLLOWED : 0,
            .number = i,
            .answered = grouped[i].answered,
            .argument = grouped[i].command == COMMAND_MAIL   ? SLICE("FROM:<alice@example.com>")
                        : grouped[i].command == COMMAND_RCPT ? SLICE("TO:<bob@example.com>")
                                                             : SLICE("x"),
            .replies = &reply,
            .reply_count = 1,
        };
        struct verdict verdict = {.legal = true, .taken = true};
        struct session session = {0};
        struct prediction said = server_predict(&replay, &exchange, &verdict, &session);
        ck_assert_msg(said.code == grouped[i].code, "step %zu: %d", i, said.code);
    }
    server_table_free(table);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server");
    TCase *tables = tcase_create("tables");
    tcase_add_loop_test(tables, broken_table_is_refused, 0, ROWS(broken));
    tcase_add_test(tables, complete_table_is_read);
    tcase_add_test(tables, documented_table_may_be_silent);
    tcase_add_test(tables, cut_table_does_no_harm);
    tcase_add_loop_test(tables, built_in_table_is_complete, 0, (int)source_count());
    tcase_add_test(tables, server_goes_its_own_way);
    tcase_add_test(tables, server_minds_pipelining);
    suite_add_tcase(suite, tables);
    return suite_run(suite);
}
