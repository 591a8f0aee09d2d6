/* check_follower.c - where a session stands after a few lines.
 *
 * A row is a dialogue, "C:" and "S:" before each line and "-C:" where octets of a side are missing,
 * and what the follower says then. Lines that cannot be judged are counted.
 */
#include <stdio.h>

#include "smtp/follower.h"
#include "suite.h"

static const struct {
    const char *name, *dialogue, *expected;
} rows[] = {
    {"nothing", "", ""},
    {"354 begins content", "C:DATA\nS:354 go\n", "content"},
    {"354- does not yet", "C:DATA\nS:354-go\n", "open354"},
    {"a dot ends it", "C:DATA\nS:354 go\nC:a\nC:.\n", ""},
    {"two dots do not", "C:DATA\nS:354 go\nC:..\n", "content"},
    {"so does a reply", "C:DATA\nS:354 go\nC:a\nS:250 ok\n", ""},
    {"a line that is no reply does not", "C:DATA\nS:354 go\nS:what\n", "content"},
    {"334 wants an answer", "C:AUTH LOGIN\nS:334 x\n", "answer auth"},
    {"one answer", "C:AUTH LOGIN\nS:334 x\nC:AAAA\n", "auth"},
    {"an answer is no command", "C:AUTH LOGIN\nS:334 x\nC:STARTTLS\nS:220 go\n", ""},
    {"235 ends AUTH", "C:AUTH PLAIN AAAA\nS:235 ok\n", ""},
    {"221 closes", "C:QUIT\nS:221 bye\n", "closed"},
    {"a greeting opens again", "C:QUIT\nS:221 bye\nS:220 hi\n", ""},
    {"more lines follow", "C:EHLO a\nS:250-mx\n", "open250"},
    {"the last line", "C:EHLO a\nS:250-mx\nS:250 HELP\n", ""},
    {"a blank before the code", "C:EHLO a\nS: 250-mx\n", "open250"},
    {"chunk", "C:BDAT 20\nC:12345678\n", "chunk10"},
    {"a chunk hides commands", "C:BDAT 20\nC:STARTTLS\n", "chunk10"},
    {"chunk is whole", "C:BDAT 10\nC:12345678\n", ""},
    {"chunk is answered", "C:BDAT 20\nS:250 ok\n", ""},
    {"STARTTLS", "C:starttls\n", "asked"},
    {"220 to STARTTLS", "C:STARTTLS\nS:220 go\n", "agreed"},
    {"STARTTLS is refused", "C:STARTTLS\nS:454 no\n", ""},
    {"220 to a STARTTLS before the beginning", "S:220 2.0.0 go\n", "agreed"},
    {"a greeting", "S:220 mx.example.com ESMTP\n", ""},
    {"220 with a status code to a command", "C:EHLO a\nS:220 2.0.0 go\n", ""},
    {"a reply before it", "C:EHLO a\nC:STARTTLS\nS:250 mx\nS:220 go\n", "agreed"},
    {"STARTTLS in a message", "C:DATA\nS:354 go\nC:STARTTLS\nC:.\nS:220 go\n", ""},
    {"a hole", "C:MAIL FROM:<a@b>\n-S:\nC:DATA\n", "lost 1"},
    {"found again after a reply", "-S:\nC:DATA\nS:250 ok\nC:RSET\nS:250 ok\n", " 2"},
    {"not by text", "-S:\nS:250 ok\nC:text\n", "lost answered 2"},
    {"not after a part of a reply", "-S:\nS:250-ok\nC:RSET\n", "lost 2"},
    {"a hole in a message", "C:DATA\nS:354 go\n-C:\nC:text\nC:.\n", ""},
    {"the server's hole in a message", "C:DATA\nS:354 go\n-S:\n", "lost"},
};

static void put(char *text, size_t size, const struct follower *is, unsigned passed_over)
{
    char *end = text;
    static const char *const tls[] = {"", "asked ", "agreed "};
    text[0] = '\0';
    end += sprintf(end, "%s%s%s%s", is->content ? "content " : "", is->answer ? "answer " : "",
                   is->auth ? "auth " : "", is->closed ? "closed " : "");
    if (is->open)
        end += sprintf(end, "open%d ", is->open);
    if (is->chunk_left)
        end += sprintf(end, "chunk%u ", (unsigned)is->chunk_left);
    end += sprintf(end, "%s%s%s", tls[is->tls], is->lost ? "lost " : "",
                   is->answered ? "answered " : "");
    if (end > text)
        *--end = '\0';
    if (passed_over)
        end += sprintf(end, " %u", passed_over);
    ck_assert_uint_lt((size_t)(end - text), size);
}

START_TEST(follower_reaches_its_state)
{
    struct follower follower = {0};
    unsigned passed_over = 0;
    for (struct slice rest = slice_of(rows[_i].dialogue); rest.size > 0;) {
        struct slice line = slice_head(rest, slice_find(rest, '\n'));
        rest = slice_after(rest, line.size + 1);
        bool hole = line.data[0] == '-';
        line = slice_after(line, hole);
        enum side side = line.data[0] == 'C' ? SIDE_CLIENT : SIDE_SERVER;
        if (hole)
            follower_lose(&follower, side);
        else
            passed_over += !follower_take(&follower, side, slice_after(line, 2));
    }
    char text[128];
    put(text, sizeof text, &follower, passed_over);
    ck_assert_msg(strcmp(text, rows[_i].expected) == 0, "%s: '%s', not '%s'", rows[_i].name, text,
                  rows[_i].expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("follower");
    TCase *lines = tcase_create("lines");
    tcase_add_loop_test(lines, follower_reaches_its_state, 0, ROWS(rows));
    suite_add_tcase(suite, lines);
    return suite_run(suite);
}
