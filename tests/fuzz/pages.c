/* pages.c - formats that write a line for each line of the session. */
#include "pages.h"

#include <stdarg.h>
#include <stdbool.h>

void page_put(struct page *page, const char *format, ...)
{
    char text[1024];
    va_list values;
    va_start(values, format);
    int size = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    fputs(text, page->out);
    for (int i = 0; i < size; i++)
        page->line += text[i] == '\n';
}

bool packet_next(struct packet *packet, const struct script *script)
{
    size_t at = packet->first + packet->count;
    if (at >= script->count)
        return false;
    packet->server = script->lines[at].server;
    packet->first = at;
    packet->count = packet->size = 0;
    for (; at < script->count && script->lines[at].server == packet->server; at++) {
        struct slice text = script->lines[at].text;
        packet->start[packet->count++] = packet->size;
        memcpy(packet->octets + packet->size, text.data, text.size);
        memcpy(packet->octets + packet->size + text.size, "\r\n", 2);
        packet->size += text.size + 2;
    }
    return true;
}

void page_location(struct page *page, const struct packet *packet, size_t from, size_t to)
{
    for (size_t i = 0; i < packet->count; i++)
        if (packet->start[i] >= from && packet->start[i] < to)
            page->line_of[packet->first + i] = page->line;
}

/* As Python's repr() writes bytes. */
static void put_python(struct page *page, struct slice text)
{
    char quote =
        slice_find(text, '\'') < text.size && slice_find(text, '"') == text.size ? '"' : '\'';
    putc(quote, page->out);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == quote || c == '\\')
            page_put(page, "\\%c", c);
        else if (c == '\t')
            page_put(page, "\\t");
        else if (c < 0x20 || c >= 0x7f)
            page_put(page, "\\x%02x", c);
        else
            putc(c, page->out);
    }
    page_put(page, "\\r\\n%c", quote);
}

/* The same without the line end. */
static void put_python_bare(struct page *page, struct slice text)
{
    char *written = NULL;
    size_t size = 0;
    struct page aside = {.out = open_memstream(&written, &size)};
    put_python(&aside, text);
    fclose(aside.out);
    fwrite(written, 1, size - 5, page->out);
    putc(written[size - 1], page->out);
    free(written);
}

/* In double quotes, with `end` before the last one, and the octets of UTF-8 as they are. */
static void put_quoted(struct page *page, struct slice text, const char *end)
{
    putc('"', page->out);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\')
            putc('\\', page->out);
        if (c == '\t')
            fputs("\\t", page->out);
        else
            putc(c, page->out);
    }
    fprintf(page->out, "%s\"", end);
}

/* As Ruby's String#inspect. */
static void put_ruby(struct page *page, struct slice text)
{
    put_quoted(page, text, "\\r\\n");
}

static void put_json(struct page *page, struct slice text)
{
    put_quoted(page, text, "");
}

static void put_html(struct page *page, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '<':
            fputs("&lt;", page->out);
            break;
        case '>':
            fputs("&gt;", page->out);
            break;
        case '&':
            fputs("&amp;", page->out);
            break;
        case '"':
            fputs("&quot;", page->out);
            break;
        default:
            putc(text.data[i], page->out);
        }
    }
}

