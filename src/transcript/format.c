/* format.c - the table of formats, and which of them a recording is in.
 */
#include "transcript/format.h"

#include <stdlib.h>

#include "dialogue/command.h"
#include "transcript/client_script.h"
#include "transcript/marked.h"
#include "transcript/python_smtplib.h"

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
        .example = "reply: b'220 mx.example.com ESMTP\\r\\n'\nsend: 'ehlo client.example.org\\r\\n'",
        .family = &python_smtplib_family,
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

const struct format *format_recognise(struct slice head, struct fit *fit)
{
    const struct format *best = NULL;
    unsigned most = 0;
    *fit = (struct fit){0};
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        struct fit found = smtpseq_formats[i].family->recognise(&smtpseq_formats[i], head);
        if (found.commands + found.replies > most) {
            most = found.commands + found.replies;
            best = &smtpseq_formats[i];
            *fit = found;
        }
    }
    return best;
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

void reader_close(struct reader *reader)
{
    if (reader->state && reader->format->family->close)
        reader->format->family->close(reader);
    *reader = (struct reader){0};
}
