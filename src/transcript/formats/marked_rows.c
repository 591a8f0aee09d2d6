/* marked_rows.c - what each program writes before, after and around the lines of SMTP.
 */
#include "transcript/formats/marked_rows.h"

/* "~" instead of "-" under TLS; "<**" is a reply that swaks did not want. */
const struct marks_row swaks_marks = {
    .client = {" -> ", " ~> ", " ->", " ~>"},
    .server = {"<-  ", "<~  ", "<** ", "<~* "},
    .notes = {{"=== Trying ", NOTE_SESSION},
              {"<** Timeout ", NOTE_TIMEOUT},
              {"<~* Timeout ", NOTE_TIMEOUT},
              {"=== ", NOTE_PLAIN},
              {"*** ", NOTE_PLAIN}},
    .content = {"%d lines sent"},
};

/* "} [5 bytes data]" is what went out: the message, or under TLS any record. */
const struct marks_row curl_marks = {
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
    .common_marks = true,
};

const struct marks_row python_smtplib_marks = {
    .client = {"send: "},
    .server = {"reply: "},
    .notes = {{"connect: to ", NOTE_SESSION},
              {"connect: (", NOTE_SESSION},
              {"connect: ", NOTE_PLAIN},
              {"data: ", NOTE_PLAIN}},
    .quoting = QUOTING_LITERAL,
    .time_may_precede = true,
    .test_may_precede = true,
};

/* The object's address tells connections apart; its class changes with STARTTLS. */
const struct marks_row perl_net_smtp_marks = {
    .client = {"%w=GLOB(%k)>>> "},
    .server = {"%w=GLOB(%k)<<< "},
    .notes = {{"%w=GLOB(%k)>>> (decoded) ", NOTE_PLAIN}, {"%w=GLOB(%k)<<< (decoded) ", NOTE_PLAIN}},
    .body = BODY_UNSTUFFED,
};

const struct marks_row msmtp_marks = {
    .client = {"--> "},
    .server = {"<-- "},
};

const struct marks_row nodemailer_marks = {
    .client = {"[%*] %w%_[%k] C: "},
    .server = {"[%*] %w%_[%k] S: "},
    .notes = {{"[%*] %w%_[%k] Connection established ", NOTE_SESSION}},
    .bare = {"[%*] DEBUG%_[%k] "},
    .body = BODY_BARE,
};

const struct marks_row smtp_server_marks = {
    .client = {"[%*] %w%_[#%k] C: "},
    .server = {"[%*] %w%_[#%k] S: "},
    .notes = {{"[%*] %w%_[#%k] Connection from ", NOTE_SESSION}},
    .bare = {"[%*] %w%_[#%k] "},
    .content = {"<%d bytes of DATA>"},
    .continuation = CONTINUED_BARE,
};

const struct marks_row phpmailer_marks = {
    .client = {"%d-%d-%d %d:%d:%d\tCLIENT -> SERVER: ", "CLIENT -> SERVER: "},
    .server = {"%d-%d-%d %d:%d:%d\tSERVER -> CLIENT: ", "SERVER -> CLIENT: "},
    .notes = {{"%d-%d-%d %d:%d:%d\tConnection: opening to", NOTE_SESSION}},
    .continuation = CONTINUED_BARE,
};

const struct marks_row phpmailer_html_marks = {
    .client = {"%d-%d-%d %d:%d:%d%_CLIENT -&gt; SERVER: ", "CLIENT -&gt; SERVER: "},
    .server = {"%d-%d-%d %d:%d:%d%_SERVER -&gt; CLIENT: ", "SERVER -&gt; CLIENT: "},
    .notes = {{"%d-%d-%d %d:%d:%d%_Connection: opening to", NOTE_SESSION}},
    .client_tail = "<br>",
    .server_tail = "<br>",
    .quoting = QUOTING_HTML,
    .continuation = CONTINUED_JOINED,
};

/* The program chooses what to write after a command, "~" for instance. */
const struct marks_row commons_net_marks = {
    .client = {"> "},
    .server = {"< "},
    .client_tail = "?",
    .continuation = CONTINUED_BARE,
    .common_marks = true,
};

