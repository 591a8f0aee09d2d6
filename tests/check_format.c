/* check_format.c - the format of a recording, and the side of each line. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "recorded.h"
#include "suite.h"
#include "transcript/recognise/recognise.h"

/* The example of every format, which `smtpseq formats` shows, is recognised as that format. */
START_TEST(example_is_recognised_out_of_all)
{
    struct recognition recognition;
    if (!smtpseq_formats[_i].example)
        return; /* binary */
    ck_assert(format_recognise(slice_of(smtpseq_formats[_i].example), &recognition));
    const struct format *format = recognition.format;
    struct fit fit = recognition.fit;
    ck_assert_msg(format == &smtpseq_formats[_i], "%s: taken for %s", smtpseq_formats[_i].name,
                  format ? format->name : "nothing");
    ck_assert_uint_gt(fit.commands + fit.replies, 0);
}
END_TEST

START_TEST(row_is_complete)
{
    const struct format *format = &smtpseq_formats[_i];
    ck_assert_ptr_eq(format_by_name(format->name), format);
    ck_assert(format->program && *format->program);
    ck_assert(format->how && *format->how);
    ck_assert(!format->example || *format->example);
    ck_assert(format->family->recognise && (format->family->read || format->family->read_all));
    for (const char *c = format->name; *c; c++)
        ck_assert_msg((ascii_upper(*c) >= 'A' && ascii_upper(*c) <= 'Z') || ascii_digit(*c) ||
                          *c == '-',
                      "%s", format->name);
}
END_TEST

START_TEST(unknown_format_has_no_row)
{
    ck_assert_ptr_null(format_by_name("swak"));
    ck_assert_ptr_null(format_by_name(""));
    ck_assert_ptr_null(format_by_name("auto"));
}
END_TEST

