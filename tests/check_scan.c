/* check_scan.c - where SMTP may begin: in what lines, and wherever they stand.
 */
#include "smtp/scan.h"
#include "suite.h"

static const struct {
    struct slice line;
    bool found;
} lines[] = {
    {OCTETS("EHLO client.example.org"), true},
    {OCTETS("ehlo"), true},
    {OCTETS("send: 'ehlo [127.0.1.1]\\r\\n'"), true},
    {OCTETS("{\"log\":\"C: HELO a\\r\\nS: 250 b\"}"), true},
    {OCTETS("log:\\nLHLO a"), true},
    {OCTETS("mail from : <a@example.org>"), true},
    {OCTETS("12:00 > RCPT TO:&lt;b@example.com&gt;"), true},
    {OCTETS("\t0x0000:  4500 003c d82b 4000"), true},
    {OCTETS("0000: 32 32 30 20 6d 78 220 mx"), true},
    {OCTETS("> 2026/11/23 14:19:32.000265508  length=25 from=0 to=24"), true},
    {OCTETS("14:21:05.368332 IP 127.0.0.1.45938 > 127.0.0.1.25: Flags [S], seq 1"), true},
    {OCTETS("Follow: tcp,ascii"), true},
    {OCTETS("peers:"), true},
    {OCTETS("    1   0.000000    192.0.2.1 > 192.0.2.25   TCP 54 40004 > 25 [SYN] Seq=0 Win=6"),
     true},
    {OCTETS("   ----- Transcript of session follows -----"), true},
    {OCTETS("Frame 1: 54 bytes on wire"), true},
    {OCTETS("    \"_index\": \"packets-2026-11-23\","), true},
    {OCTETS("<pdml version=\"0\">"), true},
    {OCTETS(""), false},
    {OCTETS("250 2.1.0 Ok"), false},
    {OCTETS("from=<a@example.org>, proto=ESMTP helo=<mx.example.org>"), false},
    {OCTETS("lost connection after EHLO from unknown[192.0.2.1]"), false},
    {OCTETS("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1"), false},
    {OCTETS("said: 550 5.1.1 no (in reply to RCPT TO command)"), false},
    {OCTETS("quit = 1, rset_count"), false},
    {OCTETS("nothello there, SHELO x, ehlos"), false},
    {OCTETS("peers: 3"), false},
    {OCTETS("at 10000: nothing"), false},
};

static void check(int row, char *text, size_t size, size_t begin)
{
    struct slice line = lines[row].line;
    memset(text, '-', size);
    if (begin > 0)
        text[begin - 1] = '\n';
    memcpy(text + begin, line.data, line.size);
    if (begin + line.size < size)
        text[begin + line.size] = '\n';
    size_t at = scan_find((struct slice){text, size}, 0);
    if (lines[row].found)
        ck_assert_msg(at >= begin && at < begin + line.size, "'%s' at %zu of %zu", line.data, begin,
                      size);
    else
        ck_assert_msg(at == size, "'%s' at %zu of %zu", line.data, begin, size);
}

/* At every distance from the steps of sixteen octets, and from the end. */
START_TEST(lines_are_found_at_any_offset)
{
    char text[256];
    ck_assert(scan_finds(lines[_i].line) == lines[_i].found);
    for (size_t begin = 0; begin < 40; begin++)
        for (size_t rest = 0; rest < 40; rest++)
            check(_i, text, begin + lines[_i].line.size + rest, begin);
}
END_TEST

/* What stands before `from` is not found again, but says whether a word begins there. */
START_TEST(scan_resumes_at_an_offset)
{
    struct slice text = SLICE("EHLO a\nxEHLO b\nMAIL FROM:<c>");
    ck_assert_uint_eq(scan_find(text, 0), 1);
    ck_assert_uint_eq(scan_find(text, 2), 18);
    ck_assert_uint_eq(scan_find(text, 8), 18);
    ck_assert_uint_eq(scan_find(text, 19), text.size);
    ck_assert_uint_eq(scan_find(text, text.size), text.size);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scan");
    TCase *scan = tcase_create("scan");
    tcase_add_loop_test(scan, lines_are_found_at_any_offset, 0, ROWS(lines));
    tcase_add_test(scan, scan_resumes_at_an_offset);
    suite_add_tcase(suite, scan);
    return suite_run(suite);
}
