/* unread.c - lines that look like SMTP and that no format explains. */
#include "check/unread.h"

#include "smtp/scan.h"
#include "transcript/source/line_ends.h"

/* Bits of `kinds` after those of the commands: a greeting, a reply. */
#define KIND_220 (1u << SCAN_WORDS)
#define KIND_250 (2u << SCAN_WORDS)

/* "2026-01-05 10:00:00 1rLmNo-000123-AB <= alice@example.org": a line of Exim's main log. */
static bool is_exim_line(struct slice line)
{
    size_t id = 20;
    if (line.size < id + 20 || line.data[4] != '-' || line.data[10] != ' ' || line.data[13] != ':')
        return false;
    struct slice rest = slice_after(line, id);
    rest = slice_after(rest, slice_word(rest).size + 1);
    return slice_starts(rest, SLICE("<= ")) || slice_starts(rest, SLICE("=> ")) ||
           slice_starts(rest, SLICE("** ")) || slice_starts(rest, SLICE("== "));
}

enum smtpseq_mail_log mail_log_of(struct slice head)
{
    if (slice_contains(head, SLICE(" postfix/smtpd[")) ||
        slice_contains(head, SLICE(" postfix/smtp[")))
        return SMTPSEQ_LOG_POSTFIX;
    for (unsigned lines = 0; head.size > 0 && lines < 100; lines++) {
        struct slice line = slice_head(head, slice_find(head, '\n'));
        if (is_exim_line(line))
            return SMTPSEQ_LOG_EXIM;
        head = slice_after(head, line.size + 1);
    }
    return SMTPSEQ_LOG_NONE;
}

void unread_count(struct smtpseq_unread *unread, struct slice text, uint64_t lines)
{
    enum scan_word what;
    size_t done = 0;
    if (scan_reply(text, SLICE("220")) < text.size)
        unread->kinds |= KIND_220;
    if (scan_reply(text, SLICE("250")) < text.size)
        unread->kinds |= KIND_250;
    for (size_t at = scan_next(text, 0, &what); at < text.size; at = scan_next(text, at, &what)) {
        uint64_t number =
            lines + 1 + line_ends_count(slice_after(slice_head(text, at), done), '\n');
        size_t end = slice_find(slice_after(text, at), '\n');
        lines = number;
        done = at + end + 1;
        if (what != SCAN_DUMP) {
            unread->kinds |= 1u << what;
            unread->lines++;
            unread->first = unread->first ? unread->first : number;
        }
        if (done >= text.size)
            break;
        at = done;
    }
}

bool unread_is_dialogue(const struct smtpseq_unread *unread)
{
    unsigned wanted = 1u << SCAN_HELLO | 1u << SCAN_MAIL | 1u << SCAN_RCPT | KIND_220 | KIND_250;
    return (unread->kinds & wanted) == wanted;
}
