/* check_dialogue.c - which reply answers which command, and which lines are not commands.
 *
 * A row is a transcript and what the dialogue makes of it, as one line of events:
 *
 *     EHLO@2=250         a command, its line, the codes of its replies (- for none)
 *     RCPT@4=550:p       ... with flags: p sent without waiting, a assumed, u unanswered,
 *                        m missing, g before the greeting, i implied, x a reply that does not
 *                        fit, b garbled, l LF alone after it, c a CR in it, o an odd end of the
 *                        message, h its line has no end, f the next command was sent before its
 *                        reply came, e something was sent too early after it
 *     begin end          of a session; "begin+" when the recording has its beginning, "cut" when it
 *                        ends in the middle of a command, "cut!" in the middle of a message and "cut-"
 *                        in the middle of a line
 *     extra@5 closing@5 chunk@5 malformed@5 mixed@5
 *                        lines and replies that are no part of an exchange
 *
 *     clear@5 foreign@5  a line in the clear where TLS is due, another protocol
 *
 * In transcripts C and S are the sides, N is a note, N+ one that a connection is made, N= one that
 * stands for message content, N! a timeout, N~ one that says that the
 * octets are those of the network, N# that TLS has begun, N? names another protocol, | a line without a mark; an empty line is one.
 */
#include <inttypes.h>
#include <stdio.h>

#include "dialogue/dialogue.h"
#include "suite.h"

static void print_begin(void *context, uint64_t line, bool from_start)
{
    (void)line;
    fprintf(context, " begin%s", from_start ? "+" : "");
}

static void print_exchange(void *context, const struct exchange *exchange)
{
    static const char letters[] = "aumgixblcohf";
    FILE *out = context;
    fprintf(out, " %s@%" PRIu64, command_name(exchange->command), exchange->location.line);
    for (size_t i = 0; i < exchange->reply_count; i++)
        fprintf(out, "%c%03d", i == 0 ? '=' : ',', exchange->replies[i].code);
    if (exchange->reply_count == 0)
        fputs("=-", out);
    bool waited = exchange->answered >= exchange->number;
    if (exchange->flags == 0 && waited && exchange->early.line == 0)
        return;
    fputs(waited ? ":" : ":p", out);
    for (int i = 0; letters[i]; i++)
        if (exchange->flags >> i & 1)
            putc(letters[i], out);
    if (exchange->early.line != 0)
        putc('e', out);
}

static void print_stray(void *context, const struct stray *stray)
{
    static const char *const kinds[] = {
        [STRAY_EXTRA] = "extra",         [STRAY_CLOSING] = "closing", [STRAY_CHUNK] = "chunk",
        [STRAY_MALFORMED] = "malformed", [STRAY_MIXED] = "mixed",
    };
    fprintf(context, " %s@%" PRIu64, kinds[stray->kind], stray->location.line);
}

static void print_observation(void *context, const struct observation *observation)
{
    enum observation_kind kind = observation->kind;
    if (kind == OBSERVED_CLEAR_REPLY || kind == OBSERVED_CLEAR_COMMAND)
        fprintf(context, " clear@%" PRIu64, observation->location.line);
    if (kind == OBSERVED_FOREIGN)
        fprintf(context, " foreign@%" PRIu64, observation->location.line);
}

static void print_end(void *context, const struct session_end *end)
{
    fprintf(context, " %s%s", end->truncated ? "cut" : "end",
            end->in_content ? "!"
            : end->in_line  ? "-"
                            : "");
}

/* Takes the first line off a transcript. */
static struct line next_line(struct slice *rest, uint64_t number)
{
    size_t length = slice_find(*rest, '\n');
    struct slice text = slice_head(*rest, length);
    struct line line = {
        .raw = text, .number = number, .column = 1, .unended = length == rest->size};
    size_t mark = slice_find(text, ' ') + 1;
    bool plain = text.size == 0 || text.data[0] == '|';
    if (plain) {
        line.side = text.size == 0 ? SIDE_NOTE : SIDE_UNMARKED;
        line.note = NOTE_SEPARATOR;
        mark = 1;
    } else if (text.data[0] == 'N') {
        line.side = SIDE_NOTE;
        line.note = text.data[1] == '+'   ? NOTE_SESSION
                    : text.data[1] == '=' ? NOTE_CONTENT
                    : text.data[1] == '!' ? NOTE_TIMEOUT
                    : text.data[1] == '~' ? NOTE_WIRE
                    : text.data[1] == '#' ? NOTE_TLS
                    : text.data[1] == '?' ? NOTE_FOREIGN
                                          : NOTE_PLAIN;
    } else {
        line.side = text.data[0] == 'C' ? SIDE_CLIENT : SIDE_SERVER;
    }
    line.payload = slice_after(text, mark);
    *rest = slice_after(*rest, length + 1);
    return line;
}

/* Passes on the first line of `rest`, and the next one if the two form a pair. Returns how many. */
static unsigned give_lines(struct dialogue *dialogue, struct slice *rest, uint64_t number,
                           bool in_pairs)
{
    struct line line = next_line(rest, number);
    struct slice after = *rest;
    bool taken = false;
    if (in_pairs && line.side == SIDE_CLIENT && after.size > 0) {
        struct line reply = next_line(&after, number + 1);
        if (reply.side == SIDE_SERVER && !reply.unended)
            ck_assert(dialogue_pair(dialogue, &line, &reply, &taken));
    }
    if (taken)
        *rest = after;
    else
        ck_assert(dialogue_line(dialogue, &line));
    return 1 + taken;
}

