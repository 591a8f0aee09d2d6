/* format.c - the table of formats, and which of them a recording is in.
 */
#include "transcript/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialogue/command.h"
#include "transcript/capture.h"
#include "transcript/client_script.h"
#include "transcript/dump.h"
#include "transcript/exchange.h"
#include "transcript/hmailserver.h"
#include "transcript/iis.h"
#include "transcript/json_lines.h"
#include "transcript/marked.h"
#include "transcript/python_smtplib.h"
#include "transcript/unmarked.h"

/* swaks: " -> 45 lines sent" (--suppress-data). */
static bool swaks_content(struct slice payload)
{
    size_t digits = 0;
    while (digits < payload.size && ascii_digit(payload.data[digits]))
        digits++;
    return digits > 0 && slice_equal(slice_after(payload, digits), SLICE(" lines sent"));
}

static const struct marks_row transcript_marks = {
    .mark = letter_mark,
    .notes = {{"# session", NOTE_SESSION}, {"# Session", NOTE_SESSION}, {"#", NOTE_PLAIN}},
};

static const struct marks_row swaks_marks = {
    .client = {" -> ", " ~> ", " ->", " ~>"},
    .server = {"<-  ", "<~  ", "<** ", "<~* "},
    .notes = {{"=== Trying ", NOTE_SESSION},
              {"<** Timeout ", NOTE_TIMEOUT},
              {"<~* Timeout ", NOTE_TIMEOUT},
              {"=== ", NOTE_PLAIN},
              {"*** ", NOTE_PLAIN}},
    .stands_for_content = swaks_content,
};

static const struct marks_row curl_marks = {
    .client = {"> "},
    .server = {"< "},
    .notes = {{"*   Trying ", NOTE_SESSION},
              {"* Connected to ", NOTE_SESSION},
              {"} [", NOTE_CONTENT},
              {"{ [", NOTE_PLAIN},
              {"*", NOTE_PLAIN},
              {"curl: ", NOTE_PLAIN},
              {"  % Total", NOTE_PLAIN}},
    .time_may_precede = true,
};

