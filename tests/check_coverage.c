/* check_coverage.c - the transitions of the grammars, and the counts of those taken. */
#include <glob.h>
#include <stdio.h>
#include <unistd.h>

#include "coverage/coverage.h"
#include "recorded.h"
#include "suite.h"

/* The next state of a command, by outcome: 2yz, 3yz, 4yz or 5yz, 500 or 502. Written by hand
 * from the RFCs. */
static const struct {
    enum session_state state;
    enum command command;
    enum session_state next[OUTCOME_COUNT];
} rows[] = {
#define ROW(state, command, a, b, c, d)                \
    {                                                  \
        STATE_##state, COMMAND_##command,              \
        {                                              \
            STATE_##a, STATE_##b, STATE_##c, STATE_##d \
        }                                              \
    }
    ROW(CONNECT, CONNECT, GREETED, REJECTED, REJECTED, REJECTED),
    ROW(GREETED, EHLO, READY, GREETED, GREETED, GREETED),
    ROW(GREETED, RSET, GREETED, GREETED, GREETED, GREETED),
    ROW(SECURED, HELO, READY, SECURED, SECURED, SECURED),
    ROW(READY, STARTTLS, SECURED, READY, READY, READY),
    ROW(READY, MAIL, MAIL, READY, READY, READY),
    ROW(CHUNKED, MAIL, MAIL, CHUNKED, CHUNKED, CHUNKED),
    ROW(MAIL, RCPT, RCPT, REFUSED, REFUSED, REFUSED),
    ROW(REFUSED, RCPT, RCPT, REFUSED, REFUSED, REFUSED),
    ROW(RCPT, RCPT, RCPT, RCPT, RCPT, RCPT),
    ROW(RCPT, DATA, RCPT, CONTENT, RCPT, RCPT),
    ROW(RCPT, BDAT, BDAT, BDAT, BDAT, RCPT),
    ROW(RCPT, BDAT_LAST, CHUNKED, CHUNKED, CHUNKED, RCPT),
    ROW(CONTENT, END_OF_DATA, READY, READY, READY, READY),
    ROW(BDAT, BDAT_LAST, CHUNKED, CHUNKED, CHUNKED, CHUNKED),
    ROW(BDAT, RSET, READY, BDAT, BDAT, BDAT),
    ROW(REJECTED, QUIT, QUIT, REJECTED, REJECTED, REJECTED),
    ROW(SHUT, QUIT, SHUT, SHUT, SHUT, SHUT),
    /* Out of order. */
    ROW(CONNECT, EHLO, COUNT, COUNT, COUNT, COUNT),
    ROW(GREETED, MAIL, COUNT, COUNT, COUNT, COUNT),
    ROW(SECURED, AUTH, COUNT, COUNT, COUNT, COUNT),
    ROW(READY, RCPT, COUNT, COUNT, COUNT, COUNT),
    ROW(MAIL, MAIL, COUNT, COUNT, COUNT, COUNT),
    ROW(REFUSED, DATA, COUNT, COUNT, COUNT, COUNT),
    ROW(BDAT, RCPT, COUNT, COUNT, COUNT, COUNT),
    ROW(CONTENT, QUIT, COUNT, COUNT, COUNT, COUNT),
    ROW(QUIT, EHLO, COUNT, COUNT, COUNT, COUNT),
    ROW(READY, UNKNOWN, COUNT, COUNT, COUNT, COUNT),
#undef ROW
};

START_TEST(command_leads_to_its_state)
{
    bool expected = machine_table.expected[rows[_i].state] & COMMAND_BIT(rows[_i].command);
    const unsigned char *next = machine_table.next[rows[_i].state][rows[_i].command];
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        ck_assert_msg((expected ? next[outcome] : STATE_COUNT) == rows[_i].next[outcome],
                      "%s %s, outcome %d", state_symbol(rows[_i].state),
                      command_name(rows[_i].command), outcome);
}
END_TEST