static const struct {
    const char *name;
    struct slice head;
    const char *format; /* NULL: none */
    bool one_sided;
} heads[] = {
    {"letters and colons", OCTETS("C: EHLO a\nS: 250 mx\n"), "transcript", false},
    {"no blank", OCTETS("C:EHLO a\nS:250 mx\n"), "transcript", false},
    {"arrows", OCTETS("S> 220 mx\nC> EHLO a\n"), "transcript", false},
    {"arrows to and fro", OCTETS("S< 220 mx\nC> EHLO a\n"), "transcript", false},
    {"small letters", OCTETS("s: 220 mx\nc: ehlo a\n"), "transcript", false},
    {"words", OCTETS("Server: 220 mx\nClient: EHLO a\n"), "transcript", false},
    {"brackets", OCTETS("[S] 220 mx\n[C] EHLO a\n"), "transcript", false},
    {"indented", OCTETS("   S: 220 mx\n   C: EHLO a\n"), "transcript", false},
    {"the client's lines only", OCTETS("C: EHLO a\nC: MAIL FROM:<a@b>\n"), "transcript", true},
    {"the server's lines only", OCTETS("S: 220 mx\nS: 250 mx\n"), "transcript", false},
    {"CRLF", OCTETS("C: EHLO a\r\nS: 250 mx\r\n"), "transcript", false},
    {"CR", OCTETS("C: EHLO a\rS: 250 mx\r"), "transcript", false},
    {"after a preface", OCTETS("Some words.\n\nMore.\nC: EHLO a\nS: 250 mx\n"), "transcript",
     false},
    {"swaks", OCTETS("=== Trying 127.0.0.1:25...\n<-  220 mx\n -> EHLO a\n"), "swaks", false},
    {"swaks under TLS", OCTETS("=== TLS started\n ~> EHLO a\n<~  250 mx\n"), "swaks", false},
    {"swaks, refused", OCTETS("<-  220 mx\n -> EHLO a\n<** 550 no\n"), "swaks", false},
    {"curl", OCTETS("*   Trying 127.0.0.1:25...\n< 220 mx\n> EHLO a\n< 250 mx\n"), "curl", false},
    {"curl with times", OCTETS("14:22:01.123456 < 220 mx\n14:22:01.123457 > EHLO a\n"), "curl",
     false},
    {"smtplib", OCTETS("send: 'ehlo a\\r\\n'\nreply: b'250 mx\\r\\n'\n"), "python-smtplib", false},
    {"smtplib with times",
     OCTETS("14:22:01.123456 send: 'ehlo a\\r\\n'\n14:22:01.123456 reply: b'250 mx\\r\\n'\n"),
     "python-smtplib", false},
    {"script", OCTETS("EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\nQUIT\n"),
     "client-script", true},
    {"script with notes", OCTETS("# session\n\nEHLO a\nQUIT\n"), "client-script", true},
    {"commands and replies without marks", OCTETS("220 mx\nEHLO a\n250 mx\n"), "mix", false},
    {"without marks, indented", OCTETS("    220 mx\n    EHLO a\n    250 mx\n"), "mix", false},
    {"a message without its beginning", OCTETS("text\n250 ok\n.\n250 queued\nQUIT\n221 bye\n"),
     "mix", false},
    {"replies only", OCTETS("220 mx ESMTP\n250-mx\n250 SIZE\n250 ok\n"), "replies", false},
    {"sendmail -v", OCTETS("220 mx\n>>> EHLO a\n250 mx\n>>> QUIT\n"), "sendmail-verbose", false},
    {"JavaMail", OCTETS("DEBUG SMTP: x\n220 mx\nEHLO a\n250 mx\n"), "javamail", false},
    {"pino",
     OCTETS("{\"sid\":\"a\",\"tnx\":\"server\",\"msg\":\"220 mx\"}\n"
            "{\"sid\":\"a\",\"tnx\":\"client\",\"msg\":\"EHLO a\"}\n"
            "{\"sid\":\"a\",\"tnx\":\"server\",\"msg\":\"250 mx\"}\n"),
     "nodemailer-json", false},
    {"JSON whose fields are learnt",
     OCTETS("{\"n\":1,\"from\":1,\"said\":\"220 mx\"}\n"
            "{\"n\":2,\"from\":0,\"said\":\"HELO a\"}\n"
            "{\"n\":3,\"from\":1,\"said\":\"250 mx\"}\n"),
     "json", false},
    {"JSON of something else",
     OCTETS("{\"status\":250,\"message\":\"250 rows\"}\n"
            "{\"status\":200,\"message\":\"help wanted\"}\n"),
     NULL, false},
    {"FTP",
     OCTETS("220 ftp ready\nUSER x\n331 go on\nPASS y\n230 in\nCWD z\n250 done\n"
            "NOOP\n200 ok\nHELP\n214 no\nQUIT\n221 bye\n"),
     NULL, false},
    {"FTP, the server's half",
     OCTETS("220 ftp ready\n331 go on\n230 in\n250 done\n226 sent\n221 bye\n"), NULL, false},
    {"POP3",
     OCTETS("+OK ready\nUSER x\n+OK\nRETR 1\n+OK\nFrom: a\n\nMAIL FROM:<x>\n250 ok\n.\n"
            "QUIT\n+OK\n"),
     NULL, false},
    {"IMAP", OCTETS("* OK ready\na NOOP\na OK done\nb LOGOUT\n* BYE\n"), NULL, false},
    {"NNTP",
     OCTETS("200 news\nHELP\n100 help\n.\nPOST\n340 send\nFrom: a\n\n250 hi\n.\n240 ok\n"
            "QUIT\n205 bye\n"),
     NULL, false},
    {"prose about it",
     OCTETS("A client says\nHELO and waits. Then\nMAIL FROM:<a@b> follows, which\n"
            "250 answers.\nQUIT ends it.\n"),
     NULL, false},
    {"a mail with its ways",
     OCTETS("Received: from a by b with ESMTP id 1\nFrom: a@b\n\n220 volts\n"
            "250 grams\nHelp me.\n.\n"),
     NULL, false},
    {"marks of nobody",
     OCTETS("[7] got 220 mx\n[7] put EHLO a\n[7] got 250 mx\n[7] put MAIL FROM:<a@b>\n"
            "[7] got 250 ok\n"),
     "inferred", false},
    {"marks that do not tell the sides apart",
     OCTETS("log: 220 mx\nlog: EHLO a\nlog: 250 mx\nlog: MAIL FROM:<a@b>\nlog: 250 ok\n"), "mix",
     false},
    {"a command quoted once", OCTETS("we sent EHLO a and MAIL FROM:<a@b>\nand got 250 ok\n"), NULL,
     false},
    {"swaks through a logger",
     OCTETS("10:00:01 === Trying mx:25...\n10:00:01 <-  220 mx\n10:00:02  -> EHLO a\n"
            "10:00:02 <-  250 mx\n10:00:02  -> QUIT\n10:00:03 <-  221 bye\n"),
     "swaks", false},
    {"a bounce in objects",
     OCTETS("{\"log\":\"... while talking to mx.:\\n\",\"stream\":\"stderr\"}\n"
            "{\"log\":\">>> DATA\\n\",\"stream\":\"stderr\"}\n"
            "{\"log\":\"<<< 550 no\\n\",\"stream\":\"stderr\"}\n"),
     "bounce", false},
    {"a bounce behind a prefix",
     OCTETS("app-1  | Hello.\napp-1  | ... while talking to mx.:\napp-1  | >>> DATA\n"
            "app-1  | <<< 550 no\napp-1  | Bye.\n"),
     "bounce", false},
    {"replies in a table",
     OCTETS("time,level,text\n1,INFO,220 mx ESMTP\n2,INFO,250-mx\n3,INFO,250 SIZE\n"
            "4,INFO,250 ok\n5,INFO,\n"),
     "replies", false},
    {"replies behind a prefix",
     OCTETS("app-1  | 220 mx ESMTP\napp-1  | 250-mx\napp-1  | 250 SIZE\napp-1  | 250 ok\n"
            "app-1  | 221 bye\n"),
     "replies", false},
    {"a prefix, and a number that is the program's",
     OCTETS("app-1  | 00988 === CONNECT a\napp-1  | 00988 <<< 220 mx\n"
            "app-1  | 00988 >>> EHLO a\napp-1  | 00988 <<< 250 mx\n"
            "app-1  | 00988 >>> QUIT\napp-1  | 00988 <<< 221 bye\n"),
     "sendmail", false},
    {"octets in objects",
     OCTETS("{\"log\":\"> 2026/11/23 14:21:44.000471460  length=12 from=0 to=11\\n\",\"x\":1}\n"
            "{\"log\":\" 32 32 30 20 6d 78 20 45 53 4d 0d 0a\\n\",\"x\":1}\n"
            "{\"log\":\"--\\n\",\"x\":1}\n"
            "{\"log\":\"< 2026/11/23 14:21:44.000472107  length=8 from=0 to=7\\n\",\"x\":1}\n"
            "{\"log\":\" 45 48 4c 4f 20 61 0d 0a\\n\",\"x\":1}\n"
            "{\"log\":\"--\\n\",\"x\":1}\n"),
     "socat-v", false},
    {"a table with a column of octets, of one side",
     OCTETS("\"1\",\"25\",\"\"\n\"1\",\"25\",\"515549540d0a\"\n\"2\",\"80\",\"\"\n"
            "\"1\",\"25\",\"515549540d0a\"\n"),
     NULL, false},
    {"prose", OCTETS("Dear Bob,\nhelp is on its way.\n"), NULL, false},
    {"empty", OCTETS(""), NULL, false},
    {"binary",
     OCTETS("\x7f"
            "ELF\0\0\0\1\2\3\n\0\0"),
     NULL, false},
    {"a picture", OCTETS("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), NULL, false},
    {"C source", OCTETS("int main(void)\n{\n    return 0;\n}\n"), NULL, false},
    {"a mail", OCTETS("From: a@b\nTo: c@d\nSubject: x\n\ntext\n"), NULL, false},
};

START_TEST(recording_is_recognised_by_content)
{
    struct recognition recognition;
    ck_assert(format_recognise(heads[_i].head, &recognition));
    const struct format *format = recognition.format;
    struct fit fit = recognition.fit;
    const char *name = format ? format->name : "nothing";
    ck_assert_msg(strcmp(name, heads[_i].format ? heads[_i].format : "nothing") == 0,
                  "%s: taken for %s", heads[_i].name, name);
    if (format)
        ck_assert_msg((fit.replies == 0) == heads[_i].one_sided, "%s: %u replies", heads[_i].name,
                      fit.replies);
}
END_TEST

/* Prints the side, the column and the payload of a line: "C4 EHLO a|". */
static void print_line(void *context, const struct line *line)
{
    static const char sides[] = {
        [SIDE_CLIENT] = 'C', [SIDE_SERVER] = 'S', [SIDE_UNMARKED] = 'U', [SIDE_NOTE] = 'N'};
    static const char *const notes[] = {[NOTE_PLAIN] = "",
                                        [NOTE_SESSION] = "+",
                                        [NOTE_SEPARATOR] = "/",
                                        [NOTE_CONTENT] = "=",
                                        [NOTE_TIMEOUT] = "?"};
    FILE *out = context;
    if (line->side == SIDE_NOTE) {
        fprintf(out, "N%s|", notes[line->note]);
        return;
    }
    fprintf(out, "%c%u %.*s|", sides[line->side], line->column, (int)line->payload.size,
            line->payload.data);
}

static const struct {
    const char *format, *text, *lines;
} readings[] = {
    {"transcript", "C: EHLO a\nS: 250-mx\nS: 250 SIZE\n", "C4 EHLO a|S4 250-mx|S4 250 SIZE|"},
    {"transcript", "C:EHLO a\nS:250 mx\n", "C3 EHLO a|S3 250 mx|"},
    {"transcript", "C:   EHLO a\nS:   250 mx\nC:     x\n", "C6 EHLO a|S6 250 mx|C6   x|"},
    {"transcript", "  C: EHLO a\n  S: 250 mx\n", "C6 EHLO a|S6 250 mx|"},
    {"transcript", "[C] EHLO a\nServer : 250 mx\n", "C5 EHLO a|S10 250 mx|"},
    {"transcript", "# session 2\n# note\n\nplain\nC: QUIT\n", "N+|N|N/|U1 plain|C4 QUIT|"},
    {"transcript", "C: QUIT\nC:\nC: \n", "C4 QUIT|C3 |C4 |"},
    {"swaks",
     "=== Trying mx:25...\n=== Connected to mx.\n<-  220 mx\n -> EHLO a\n<** 550 no\n -> \n",
     "N+|N|S5 220 mx|C5 EHLO a|S5 550 no|C5 |"},
    {"swaks", "<-  354 go\n -> 45 lines sent\n<-  250 ok\n", "S5 354 go|N=|S5 250 ok|"},
    {"swaks", "<** Timeout (0 secs) waiting\n*** Remote host closed\n", "N?|N|"},
    {"curl", "* Connected to mx\n< 220 mx\n> EHLO a\n} [45 bytes data]\n* bye\n",
     "N+|S3 220 mx|C3 EHLO a|N=|N|"},
    {"curl", "14:22:01.123456 < 220 mx\n", "S19 220 mx|"},
    {"python-smtplib",
     "send: 'ehlo a\\r\\n'\nreply: b'250-mx\\r\\n'\nreply: retcode (250); Msg: x\n",
     "C8 ehlo a|S10 250-mx|N|"},
    {"python-smtplib", "send: b'Subject: x\\r\\n\\r\\ntext\\r\\n.\\r\\n'\n",
     "C9 Subject: x|C23 |C27 text|C35 .|"},
    {"python-smtplib", "send: 'mail FROM:<a\\'b@c>\\r\\n'\n", "C8 mail FROM:<a'b@c>|"},
    {"python-smtplib", "send: \"mail FROM:<a'b@c>\\r\\n\"\n", "C8 mail FROM:<a'b@c>|"},
    {"python-smtplib", "send: 'a\\x41\\\\b\\tc\\q\\r\\n'\n", "C8 aA\\b\tc\\q|"},
    {"python-smtplib", "connect: to ('mx', 25) None\nconnect: ('mx', 25)\nconnect: b'mx'\n",
     "N+|N+|N|"},
    {"python-smtplib", "send: 'cut\n", "C8 cut|"},
    {"mix", "220 mx\nEHLO a\n250-mx\n250 SIZE\nQUIT\n221 bye\n",
     "S1 220 mx|C1 EHLO a|S1 250-mx|S1 250 SIZE|C1 QUIT|S1 221 bye|"},
    {"mix", "  220 mx\n  EHLO a\n  250 mx\n", "S3 220 mx|C3 EHLO a|S3 250 mx|"},
    {"mix", "220 mx\nHELO a\n250 mx\nBOGUS\n500 what\nwords\nQUIT\n",
     "S1 220 mx|C1 HELO a|S1 250 mx|C1 BOGUS|S1 500 what|U1 words|C1 QUIT|"},
    {"mix", "220 mx\nHELO a\n250 mx\nDATA\n354 go\n250 x\nQUIT\n.\n250 ok\n",
     "S1 220 mx|C1 HELO a|S1 250 mx|C1 DATA|S1 354 go|C1 250 x|C1 QUIT|C1 .|S1 250 ok|"},
    {"mix", "220 mx\nHELO a\n250 mx\nDATA\n354 go\n250 ok\nQUIT\n",
     "S1 220 mx|C1 HELO a|S1 250 mx|C1 DATA|S1 354 go|S1 250 ok|C1 QUIT|"},
    {"mix", "220 mx\nHELO a\n250 mx\n250 ok\nMAIL FROM:<a@b>\nQUIT\n221 bye\n",
     "S1 220 mx|C1 HELO a|S1 250 mx|C1 MAIL FROM:<a@b>|S1 250 ok|C1 QUIT|S1 221 bye|"},
    {"mix", "220 mx\nHELO a\n250 mx\n250 too many\nMAIL FROM:<a@b>\n250 ok\n",
     "S1 220 mx|C1 HELO a|S1 250 mx|S1 250 too many|C1 MAIL FROM:<a@b>|S1 250 ok|"},
    {"mix", "220 mx\nAUTH LOGIN\n334 x\n250 answer\nQUIT\n",
     "S1 220 mx|C1 AUTH LOGIN|S1 334 x|"
     "S1 250 answer|C1 QUIT|"},
    {"mix", "220 mx\nAUTH LOGIN\n334 x\nQUIT\n235 ok\n",
     "S1 220 mx|C1 AUTH LOGIN|S1 334 x|C1 QUIT|S1 235 ok|"},
    {"mix", "220 mx\nHELX\b \bO a\n250 mx\n\033[1mQUIT\033[0m\n",
     "S1 220 mx|C1 HELO a|S1 250 mx|C1 QUIT|"},
    {"mix", "text\n.\n250 ok\nQUIT\n", "N|C1 .|S1 250 ok|C1 QUIT|"},
    {"mix", "220 mx\nBDAT 8 LAST\n250 ab\n250 ok\n",
     "S1 220 mx|C1 BDAT 8 LAST|S1 250 ab|S1 250 ok|"},
    {"javamail",
     "DEBUG SMTP: trying to connect to x\nDEBUG SMTP: AUTH LOGIN command trace suppressed\n"
     "DEBUG SMTP: AUTH LOGIN succeeded\n",
     "N+|N|C13 AUTH LOGIN|N|S1 235 (not shown)|"},
    {"sendmail-verbose",
     "a@b... Connecting to mx via relay...\n220 mx\n>>> HELO a\n250 mx\n>>> BOGUS\n",
     "N+|S1 220 mx|C5 HELO a|S1 250 mx|C5 BOGUS|"},
    {"nodemailer-json",
     "{\"sid\":\"a\",\"tnx\":\"client\",\"msg\":\"EHLO a\"}\n"
     "{\"sid\":\"a\",\"tnx\":\"server\",\"msg\":\"250-mx\\n250 \\u0041\"}\n"
     "{\"sid\":\"a\",\"tnx\":\"client\",\"msg\":\"DATA\"}\n"
     "{\"sid\":\"a\",\"tnx\":\"message\",\"msg\":\"<8 bytes>\"}\n",
     "C34 EHLO a|S34 250-mx|S42 250 A|C34 DATA|N=|"},
    {"exchange",
     "t,c,s,1,l,r,+,,\nt,c,s,1,l,r,>,220 mx,\nt,c,s,2,l,r,<,EHLO a,\n"
     "t,c,s,3,l,r,>,250  mx Hello [::1] SIZE 9 AUTH NTLM LOGIN 8BITMIME,\n",
     "N+|S15 220 mx|C15 EHLO a|S20 250-mx Hello [::1]|S35 250-SIZE 9|S42 250-AUTH NTLM LOGIN|"
     "S58 250 8BITMIME|"},
    {"hmailserver", "\"SMTPD\"\t1\t2\t\"t\"\t\"a\"\t\"SENT: 250-mx[nl]250 SIZE\"\n",
     "S28 250-mx|S38 250 SIZE|"},
    {"iis",
     "#Fields: c-ip cs-method cs-uri-query sc-status\na EHLO +b 250\na DATA - 250\na QUIT - 240\n",
     "N|N/|C3 EHLO b|S11 250-|S11 250 ...|C3 DATA|S10 354|S10 250|C3 QUIT|S10 221|"},
    {"net-smtp-perl",
     "N=GLOB(0x1)>>> DATA\nN=GLOB(0x1)<<< 354 go\nN=GLOB(0x1)>>> .\n"
     "N=GLOB(0x1)>>> x\nN=GLOB(0x1)>>> .\nN=GLOB(0x1)<<< 250 ok\n",
     "C16 DATA|S16 354 go|C16 ..|C16 x|C16 .|S16 250 ok|"},
    {"net-smtp-ruby", "-> \"220 mx\\r\\n\"\n<- \"EHLO a\\r\\n\"\nwrote 9 bytes\n",
     "S5 220 mx|C5 EHLO a|N=|"},
    {"nodemailer",
     "[1 2] DEBUG [x] S: 354 go\n[1 2] DEBUG [x] S: 250 no\n[1 2] DEBUG [x] .\n"
     "[1 2] DEBUG [x] S: 250 ok\n",
     "S20 354 go|C20 250 no|C17 .|S20 250 ok|"},
    {"phpmailer-html",
     "2026-01-05 10:00:00 SERVER -&gt; CLIENT: 250-a250-SIZE 10250 b<br>\n"
     "2026-01-05 10:00:00 CLIENT -&gt; SERVER: MAIL FROM:&lt;a&gt;<br>\n",
     "S42 250-a|S47 250-SIZE 10|S58 250 b|C42 MAIL FROM:<a>|"},
    {"exim", "  SMTP<< 250-mx\n         250 HELP\n  SMTP>> (writing message)\n",
     "S10 250-mx|S10 250 HELP|N=|"},
    {"exim", "  7 SMTP>> 220 mx\n  7 SMTP<< EHLO a\n", "S12 220 mx|C12 EHLO a|"},
    {"libesmtp", "C: MAIL FROM:<a>\r\nRCPT TO:<b>\r\nS: 250-a\r\n250 b\r\n250 c\r\nnote\n",
     "C4 MAIL FROM:<a>|C1 RCPT TO:<b>|S4 250-a|S1 250 b|S1 250 c|N|"},
    {"haraka", "[PROTOCOL] [A-1.2] [core] C: NOOP state=1\n", "C30 NOOP|"},
    {"fetchmail", "fetchmail: SMTP>. (EOM)\nfetchmail: POP3> QUIT\n", "C17 .|N|"},
    {"inferred",
     "1 c> EHLO a\n2 s> 250-mx\n250 HELP\n3 c> MAIL FROM:<a@b>\n4 s> 250 ok\n5 c> what\n6 note\n",
     "C6 EHLO a|S6 250-mx|S1 250 HELP|C6 MAIL FROM:<a@b>|S6 250 ok|U1 5 c> what|U3 note|"},
    {"client-script", "# note\n# session\nEHLO a\n\nMAIL FROM:<a@b>\n",
     "N|N+|C1 EHLO a|U1 |C1 MAIL FROM:<a@b>|"},
};

START_TEST(reader_finds_the_sides)
{
    const struct format *format = format_by_name(readings[_i].format);
    struct slice text = slice_of(readings[_i].text);
    char *found = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&found, &size);
    struct line_sink sink = {print_line, out};
    int descriptor = recorded_descriptor(text);
    struct source *source = source_open(descriptor);
    struct reader reader;
    struct recognition recognition;
    ck_assert(format_fit(format, source_head(source), &recognition));
    ck_assert(reader_open(&reader, &recognition, source_head(source), &sink));
    struct source_line line;
    while (source_next(source, &line) > 0)
        ck_assert(reader_read(&reader, &line));
    ck_assert(reader_finish(&reader));
    reader_close(&reader);
    source_close(source);
    close(descriptor);
    fclose(out);
    ck_assert_msg(strcmp(found, readings[_i].lines) == 0, "%s\n   expected: %s\n   found:    %s",
                  readings[_i].text, readings[_i].lines, found);
    free(found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, example_is_recognised_out_of_all, 0, (int)smtpseq_format_count);
    tcase_add_loop_test(table, row_is_complete, 0, (int)smtpseq_format_count);
    tcase_add_test(table, unknown_format_has_no_row);
    tcase_add_loop_test(table, recording_is_recognised_by_content, 0, ROWS(heads));
    tcase_add_loop_test(table, reader_finds_the_sides, 0, ROWS(readings));
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
