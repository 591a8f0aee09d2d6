/* check_session.c - the verdict on each exchange, what was offered, and what is remembered.
 *
 * A session is written as exchanges, separated by "; ": the command, = and the code of the reply,
 * and after a blank its text with | for a line end. "EHLO" without = has no reply; "EHLO~" is from
 * a recording of the client's side only.
 */
#include <inttypes.h>
#include <stdio.h>

#include "session/session.h"
#include "suite.h"

/* Parses "MAIL=250 text". The texts stay in `word`. */
static struct exchange exchange_of(char *word, size_t number, struct reply *reply)
{
    struct exchange exchange = {.number = number, .answered = number};
    exchange.location.line = number + 1;
    size_t length = strcspn(word, "=~ ");
    int command = 0;
    for (; command < COMMAND_UNKNOWN; command++) {
        const char *name = command_name((enum command)command);
        if (strlen(name) == length && strncmp(name, word, length) == 0)
            break;
    }
    exchange.command = (enum command)command;
    exchange.verb = (struct slice){word, length};
    if (word[length] == '~')
        exchange.flags = EXCHANGE_ASSUMED;
    if (word[length] != '=')
        return exchange;
    char *text = word + length + 1;
    *reply = (struct reply){.line = number + 1, .lines = 1};
    reply->code = (int)strtol(text, &text, 10);
    for (char *c = text; *c; c++)
        *c = *c == '|' ? '\n' : *c;
    reply->text = slice_of(*text ? text + 1 : text);
    exchange.replies = reply;
    exchange.reply_count = 1;
    return exchange;
}

/* Plays a session and returns the last verdict; the session is left as before that exchange. */
static struct verdict play(struct session *session, const char *script, bool from_start)
{
    char copy[1024], *rest = NULL;
    struct verdict verdict = {0};
    struct reply reply;
    struct exchange exchange = {0};
    size_t number = 0;
    snprintf(copy, sizeof copy, "%s", script);
    session_start(session, from_start);
    for (char *word = strtok_r(copy, ";", &rest); word; word = strtok_r(NULL, ";", &rest)) {
        if (number > 0)
            session_remember(session, &exchange, &verdict);
        exchange = exchange_of(word + strspn(word, " "), number++, &reply);
        session_play(session, &exchange, &verdict);
    }
    return verdict;
}

#define OPEN "CONNECT=220; EHLO=250; "

static const struct {
    const char *script,
        *verdict; /* of the last exchange: state, in order or not, prediction, next */
} verdicts[] = {
    {"CONNECT=220", "connect in order 250 greeted"},
    {"CONNECT=554", "connect in order 554 rejected"},
    {OPEN "MAIL=250", "ready in order 250 mail"},
    {OPEN "MAIL=552", "ready in order 552 ready"},
    {OPEN "MAIL=503", "ready in order 250 ready"}, /* a strict server has no 503 for it */
    {"CONNECT=220; MAIL=503", "greeted out of order 503 greeted"},
    {"CONNECT=220; MAIL=250", "greeted out of order 503 mail"},
    {OPEN "MAIL=250; MAIL=503", "mail out of order 503 mail"},
    {OPEN "MAIL=250; MAIL=250", "mail out of order 503 mail"},
    {OPEN "MAIL=250; RCPT=550; DATA=554", "refused out of order 503 refused"},
    {OPEN "MAIL=250; RCPT=251", "mail in order 250 rcpt"},
    {OPEN "MAIL=250; RCPT=551", "mail in order 551 refused"},
    {OPEN "MAIL=250; RCPT=250; DATA=354", "rcpt in order 250 content"},
    {OPEN "MAIL=250; RCPT=250; DATA=354; .=250", "content in order 250 ready"},
    {OPEN "FOO=500", "ready out of order 500 ready"},
    {OPEN "FOO=250", "ready out of order 500 ready"},
    {OPEN ".=500", "ready out of order 500 ready"},
    {OPEN "QUIT=221; NOOP=250", "closed out of order 0 closed"},
    {OPEN "NOOP=421", "ready in order 421 closed"},
    {OPEN "NOOP=421; QUIT", "closed in order 250 closed"},
    {OPEN "NOOP=221", "ready in order 250 closed"},
    {OPEN "STARTTLS=220", "ready in order 250 greeted"},
    {OPEN "STARTTLS=220; MAIL=503", "greeted out of order 503 greeted"},
    {OPEN "AUTH=235; AUTH=503", "ready out of order 503 ready"},
    {OPEN "AUTH=535; AUTH=235", "ready in order 250 ready"},
    {OPEN "MAIL", "ready in order 250 ready"}, /* never answered: it did not happen */
    {"EHLO~", "greeted in order 250 ready"},
    {"EHLO~; MAIL~", "ready in order 250 mail"},
    {"EHLO~; RCPT~", "ready out of order 503 ready"},
    {"EHLO~; MAIL~; RCPT~; DATA~", "rcpt in order 250 content"},
    {"EHLO=250", "greeted in order 250 ready"},
    {"MAIL=250", "ready in order 250 mail"}, /* begins in the middle */
    {"MAIL=503", "ready in order 250 ready"}, /* and nothing says why */
    {"MAIL=503 Send HELO first", "greeted out of order 503 greeted"},
    {"MAIL=503 Sender already given", "mail out of order 503 mail"},
    {"MAIL=503 You already said HELO", "ready in order 250 ready"},
    {"RCPT=250", "mail in order 250 rcpt"},
    {"DATA=354", "rcpt in order 250 content"},
    {"CONNECT=220; EHLO=250 mx|XFOO bar; XFOO=250",
     "ready in order 250 ready"}, /* it was offered */
    {"CONNECT=220; EHLO=250 mx|XFOO bar; XBAR=250", "ready out of order 500 ready"},
};