static const struct {
    enum security_state state;
    enum command command;
    enum security_state accepted, refused;
} security_rows[] = {
#define ROW(state, command, a, b)                                                         \
    {                                                                                     \
        SECURITY_STATE_##state, COMMAND_##command, SECURITY_STATE_##a, SECURITY_STATE_##b \
    }
    ROW(PLAIN, AUTH, AUTHENTICATED, PLAIN), ROW(PLAIN, STARTTLS, ENCRYPTED, PLAIN),
    ROW(AUTHENTICATED, AUTH, COUNT, COUNT), ROW(AUTHENTICATED, STARTTLS, ENCRYPTED, AUTHENTICATED),
    ROW(ENCRYPTED, AUTH, BOTH, ENCRYPTED),  ROW(ENCRYPTED, STARTTLS, COUNT, COUNT),
    ROW(BOTH, AUTH, COUNT, COUNT),          ROW(BOTH, STARTTLS, COUNT, COUNT),
    ROW(PLAIN, MAIL, PLAIN, PLAIN),
#undef ROW
};

START_TEST(security_command_leads_to_its_state)
{
    enum security_state state = security_rows[_i].state;
    enum command command = security_rows[_i].command;
    const unsigned char *next = machine_table.security_next[state][command];
    if (!(machine_table.security_expected[state] & COMMAND_BIT(command))) {
        ck_assert_int_eq(security_rows[_i].accepted, SECURITY_STATE_COUNT);
        return;
    }
    ck_assert_int_eq(next[OUTCOME_OK], security_rows[_i].accepted);
    ck_assert_int_eq(next[OUTCOME_REFUSED], security_rows[_i].refused);
}
END_TEST

/* The server may close while a session is under way (RFC 5321 3.8), and at no other time. */
START_TEST(server_may_close)
{
    for (int state = 0; state < STATE_COUNT; state++)
        ck_assert_int_eq(machine_table.closed[state] != state,
                         state != STATE_CONNECT && state != STATE_SHUT);
}
END_TEST

/* What the four outcomes of a command mean to the client. */
static const struct {
    enum session_state state;
    enum command command;
    enum answer answers[OUTCOME_COUNT];
} answers[] = {
#define ROW(state, command, a, b, c, d)                    \
    {                                                      \
        STATE_##state, COMMAND_##command,                  \
        {                                                  \
            ANSWER_##a, ANSWER_##b, ANSWER_##c, ANSWER_##d \
        }                                                  \
    }
    ROW(READY, MAIL, ACCEPTED, REFUSED, REFUSED, REFUSED),
    ROW(READY, NOOP, ACCEPTED, ACCEPTED, REFUSED, REFUSED),
    ROW(RCPT, RCPT, ACCEPTED, ACCEPTED, REFUSED, REFUSED),
    ROW(RCPT, DATA, REFUSED, ACCEPTED, REFUSED, REFUSED),
    ROW(RCPT, BDAT, ACCEPTED, ACCEPTED, REFUSED, UNRECOGNIZED),
    ROW(BDAT, BDAT, ACCEPTED, ACCEPTED, REFUSED, REFUSED),
#undef ROW
};

START_TEST(outcome_means_an_answer)
{
    const unsigned char *next = machine_table.next[answers[_i].state][answers[_i].command];
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        ck_assert_int_eq(answer_of(next, (enum outcome)outcome), answers[_i].answers[outcome]);
}
END_TEST

