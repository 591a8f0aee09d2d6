/* tcpdump_heading.c - "14:21:05.369077 IP 127.0.0.1.12600 > 127.0.0.1.45938: Flags [P.], seq 1:36,
 * ack 1, ...".
 */
#include "transcript/dumps/tcpdump_heading.h"

#include "transcript/dumps/dump.h"

/* The octets of "options [nop,nop,TS val 1 ecr 2]", filled up to whole words. */
static size_t options_size(struct slice line)
{
    static const struct {
        const char *name;
        size_t size;
    } kinds[] = {{"mss ", 4},    {"sackOK", 2}, {"TS ", 10}, {"nop", 1},
                 {"wscale ", 3}, {"eol", 1},    {"md5", 18}};
    size_t size = 0, at = 0;
    while (at < line.size && !slice_starts(slice_after(line, at), SLICE("options [")))
        at++;
    struct slice list = slice_after(line, at + 9);
    list = slice_head(list, slice_find(list, ']'));
    while (list.size > 0) {
        size_t comma = slice_find(list, ','), digits;
        if (slice_starts(list, SLICE("sack ")))
            size += 2 + 8 * (size_t)(take_number(slice_after(list, 5), &digits) & 7);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            if (slice_starts(list, slice_of(kinds[i].name))) {
                size += kinds[i].size;
                break;
            }
        list = slice_after(list, comma + 1);
    }
    return (size + 3) / 4 * 4;
}

/* The word before `end`: an address with its port. */
static struct slice word_before(struct slice line, size_t end)
{
    size_t begin = end;
    while (begin > 0 && !ascii_space(line.data[begin - 1]))
        begin--;
    return slice_after(slice_head(line, end), begin);
}

size_t tcpdump_find(struct slice line, struct slice text)
{
    const char *found =
        line.data ? memmem(line.data, line.size, text.data, text.size) : NULL;
    return found ? (size_t)(found - line.data) : line.size;
}

/* "seq 1:36" or, of older versions, "P 1:36(35)"; "length 35". */
static void read_numbers(struct tcpdump_packet *packet, struct slice rest)
{
    size_t digits, more;
    size_t at = tcpdump_find(rest, SLICE("seq ")) + 4;
    bool flags = at < rest.size;
    struct slice range = slice_after(rest, flags ? at : slice_find(rest, ' ') + 1);
    uint64_t start = take_number(range, &digits);
    struct slice second = slice_after(range, digits + 1);
    uint64_t end = take_number(second, &more);
    packet->numbered = digits > 0 && more > 0 && range.data[digits] == ':';
    packet->syn = packet->syn && digits > 0;
    packet->start = (uint32_t)start;
    packet->length = packet->numbered ? (size_t)((uint32_t)end - (uint32_t)start) : 0;
    at = tcpdump_find(rest, SLICE("length ")) + 7;
    uint64_t length = at < rest.size ? take_number(slice_after(rest, at), &digits) : 0;
    if (length > 0 && length != packet->length)
        packet->numbered = false; /* somebody has changed the numbers: nothing follows from them */
    if (!packet->numbered)
        packet->length = length < TCPDUMP_PACKET_MAX ? (size_t)length : TCPDUMP_PACKET_MAX;
    if (packet->length > TCPDUMP_PACKET_MAX)
        packet->length = TCPDUMP_PACKET_MAX;
    packet->options = options_size(rest);
    at = tcpdump_find(rest, SLICE(": SMTP: ")) + 8;
    struct slice echo = slice_head(slice_after(rest, at), TCPDUMP_ECHO_MAX);
    packet->echo_size = echo.size;
    if (echo.size > 0)
        memcpy(packet->echo, echo.data, echo.size);
    at = tcpdump_find(rest, SLICE(" ack ")) + 5;
    packet->acknowledged = (uint32_t)take_number(slice_after(rest, at), &digits);
    packet->acknowledges = digits > 0;
}

bool tcpdump_heading_read(struct tcpdump_packet *packet, struct slice line)
{
    size_t arrow = 0;
    struct slice rest = line;
    for (;; arrow++) { /* -e: the arrow between the link addresses comes first */
        arrow += tcpdump_find(slice_after(line, arrow), SLICE(" > "));
        if (arrow >= line.size)
            return false;
        rest = slice_after(line, arrow + 3);
        size_t colon = tcpdump_find(rest, SLICE(": "));
        struct slice after = slice_after(rest, colon + 2);
        struct slice to = slice_head(rest, colon), from = word_before(line, arrow);
        bool flags = slice_starts(after, SLICE("Flags [")) || slice_starts(after, SLICE("P ")) ||
                     slice_starts(after, SLICE("S ")) || slice_starts(after, SLICE("F ")) ||
                     slice_starts(after, SLICE(". "));
        if (!flags || from.size == 0 || slice_find(to, ' ') < to.size)
            continue;
        bool forward =
            from.size != to.size ? from.size < to.size : memcmp(from.data, to.data, to.size) < 0;
        *packet = (struct tcpdump_packet){.known = true, .way = forward};
        packet->key = flow_key(flow_key(0, forward ? from : to), forward ? to : from);
        packet->syn = slice_starts(after, SLICE("Flags [S")) || slice_starts(after, SLICE("S "));
        packet->first = slice_starts(after, SLICE("Flags [S]")) ||
                        (packet->syn && tcpdump_find(after, SLICE(" ack ")) == after.size);
        read_numbers(packet, after);
        return true;
    }
}

/* "14:21:05.369077 IP ...", "2026-11-23 14:21:05.36 IP ...", "1795443665.36 IP ...": how -t to
 * -ttttt begin a line. */
static bool is_dated(struct slice line)
{
    if (line.size > 0 && line.data[0] == ' ')
        line = slice_after(line, 1);
    if (line.size < 12 || !ascii_digit(line.data[0]) || !ascii_digit(line.data[1]))
        return false;
    struct slice time = slice_head(line, 32);
    return tcpdump_find(time, SLICE(".")) < time.size &&
           (line.data[2] == ':' || line.data[10] == '.' ||
            (line.data[4] == '-' && line.data[7] == '-'));
}

bool tcpdump_heading_begins(struct slice line)
{
    struct slice head = slice_head(line, 200);
    bool dated = is_dated(head);
    if (!dated && !slice_starts(head, SLICE("IP ")) && !slice_starts(head, SLICE("IP6 ")))
        return false;
    static const char *const words[] = {" > ", " (tos 0x", " (flowlabel ", " (class ", " (hlim "};
    bool ip = !dated || tcpdump_find(head, SLICE(" IP ")) < head.size ||
              tcpdump_find(head, SLICE(" IP6 ")) < head.size;
    if (dated && (tcpdump_find(head, SLICE(" ARP, ")) < head.size ||
                  tcpdump_find(head, SLICE(", ethertype ")) < head.size))
        return true;
    for (size_t i = 0; ip && i < sizeof words / sizeof words[0]; i++)
        if (tcpdump_find(head, slice_of(words[i])) < head.size)
            return true;
    return false;
}