const struct page_format page_formats[] = {
    /* The first is what the others are measured by. */
    {.format = "transcript", .client = "C: ", .server = "S: "},
    {.format = "transcript", .client = "[C] ", .server = "[S] "},
    {.format = "transcript", .client = "client: ", .server = "server: "},
    {.format = "swaks", .client = " -> ", .server = "<-  "},
    {.format = "curl", .client = "> ", .server = "< ", .hides_message = true},
    {.format = "python-smtplib", .client = "send: ", .server = "reply: b", .text = put_python},
    {.format = "net-smtp-perl",
     .client = "Net::SMTP=GLOB(0x1f)>>> ",
     .server = "Net::SMTP=GLOB(0x1f)<<< ",
     .guesses = true,
     .unstuffed = true},
    {.format = "msmtp", .client = "--> ", .server = "<-- "},
    {.format = "phpmailer",
     .client = "2026-01-05 10:00:00\tCLIENT -> SERVER: ",
     .server = "2026-01-05 10:00:00\tSERVER -> CLIENT: "},
    {.format = "phpmailer-html",
     .client = "2026-01-05 10:00:00 CLIENT -&gt; SERVER: ",
     .server = "2026-01-05 10:00:00 SERVER -&gt; CLIENT: ",
     .tail = "<br>",
     .text = put_html},
    {.format = "net-smtp-ruby", .client = "<- ", .server = "-> ", .text = put_ruby},
    {.format = "mutt",
     .client = "[2026-01-05 10:00:00] 4> ",
     .server = "[2026-01-05 10:00:00] 4< "},
    {.format = "fetchmail", .client = "fetchmail: SMTP> ", .server = "fetchmail: SMTP< "},
    {.format = "libesmtp", .client = "C: ", .server = "S: "},
    {.format = "postfix",
     .client = "Jan  5 10:00:00 mx postfix/smtp[7]: > mx.example.com[192.0.2.1]:25: ",
     .server = "Jan  5 10:00:00 mx postfix/smtp[7]: < mx.example.com[192.0.2.1]:25: "},
    {.format = "postfix-notice", .client = " In:  ", .server = " Out: "},
    {.format = "sendmail",
     .head = "00212 === CONNECT mx.example.com\n",
     .client = "00212 >>> ",
     .server = "00212 <<< ",
     .guesses = true,
     .from_start = true},
    {.format = "aiosmtpd",
     .client = "INFO:mail.log:('192.0.2.7', 43650) >> b",
     .server = "DEBUG:mail.log:('192.0.2.7', 43650) << b",
     .text = put_python_bare},
    {.format = "json",
     .client = "{\"dir\":\"out\",\"line\":",
     .server = "{\"dir\":\"in\",\"line\":",
     .tail = "}",
     .text = put_json,
     .learns = true},
    {.format = "nodemailer-json",
     .client = "{\"sid\":\"a1\",\"tnx\":\"client\",\"msg\":",
     .server = "{\"sid\":\"a1\",\"tnx\":\"server\",\"msg\":",
     .tail = "}",
     .text = put_json,
     .learns = true},
    {.format = "socat-v", .write = write_socat},
    {.format = "nc-o", .write = write_netcat},
    {.format = "strace", .write = write_strace},
    {.format = "curl-trace", .write = write_curl_trace},
    {.format = "tshark-follow-hex", .write = write_follow_hex},
    {.format = "tshark-follow-raw", .write = write_follow_raw},
    {.format = "tshark-follow-ascii", .write = write_follow_ascii, .ascii = true},
    {.format = "tshark-follow-yaml", .write = write_follow_yaml},
    {.format = "ngrep-byline", .write = write_ngrep, .ascii = true},
    {.format = "tcpflow", .write = write_tcpflow},
    {.format = "tcpdump-x", .write = write_tcpdump_x},
#ifdef WITH_LIBPCAP
    {.format = "pcap", .write = write_pcap},
#endif
};
const size_t page_format_count = sizeof page_formats / sizeof page_formats[0];

/* A line of a message before its dot was doubled. */
static struct slice unstuffed(const struct script_line *line)
{
    bool doubled = line->message && slice_starts(line->text, SLICE(".."));
    return slice_after(line->text, doubled);
}

void page_write(struct page *page, const struct page_format *format, const struct script *script)
{
    page->line = 1;
    page->octets[0] = page->octets[1] = 0;
    if (format->write) {
        format->write(page, script);
        return;
    }
    if (format->head)
        page_put(page, "%s", format->head);
    for (size_t i = 0; i < script->count; i++) {
        const struct script_line *line = &script->lines[i];
        bool hidden = format->hides_message && line->message;
        struct slice text = format->unstuffed ? unstuffed(line) : line->text;
        page->line_of[i] = page->line;
        if (hidden) {
            page_put(page, "} [%zu bytes data]\n", text.size + 2);
            continue;
        }
        page_put(page, "%s", line->server ? format->server : format->client);
        if (format->text)
            format->text(page, text);
        else
            fwrite(text.data, 1, text.size, page->out);
        page_put(page, "%s\n", format->tail ? format->tail : "");
    }
}