/* Every transition is a point, and one only. */
START_TEST(points_are_the_transitions)
{
    struct coverage_map *map = coverage_map_new();
    ck_assert_ptr_nonnull(map);
    size_t expected = 0;
    for (int state = 0; state < STATE_COUNT; state++) {
        expected += machine_table.closed[state] != state;
        for (int command = 0; command < COMMAND_COUNT; command++) {
            const unsigned char *next = machine_table.next[state][command];
            if (!(machine_table.expected[state] & COMMAND_BIT(command)))
                continue;
            bool third = next[OUTCOME_UNRECOGNIZED] != next[OUTCOME_REFUSED];
            expected += third ? 3 : 2;
            short accepted = map->order[state][command][ANSWER_ACCEPTED];
            short refused = map->order[state][command][ANSWER_REFUSED];
            ck_assert_int_ge(accepted, 0);
            ck_assert_int_ge(refused, 0);
            ck_assert_int_eq(map->points[refused].next, next[OUTCOME_REFUSED]);
            ck_assert_int_eq(map->order[state][command][ANSWER_UNRECOGNIZED] >= 0, third);
        }
    }
    expected += 8; /* those of security.y */
    ck_assert_uint_eq(map->count, expected);
    ck_assert_uint_le(map->count, POINTS_MAX);
    for (size_t i = 0; i < map->count; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert(map->points[i].security != map->points[k].security ||
                      map->points[i].state != map->points[k].state ||
                      map->points[i].command != map->points[k].command ||
                      map->points[i].answer != map->points[k].answer);
    coverage_map_free(map);
}
END_TEST

/* Every row of points.def is a transition, occurs once, and says how to provoke it. */
START_TEST(known_points_exist)
{
    struct coverage_map *map = coverage_map_new();
    ck_assert_ptr_nonnull(map);
    size_t known = 0, named = 0;
#define CHECK(index, group_, what)                                                \
    known++;                                                                      \
    ck_assert_msg((index) >= 0, "no transition: %s", what);                       \
    ck_assert_msg(map->points[index].group == GROUP_##group_, "twice: %s", what); \
    ck_assert_str_eq(map->points[index].words, what);
#define POINT(state, command, answer, group, words, hint) \
    CHECK(map->order[STATE_##state][COMMAND_##command][ANSWER_##answer], group, words)
#define CLOSING(state, group, words, hint) CHECK(map->closing[STATE_##state], group, words)
#define SECURITY(state, command, answer, group, words, hint) \
    CHECK(map->security[SECURITY_STATE_##state][COMMAND_##command][ANSWER_##answer], group, words)
#include "coverage/points.def"
#undef CHECK
#undef POINT
#undef CLOSING
#undef SECURITY
    for (size_t i = 0; i < map->count; i++) {
        named += map->points[i].words != NULL;
        ck_assert((map->points[i].hint != NULL) == (map->points[i].group != GROUP_OTHER));
    }
    ck_assert_uint_eq(named, known);
    coverage_map_free(map);
}
END_TEST

/* A recording that is counted. */
struct counter {
    struct coverage *coverage;
    uint64_t in_order, out_of_order, auth, closings, unanswered;
};

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct counter *counter = context;
    (void)session;
    ck_assert(coverage_exchange(counter->coverage, "recording", exchange, verdict));
    bool answered = exchange->reply_count > 0 || (exchange->flags & EXCHANGE_ASSUMED);
    counter->out_of_order += !verdict->legal;
    counter->unanswered += verdict->legal && !answered;
    counter->in_order += verdict->legal && answered;
    counter->auth += verdict->legal && answered &&
                     (exchange->command == COMMAND_AUTH || exchange->command == COMMAND_STARTTLS);
}

static void on_closing(void *context, enum session_state state, uint64_t line)
{
    struct counter *counter = context;
    ck_assert(coverage_closing(counter->coverage, "recording", state, line));
    counter->closings += counter->coverage->map->closing[state] >= 0;
}

static void count_source(struct counter *counter, struct source *source)
{
    const struct smtpseq_callbacks callbacks = {
        .context = counter, .exchange = on_exchange, .closing = on_closing};
    struct smtpseq_recording recording;
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    ck_assert_ptr_nonnull(source);
    ck_assert_ptr_nonnull(checker);
    smtpseq_check(checker, source, NULL, &recording);
    smtpseq_checker_free(checker);
    source_close(source);
}

static void count_text(struct counter *counter, const char *text)
{
    int descriptor = recorded_descriptor(slice_of(text));
    ck_assert_int_ge(descriptor, 0);
    count_source(counter, source_open(descriptor));
    close(descriptor);
}

#define HELLO   "S: 220 mx\nC: EHLO a\nS: 250 mx\n"
#define MAIL    HELLO "C: MAIL FROM:<a@b>\nS: 250 ok\n"
#define RCPT_OK "C: RCPT TO:<c@d>\nS: 250 ok\n"
#define RCPT_NO "C: RCPT TO:<c@d>\nS: 550 no\n"

/* The last exchange of each recording is the transition of the row, which occurs once. */
static const struct {
    const char *text;
    enum session_state state;
    enum command command; /* COMMAND_COUNT: the server closes */
    enum answer answer;
} taken[] = {
#define ROW(text, state, command, answer)                       \
    {                                                           \
        text, STATE_##state, COMMAND_##command, ANSWER_##answer \
    }
    ROW("S: 220 mx\nC: QUIT\nS: 221\n", CONNECT, CONNECT, ACCEPTED),
    ROW("S: 554 no\nC: QUIT\nS: 221\n", CONNECT, CONNECT, REFUSED),
    ROW("S: 554 no\nC: QUIT\nS: 221\n", REJECTED, QUIT, ACCEPTED),
    ROW("S: 421 no\n", CONNECT, CONNECT, REFUSED), /* there is nothing to close yet */
    ROW("S: 220 mx\nC: EHLO a\nS: 502 no\nC: HELO a\nS: 250 mx\n", GREETED, HELO, ACCEPTED),
    ROW("S: 220 mx\nC: EHLO a\nS: 421 no\n", GREETED, COUNT, CLOSED),
    ROW(HELLO "C: MAIL FROM:<a@b>\nS: 552 no\n", READY, MAIL, REFUSED),
    ROW(HELLO "C: MAIL FROM:<a@b>\nS: 421 no\n", READY, COUNT, CLOSED),
    ROW(HELLO "S: 421 idle for too long\n", READY, COUNT, CLOSED),
    ROW(MAIL RCPT_OK, MAIL, RCPT, ACCEPTED),
    ROW(MAIL RCPT_NO, MAIL, RCPT, REFUSED),
    ROW(MAIL RCPT_NO RCPT_NO, REFUSED, RCPT, REFUSED),
    ROW(MAIL RCPT_NO RCPT_OK, REFUSED, RCPT, ACCEPTED),
    ROW(MAIL RCPT_OK RCPT_OK, RCPT, RCPT, ACCEPTED),
    ROW(MAIL RCPT_OK RCPT_NO, RCPT, RCPT, REFUSED), /* the second recipient was refused */
    ROW(MAIL RCPT_OK "C: DATA\nS: 354 go\n", RCPT, DATA, ACCEPTED),
    ROW(MAIL RCPT_OK "C: DATA\nS: 250 what\n", RCPT, DATA, REFUSED),
    ROW(MAIL RCPT_OK "C: DATA\nS: 554 no\n", RCPT, DATA, REFUSED),
    ROW(MAIL RCPT_OK "C: DATA\nS: 354 go\nC: .\nS: 250 ok\n", CONTENT, END_OF_DATA, ACCEPTED),
    ROW(MAIL RCPT_OK "C: DATA\nS: 354 go\nC: .\nS: 554 no\n", CONTENT, END_OF_DATA, REFUSED),
    ROW(MAIL RCPT_OK "C: DATA\nS: 354 go\nC: .\nS: 421 no\n", CONTENT, COUNT, CLOSED),
    ROW(MAIL RCPT_OK "C: BDAT 0 LAST\nS: 554 no\n", RCPT, BDAT_LAST, REFUSED),
    ROW(MAIL RCPT_OK "C: BDAT 0 LAST\nS: 502 no\n", RCPT, BDAT_LAST, UNRECOGNIZED),
    ROW(HELLO "C: AUTH PLAIN a\nS: 535 no\n", READY, AUTH, REFUSED),
    ROW("C: EHLO a\nC: MAIL FROM:<a@b>\n", READY, MAIL, ACCEPTED), /* the client's side only */
#undef ROW
};

START_TEST(transition_is_counted)
{
    struct coverage_map *map = coverage_map_new();
    struct counter counter = {.coverage = coverage_new(map)};
    ck_assert(map && counter.coverage);
    count_text(&counter, taken[_i].text);
    short index = taken[_i].command == COMMAND_COUNT
                      ? map->closing[taken[_i].state]
                      : map->order[taken[_i].state][taken[_i].command][taken[_i].answer];
    ck_assert_int_ge(index, 0);
    ck_assert_uint_eq(counter.coverage->points[index].count, 1);
    ck_assert_str_eq(counter.coverage->points[index].file, "recording");
    ck_assert_uint_gt(counter.coverage->points[index].line, 0);
    coverage_free(counter.coverage);
    coverage_map_free(map);
}
END_TEST

/* Exchanges that are not transitions. */
START_TEST(other_commands_are_counted_apart)
{
    struct coverage_map *map = coverage_map_new();
    struct counter counter = {.coverage = coverage_new(map)};
    ck_assert(map && counter.coverage);
    count_text(&counter,
               "S: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250 XEXAMPLE\nC: XEXAMPLE\nS: 250 ok\n"
               "C: RCPT TO:<a@b>\nS: 503 no\nC: RCPT TO:<a@b>\nS: 250 ok\nC: QUIT\n");
    struct coverage_sum sum = coverage_sum(counter.coverage, 0);
    ck_assert_uint_eq(counter.coverage->unregistered, 1);
    ck_assert_uint_eq(counter.coverage->unanswered, 1);
    ck_assert_uint_eq(counter.coverage->out_of_order[STATE_READY][COMMAND_RCPT].count, 2);
    ck_assert_uint_eq(counter.coverage->out_of_order[STATE_READY][COMMAND_RCPT].line, 7);
    ck_assert_uint_eq(sum.faulty, 2);
    ck_assert_uint_eq(sum.faulty_kinds, 1);
    ck_assert_uint_eq(sum.hit, 2); /* the greeting and EHLO */
    coverage_free(counter.coverage);
    coverage_map_free(map);
}
END_TEST

/* Over all recordings of fixtures/rules: every answered command that was in order has taken one
 * transition of session.y, and AUTH and STARTTLS one of security.y as well. */
START_TEST(transitions_add_up)
{
    glob_t files;
    struct coverage_map *map = coverage_map_new();
    struct counter counter = {.coverage = coverage_new(map)};
    ck_assert(map && counter.coverage);
    ck_assert_int_eq(glob(FIXTURES "/rules/*/*.txt", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        FILE *file = fopen(files.gl_pathv[i], "r");
        ck_assert_ptr_nonnull(file);
        count_source(&counter, source_open(fileno(file)));
        fclose(file);
    }
    globfree(&files);
    uint64_t order = 0, security = 0;
    for (size_t i = 0; i < map->count; i++)
        *(map->points[i].security ? &security : &order) += counter.coverage->points[i].count;
    struct coverage_sum sum = coverage_sum(counter.coverage, 0);
    ck_assert_uint_gt(counter.in_order, 1000);
    ck_assert_uint_gt(counter.closings, 0);
    ck_assert_uint_gt(counter.auth, 0);
    ck_assert_uint_eq(order + counter.coverage->unregistered, counter.in_order + counter.closings);
    ck_assert_uint_eq(security, counter.auth);
    ck_assert_uint_eq(sum.faulty, counter.out_of_order);
    ck_assert_uint_eq(counter.coverage->unanswered, counter.unanswered);
    coverage_free(counter.coverage);
    coverage_map_free(map);
}
END_TEST

/* Which groups count when none is named. */
static const struct {
    const char *text;
    unsigned groups;
} used[] = {
    {MAIL, GROUP_BIT(GROUP_CORE)},
    {HELLO "C: AUTH PLAIN a\nS: 535 no\n", GROUP_BIT(GROUP_CORE) | GROUP_BIT(GROUP_AUTH)},
    {HELLO "C: STARTTLS\nS: 220 go\n", GROUP_BIT(GROUP_CORE) | GROUP_BIT(GROUP_STARTTLS)},
    {HELLO "C: STARTTLS\nS: 220 go\nC: EHLO a\nS: 250 mx\nC: AUTH PLAIN a\nS: 235 ok\n",
     GROUP_BIT(GROUP_CORE) | GROUP_BIT(GROUP_AUTH) | GROUP_BIT(GROUP_STARTTLS) |
         GROUP_BIT(GROUP_AUTH_TLS)},
    /* Out of order, but used. */
    {HELLO "C: BDAT 0 LAST\nS: 503 no\n", GROUP_BIT(GROUP_CORE) | GROUP_BIT(GROUP_BDAT)},
    {HELLO "C: NOOP\nS: 250 ok\n", GROUP_BIT(GROUP_CORE)},
};

START_TEST(used_extension_counts)
{
    struct coverage_map *map = coverage_map_new();
    struct counter counter = {.coverage = coverage_new(map)};
    ck_assert(map && counter.coverage);
    count_text(&counter, used[_i].text);
    struct coverage_sum sum = coverage_sum(counter.coverage, 0);
    ck_assert_uint_eq(sum.groups, used[_i].groups);
    unsigned counted = 0, hit = 0;
    for (int group = 0; group < GROUP_COUNT; group++)
        if (sum.groups & GROUP_BIT(group)) {
            counted += sum.total[group];
            hit += sum.exercised[group];
        }
    ck_assert_uint_eq(sum.counted, counted);
    ck_assert_uint_eq(sum.hit, hit);
    /* Named groups count whether they are used or not. */
    sum = coverage_sum(counter.coverage, GROUP_BIT(GROUP_BDAT));
    ck_assert_uint_eq(sum.counted, sum.total[GROUP_BDAT]);
    sum = coverage_sum(counter.coverage, GROUPS_ALL);
    ck_assert_uint_eq(sum.counted, map->count);
    coverage_free(counter.coverage);
    coverage_map_free(map);
}
END_TEST

/* A percentage never looks better than it is. */
START_TEST(percentage_is_rounded_down)
{
    ck_assert_uint_eq(coverage_permille(&(struct coverage_sum){.counted = 3, .hit = 2}), 666);
    ck_assert_uint_eq(coverage_permille(&(struct coverage_sum){.counted = 2000, .hit = 1999}), 999);
    ck_assert_uint_eq(coverage_permille(&(struct coverage_sum){.counted = 7, .hit = 7}), 1000);
    ck_assert_uint_eq(coverage_permille(&(struct coverage_sum){.counted = 7}), 0);
}
END_TEST

static char *as_json(const struct coverage *coverage)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    ck_assert(coverage_print_json(out, &(struct coverage_view){
                                           .coverage = coverage,
                                           .sum = coverage_sum(coverage, 0),
                                       }));
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

/* Files counted side by side have the same counts as one after the other. */
START_TEST(merged_counts_are_the_same)
{
    static const struct {
        const char *text;
    } texts[] = {
        {MAIL RCPT_OK RCPT_NO "C: QUIT\nS: 221\n"},
        {HELLO "C: RCPT TO:<a@b>\nS: 503 no\nC: QUIT\n"},
        {"S: 220 mx\n\n\nC: EHLO a\nS: 250-mx\nS: 250 XA\nC: XA\nS: 250 ok\n" RCPT_OK},
    };
    struct coverage_map *map = coverage_map_new();
    struct counter all = {.coverage = coverage_new(map)}, sum = {.coverage = coverage_new(map)};
    ck_assert(map && all.coverage && sum.coverage);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct counter one = {.coverage = coverage_new(map)};
        ck_assert_ptr_nonnull(one.coverage);
        count_text(&all, texts[i].text);
        count_text(&one, texts[i].text);
        coverage_merge(sum.coverage, one.coverage);
        coverage_free(one.coverage);
    }
    char *expected = as_json(all.coverage), *found = as_json(sum.coverage);
    ck_assert_str_eq(found, expected);
    free(expected);
    free(found);
    coverage_free(all.coverage);
    coverage_free(sum.coverage);
    coverage_map_free(map);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("coverage");
    TCase *walked = tcase_create("transitions");
    tcase_add_loop_test(walked, command_leads_to_its_state, 0, ROWS(rows));
    tcase_add_loop_test(walked, security_command_leads_to_its_state, 0, ROWS(security_rows));
    tcase_add_test(walked, server_may_close);
    tcase_add_loop_test(walked, outcome_means_an_answer, 0, ROWS(answers));
    tcase_add_test(walked, points_are_the_transitions);
    tcase_add_test(walked, known_points_exist);
    suite_add_tcase(suite, walked);
    TCase *counted = tcase_create("counting");
    tcase_add_loop_test(counted, transition_is_counted, 0, ROWS(taken));
    tcase_add_test(counted, other_commands_are_counted_apart);
    tcase_add_test(counted, transitions_add_up);
    tcase_add_loop_test(counted, used_extension_counts, 0, ROWS(used));
    tcase_add_test(counted, percentage_is_rounded_down);
    tcase_add_test(counted, merged_counts_are_the_same);
    suite_add_tcase(suite, counted);
    return suite_run(suite);
}
