/* check_conversation.c - interleaved sessions, separated by their keys.
 *
 * A row is a log of lines "KEY SIDE PAYLOAD" and the result: "1:EHLO=250" is an exchange of
 * the first session, "1!4" a finding in it at line 4.
 */
#include <inttypes.h>
#include <stdio.h>

#include "check/conversation.h"
#include "suite.h"

struct log {
    FILE *out;
    uint64_t sessions;
};

static uint64_t count_session(void *context)
{
    struct log *log = context;
    return ++log->sessions;
}

static void print_exchange(void *context, uint64_t session, const struct exchange *exchange,
                           const struct verdict *verdict)
{
    struct log *log = context;
    (void)verdict;
    int code = exchange->reply_count > 0 ? exchange->replies[exchange->reply_count - 1].code : 0;
    fprintf(log->out, " %" PRIu64 ":%s=%d", session, command_name(exchange->command), code);
}

static void print_finding(void *context, struct finding *finding)
{
    struct log *log = context;
    fprintf(log->out, " %" PRIu64 "!%" PRIu64, finding->session, finding->line);
    finding_free(finding);
}

static void give_line(struct conversations *all, struct slice text, uint64_t number)
{
    struct line line = {.number = number, .raw = text, .column = 5};
    line.session = (uint64_t)text.data[0];
    line.side = text.data[2] == 'C' ? SIDE_CLIENT : SIDE_SERVER;
    line.payload = slice_after(text, 4);
    ck_assert(conversations_line(all, &line));
}

static const struct server_set no_servers;

static void open_log(struct conversations *all, struct log *log, char **text, size_t *size)
{
    log->out = open_memstream(text, size);
    *all = (struct conversations){
        .sink = {.context = log,
                 .begin = count_session,
                 .exchange = print_exchange,
                 .finding = print_finding},
        .servers = &no_servers,
    };
}

static const struct {
    const char *name, *text, *events;
} logs[] = {
    {"one after the other", "a S 220\na C EHLO x\na S 250\nb S 220\nb C HELO y\nb S 250\n",
     " 1:CONNECT=220 1:EHLO=250 2:CONNECT=220 2:HELO=250"},
    {"interleaved", "a S 220\nb S 220\na C EHLO x\nb C HELO y\nb S 250\na S 250\n",
     " 1:CONNECT=220 2:CONNECT=220 2:HELO=250 1:EHLO=250"},
    {"the state of one is not that of the other",
     "a S 220\nb S 220\na C EHLO x\na S 250\nb C MAIL FROM:<c@d>\nb S 503\na C MAIL FROM:<c@d>\n"
     "a S 250\n",
     " 1:CONNECT=220 2:CONNECT=220 1:EHLO=250 2:MAIL=503 1:MAIL=250 2!5"},
    {"a message in one does not swallow the other",
     "a S 220\na C EHLO x\na S 250\na C MAIL FROM:<c@d>\na S 250\na C RCPT TO:<c@d>\na S 250\n"
     "a C DATA\na S 354\nb S 220\na C text\nb C QUIT\nb S 221\na C .\na S 250\n",
     " 1:CONNECT=220 1:EHLO=250 1:MAIL=250 1:RCPT=250 1:DATA=354 2:CONNECT=220 2:QUIT=221 1:.=250"},
    {"two sessions under one key", "a S 220\na C QUIT\na S 221\na S 220\na C QUIT\na S 221\n",
     " 1:CONNECT=220 1:QUIT=221 2:CONNECT=220 2:QUIT=221"},
    {"ended in the order in which they came last",
     "a S 220\nb S 220\nc S 220\nb C NOOP\nc C NOOP\na C NOOP\n",
     " 1:CONNECT=220 2:CONNECT=220 3:CONNECT=220 2:NOOP=0 2!4 3:NOOP=0 3!5 1:NOOP=0 1!6"},
};

START_TEST(interleaved_sessions_are_separated)
{
    struct conversations all;
    struct log log = {0};
    char *events = NULL;
    size_t size = 0;
    open_log(&all, &log, &events, &size);
    struct slice text = slice_of(logs[_i].text);
    for (uint64_t number = 1; text.size > 0; number++) {
        size_t length = slice_find(text, '\n');
        give_line(&all, slice_head(text, length), number);
        text = slice_after(text, length + 1);
    }
    ck_assert(conversations_finish(&all));
    conversations_free(&all);
    fclose(log.out);
    ck_assert_msg(strcmp(events, logs[_i].events) == 0, "%s\n   expected:%s\n   found:   %s",
                  logs[_i].name, logs[_i].events, events);
    free(events);
}
END_TEST

START_TEST(oldest_session_is_known)
{
    struct conversations all;
    struct log log = {0};
    char *events = NULL;
    size_t size = 0;
    open_log(&all, &log, &events, &size);
    ck_assert_uint_eq(conversations_oldest(&all), UINT64_MAX);
    give_line(&all, SLICE("a S 220"), 3);
    give_line(&all, SLICE("b S 220"), 4);
    ck_assert_uint_eq(conversations_oldest(&all), 3);
    give_line(&all, SLICE("a C QUIT"), 5);
    give_line(&all, SLICE("a S 221"), 6);
    give_line(&all, SLICE("a S 220"), 7); /* the next session under this key */
    ck_assert_uint_eq(conversations_oldest(&all), 4);
    ck_assert(conversations_finish(&all));
    ck_assert_uint_eq(conversations_oldest(&all), UINT64_MAX);
    conversations_free(&all);
    fclose(log.out);
    free(events);
}
END_TEST

/* More keys than there is room for: the sessions silent for longest are ended, no session is
 * lost, and an active one is not ended. */
START_TEST(silent_sessions_are_ended_first)
{
    struct conversations all;
    struct log log = {0};
    char *events = NULL;
    size_t size = 0;
    open_log(&all, &log, &events, &size);
    uint64_t most = CONVERSATIONS_MAX * 3, number = 1;
    struct line greeting = {.side = SIDE_SERVER, .raw = SLICE("220"), .payload = SLICE("220")};
    struct line noop = {.side = SIDE_CLIENT, .raw = SLICE("NOOP"), .payload = SLICE("NOOP")};
    struct line ok = {.side = SIDE_SERVER, .raw = SLICE("250"), .payload = SLICE("250")};
    for (uint64_t key = 0; key < most; key++) {
        greeting.session = key;
        greeting.number = number++;
        ck_assert(conversations_line(&all, &greeting));
        noop.number = number++;
        ok.number = number++;
        ck_assert(conversations_line(&all, &noop) && conversations_line(&all, &ok)); /* key 0 */
        ck_assert_uint_le(all.table.count, CONVERSATIONS_MAX);
    }
    ck_assert(conversations_finish(&all));
    ck_assert_uint_eq(log.sessions, most);
    ck_assert_uint_ge(all.given_up, most - CONVERSATIONS_MAX);
    conversations_free(&all);
    fclose(log.out);
    ck_assert_ptr_null(strchr(events, '!'));
    free(events);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conversation");
    TCase *keys = tcase_create("keys");
    tcase_add_loop_test(keys, interleaved_sessions_are_separated, 0, ROWS(logs));
    tcase_add_test(keys, oldest_session_is_known);
    tcase_add_test(keys, silent_sessions_are_ended_first);
    suite_add_tcase(suite, keys);
    return suite_run(suite);
}