static void give_line(struct dialogue *dialogue, const char *text, uint64_t number)
{
    struct slice rest = slice_of(text);
    give_lines(dialogue, &rest, number, false);
}

/* Returns the events of a transcript, owned by the caller. */
static char *events_of(struct slice text, bool one_sided, bool in_pairs,
                       struct dialogue_count *count)
{
    char *events = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&events, &size);
    struct dialogue_sink sink = {out,         print_begin, print_exchange,
                                 print_stray, print_end,   print_observation};
    struct dialogue_options options = {.one_sided = one_sided};
    struct dialogue *dialogue = dialogue_new(&sink, &options);
    ck_assert_ptr_nonnull(dialogue);
    for (uint64_t number = 1; text.size > 0;)
        number += give_lines(dialogue, &text, number, in_pairs);
    ck_assert(dialogue_finish(dialogue));
    *count = dialogue_count(dialogue);
    dialogue_free(dialogue);
    fclose(out);
    return events;
}

struct row {
    const char *name, *transcript, *events;
};

static void assert_row(const struct row *row, bool one_sided)
{
    struct dialogue_count count;
    for (int in_pairs = 0; in_pairs < 2; in_pairs++) {
        char *events = events_of(slice_of(row->transcript), one_sided, in_pairs, &count);
        ck_assert_msg(strcmp(events[0] ? events + 1 : "", row->events) == 0,
                      "%s%s\n   expected: %s\n   found:   %s", row->name,
                      in_pairs ? ", two lines at once" : "", row->events, events);
        free(events);
    }
}

#define START        "S 220 mx\nC EHLO a\nS 250 mx\n"
#define START_EVENTS "begin CONNECT@1=220 EHLO@2=250 "
#define MAIL         "C MAIL FROM:<a@b>\nS 250 ok\nC RCPT TO:<c@d>\nS 250 ok\n"
#define MAIL_EVENTS  "MAIL@4=250 RCPT@6=250 "

static const struct row pairing[] = {
    {"in lock step", START MAIL "C QUIT\nS 221 bye\n", START_EVENTS MAIL_EVENTS "QUIT@8=221 end"},
    {"nothing", "", ""},
    {"notes only", "N a\nN b\n", ""},
    {"a greeting and no more", "S 220 mx\n", "begin CONNECT@1=220 end"},
    {"greeting of many lines", "S 220-mx\nS 220-busy\nS 220 mx\nC QUIT\nS 221 bye\n",
     "begin CONNECT@1=220 QUIT@4=221 end"},
    {"reply of many lines", "S 220 mx\nC EHLO a\nS 250-mx\nS 250-SIZE\nS 250 DSN\nC QUIT\nS 221\n",
     "begin CONNECT@1=220 EHLO@2=250 QUIT@6=221 end"},
    {"bare codes", "S 220\nC EHLO a\nS 250\nC QUIT\nS 221\n",
     "begin CONNECT@1=220 EHLO@2=250 QUIT@4=221 end"},
    {"a group", START "C MAIL FROM:<a@b>\nC RCPT TO:<c@d>\nC DATA\nS 250\nS 550\nS 503\n",
     START_EVENTS "MAIL@4=250:f RCPT@5=550:pf DATA@6=503:p end"},
    {"half a group was waited for",
     START "C MAIL FROM:<a@b>\nC RCPT TO:<c@d>\nS 250\nC RCPT TO:<e@f>\nS 250\nS 250\n",
     START_EVENTS "MAIL@4=250:f RCPT@5=250:pf RCPT@7=250:p end"},
    {"rejected greeting", "S 554 no\nC QUIT\nS 221 bye\n", "begin CONNECT@1=554 QUIT@2=221 end"},
    {"spoke before the greeting", "C EHLO a\nS 220 mx\nS 250 mx\n",
     "begin CONNECT@2=220 EHLO@1=250:pg end"},
    {"connection lost after a command", START "C MAIL FROM:<a@b>\n", START_EVENTS "MAIL@4=-:u cut"},
    {"QUIT need not be answered", START "C QUIT\n", START_EVENTS "QUIT@4=-:u end"},
    {"begins in the middle", "C RCPT TO:<c@d>\nS 250 ok\nC QUIT\nS 221\n",
     "begin RCPT@1=250 QUIT@3=221 end"},
    {"begins with an answer", "S 250 ok\nC QUIT\nS 221\n", "begin QUIT@2=221 end"},
    {"421 to a command", START "C MAIL FROM:<a@b>\nS 421 closing\n", START_EVENTS "MAIL@4=421 end"},
    {"421 to nothing", START "S 421 idle\n", START_EVENTS "closing@4 end"},
    {"421 in place of the greeting", "S 421 busy\n", "begin CONNECT@1=421 end"},
    {"421 inside a message", START MAIL "C DATA\nS 354 go\nC text\nS 421 closing\n",
     START_EVENTS MAIL_EVENTS "DATA@8=354 .@8=421:i end"},
    {"421 in a group", START "C MAIL FROM:<a@b>\nC RCPT TO:<c@d>\nS 421 closing\n",
     START_EVENTS "MAIL@4=421:f RCPT@5=-:pu end"},
    {"one too many", START "S 250 again\nC QUIT\nS 221\n", START_EVENTS "extra@4 QUIT@5=221 end"},
    {"a reply is missing", START "C MAIL FROM:<a@b>\nC DATA\nS 354 go\nC .\nS 250\n",
     START_EVENTS "MAIL@4=-:m DATA@5=354 .@7=250 end"},
    {"wrong answer", START "C MAIL FROM:<a@b>\nS 354 go\nC QUIT\nS 221\n",
     START_EVENTS "MAIL@4=354:x QUIT@6=221 end"},
    {"not a reply", START "C NOOP\nS Traceback:\nC QUIT\nS 221\n",
     START_EVENTS "malformed@5 NOOP@4=-:b QUIT@6=221 end"},
    {"codes differ", "S 220 mx\nC EHLO a\nS 250-mx\nS 251 mx\nC QUIT\nS 221\n",
     "begin CONNECT@1=220 mixed@4 EHLO@2=251:x QUIT@5=221 end"},
    {"reply without its last line", "S 220 mx\nC EHLO a\nS 250-mx\nC QUIT\nS 221\n",
     "begin CONNECT@1=220 malformed@3 EHLO@2=250 QUIT@4=221 end"},
    {"999", START "C NOOP\nS 999 what\nC QUIT\nS 221\n",
     START_EVENTS "malformed@5 NOOP@4=999:x QUIT@6=221 end"},
    {"stage directions are nothing", START "S (waits)\nS [TLS]\nC QUIT\nS 221\n",
     START_EVENTS "QUIT@6=221 end"},
    {"indented", "S   220 mx\nC   EHLO a\nS   250 mx\n", "begin CONNECT@1=220 EHLO@2=250 end"},
    {"an empty command", START "C \nS 500 what\n", START_EVENTS "unknown command@4=500 end"},
    {"a line without a mark is passed over", START "| text\nC QUIT\nS 221\n",
     START_EVENTS "QUIT@5=221 end"},
    {"the rest of a reply without a mark", "S 220 mx\nC EHLO a\nS 250-mx\n|250-SIZE\n|250 DSN\n",
     "begin CONNECT@1=220 EHLO@2=250 end"},
};