const struct format smtpseq_formats[] = {
    {
        .name = "transcript",
        .program = "transcripts as RFCs and people write them",
        .how = "write C: before the client's lines and S: before the server's; C> and S<, [C] and "
               "[S], Client: and Server: do as well, in any case and spacing; without S: lines "
               "every command counts as accepted when it is in order",
        .example = "S: 220 mx.example.com ESMTP\nC: EHLO client.example.org\nS: 250 mx.example.com",
        .family = &marked_family,
        .detail = &transcript_marks,
    },
    {
        .name = "swaks",
        .program = "swaks",
        .how = "always on (standard output); errors go to standard error",
        .example = "<-  220 mx.example.com ESMTP\n -> EHLO client.example.org\n<-  250 "
                   "mx.example.com",
        .family = &marked_family,
        .detail = &swaks_marks,
    },
    {
        .name = "curl",
        .program = "curl",
        .how = "curl -v (standard error); the message is not shown",
        .example = "< 220 mx.example.com ESMTP\n> EHLO client.example.org\n< 250 mx.example.com",
        .family = &marked_family,
        .detail = &curl_marks,
    },
    {
        .name = "python-smtplib",
        .program = "Python's smtplib",
        .how = "set_debuglevel(1), or 2 for times (standard error)",
        .example =
            "reply: b'220 mx.example.com ESMTP\\r\\n'\nsend: 'ehlo client.example.org\\r\\n'",
        .family = &python_smtplib_family,
    },
    {
        .name = "pcap",
        .program = "tcpdump, tshark, Wireshark and others",
        .how = "tcpdump -s 0 -w FILE 'tcp port 25'; SMTP is found on any port; lines are frames, the "
               "excerpt is what was said in them",
        .family = &capture_family,
        .detail = &pcap_capture,
    },
    {
        .name = "pcapng",
        .program = "Wireshark, tshark and dumpcap",
        .how = "tshark -w FILE 'tcp port 25'; SMTP is found on any port; lines are frames, the "
               "excerpt is what was said in them",
        .family = &capture_family,
        .detail = &pcapng_capture,
    },
    {
        .name = "nodemailer-json",
        .program = "nodemailer with pino, bunyan or another logger of JSON",
        .how = "createTransport({logger: pino({level: 'debug'}), debug: true})",
        .example = "{\"sid\":\"a1\",\"tnx\":\"server\",\"msg\":\"220 mx.example.com ESMTP\"}\n"
                   "{\"sid\":\"a1\",\"tnx\":\"client\",\"msg\":\"EHLO client.example.org\"}",
        .family = &json_lines_family,
        .detail = &nodemailer_json,
    },
    {
        .name = "haraka-json",
        .program = "Haraka, logging JSON",
        .how = "log.ini: level=protocol, format=json; the message is not shown",
        .example = "{\"uuid\":\"A1\",\"message\":\"S: 220 mx.example.com ESMTP\"}\n"
                   "{\"uuid\":\"A1\",\"message\":\"C: EHLO client.example.org\"}",
        .family = &json_lines_family,
        .detail = &haraka_json,
    },
    {
        .name = "json",
        .program = "any log with a JSON object on each line",
        .how = "one field holds what was said; who said it is learnt from another field or from a "
               "mark before the text, the session from sid, session, uuid, conn and the like",
        .example = "{\"dir\":\"in\",\"line\":\"220 mx.example.com ESMTP\"}\n"
                   "{\"dir\":\"out\",\"line\":\"EHLO client.example.org\"}",
        .family = &json_lines_family,
        .detail = &any_json,
    },
    {
        .name = "exchange",
        .program = "Microsoft Exchange, protocol log",
        .how =
            "Set-ReceiveConnector (or Set-SendConnector) -ProtocolLoggingLevel Verbose; the files "
            "are in ...\\ProtocolLog\\SmtpReceive and SmtpSend",
        .example = "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,"
                   "remote-endpoint,event,data,context\n"
                   "2026-01-05T10:00:00.000Z,MX\\Default,08DE0000000000A1,1,192.0.2.1:25,"
                   "192.0.2.7:1025,>,220 mx.example.com ESMTP,",
        .family = &exchange_family,
    },
    {
        .name = "iis",
        .program = "SMTP service of Microsoft IIS, W3C log",
        .how =
            "properties of the SMTP virtual server: enable logging, W3C extended log file format, "
            "with cs-method, cs-uri-query and, for the replies, sc-status",
        .example = "#Fields: time c-ip cs-method cs-uri-query sc-status\n"
                   "10:00:00 192.0.2.7 EHLO +client.example.org 250",
        .family = &iis_family,
    },
    {
        .name = "hmailserver",
        .program = "hMailServer",
        .how = "Settings, Logging: enabled, SMTP",
        .example = "\"SMTPD\"\t1\t1\t\"2026-01-05 10:00:00.000\"\t\"192.0.2.7\"\t\"SENT: 220 "
                   "mx.example.com ESMTP\"",
        .family = &hmailserver_family,
    },
    {
        .name = "curl-trace",
        .program = "curl",
        .how = "curl --trace FILE",
        .example = "<= Recv header, 14 bytes (0xe)\n"
                   "0000: 32 32 30 20 6d 78 20 45 53 4d 54 50 0d 0a       220 mx ESMTP..\n"
                   "=> Send header, 13 bytes (0xd)\n"
                   "0000: 45 48 4c 4f 20 63 6c 69 65 6e 74 0d 0a          EHLO client..",
        .family = &dump_family,
        .detail = &curl_trace_format,
    },
    {
        .name = "curl-trace-ascii",
        .program = "curl",
        .how = "curl --trace-ascii FILE, with --trace-time or without",
        .example = "<= Recv header, 26 bytes (0x1a)\n"
                   "0000: 220 mx.example.com ESMTP\n"
                   "=> Send header, 25 bytes (0x19)\n"
                   "0000: EHLO client.example.org",
        .family = &dump_family,
        .detail = &curl_trace_ascii_format,
    },
    {
        .name = "tshark-follow-ascii",
        .program = "tshark, Wireshark",
        .how = "tshark -q -r FILE -z follow,tcp,ascii,0",
        .example = "Follow: tcp,ascii\n\t26\n220 mx.example.com ESMTP\n"
                   "\n25\nEHLO client.example.org",
        .family = &dump_family,
        .detail = &tshark_ascii_format,
    },
    {
        .name = "tshark-follow-hex",
        .program = "tshark, Wireshark",
        .how = "tshark -q -r FILE -z follow,tcp,hex,0; Wireshark: Follow TCP Stream, as Hex Dump",
        .example = "Follow: tcp,hex\n\t00000000  32 32 30 20 6d 78 20 45  53 4d 54 50 0d 0a"
                   "        220 mx E SMTP..\n00000000  45 48 4c 4f 20 63 6c 69  65 6e 74 0d"
                   " 0a           EHLO cli ent..",
        .family = &dump_family,
        .detail = &tshark_hex_format,
    },
    {
        .name = "tshark-follow-raw",
        .program = "tshark",
        .how = "tshark -q -r FILE -z follow,tcp,raw,0",
        .example = "Follow: tcp,raw\n\t323230206d782045534d54500d0a\n"
                   "45484c4f20636c69656e740d0a",
        .family = &dump_family,
        .detail = &tshark_raw_format,
    },
    {
        .name = "tshark-follow-yaml",
        .program = "tshark, Wireshark",
        .how = "tshark -q -r FILE -z follow,tcp,yaml,0; Wireshark: Follow TCP Stream, as YAML",
        .example = "packets:\n  - packet: 4\n    peer: 1\n"
                   "    data: !!binary |\n      MjIwIG14IEVTTVRQDQo=\n"
                   "  - packet: 6\n    peer: 0\n    data: !!binary |\n"
                   "      RUhMTyBjbGllbnQNCg==",
        .family = &dump_family,
        .detail = &tshark_yaml_format,
    },
    {
        .name = "tcpdump-a",
        .program = "tcpdump",
        .how = "tcpdump -A; do not cut packets (-s)",
        .example = "14:21:05.369077 IP 192.0.2.1.25 > 192.0.2.7.45938: Flags [P.], seq 1:15"
                   ", ack 1, win 64, length 14\nE..6W^.@.@...........18.r...-Y.3P..@.K..220"
                   " mx ESMTP\n\n14:21:05.369077 IP 192.0.2.7.45938 > 192.0.2.1.25: Flags ["
                   "P.], seq 1:14, ack 1, win 64, length 13\n"
                   "E..5W^.@.@...........18.r...-Y.3P..@.K..EHLO client",
        .family = &dump_family,
        .detail = &tcpdump_format,
    },
    {
        .name = "tcpdump-x",
        .program = "tcpdump",
        .how = "tcpdump -X or -XX; do not cut packets (-s)",
        .example = "14:21:05.369077 IP 192.0.2.1.25 > 192.0.2.7.45938: Flags [P.], seq 1:15"
                   ", ack 1, win 64, length 14\n\t0x0000:  4500 0036 575e 4000 4006 0000 c0"
                   "00 0201  E..6W^@.@.......\n\t0x0010:  c000 0207 0019 b372 0000 0001 000"
                   "0 0001  .......r........\n\t0x0020:  5018 0040 0000 0000 3232 3020 6d78"
                   " 2045  P..@....220.mx.E\n\t0x0030:  534d 5450 0d0a                     "
                   "      SMTP..",
        .family = &dump_family,
        .detail = &tcpdump_hex_format,
    },
    {
        .name = "tcpflow",
        .program = "tcpflow",
        .how = "tcpflow -c; or tcpflow -o FOLDER: give the folder, or both files of a "
               "connection, which are found by their names",
        .example = "192.000.002.001.00025-192.000.002.007.45938: 220 mx.example.com ESMTP\n"
                   "\n192.000.002.007.45938-192.000.002.001.00025: EHLO client.example.org",
        .family = &dump_family,
        .detail = &tcpflow_console_format,
    },
    {
        .name = "ngrep-byline",
        .program = "ngrep",
        .how = "ngrep -q -t -W byline",
        .example = "T 2026/11/23 14:21:05.369077 192.0.2.1:25 -> 192.0.2.7:45938 [AP] #4\n"
                   "220 mx.example.com ESMTP.\n\n\n"
                   "T 2026/11/23 14:21:05.371519 192.0.2.7:45938 -> 192.0.2.1:25 [AP] #6\n"
                   "EHLO client.example.org.",
        .family = &dump_family,
        .detail = &ngrep_format,
    },
    {
        .name = "socat-v",
        .program = "socat",
        .how = "socat -v, -x or -v -x (standard error)",
        .example = "< 2026/11/23 13:02:01.000656732  length=26 from=0 to=25\n"
                   "220 mx.example.com ESMTP\\r\n> 2026/11/23 13:02:01.000656732  length=25"
                   " from=0 to=24\nEHLO client.example.org\\r",
        .family = &dump_family,
        .detail = &socat_format,
    },
    {
        .name = "nc-o",
        .program = "nc (traditional)",
        .how = "nc -o FILE",
        .example = "< 00000000 32 32 30 20 6d 78 20 45 53 4d 54 50 0d 0a       # 220 mx ESM"
                   "TP..\n> 00000000 45 48 4c 4f 20 63 6c 69 65 6e 74 0d 0a          # EHLO"
                   " client..",
        .family = &dump_family,
        .detail = &netcat_format,
    },
    {
        .name = "strace",
        .program = "strace",
        .how = "strace -f -s 65536 -e trace=network,read,write,close",
        .example = "read(3, \"220 mx.example.com ESMTP\\r\\n\", 8192) = 26\n"
                   "write(3, \"EHLO client.example.org\\r\\n\", 25) = 25",
        .family = &dump_family,
        .detail = &strace_format,
    },
    {
        .name = "javamail",
        .program = "Jakarta Mail and JavaMail",
        .how = "the property mail.debug=true (standard output); mail.debug.auth=true shows AUTH",
        .example =
            "DEBUG SMTP: trying to connect to host \"mx.example.com\", port 25, isSSL false\n"
            "220 mx.example.com ESMTP\nEHLO client.example.org\n250 mx.example.com",
        .family = &unmarked_family,
        .detail = &javamail_mix,
    },
    {
        .name = "sendmail-verbose",
        .program = "sendmail -v",
        .how = "sendmail -v (standard output); the message is not shown",
        .example = "220 mx.example.com ESMTP\n>>> EHLO client.example.org\n250 mx.example.com",
        .family = &unmarked_family,
        .detail = &sendmail_mix,
    },
    {
        .name = "openssl",
        .program = "openssl s_client -starttls smtp",
        .how = "record it under script: without a terminal what is typed is not shown",
        .example = "CONNECTED(00000003)\n250 STARTTLS\nEHLO client.example.org\n250 mx.example.com",
        .family = &unmarked_family,
        .detail = &openssl_mix,
    },
    {
        .name = "mix",
        .program = "telnet, netcat, script, swaks --no-hints, exim -bs, go-smtp, "
                   "commons-net and others that mark neither side",
        .how = "record what both sides say into one file, for example with script -c 'telnet "
               "mx.example.com 25'",
        .example = "220 mx.example.com ESMTP\nEHLO client.example.org\n250 mx.example.com",
        .family = &unmarked_family,
        .detail = &terminal_mix,
        .last_resort = true,
    },
    {
        .name = "replies",
        .program = "what a server says, without the commands: the output of nc, exim -bs",
        .how = "nothing to switch on; without the commands there is no order to judge",
        .example = "220 mx.example.com ESMTP\n250-mx.example.com\n250-PIPELINING\n250 HELP",
        .family = &unmarked_family,
        .detail = &replies_mix,
        .last_resort = true,
    },
    {
        .name = "client-script",
        .program = "commands as one types or pipes them to a server",
        .how = "one command a line, message and dot after DATA; every command counts as accepted "
               "when it is in order",
        .example = "EHLO client.example.org\nMAIL FROM:<alice@example.org>\nRCPT "
                   "TO:<bob@example.com>",
        .family = &client_script_family,
    },
};

