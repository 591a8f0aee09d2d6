/* check_tcpflow_pair.c - the files of the client and the server, merged into one dialogue. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"
#include "transcript/dumps/tcpflow_pair.h"

#define HELLO_C "EHLO a\n"
#define HELLO_S "220 mx\n250 mx\n"
#define HELLO   "220 mx|EHLO a|250 mx|"
#define MAIL_C  "MAIL FROM:<a@b>\nRCPT TO:<c@d>\n"
#define MAIL_S  "250 ok\n250 ok\n"
#define MAIL    "MAIL FROM:<a@b>|250 ok|RCPT TO:<c@d>|250 ok|"

static const struct {
    const char *name, *client, *server, *expected;
} pairs[] = {
    {"lock step", HELLO_C "QUIT\n", HELLO_S "221 bye\n", HELLO "QUIT|221 bye|"},
    {"a message", HELLO_C MAIL_C "DATA\nx\n.\nQUIT\n", HELLO_S MAIL_S "354 go\n250 ok\n221 bye\n",
     HELLO MAIL "DATA|354 go|x|.|250 ok|QUIT|221 bye|"},
    {"a chunk", HELLO_C MAIL_C "BDAT 6 LAST\r\ntext\r\nQUIT\r\n",
     HELLO_S MAIL_S "250 ok\n221 bye\n", HELLO MAIL "BDAT 6 LAST|text|250 ok|QUIT|221 bye|"},
    {"a chunk that looks like commands", HELLO_C MAIL_C "BDAT 12\r\nRSET\r\nDATA\r\nQUIT\r\n",
     HELLO_S MAIL_S "250 ok\n221 bye\n", HELLO MAIL "BDAT 12|RSET|DATA|250 ok|QUIT|221 bye|"},
    {"a chunk that ends in a line", HELLO_C MAIL_C "BDAT 3\r\nabcBDAT 0 LAST\r\nQUIT\r\n",
     HELLO_S MAIL_S "250 ok\n250 ok\n221 bye\n",
     HELLO MAIL "BDAT 3|abc|250 ok|BDAT 0 LAST|250 ok|QUIT|221 bye|"},
    {"a chunk longer than the recording", HELLO_C MAIL_C "BDAT 999 LAST\r\ntext\r\n",
     HELLO_S MAIL_S "250 ok\n", HELLO MAIL "BDAT 999 LAST|text|250 ok|"},
    {"challenges", HELLO_C "AUTH LOGIN\nYQ==\nYg==\nQUIT\n",
     HELLO_S "334 a\n334 b\n235 ok\n221 bye\n",
     HELLO "AUTH LOGIN|334 a|YQ==|334 b|Yg==|235 ok|QUIT|221 bye|"},
    {"a refused challenge", HELLO_C "AUTH LOGIN\nYQ==\nQUIT\n", HELLO_S "334 a\n535 no\n221 bye\n",
     HELLO "AUTH LOGIN|334 a|YQ==|535 no|QUIT|221 bye|"},
    {"a chunk over LMTP: an answer for each recipient",
     "LHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@f>\nBDAT 6 LAST\r\ntext\r\nQUIT\n",
     "220 mx\n250 mx\n250 ok\n250 ok\n250 ok\n250 one\n250 two\n221 bye\n",
     "220 mx|LHLO a|250 mx|MAIL FROM:<a@b>|250 ok|RCPT TO:<c@d>|250 ok|RCPT TO:<e@f>|250 ok|"
     "BDAT 6 LAST|text|250 one|250 two|QUIT|221 bye|"},
    {"commands at once where that was offered", HELLO_C MAIL_C "RSET\nNOOP\nQUIT\n",
     "220 mx\n250-mx\n250 PIPELINING\n250 ok\n250 ok\n250 reset\n250 noop\n221 bye\n",
     "220 mx|EHLO a|250-mx|250 PIPELINING|MAIL FROM:<a@b>|RCPT TO:<c@d>|RSET|NOOP|250 ok|250 ok|"
     "250 reset|250 noop|QUIT|221 bye|"},
    {"it was refused, not offered", "EHLO a\nMAIL FROM:<a@b>\nRSET\n",
     "220 mx\n550 PIPELINING\n250 ok\n250 reset\n",
     "220 mx|EHLO a|550 PIPELINING|MAIL FROM:<a@b>|250 ok|RSET|250 reset|"},
    {"a message that is refused", HELLO_C MAIL_C "DATA\nQUIT\n", HELLO_S MAIL_S "554 no\n221 bye\n",
     HELLO MAIL "DATA|554 no|QUIT|221 bye|"},
    {"a message that is not whole", HELLO_C MAIL_C "DATA\nx\n.", HELLO_S MAIL_S "354 go\n250 ok\n",
     HELLO MAIL "DATA|354 go|x|.|250 ok|"},
    {"a message over LMTP, one recipient refused",
     "LHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<x@y>\nRCPT TO:<e@f>\nDATA\nx\n.\nQUIT\n",
     "220 mx\n250 mx\n250 ok\n250 ok\n550 no\n250 ok\n354 go\n250 one\n250 two\n221 bye\n",
     "220 mx|LHLO a|250 mx|MAIL FROM:<a@b>|250 ok|RCPT TO:<c@d>|250 ok|RCPT TO:<x@y>|550 no|"
     "RCPT TO:<e@f>|250 ok|DATA|354 go|x|.|250 one|250 two|QUIT|221 bye|"},
    {"recipients are forgotten at RSET",
     "LHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@f>\nRSET\n" MAIL_C "DATA\n.\nQUIT\n",
     "220 mx\n250 mx\n250 ok\n250 ok\n250 ok\n250 reset\n" MAIL_S "354 go\n250 ok\n221 bye\n",
     "220 mx|LHLO a|250 mx|MAIL FROM:<a@b>|250 ok|RCPT TO:<c@d>|250 ok|RCPT TO:<e@f>|250 ok|"
     "RSET|250 reset|" MAIL "DATA|354 go|.|250 ok|QUIT|221 bye|"},
    {"a chunk that is refused, over LMTP", "LHLO a\n" MAIL_C "RCPT TO:<e@f>\nBDAT 1 LAST\nxQUIT\n",
     "220 mx\n250 mx\n" MAIL_S "250 ok\n554 no\n221 bye\n",
     "220 mx|LHLO a|250 mx|" MAIL "RCPT TO:<e@f>|250 ok|BDAT 1 LAST|x|554 no|QUIT|221 bye|"},
    {"chunks of nothing", HELLO_C MAIL_C "BDAT 0\nBDAT 0 LAST\nQUIT\n",
     HELLO_S MAIL_S "250 ok\n250 ok\n221 bye\n",
     HELLO MAIL "BDAT 0|250 ok|BDAT 0 LAST|250 ok|QUIT|221 bye|"},
    {"TLS", HELLO_C "STARTTLS\n\026\003\001\n", HELLO_S "220 go\n\026\003\003\n",
     HELLO "STARTTLS|220 go|"},
    {"TLS that is refused", HELLO_C "STARTTLS\nQUIT\n", HELLO_S "454 no\n221 bye\n",
     HELLO "STARTTLS|454 no|QUIT|221 bye|"},
    {"no TLS after all", HELLO_C "STARTTLS\nEHLO a\n", HELLO_S "220 go\n250 mx\n",
     HELLO "STARTTLS|220 go|EHLO a|250 mx|"},
    {"TLS, and nothing more", HELLO_C "STARTTLS\n", HELLO_S "220 go\n", HELLO "STARTTLS|220 go|"},
    {"a reply that is none", HELLO_C "NOOP\nQUIT\n", HELLO_S "hello?\n221 bye\n",
     HELLO "NOOP|hello?|QUIT|221 bye|"},
    {"replies to nothing", HELLO_C, HELLO_S "421 bye\n", HELLO "421 bye|"},
    {"the client only", HELLO_C "QUIT\n", "", "EHLO a|QUIT|"},
    {"nothing", "", "", ""},
};

static void print_line(void *context, const struct line *line)
{
    if (line->side != SIDE_NOTE) /* the addresses */
        fprintf(context, "%.*s|", (int)line->payload.size, line->payload.data);
}