START_TEST(verdict_is_passed)
{
    struct session session = {0};
    struct verdict verdict = play(&session, verdicts[_i].script, false);
    char found[80];
    snprintf(found, sizeof found, "%s %s %d %s", state_name(verdict.state),
             verdict.legal ? "in order" : "out of order", verdict.predicted,
             state_name(verdict.next));
    ck_assert_msg(strcmp(found, verdicts[_i].verdict) == 0, "'%s': %s", verdicts[_i].script, found);
    session_free(&session);
}
END_TEST

START_TEST(recorded_beginning_is_known)
{
    struct session session = {0};
    ck_assert_int_eq(play(&session, "MAIL=250", true).state, STATE_GREETED);
    ck_assert(!session.from_middle);
    ck_assert_int_eq(play(&session, "MAIL=250", false).state, STATE_READY);
    ck_assert(session.from_middle);
    session_free(&session);
}
END_TEST

static const struct {
    const char *script;
    enum offer offer;
    enum extension extension;
    bool offered;
} offers[] = {
    {"CONNECT=220; NOOP=250", OFFER_UNKNOWN, EXTENSION_SIZE, false},
    {"CONNECT=220; HELO=250 SIZE; NOOP=250", OFFER_NONE, EXTENSION_SIZE, false},
    {"CONNECT=220; EHLO=250 SIZE|DSN; NOOP=250", OFFER_LISTED, EXTENSION_SIZE, false}, /* the domain */
    {"CONNECT=220; EHLO=250 SIZE; NOOP=250", OFFER_UNKNOWN, EXTENSION_SIZE, false}, /* the last line */
    {"CONNECT=220; EHLO=250 mx|SIZE; NOOP=250", OFFER_LISTED, EXTENSION_SIZE, true},
    {"CONNECT=220; EHLO=250 mx|SIZE 100; NOOP=250", OFFER_LISTED, EXTENSION_SIZE, true},
    {"CONNECT=220; EHLO=250 mx|size; NOOP=250", OFFER_LISTED, EXTENSION_SIZE, true},
    {"CONNECT=220; EHLO=250 mx|SIZES; NOOP=250", OFFER_LISTED, EXTENSION_SIZE, false},
    {"CONNECT=220; EHLO=250 mx|DSN|PIPELINING; NOOP=250", OFFER_LISTED, EXTENSION_PIPELINING, true},
    {"CONNECT=220; EHLO=250 mx|AUTH=LOGIN; NOOP=250", OFFER_LISTED, EXTENSION_AUTH, true},
    {"CONNECT=220; EHLO=250 mx|STARTTLS\\r\\n; NOOP=250", OFFER_LISTED, EXTENSION_STARTTLS, true},
    {"CONNECT=220; EHLO=250 mx|HELP; AUTH=235; NOOP=250", OFFER_UNKNOWN, EXTENSION_AUTH, false},
    {"CONNECT=220; EHLO=250 mx|AUTH PLAIN; NOOP=250", OFFER_LISTED, EXTENSION_AUTH, true},
    {"CONNECT=220; LHLO=250 mx|CHUNKING; NOOP=250", OFFER_LISTED, EXTENSION_CHUNKING, true},
    {"CONNECT=220; EHLO=250 mx|DSN; EHLO=250 mx; NOOP=250", OFFER_LISTED, EXTENSION_DSN, false},
    {"CONNECT=220; EHLO=250 mx|DSN; EHLO=501 no; NOOP=250", OFFER_LISTED, EXTENSION_DSN, true},
    {"CONNECT=220; EHLO=250 mx|DSN; STARTTLS=220; NOOP=250", OFFER_UNKNOWN, EXTENSION_DSN, false},
    {"CONNECT=220; EHLO=250 mx|DSN; RSET=250; NOOP=250", OFFER_LISTED, EXTENSION_DSN, true},
    /* What the command itself changes is judged by what was before it. */
    {"CONNECT=220; EHLO=250 mx|DSN; STARTTLS=220", OFFER_LISTED, EXTENSION_DSN, true},
    {"CONNECT=220; EHLO=250 mx|DSN; EHLO=250 mx", OFFER_LISTED, EXTENSION_DSN, true},
};