const size_t smtpseq_format_count = sizeof smtpseq_formats / sizeof smtpseq_formats[0];

const struct format *format_by_name(const char *name)
{
    for (size_t i = 0; i < smtpseq_format_count; i++)
        if (strcmp(smtpseq_formats[i].name, name) == 0)
            return &smtpseq_formats[i];
    return NULL;
}

struct slice head_line(struct slice *head)
{
    size_t size = 0;
    while (size < head->size && head->data[size] != '\n' && head->data[size] != '\r')
        size++;
    struct slice line = slice_head(*head, size);
    size_t end = size < head->size ? size + 1 : size;
    if (end < head->size && head->data[size] == '\r' && head->data[end] == '\n')
        end++;
    *head = slice_after(*head, end);
    return line;
}

bool looks_like_reply(struct slice line)
{
    if (line.size < 3)
        return false;
    char separator = line.size > 3 ? line.data[3] : ' ';
    return line.data[0] >= '2' && line.data[0] <= '5' && ascii_digit(line.data[1]) &&
           ascii_digit(line.data[2]) && (separator == ' ' || separator == '-');
}

bool looks_like_command(struct slice line)
{
    /* Few lines are looked at, so a scanner for each will do; it keeps the verbs in one place. */
    struct command_scanner *scanner = command_scanner_new();
    if (!scanner)
        return false;
    struct command_line command = command_scan(scanner, line);
    command_scanner_free(scanner);
    return command.command != COMMAND_END_OF_DATA && command_looks_real(&command);
}

