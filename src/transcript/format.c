/* format.c - the table of formats, and which of them a recording is in.
 */
#include "transcript/format.h"

#include "transcript/client_script.h"
#include "transcript/exchange.h"
#include "transcript/hmailserver.h"
#include "transcript/iis.h"
#include "transcript/infer.h"
#include "transcript/json_lines.h"
#include "transcript/letters.h"
#include "transcript/marked_rows.h"
#include "transcript/unmarked.h"

const struct format smtpseq_formats[] = {
    {
        .name = "transcript",
        .program = "transcripts as RFCs and people write them",
        .how = "write C: before the client's lines and S: before the server's; C> and S<, [C] and "
               "[S], Client: and Server: do as well, in any case and spacing; without S: lines "
               "every command counts as accepted when it is in order",
        .example = "S: 220 mx.example.com ESMTP\nC: EHLO client.example.org\nS: 250 mx.example.com",
        .family = &letters_family,
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
        .family = &marked_family,
        .detail = &python_smtplib_marks,
    },
    {
        .name = "net-smtp-perl",
        .program = "Perl's Net::SMTP and Net::Cmd, git send-email",
        .how = "Debug => 1; git send-email --smtp-debug=1 (standard error)",
        .example = "Net::SMTP=GLOB(0x55bdec42f9c8)<<< 220 mx.example.com "
                   "ESMTP\nNet::SMTP=GLOB(0x55bdec42f9c8)>>> EHLO client.example.org",
        .family = &marked_family,
        .detail = &perl_net_smtp_marks,
    },
    {
        .name = "msmtp",
        .program = "msmtp",
        .how = "msmtp --debug (standard output)",
        .example = "<-- 220 mx.example.com ESMTP\n--> EHLO client.example.org",
        .family = &marked_family,
        .detail = &msmtp_marks,
    },
    {
        .name = "smtp-server",
        .program = "smtp-server (npm)",
        .how = "logger: true",
        .example =
            "[2026-11-23 13:09:57] DEBUG [#vrnaqa0og9d8t3am] S: 220 mx.example.com "
            "ESMTP\n[2026-11-23 13:09:57] DEBUG [#vrnaqa0og9d8t3am] C: EHLO client.example.org",
        .family = &marked_family,
        .detail = &smtp_server_marks,
    },
    {
        .name = "nodemailer",
        .program = "nodemailer",
        .how = "createTransport({logger: true, debug: true}) (standard output)",
        .example = "[2026-11-23 12:44:23] DEBUG [1lLfRIvgStE] S: 220 mx.example.com "
                   "ESMTP\n[2026-11-23 12:44:23] DEBUG [1lLfRIvgStE] C: EHLO client.example.org",
        .family = &marked_family,
        .detail = &nodemailer_marks,
    },
    {
        .name = "phpmailer",
        .program = "PHPMailer",
        .how = "SMTPDebug = 2 to 4, Debugoutput = 'echo' or 'error_log'",
        .example = "2026-11-23 12:44:59\tSERVER -> CLIENT: 220 mx.example.com ESMTP\n2026-11-23 "
                   "12:44:59\tCLIENT -> SERVER: EHLO client.example.org",
        .family = &marked_family,
        .detail = &phpmailer_marks,
    },
    {
        .name = "phpmailer-html",
        .program = "PHPMailer",
        .how = "SMTPDebug = 2 to 4, Debugoutput = 'html'",
        .example =
            "2026-11-23 12:45:11 SERVER -&gt; CLIENT: 220 mx.example.com ESMTP<br>\n2026-11-23 "
            "12:45:11 CLIENT -&gt; SERVER: EHLO client.example.org<br>",
        .family = &marked_family,
        .detail = &phpmailer_html_marks,
    },
    {
        .name = "commons-net",
        .program = "Apache Commons Net",
        .how = "PrintCommandListener with a direction marker",
        .example = "< 220 mx.example.com ESMTP\n> EHLO client.example.org~\n< "
                   "250-mx.example.com\n250 HELP",
        .family = &marked_family,
        .detail = &commons_net_marks,
    },
    {
        .name = "net-smtp-ruby",
        .program = "Ruby's Net::SMTP",
        .how = "set_debug_output($stderr)",
        .example = "-> \"220 mx.example.com ESMTP\\r\\n\"\n<- \"EHLO client.example.org\\r\\n\"",
        .family = &marked_family,
        .detail = &ruby_net_smtp_marks,
    },
    {
        .name = "mutt",
        .program = "mutt and neomutt",
        .how = "mutt -d 2 (~/.muttdebug0); neomutt -d 2 -l FILE",
        .example = "[2026-11-23 12:53:27] 4< 220 mx.example.com ESMTP\n[2026-11-23 12:53:27] 4> "
                   "EHLO client.example.org",
        .family = &marked_family,
        .detail = &mutt_marks,
    },
    {
        .name = "fetchmail",
        .program = "fetchmail",
        .how = "fetchmail -v -v",
        .example =
            "fetchmail: SMTP< 220 mx.example.com ESMTP\nfetchmail: SMTP> EHLO client.example.org",
        .family = &marked_family,
        .detail = &fetchmail_marks,
    },
    {
        .name = "libesmtp",
        .program = "libesmtp's monitor callback, esmtp",
        .how = "esmtp -X FILE, or the callback of libesmtp's manual",
        .example = "S: 220 mx.example.com ESMTP\nC: EHLO client.example.org\nS: "
                   "250-mx.example.com\n250 PIPELINING",
        .family = &marked_family,
        .detail = &libesmtp_marks,
    },
    {
        .name = "haraka",
        .program = "Haraka",
        .how = "log.ini: level=protocol, format=default",
        .example = "[PROTOCOL] [574B2844-5DD4-4EA1-A6E4-22772ADE71A4] [core] S: 220 mx.example.com "
                   "ESMTP\n[PROTOCOL] [574B2844-5DD4-4EA1-A6E4-22772ADE71A4] [core] C: EHLO "
                   "client.example.org state=1",
        .family = &marked_family,
        .detail = &haraka_marks,
    },
    {
        .name = "exim",
        .program = "Exim, as a client or a server",
        .how = "exim -v, exim -d+transport; exim -bd -d (standard error)",
        .example = "  SMTP<< 220 mx.example.com ESMTP\n  SMTP>> EHLO client.example.org\n  SMTP<< "
                   "250-mx.example.com\n         250 HELP",
        .family = &marked_family,
        .detail = &exim_marks,
    },
    {
        .name = "postfix",
        .program = "Postfix, as a client (smtp, lmtp) or a server (smtpd)",
        .how = "debug_peer_list in main.cf, or -v in master.cf; mail log",
        .example = "Nov 23 13:32:31 mx postfix/smtpd[1613]: > client.example.org[192.0.2.1]: 220 "
                   "mx.example.com ESMTP\nNov 23 13:32:31 mx postfix/smtpd[1613]: < "
                   "client.example.org[192.0.2.1]: EHLO client.example.org",
        .family = &marked_family,
        .detail = &postfix_marks,
    },
    {
        .name = "postfix-notice",
        .program = "Postfix's notices to the postmaster",
        .how = "notify_classes with protocol",
        .example = " Out: 220 mx.example.com ESMTP\n In:  EHLO client.example.org",
        .family = &marked_family,
        .detail = &postfix_notice_marks,
    },
    {
        .name = "sendmail",
        .program = "sendmail",
        .how = "sendmail -X FILE",
        .example = "00212 <<< 220 mx.example.com ESMTP\n00212 >>> EHLO client.example.org",
        .family = &marked_family,
        .detail = &sendmail_marks,
    },
    {
        .name = "aiosmtpd",
        .program = "aiosmtpd",
        .how = "the logger mail.log at level DEBUG; aiosmtpd -d -d -d",
        .example = "DEBUG:mail.log:('127.0.0.1', 43650) << b'220 mx.example.com "
                   "ESMTP'\nINFO:mail.log:('127.0.0.1', 43650) >> b'EHLO client.example.org'",
        .family = &marked_family,
        .detail = &aiosmtpd_marks,
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
        .name = "openssl-s_client",
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
    },
    {
        .name = "replies",
        .program = "what a server says, without the commands: the output of nc, exim -bs",
        .how = "nothing to switch on; without the commands there is no order to judge",
        .example = "220 mx.example.com ESMTP\n250-mx.example.com\n250-PIPELINING\n250 HELP",
        .family = &unmarked_family,
        .detail = &replies_mix,
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
    return strcmp(name, inferred_format.name) == 0 ? &inferred_format : NULL;
}