/* Returns a source of these octets, which a pipe holds. */
static struct source *source_with(const char *octets, int ends[2])
{
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq((int)write(ends[1], octets, strlen(octets)), (int)strlen(octets));
    close(ends[1]);
    return source_open(ends[0]);
}

START_TEST(halves_are_merged)
{
    int client_ends[2], server_ends[2];
    char *text = NULL;
    size_t size = 0;
    uint64_t read = 0;
    FILE *out = open_memstream(&text, &size);
    struct line_sink sink = {print_line, out};
    struct source *client = source_with(pairs[_i].client, client_ends);
    struct source *server = source_with(pairs[_i].server, server_ends);
    ck_assert_int_eq(tcpflow_pair_read(client, server, SLICE("a-b"), &sink, &read), 1);
    fclose(out);
    ck_assert_msg(strcmp(text, pairs[_i].expected) == 0, "%s: %s", pairs[_i].name, text);
    free(text);
    source_close(client);
    source_close(server);
    close(client_ends[0]);
    close(server_ends[0]);
}
END_TEST

/* The readable part of a file is passed on before its read error is reported. */
START_TEST(read_error)
{
    int ends[2];
    char *text = NULL;
    size_t size = 0;
    uint64_t read = 0;
    FILE *out = open_memstream(&text, &size);
    struct line_sink sink = {print_line, out};
    struct source *client = source_with("EHLO a\n", ends), *server = source_open(-1);
    ck_assert_int_eq(tcpflow_pair_read(client, server, SLICE("a-b"), &sink, &read), -1);
    fclose(out);
    free(text);
    source_close(client);
    source_close(server);
    close(ends[0]);
}
END_TEST