/* So many lines in the form of a dump say what it is, even if none of them is of SMTP. */
#define FORM_ALONE 8

const struct format *format_recognise(struct slice head, struct fit *fit)
{
    const struct format *best = NULL, *shape = NULL;
    unsigned most = 0, most_form = FORM_ALONE;
    *fit = (struct fit){0};
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        struct fit found = smtpseq_formats[i].family->recognise(&smtpseq_formats[i], head);
        unsigned fits = found.commands + found.replies;
        fits += fits > 0 ? found.form : 0;
        if (found.form > most_form) {
            most_form = found.form;
            shape = &smtpseq_formats[i];
        }
        if (!smtpseq_formats[i].last_resort)
            fits *= 2;
        if (fits > most) {
            most = fits;
            best = &smtpseq_formats[i];
            *fit = found;
        }
    }
    /* A dump whose beginning is about other things: the session may come later. */
    return best ? best : shape;
}

bool reader_open(struct reader *reader, const struct format *format, struct slice head,
                 const struct line_sink *sink)
{
    *reader = (struct reader){.format = format, .sink = sink};
    return !format->family->open || format->family->open(reader, head);
}

bool reader_finish(struct reader *reader)
{
    const struct format_family *family = reader->format->family;
    return !family->finish || family->finish(reader);
}

void reader_remark(const struct reader *reader, const char *format, ...)
{
    char text[REMARK_MOST];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (reader->remark)
        reader->remark(reader->remark_context, text);
}

void reader_close(struct reader *reader)
{
    if (reader->state && reader->format->family->close)
        reader->format->family->close(reader);
    *reader = (struct reader){0};
}