START_TEST(offer_is_read_from_the_reply_to_ehlo)
{
    struct session session = {0};
    play(&session, offers[_i].script, false);
    ck_assert_msg(session.offer == offers[_i].offer, "'%s': offer %d", offers[_i].script,
                  session.offer);
    ck_assert_msg(session_offers(&session, offers[_i].extension) == offers[_i].offered, "'%s': %s",
                  offers[_i].script, extension_keyword(offers[_i].extension));
    session_free(&session);
}
END_TEST

/* Every extension by its own keyword, and by it alone. */
START_TEST(keyword_stands_for_its_extension)
{
    struct session session = {0};
    char script[128];
    snprintf(script, sizeof script, "CONNECT=220; EHLO=250 mx|%s x; NOOP=250",
             extension_keyword((enum extension)_i));
    play(&session, script, false);
    for (int i = 0; i < EXTENSION_COUNT; i++)
        ck_assert_msg(session_offers(&session, (enum extension)i) == (i == _i), "%s: %s", script,
                      extension_keyword((enum extension)i));
    ck_assert(session_lists(&session, slice_of(extension_keyword((enum extension)_i))));
    ck_assert(!session_lists(&session, SLICE("mx")));
    session_free(&session);
}
END_TEST

static const struct {
    const char *script;
    enum event_kind event;
    uint64_t line; /* 0: it has not happened */
    int code;
} events[] = {
    {OPEN "MAIL=250; RCPT=250", EVENT_BEGIN, 3, 250},
    {OPEN "MAIL=250; RSET=250; RCPT=503", EVENT_STATE, 4, 250},
    {OPEN "MAIL=552; RCPT=503", EVENT_BEGIN_REFUSED, 3, 552},
    {OPEN "MAIL=552; RSET=250; RCPT=503", EVENT_BEGIN_REFUSED, 0, 0},
    {OPEN "MAIL=250; RCPT=550; RCPT=551; DATA=503", EVENT_RCPT_REFUSED, 5, 551},
    {OPEN "MAIL=250; RCPT=550; RSET=250; MAIL=250", EVENT_RCPT_REFUSED, 0, 0},
    {OPEN "MAIL=250; RCPT=250; DATA=451; MAIL=503", EVENT_REFUSED, 5, 451},
    {OPEN "MAIL=250; RCPT=250; DATA=451; MAIL=503", EVENT_DATA_REFUSED, 5, 451},
    {"CONNECT=220; EHLO=501; MAIL=503", EVENT_HELLO_REFUSED, 2, 501},
    {OPEN "AUTH=235; AUTH=503", EVENT_AUTH, 3, 235},
    {OPEN "AUTH=535; MAIL=250", EVENT_AUTH, 0, 0},
    {OPEN "STARTTLS=220; MAIL=503", EVENT_STARTTLS, 3, 220},
    {OPEN "QUIT=221; NOOP=250", EVENT_CLOSING, 3, 221},
    {OPEN "NOOP=421; MAIL=250", EVENT_CLOSING, 3, 421},
    {OPEN "RSET=250; RCPT=503", EVENT_STATE, 3, 250}, /* names the RSET, though nothing changed */
};