static const struct {
    const char *name, *other; /* NULL: no name of tcpflow */
} names[] = {
    {"127.000.000.001.12600-192.000.002.001.00025", "192.000.002.001.00025-127.000.000.001.12600"},
    {"127.000.000.001.12600-192.000.002.001.00025c1",
     "192.000.002.001.00025-127.000.000.001.12600c1"},
    {"2001:0db8::0001.40000-2001:0DB8::0002.00025", "2001:0DB8::0002.00025-2001:0db8::0001.40000"},
    {"127.000.000.001.12600", NULL},
    {"127.000.000.001.12600-", NULL},
    {"127.000.000.001.12600_192.000.002.001.00025", NULL},
    {"127.000.000.001.1260-192.000.002.001.00025", NULL},
    {"127.000.000.12600-192.000.002.001.00025", NULL},
    {"127.000.000.001.12600-192.000.002.001", NULL},
    {"127.000.000.001.12600-192.000.002.001.x0025", NULL},
    {"0001:0002.40000-0001:0003.00025", NULL},
    {"report.xml", NULL},
    {"", NULL},
};

START_TEST(other_file_of_a_connection_is_found)
{
    char other[128] = "";
    struct slice name = slice_of(names[_i].name);
    ck_assert_msg(tcpflow_other_name(name, other) == (names[_i].other != NULL), "%s",
                  names[_i].name);
    if (names[_i].other)
        ck_assert_str_eq(other, names[_i].other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcpflow pair");
    TCase *tcase = tcase_create("pairs");
    tcase_add_loop_test(tcase, halves_are_merged, 0, ROWS(pairs));
    tcase_add_test(tcase, read_error);
    tcase_add_loop_test(tcase, other_file_of_a_connection_is_found, 0, ROWS(names));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