START_TEST(reply_finds_its_command)
{
    assert_row(&pairing[_i], false);
}
END_TEST

#define DATA        START MAIL "C DATA\nS 354 go\n"
#define DATA_EVENTS START_EVENTS MAIL_EVENTS "DATA@8=354 "

static const struct row contents[] = {
    {"PRDR", DATA "C text\nC .\nS 353 wait\nS 250 c\nS 250 ok\nC QUIT\nS 221\n",
     DATA_EVENTS ".@11=353,250,250 QUIT@15=221 end"},
    {"PRDR, given up", DATA "C text\nC .\nS 353 wait\nS 421 sorry\n",
     DATA_EVENTS ".@11=353,421 end"},
    {"message", DATA "C Subject: x\nC \nC text\nC .\nS 250 ok\n", DATA_EVENTS ".@13=250 end"},
    {"lines that look like commands", DATA "C MAIL FROM:<a@b>\nC QUIT\nC RSET\nC .\nS 250 ok\n",
     DATA_EVENTS ".@13=250 end"},
    {"lines that look like replies", DATA "C 250 ok\nC 503 x\nC .\nS 250 ok\n",
     DATA_EVENTS ".@12=250 end"},
    {"doubled dots", DATA "C ..\nC .. x\nC ...\nC .\nS 250 ok\n", DATA_EVENTS ".@13=250 end"},
    {"dot with more after it", DATA "C . \nC .x\nC .\nS 250 ok\n", DATA_EVENTS ".@12=250 end"},
    {"lines without a mark", DATA "| text\n|more\nC .\nS 250 ok\n", DATA_EVENTS ".@12=250 end"},
    {"only the dot", DATA "C .\nS 550 spam\n", DATA_EVENTS ".@10=550 end"},
    {"cut inside", DATA "C text\n", DATA_EVENTS "cut!"},
    {"cut after the 354", DATA, DATA_EVENTS "cut!"},
    {"refused", START MAIL "C DATA\nS 554 no\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "DATA@8=554 QUIT@10=221 end"},
    {"not shown", DATA "N= 45 lines\nS 250 ok\n", DATA_EVENTS ".@10=250:i end"},
    {"answered before the dot", DATA "C text\nS 550 spam\nC more\nC .\nC QUIT\nS 221\n",
     DATA_EVENTS ".@8=550:i QUIT@14=221 end"},
    {"answered before the dot, and left there",
     DATA "C text\nS 550 spam\nC RSET\nS 250 ok\nC text\nS 500 what\nC QUIT\nS 221\n",
     DATA_EVENTS ".@8=550:i RSET@12=250 unknown command@14=500 QUIT@16=221 end"},
    {"answered before the dot, and then waited for in vain",
     DATA "C text\nS 550 spam\nC RSET\nN!\nC NOOP\nS 250\nC QUIT\nS 221\n",
     DATA_EVENTS ".@8=550:i RSET@12=-:m NOOP@14=250 QUIT@16=221 end"},
    {"sent before the 354", START MAIL "C DATA\nC text\nC .\nS 354 go\nS 250 ok\n",
     START_EVENTS MAIL_EVENTS "DATA@8=354:fe .@10=250:p end"},
    {"next transaction", DATA "C .\nS 250\nC MAIL FROM:<a@b>\nS 250\n",
     DATA_EVENTS ".@10=250 MAIL@12=250 end"},
};

START_TEST(message_is_no_command)
{
    assert_row(&contents[_i], false);
}
END_TEST

static const struct row chunks[] = {
    {"one chunk", START MAIL "C BDAT 6 LAST\nC text\nS 250 ok\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250 QUIT@11=221 end"},
    {"two", START MAIL "C BDAT 6\nC text\nS 250\nC BDAT 7 LAST\nC hello\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT@8=250 BDAT LAST@11=250 end"},
    {"lines that end with LF alone",
     START MAIL "C BDAT 12 LAST\nC one\nC two\nC six\nS 250 ok\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250 QUIT@13=221 end"},
    {"the last line has no end", START MAIL "C BDAT 9 LAST\nC one\nC four\nC NOOP\nS 250\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250:f NOOP@11=250:p end"},
    {"a command in the middle of a line",
     START MAIL "C BDAT 8\nC one\nC twoBDAT 5 LAST\nC six\nS 250\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT@8=250:f BDAT LAST@10=250:p end"},
    {"the octets come after the refusal",
     START MAIL "C BDAT 10 LAST\nS 552 too big\nC one\nC two\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=552 QUIT@12=221 end"},
    {"or do not come", START MAIL "C BDAT 10 LAST\nS 552 too big\nC RSET\nS 250\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=552 RSET@10=250 QUIT@12=221 end"},
    {"octets that a log writes as a note",
     START MAIL "C BDAT 182 LAST\nC [... 182 bytes]\nC NOOP\nS 250\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250:f NOOP@10=250:p end"},
    {"malformed, so of no octets",
     START MAIL "C BDAT 5 X\nC RSET\nC QUIT\nS 501 what\nS 250\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT@8=501:f RSET@9=250:pf QUIT@10=221:p end"},
    {"a reply to a command before it",
     START MAIL "C NOOP\nC BDAT 10 LAST\nC one\nS 250\nC two\nS 250\n",
     START_EVENTS MAIL_EVENTS "NOOP@8=250:f BDAT LAST@9=250:p end"},
    {"of no octets", START MAIL "C BDAT 6\nC text\nS 250\nC BDAT 0 LAST\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT@8=250 BDAT LAST@11=250 end"},
    {"octets that look like commands",
     START MAIL "C BDAT 24 LAST\nC MAIL FROM:<a@b>\nC DATA\nC .\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250 end"},
    {"octets that look like replies", START MAIL "C BDAT 11 LAST\nC 250 OK\nC .\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250 end"},
    {"the next chunk in the same group",
     START MAIL "C BDAT 6\nC text\nC BDAT 6 LAST\nC text\nS 250\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT@8=250:f BDAT LAST@10=250:p end"},
    {"octets that are not shown", START MAIL "C BDAT 86\nC BDAT 86 LAST\nS 250\nS 250\n",
     START_EVENTS MAIL_EVENTS "BDAT@8=250:f BDAT LAST@9=250:p end"},
    {"octets not shown, answered", START MAIL "C BDAT 86 LAST\nS 250\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250 QUIT@10=221 end"},
    {"a server that takes them for commands",
     START MAIL "C BDAT 12 LAST\nC one\nC two\nS 500 what\nS 500 what\nS 500 what\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=500 chunk@9 chunk@10 QUIT@14=221 end"},
    {"cut", START MAIL "C BDAT 1000\nC text\n", START_EVENTS MAIL_EVENTS "BDAT@8=-:u cut!"},
    {"a size beyond all bounds",
     START MAIL "C BDAT 99999999999999999999999999 LAST\nC text\nC QUIT\nS 250\nC QUIT\nS 221\n",
     START_EVENTS MAIL_EVENTS "BDAT LAST@8=250 QUIT@12=221 end"},
};

START_TEST(chunk_is_counted_by_octets)
{
    assert_row(&chunks[_i], false);
}
END_TEST

static const struct row auths[] = {
    {"in one go", START "C AUTH PLAIN x\nS 235 ok\n", START_EVENTS "AUTH@4=235 end"},
    {"challenge", START "C AUTH PLAIN\nS 334 \nC eHg=\nS 235 ok\nC QUIT\nS 221\n",
     START_EVENTS "AUTH@4=334,235 QUIT@8=221 end"},
    {"two challenges", START "C AUTH LOGIN\nS 334 a\nC b\nS 334 c\nC d\nS 535 no\n",
     START_EVENTS "AUTH@4=334,334,535 end"},
    {"cancelled", START "C AUTH LOGIN\nS 334 a\nC *\nS 501 cancelled\nC QUIT\nS 221\n",
     START_EVENTS "AUTH@4=334,501 QUIT@8=221 end"},
    {"empty answer", START "C AUTH EXTERNAL\nS 334 \nC \nS 235 ok\n",
     START_EVENTS "AUTH@4=334,235 end"},
    {"answer that looks like a command",
     START "C AUTH LOGIN\nS 334 a\nC QUIT\nS 334 b\nC x\nS 235\n",
     START_EVENTS "AUTH@4=334,334,235 end"},
    {"refused at once", START "C AUTH LOGIN\nS 503 no\nC QUIT\nS 221\n",
     START_EVENTS "AUTH@4=503 QUIT@6=221 end"},
    {"answer sent too early", START "C AUTH LOGIN\nC b\nS 334 a\nS 235 ok\n",
     START_EVENTS "AUTH@4=334,235:e end"},
    {"lost after a challenge", START "C AUTH LOGIN\nS 334 a\n", START_EVENTS "AUTH@4=334:u cut"},
};

START_TEST(challenge_is_answered)
{
    assert_row(&auths[_i], false);
}
END_TEST

#define LMTP        "S 220 mx\nC LHLO a\nS 250 mx\nC MAIL FROM:<a@b>\nS 250\nC RCPT TO:<c@d>\nS 250\n"
#define LMTP_EVENTS "begin CONNECT@1=220 LHLO@2=250 MAIL@4=250 RCPT@6=250 "

static const struct row lmtp[] = {
    {"one recipient", LMTP "C DATA\nS 354\nC .\nS 250\nC QUIT\nS 221\n",
     LMTP_EVENTS "DATA@8=354 .@10=250 QUIT@12=221 end"},
    {"two recipients, one refused later",
     LMTP "C RCPT TO:<e@f>\nS 250\nC DATA\nS 354\nC .\nS 250\nS 452\nC QUIT\nS 221\n",
     LMTP_EVENTS "RCPT@8=250 DATA@10=354 .@12=250,452 QUIT@15=221 end"},
    {"a refused recipient has no reply",
     LMTP "C RCPT TO:<e@f>\nS 550\nC DATA\nS 354\nC .\nS 250\nC QUIT\nS 221\n",
     LMTP_EVENTS "RCPT@8=550 DATA@10=354 .@12=250 QUIT@14=221 end"},
    {"last chunk", LMTP "C RCPT TO:<e@f>\nS 250\nC BDAT 0 LAST\nS 250\nS 250\nC QUIT\nS 221\n",
     LMTP_EVENTS "RCPT@8=250 BDAT LAST@10=250,250 QUIT@13=221 end"},
    {"the second message counts anew",
     LMTP "C DATA\nS 354\nC .\nS 250\nC MAIL FROM:<a@b>\nS 250\nC RCPT TO:<c@d>\nS 250\nC DATA\n"
          "S 354\nC .\nS 250\nS 250\n",
     LMTP_EVENTS "DATA@8=354 .@10=250 MAIL@12=250 RCPT@14=250 DATA@16=354 .@18=250 extra@20 end"},
    {"SMTP has one reply", START MAIL "C RCPT TO:<e@f>\nS 250\nC DATA\nS 354\nC .\nS 250\nS 250\n",
     START_EVENTS MAIL_EVENTS "RCPT@8=250 DATA@10=354 .@12=250 extra@14 end"},
};

START_TEST(lmtp_answers_for_each_recipient)
{
    assert_row(&lmtp[_i], false);
}
END_TEST

static const struct row sessions[] = {
    {"a new greeting", START "C QUIT\nS 221\nS 220 mx\nC QUIT\nS 221\n",
     START_EVENTS "QUIT@4=221 end begin CONNECT@6=220 QUIT@7=221 end"},
    {"a new greeting without goodbye", START "S 220 mx\nC QUIT\nS 221\n",
     START_EVENTS "end begin CONNECT@4=220 QUIT@5=221 end"},
    {"a note", START "N+ Trying\nS 220 mx\nC QUIT\nS 221\n",
     START_EVENTS "end begin+ CONNECT@5=220 QUIT@6=221 end"},
    {"a note before the first", "N+ Trying\nS 220 mx\nC QUIT\nS 221\n",
     "begin+ CONNECT@2=220 QUIT@3=221 end"},
    {"a note inside a message", DATA "C text\nN+ Trying\nS 220 mx\n",
     DATA_EVENTS "cut! begin+ CONNECT@12=220 end"},
    {"an empty line is not enough", START "\nC QUIT\nS 221\n", START_EVENTS "QUIT@5=221 end"},
    {"STARTTLS is the same session",
     START "C STARTTLS\nS 220 go\nC EHLO a\nS 250 mx\nC QUIT\nS 221\n",
     START_EVENTS "STARTTLS@4=220 EHLO@6=250 QUIT@8=221 end"},
    {"STARTTLS refused", START "C STARTTLS\nS 454 no\nC QUIT\nS 221\n",
     START_EVENTS "STARTTLS@4=454 QUIT@6=221 end"},
    {"the greeting of a server after a proxy",
     "S 220 proxy\nC EHLO a\nS 220 mx\nS 250 mx\nC QUIT\nS 221\n",
     "begin CONNECT@1=220 EHLO@2=250 QUIT@5=221 end"},
    {"the same, which comes after the answer of the proxy to EHLO",
     "S 220 proxy\nC EHLO a\nS 250 proxy\nS 220 mx\nC MAIL FROM:<a@b>\nS 250 ok\nC QUIT\nS 221\n",
     "begin CONNECT@1=220 EHLO@2=250 MAIL@5=250 QUIT@7=221 end"},
    {"with the answer of that server to the EHLO of the proxy",
     "S 220 proxy\nC EHLO a\nS 250 proxy\nS 220 mx\nS 250 mx\nC MAIL FROM:<a@b>\nS 250 ok\n",
     "begin CONNECT@1=220 EHLO@2=250 MAIL@6=250 end"},
    {"a server that has not heard the EHLO says so",
     "S 220 proxy\nC EHLO a\nS 250 proxy\nS 220 mx\nC MAIL FROM:<a@b>\nS 503 hello?\n",
     "begin CONNECT@1=220 EHLO@2=250 end begin CONNECT@4=220 MAIL@5=503 end"},
    {"a hello after it begins a session",
     "S 220 one\nC EHLO a\nS 250 one\nS 220 two\nC EHLO a\nS 250 two\n",
     "begin CONNECT@1=220 EHLO@2=250 end begin CONNECT@4=220 EHLO@5=250 end"},
    {"nothing after it is a session as well", "S 220 one\nC EHLO a\nS 250 one\nS 220 two\n",
     "begin CONNECT@1=220 EHLO@2=250 end begin CONNECT@4=220 end"},
    {"two greetings of one connection", "N~ octets\nS 220 proxy\nS 220 mx\nC EHLO a\nS 250 mx\n",
     "begin CONNECT@2=220 EHLO@4=250 end"},
    {"AUTH between servers of Exchange",
     START "C X-EXPS NTLM\nS 334\nC AAAA\nS 334\nS 235 ok\nC QUIT\nS 221\n",
     START_EVENTS "unknown command@4=334,334,235 QUIT@9=221 end"},
    {"an excerpt of a bounce", "C DATA\nS 550 unknown\nS 551 moved\nS 503 need RCPT\n",
     "begin RCPT@2=550:i RCPT@3=551:pif DATA@1=503:p end"},
    {"one refusal only", "C DATA\nS 554 no\nC QUIT\nS 221\n", "begin DATA@1=554 QUIT@3=221 end"},
    {"AUTH that the log hides", START "S 235 ok\nC NOOP\nS 250\n",
     START_EVENTS "AUTH@4=235:i NOOP@5=250 end"},
    {"but not a second one", START "C AUTH PLAIN AAAA\nS 235 ok\nS 235 ok\n",
     START_EVENTS "AUTH@4=235 extra@6 end"},
    {"a heading, and a part of a session", "N+ session 1\nC NOOP\nS 250\n", "begin NOOP@2=250 end"},
    {"blank lines", START MAIL "C DATA\nC \nS 354 go\nC \nC .\nS 250 ok\n",
     START_EVENTS MAIL_EVENTS "DATA@8=354 .@12=250 end"},
    {"X-ANONYMOUSTLS is no second greeting",
     START "C X-ANONYMOUSTLS\nS 220 go\nC EHLO a\nS 250 mx\n",
     START_EVENTS "unknown command@4=220 EHLO@6=250 end"},
    {"ATRN turns round",
     START "C ATRN a\nS 250 turning\nC 220 a\nS EHLO mx\nC 250 a\nS QUIT\nC 221 bye\n",
     START_EVENTS "ATRN@4=250 end begin CONNECT@6=220 EHLO@7=250 QUIT@9=221 end"},
    {"ATRN refused", START "C ATRN a\nS 453 none\nC QUIT\nS 221 bye\n",
     START_EVENTS "ATRN@4=453 QUIT@6=221 end"},
    {"a session after one that turned round",
     START "C ATRN a\nS 250 turning\nC 220 a\nS QUIT\nC 221 bye\nN+ Trying\n" START,
     START_EVENTS "ATRN@4=250 end begin CONNECT@6=220 QUIT@7=221 end begin+ CONNECT@10=220 "
                  "EHLO@11=250 end"},
    {"a proxy tells of the client", "C PROXY TCP4 192.0.2.1 192.0.2.2 111 25\n" START,
     "begin CONNECT@2=220 EHLO@3=250 end"},
    {"but not in a session", START "C PROXY TCP4 192.0.2.1 192.0.2.2 111 25\nS 500 what\n",
     START_EVENTS "unknown command@4=500 end"},
    {"a reply in the clear after the 220 to STARTTLS",
     START "C STARTTLS\nS 220 go\nS 250-evil\nS 250 AUTH\nC EHLO a\nS 250 mx\n",
     START_EVENTS "STARTTLS@4=220 clear@6 EHLO@8=250 end"},
    {"a note between them, so that it may be in TLS",
     START "C STARTTLS\nS 220 go\nN TLS started\nS 250 mx\n",
     START_EVENTS "STARTTLS@4=220 extra@7 end"},
    {"a command in the clear, on the network",
     "N~ octets\n" START "C STARTTLS\nS 220 go\nC EHLO a\nS 250 mx\n",
     "begin CONNECT@2=220 EHLO@3=250 STARTTLS@5=220 clear@7 EHLO@7=250 end"},
    {"a command inside TLS, as a proxy has it",
     "N~ octets\n" START "C STARTTLS\nS 220 go\nN# TLS\nC EHLO a\nS 250 mx\n",
     "begin CONNECT@2=220 EHLO@3=250 STARTTLS@5=220 EHLO@8=250 end"},
    {"another protocol", START "N? TLS\n", START_EVENTS "foreign@4 end"},
    {"XCLIENT is greeted again", START "C XCLIENT ADDR=192.0.2.1\nS 220 mx\nC EHLO a\nS 250 mx\n",
     START_EVENTS "XCLIENT@4=220 EHLO@6=250 end"},
    {"a second connection whose greeting is not shown",
     START "C QUIT\nS 221\n\nC EHLO a\nS 250 mx\n",
     START_EVENTS "QUIT@4=221 end begin EHLO@7=250 end"},
    {"a second connection whose beginning is not shown",
     START "C QUIT\nS 221\nC RCPT TO:<a@b>\nS 250 ok\n",
     START_EVENTS "QUIT@4=221 end begin RCPT@6=250 end"},
    {"but the server may go on on the network",
     "N~ octets\n" START "C QUIT\nS 221\nC NOOP\nS 250 ok\n",
     "begin CONNECT@2=220 EHLO@3=250 QUIT@5=221 NOOP@7=250 end"},
    {"and what was sent with QUIT is the same session's", START "C QUIT\nC NOOP\nS 221\nS 250 ok\n",
     START_EVENTS "QUIT@4=221:f NOOP@5=250:p end"},
    {"a second connection is refused", START "C QUIT\nS 221\nS 554 no\nC QUIT\nS 221\n",
     START_EVENTS "QUIT@4=221 end begin CONNECT@6=554 QUIT@7=221 end"},
    {"the client does not wait for the second greeting",
     START "C QUIT\nS 221\nC EHLO a\nC NOOP\nS 220 mx\nS 250 mx\nS 250 ok\n",
     START_EVENTS "QUIT@4=221 end begin CONNECT@8=220 EHLO@6=250:pgf NOOP@7=250:pg end"},
    {"commands after the goodbye, and then a second connection",
     START "C QUIT\nS 221\nC NOOP\nS 220 mx\nC EHLO a\nS 250 mx\n",
     START_EVENTS "QUIT@4=221 NOOP@6=-:u end begin CONNECT@7=220 EHLO@8=250 end"},
    {"a greeting after replies that do not fit", "C DATA\nS 250\nS 250\n" START,
     "begin DATA@1=250:x end begin CONNECT@4=220 EHLO@5=250 end"},
    {"a session after one that turned round and is over",
     START "C ATRN a\nS 250 turning\nC 220 a\nS QUIT\nC 221 bye\n" START,
     START_EVENTS "ATRN@4=250 end begin CONNECT@6=220 QUIT@7=221 end begin CONNECT@9=220 "
                  "EHLO@10=250 end"},
};

START_TEST(session_begins_and_ends)
{
    assert_row(&sessions[_i], false);
}
END_TEST

static const struct row one_sided[] = {
    {"commands only", "C EHLO a\nC MAIL FROM:<a@b>\nC RCPT TO:<c@d>\nC QUIT\n",
     "begin EHLO@1=-:a MAIL@2=-:a RCPT@3=-:a QUIT@4=-:a end"},
    {"message", "C DATA\nC MAIL FROM:<a@b>\nC ..\nC .\nC QUIT\n",
     "begin DATA@1=-:a .@4=-:a QUIT@5=-:a end"},
    {"message without its dot", "C EHLO a\nC DATA\nC text\n", "begin EHLO@1=-:a DATA@2=-:au cut!"},
    {"answers to challenges", "C EHLO a\nC AUTH LOGIN\nC dXNlcg==\nC cGFzcw==\nC MAIL FROM:<a@b>\n",
     "begin EHLO@1=-:a AUTH@2=-:a MAIL@5=-:a end"},
    {"an empty line and a hello begin a session", "C EHLO a\nC QUIT\n\nC EHLO a\nC QUIT\n",
     "begin EHLO@1=-:a QUIT@2=-:a end begin EHLO@4=-:a QUIT@5=-:a end"},
    {"a hello alone does not", "C EHLO a\nC EHLO a\n", "begin EHLO@1=-:a EHLO@2=-:a end"},
    {"a note begins one", "C EHLO a\nN+ session\nC EHLO a\n",
     "begin EHLO@1=-:a end begin+ EHLO@3=-:a end"},
    {"chunks", "C BDAT 6\nC text\nC BDAT 6 LAST\nC text\nC QUIT\n",
     "begin BDAT@1=-:a BDAT LAST@3=-:a QUIT@5=-:a end"},
};

START_TEST(commands_without_replies_count_as_accepted)
{
    assert_row(&one_sided[_i], true);
}
END_TEST

/* The last line has no line end. */
static const struct row unended[] = {
    {"no command yet", START "C ", START_EVENTS "cut-"},
    {"a part of a verb", START "C Q", START_EVENTS "cut-"},
    {"a part of a verb, after a group", START "C MAIL FROM:<a@b>\nC rc",
     START_EVENTS "MAIL@4=-:u cut-"},
    {"a whole verb", START "C QUIT", START_EVENTS "QUIT@4=-:uh end"},
    {"a part of an argument", START "C MAIL FR", START_EVENTS "MAIL@4=-:uh cut"},
    {"no verb, whatever follows", START "C FROB", START_EVENTS "unknown command@4=-:uh cut"},
    {"no code yet", START "C NOOP\nS ", START_EVENTS "NOOP@4=-:u cut-"},
    {"a part of a code", START "C NOOP\nS 25", START_EVENTS "NOOP@4=-:u cut-"},
    {"a whole code", START "C NOOP\nS 250", START_EVENTS "NOOP@4=250 end"},
    {"goodbye", START "C QUIT\nS 221 bye", START_EVENTS "QUIT@4=221 end"},
    {"more lines of the reply follow", START "C NOOP\nS 250-o", START_EVENTS "NOOP@4=-:u cut"},
    {"or may follow", START "C NOOP\nS 250-o\nS 250", START_EVENTS "NOOP@4=-:u cut-"},
    {"its last line", START "C NOOP\nS 250-o\nS 250 o", START_EVENTS "NOOP@4=250 end"},
    {"no reply, whatever follows", START "C NOOP\nS 25x",
     START_EVENTS "malformed@5 NOOP@4=-:u cut"},
    {"a note of the writer's begins", START "C NOOP\nS (wai", START_EVENTS "NOOP@4=-:u cut"},
    {"in the message", START MAIL "C DATA\nS 354 go\nC QU",
     START_EVENTS MAIL_EVENTS "DATA@8=354 cut!"},
    {"the dot", START MAIL "C DATA\nS 354 go\nC .",
     START_EVENTS MAIL_EVENTS "DATA@8=354 .@10=-:u cut"},
    {"DATA without an answer: its message, or commands", START "C DATA\nC RCPT TO:<a@b>\nC NOOP\n",
     START_EVENTS "DATA@4=-:ue cut"},
};

START_TEST(unended_line_says_no_more_than_is_there)
{
    assert_row(&unended[_i], false);
}
END_TEST

START_TEST(unplaced_lines_are_counted)
{
    struct dialogue_count count;
    free(events_of(SLICE(START "|one\n|two\n" DATA "|text\nC .\nS 250\n"), false, false, &count));
    ck_assert_uint_eq(count.unplaced, 2);
    free(events_of(SLICE(DATA "N= 45 lines\nS 250\n"), false, false, &count));
    ck_assert_uint_eq(count.elided, 1);
}
END_TEST

/* The longest reply of a session. */
struct longest {
    unsigned lines;
    size_t size;
};

static void begin_nothing(void *context, uint64_t line, bool from_start)
{
    (void)context;
    (void)line;
    (void)from_start;
}

static void measure(void *context, const struct exchange *exchange)
{
    struct longest *longest = context;
    for (size_t i = 0; i < exchange->reply_count; i++)
        if (exchange->replies[i].lines > longest->lines)
            *longest = (struct longest){exchange->replies[i].lines, exchange->replies[i].text.size};
}

static void end_nothing(void *context, const struct session_end *end)
{
    (void)context;
    (void)end;
}

/* Only the beginning of a reply of a million lines is stored. */
START_TEST(endless_reply_is_bounded)
{
    struct longest longest = {0};
    struct dialogue_sink sink = {&longest, begin_nothing, measure, NULL, end_nothing, NULL};
    struct dialogue_options options = {.one_sided = false};
    struct dialogue *dialogue = dialogue_new(&sink, &options);
    ck_assert_ptr_nonnull(dialogue);
    give_line(dialogue, "S 220 mx\n", 1);
    give_line(dialogue, "C HELP\n", 2);
    for (uint64_t number = 3; number < 1000003; number++)
        give_line(dialogue, "S 214-there is no end to it\n", number);
    give_line(dialogue, "S 214 but here it is\n", 1000003);
    ck_assert(dialogue_finish(dialogue));
    dialogue_free(dialogue);
    ck_assert_uint_eq(longest.lines, 1000001);
    ck_assert_uint_gt(longest.size, 0);
    ck_assert_uint_le(longest.size, 1 << 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dialogue");
    TCase *lines = tcase_create("lines");
    tcase_add_loop_test(lines, reply_finds_its_command, 0, ROWS(pairing));
    tcase_add_loop_test(lines, message_is_no_command, 0, ROWS(contents));
    tcase_add_loop_test(lines, chunk_is_counted_by_octets, 0, ROWS(chunks));
    tcase_add_loop_test(lines, challenge_is_answered, 0, ROWS(auths));
    tcase_add_loop_test(lines, lmtp_answers_for_each_recipient, 0, ROWS(lmtp));
    tcase_add_loop_test(lines, session_begins_and_ends, 0, ROWS(sessions));
    tcase_add_loop_test(lines, unended_line_says_no_more_than_is_there, 0, ROWS(unended));
    tcase_add_loop_test(lines, commands_without_replies_count_as_accepted, 0, ROWS(one_sided));
    tcase_add_test(lines, unplaced_lines_are_counted);
    tcase_add_test(lines, endless_reply_is_bounded);
    suite_add_tcase(suite, lines);
    return suite_run(suite);
}