/* "->" marks lines received. */
const struct marks_row ruby_net_smtp_marks = {
    .client = {"<- "},
    .server = {"-> "},
    .notes = {{"Connection opened: ", NOTE_SESSION}, {"wrote %d bytes", NOTE_CONTENT}},
    .quoting = QUOTING_LITERAL,
};

/* The number is that of the file descriptor. */
const struct marks_row mutt_marks = {
    .client = {"[%*] %d> ", "[%*]<%d> %w %d> "},
    .server = {"[%*] %d< ", "[%*]<%d> %w %d< "},
    .notes = {{"[%*] Connected to ", NOTE_SESSION}},
};

const struct marks_row fetchmail_marks = {
    .client = {"fetchmail%w: SMTP> ", "fetchmail%w: SMTP>", "fetchmail%w: LMTP> ",
               "fetchmail%w: LMTP>"},
    .server = {"fetchmail%w: SMTP< ", "fetchmail%w: LMTP< "},
    .implied = {{"fetchmail%w: ESMTP %k Authentication", "AUTH "}},
    .client_tail = " (EOM)",
};

/* One mark for what one read or write carried; "H:" for header lines of the message. */
const struct marks_row libesmtp_marks = {
    .client = {"C: "},
    .server = {"S: "},
    .notes = {{"H: ", NOTE_CONTENT}},
    .continuation = CONTINUED_BARE,
    .one_a_write = true,
};

/* The id of the connection, then a dot and the number of the transaction. */
const struct marks_row haraka_marks = {
    .client = {"[PROTOCOL] [%k] [core] C: "},
    .server = {"[PROTOCOL] [%k] [core] S: "},
    .client_tail = " state=#",
    .key_end = '.',
};

/* As a client, and with its process number first, as a server. "|" and "+": more is sent with
 * it. */
const struct marks_row exim_marks = {
    .client = {"%_SMTP>> ", "%_SMTP|> ", "%_SMTP+> ", "%_%k SMTP>> ", "%_%k SMTP|> ",
               "%_%k SMTP+> "},
    .server = {"%_SMTP<< ", "%_%k SMTP<< "},
    .notes = {{"%_Connecting to ", NOTE_SESSION}},
    .bare = {"%_%k        "},
    .content = {"(writing message)"},
    .continuation = CONTINUED_BARE,
    .either_side = true,
};

/* The process is the key: it has one connection at a time. */
const struct marks_row postfix_marks = {
    .client = {"%*/smtp[%k]: > %w]:%d: ", "%*/lmtp[%k]: > %w]:%d: ", "%*/lmtp[%k]: > %w]: ",
               "%*/smtpd[%k]: < %w]: "},
    .server = {"%*/smtp[%k]: < %w]:%d: ", "%*/lmtp[%k]: < %w]:%d: ", "%*/lmtp[%k]: < %w]: ",
               "%*/smtpd[%k]: > %w]: "},
    .notes = {{"%*/smtpd[%k]: connect from ", NOTE_SESSION}},
};

/* Seen from Postfix, which is the server in some notices and the client in others. */
const struct marks_row postfix_notice_marks = {
    .client = {" In:  "},
    .server = {" Out: "},
    .notes = {{"Transcript of session follows.", NOTE_SESSION}},
    .either_side = true,
};

/* -X: before the connection "<<<" is the message on standard input; of a bounce sent over the same
 * connection the message is there, the commands before it are not. */
const struct marks_row sendmail_marks = {
    .client = {"%k >>> "},
    .server = {"%k <<< "},
    .notes = {{"%k === CONNECT ", NOTE_SESSION}},
    .either_side = true,
    .after_note = true,
    .hides_data = true,
};

/* The peer's port is the key. Only the lines with it count: "_handle_client readline:" doubles them; a line of
 * a message has no port. */
const struct marks_row aiosmtpd_marks = {
    .client = {"%*:('%*', %k) >> ", "%*:('%*', %k, %d, %d) >> "},
    .server = {"%*:('%*', %k) << ", "%*:('%*', %k, %d, %d) << "},
    .notes = {{"%*:DATA readline: ", NOTE_CONTENT}},
    .quoting = QUOTING_LITERAL,
};