START_TEST(history_explains_the_state)
{
    struct session session = {0};
    play(&session, events[_i].script, false);
    const struct event *event = &session.history[events[_i].event];
    ck_assert_msg(event->happened == (events[_i].line > 0) && event->copy.line == events[_i].line &&
                      event->code == events[_i].code,
                  "'%s': line %" PRIu64 ", code %d", events[_i].script, event->copy.line,
                  event->code);
    session_free(&session);
}
END_TEST

START_TEST(server_closes_without_being_asked)
{
    struct session session = {0};
    play(&session, OPEN "MAIL=250", false);
    session_close(&session, 7, 421);
    ck_assert_int_eq(machine_state(&session.machine), STATE_SHUT);
    ck_assert_uint_eq(session.history[EVENT_CLOSING].copy.line, 7);
    ck_assert_int_eq(session.history[EVENT_CLOSING].code, 421);
    session_free(&session);
}
END_TEST

/* The next session knows nothing of the last one. */
START_TEST(new_session_forgets_the_old_one)
{
    struct session session = {0};
    play(&session, OPEN "AUTH=235; STARTTLS=220; EHLO=250 mx|DSN; MAIL=250", false);
    struct verdict verdict = play(&session, "CONNECT=220; EHLO=250 mx; AUTH=235", false);
    ck_assert(verdict.legal);
    ck_assert_int_eq(verdict.security, SECURITY_STATE_PLAIN);
    ck_assert(!session_offers(&session, EXTENSION_DSN));
    ck_assert(!session.history[EVENT_BEGIN].happened);
    session_free(&session);
}
END_TEST

/* LMTP: the message is delivered when one recipient's reply says so. */
START_TEST(one_recipient_is_enough)
{
    struct session session = {0};
    play(&session, "CONNECT=220; LHLO=250; MAIL=250; RCPT=250; RCPT=250; DATA=354", false);
    struct reply replies[] = {{.line = 8, .code = 250, .lines = 1},
                              {.line = 9, .code = 452, .lines = 1}};
    struct exchange dot = {.command = COMMAND_END_OF_DATA,
                           .number = 6,
                           .answered = 6,
                           .location = {.line = 7},
                           .replies = replies,
                           .reply_count = 2};
    struct verdict verdict;
    session_play(&session, &dot, &verdict);
    ck_assert(verdict.taken);
    ck_assert_int_eq(verdict.next, STATE_READY);
    session_free(&session);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *play_case = tcase_create("play");
    tcase_add_loop_test(play_case, verdict_is_passed, 0, ROWS(verdicts));
    tcase_add_test(play_case, recorded_beginning_is_known);
    tcase_add_loop_test(play_case, offer_is_read_from_the_reply_to_ehlo, 0, ROWS(offers));
    tcase_add_loop_test(play_case, keyword_stands_for_its_extension, 0, EXTENSION_COUNT);
    tcase_add_loop_test(play_case, history_explains_the_state, 0, ROWS(events));
    tcase_add_test(play_case, server_closes_without_being_asked);
    tcase_add_test(play_case, new_session_forgets_the_old_one);
    tcase_add_test(play_case, one_recipient_is_enough);
    suite_add_tcase(suite, play_case);
    return suite_run(suite);
}
