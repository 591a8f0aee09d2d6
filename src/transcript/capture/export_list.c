/* export_list.c - the list of packets, one a line: tshark without options, Wireshark's list as text or CSV.
 *
 *     9   0.003658 192.0.2.1 → 192.0.2.25 SMTP 159 C: MAIL FROM:<alice@example.org> | RCPT TO:<bob@example.com> | DATA
 *     "9","0.003658","192.0.2.1","192.0.2.25","SMTP","159","C: MAIL FROM:<alice@example.org> | ..."
 *
 * Packets of SMTP are shown without ports and sequence numbers. Those of a SYN show the ports; where two
 * connections between the same hosts are open at a time, nobody can say which one a line is of, and neither
 * is judged.
 */
#include "transcript/capture/export.h"

#include "smtp/look.h"

#define CALLS_MAX   64
#define COLUMNS_MAX 32

/* A connection of the list. */
struct call {
    struct endpoint ends[2]; /* client, server */
    uint16_t ports[2];       /* theirs, as far as they were shown; else 0 */
    uint32_t next[2];        /* sequence numbers, made up: the list is in order */
    uint64_t used;           /* the line in which it was used last; 0: free */
    bool blurred;            /* lines of it may have been of another */
    bool disordered;         /* packets were lost or changed places: it is not read further */
};

struct list {
    struct call calls[CALLS_MAX];
    size_t columns[4]; /* of a CSV: source, destination, protocol, info, from 1 */
    bool csv;
};

struct row {
    uint64_t number;
    struct slice source, destination, protocol, info;
};

static bool is_protocol(struct slice word)
{
    return slice_starts(word, SLICE("SMTP")) || slice_equal(word, SLICE("IMF")) ||
           slice_equal(word, SLICE("TCP")) || slice_starts(word, SLICE("TLSv1")) ||
           slice_starts(word, SLICE("SSL"));
}

static bool is_arrow(struct slice word)
{
    return slice_equal(word, SLICE("\xe2\x86\x92")) || slice_equal(word, SLICE("->"));
}

/* An address, or a name with a dot. */
static bool is_host(struct slice word)
{
    return slice_find(word, '.') < word.size || slice_find(word, ':') < word.size;
}

static struct slice next_word(struct slice *text)
{
    *text = slice_trim(*text);
    struct slice word = slice_word(*text);
    *text = slice_after(*text, word.size);
    return word;
}

/* "... SOURCE [→] DESTINATION PROTOCOL [LENGTH] INFO" */
static bool split_text(struct slice line, struct row *row)
{
    struct slice before[2] = {{0}}, word;
    for (size_t words = 0; words < 12 && (word = next_word(&line)).size > 0; words++) {
        if (is_arrow(word))
            continue;
        if (is_protocol(word) && is_host(before[0]) && is_host(before[1])) {
            *row = (struct row){row->number, before[0], before[1], word, slice_trim(line)};
            struct slice rest = row->info, length = next_word(&rest);
            size_t digits = 0;
            while (digits < length.size && ascii_digit(length.data[digits]))
                digits++;
            if (digits > 0 && digits == length.size && rest.size > 0)
                row->info = slice_trim(rest);
            return true;
        }
        before[0] = before[1];
        before[1] = word;
    }
    return false;
}

/* A cell of a CSV at the head of the text: with quotes, or up to the comma. */
static struct slice next_cell(struct slice *text)
{
    struct slice cell;
    if (slice_starts(*text, SLICE("\""))) {
        size_t end = 1;
        while (end < text->size &&
               (text->data[end] != '"' || (end + 1 < text->size && text->data[end + 1] == '"')))
            end += text->data[end] == '"' ? 2 : 1;
        cell = slice_after(slice_head(*text, end), 1);
        *text = slice_after(*text, end + 1);
    } else {
        cell = slice_head(*text, slice_find(*text, ','));
        *text = slice_after(*text, cell.size);
    }
    *text = slice_after(*text, 1);
    return cell;
}

/* The cells of a row; the names of the columns say which is which. */
static bool split_csv(struct list *list, struct slice line, struct row *row)
{
    static const char *const names[] = {"Source", "Destination", "Protocol", "Info"};
    struct slice *const wanted[] = {&row->source, &row->destination, &row->protocol, &row->info};
    bool head = false;
    if (list->columns[0] == 0) /* Wireshark's, until a head says something else */
        memcpy(list->columns, (size_t[4]){3, 4, 5, 7}, sizeof list->columns);
    for (size_t column = 1; line.size > 0 && column <= COLUMNS_MAX; column++) {
        struct slice cell = next_cell(&line);
        for (size_t i = 0; i < 4; i++) {
            if (slice_equal_nocase(cell, slice_of(names[i]))) {
                list->columns[i] = column;
                head = true;
            } else if (list->columns[i] == column) {
                *wanted[i] = cell;
            }
        }
    }
    list->csv = list->csv || head;
    return !head && is_protocol(row->protocol);
}

static bool same_host(const struct endpoint *a, const struct endpoint *b)
{
    return memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* Returns true if the call is between these hosts, whoever called. */
static bool is_between(const struct call *call, const struct endpoint ends[2])
{
    return (same_host(&call->ends[0], &ends[0]) && same_host(&call->ends[1], &ends[1])) ||
           (same_host(&call->ends[0], &ends[1]) && same_host(&call->ends[1], &ends[0]));
}

static struct call *begin_call(struct list *list, const struct endpoint ends[2], uint64_t number)
{
    struct call *oldest = &list->calls[0];
    for (size_t i = 1; i < CALLS_MAX; i++)
        if (list->calls[i].used < oldest->used)
            oldest = &list->calls[i];
    uint32_t next = (uint32_t)number << 8; /* another one for each call */
    *oldest = (struct call){.ends = {ends[0], ends[1]}, .next = {next, next}, .used = number};
    return oldest;
}

/* Passes on what one side has sent, and how many octets are not shown. */
static void give(struct export *export, struct call *call, unsigned side, uint64_t number,
                 uint32_t hidden)
{
    struct export_packet *packet = &export->packet;
    struct segment *segment = &packet->segment;
    segment->source = call->ends[side];
    segment->destination = call->ends[!side];
    segment->sequence = call->next[side];
    segment->acknowledged = call->next[!side];
    segment->acknowledges = !segment->syn || side == 1;
    packet->addressed = true;
    call->next[side] += (uint32_t)packet->size + hidden + segment->syn + segment->fin;
    call->used = number;
    segment->cut = hidden;
    export_end(export, number);
}

static void give_tls(struct export *export, struct call *call, uint64_t number)
{
    export_octets(export, number, SLICE("\x16\x03\x01"));
    give(export, call, 0, number, 0);
}

/* Octets of a packet whose number is not shown; anything that is no single octet, which could be a FIN. */
#define HIDDEN_OCTETS 100

/* The number in "DATA fragment, 31 bytes". */
static uint32_t hidden_octets(struct slice info)
{
    uint64_t octets = 0;
    while (info.size > 0 && !ascii_digit(info.data[0]))
        info = slice_after(info, 1);
    for (size_t i = 0; i < info.size && ascii_digit(info.data[i]) && octets < (1u << 24); i++)
        octets = octets * 10 + (uint64_t)(info.data[i] - '0');
    return octets > 1 ? (uint32_t)octets : HIDDEN_OCTETS;
}

/* Both sides may have sent something that is not shown. */
static void give_hole(struct export *export, struct call *call, uint64_t number)
{
    give(export, call, 0, number, HIDDEN_OCTETS);
    give(export, call, 1, number, HIDDEN_OCTETS);
    give(export, call, 0, number, 0); /* acknowledges the server's */
}

/* Takes "[TCP Retransmission] " and the like off. Returns false if the packet is not to be read: it was shown
 * before, or nobody knows any more what was sent when. */
static bool take_marks(struct export *export, struct call *call, uint64_t number,
                       struct slice *info)
{
    static const char *const lost[] = {"Out-Of-Order", "ACKed unseen segment",
                                       "Previous segment not captured", "Previous segment lost"};
    bool again = false;
    while (slice_starts(*info, SLICE("[TCP "))) {
        struct slice mark = slice_head(*info, slice_find(*info, ']'));
        again = again || slice_contains(mark, SLICE("Retransmission"));
        for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
            if (slice_contains(mark, slice_of(lost[i])) && !call->disordered) {
                give_hole(export, call, number);
                call->disordered = true;
            }
        *info = slice_trim(slice_after(*info, mark.size + 1));
        if (slice_starts(*info, SLICE(",")))
            *info = slice_trim(slice_after(*info, 1));
    }
    return !again && !call->disordered;
}

/* The next part of "EHLO a | MAIL FROM:<b>". */
static struct slice next_part(struct slice *info)
{
    const char *bar = memmem(info->data, info->size, " | ", 3);
    struct slice part = slice_head(*info, bar ? (size_t)(bar - info->data) : info->size);
    *info = slice_after(*info, part.size + 3);
    return part;
}

static void take_commands(struct export *export, struct call *call, uint64_t number,
                          struct slice info)
{
    static const char *const unseen[] = {"DATA fragment", "Message Body"};
    static const char *const labels[] = {"User: ", "Pass: "};
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (slice_starts(info, slice_of(unseen[i])) || info.size == 0) {
            give(export, call, 0, number, hidden_octets(info));
            return;
        }
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (slice_starts(info, slice_of(labels[i])))
            info = slice_after(info, slice_of(labels[i]).size);
    while (info.size > 0) {
        struct slice part = next_part(&info);
        export_text(export, number, part);
    }
    give(export, call, 0, number, 0);
}

static void take_replies(struct export *export, struct call *call, uint64_t number,
                         struct slice info)
{
    while (info.size > 0) {
        struct slice part = next_part(&info);
        if (looks_like_reply(part) || export->packet.size == 0)
            export_text(export, number, part);
        else
            export_reply_more(export, number, part);
    }
    if (export->packet.size > 0)
        give(export, call, 1, number, 0);
}

/* "41022 → 25 [SYN] Seq=0 ...": the ports; how many words were taken. */
static bool read_ports(struct slice info, unsigned ports[2], struct slice *flags)
{
    for (unsigned i = 0; i < 2; i++) {
        struct slice word = next_word(&info);
        if (is_arrow(word) || slice_equal(word, SLICE(">")))
            word = next_word(&info);
        ports[i] = 0;
        for (size_t at = 0; at < word.size; at++)
            ports[i] = ascii_digit(word.data[at]) && ports[i] < 65536
                           ? ports[i] * 10 + (unsigned)(word.data[at] - '0')
                           : 65536;
        if (word.size == 0 || ports[i] > 65535)
            return false;
    }
    info = slice_trim(info);
    *flags = slice_head(info, slice_find(info, ']'));
    return slice_starts(info, SLICE("["));
}

/* Returns true if a packet from ends[0] to ends[1] is of this call, from that side. A call whose ports were
 * never shown takes them from the first packet that shows some. */
static bool is_of_call(struct call *call, const struct endpoint ends[2], unsigned side)
{
    if (call->used == 0 || !same_host(&call->ends[side], &ends[0]) ||
        !same_host(&call->ends[!side], &ends[1]))
        return false;
    if (call->ports[0] == 0 && !same_host(&ends[0], &ends[1])) {
        call->ports[side] = ends[0].port;
        call->ports[!side] = ends[1].port;
    }
    return call->ports[side] == ends[0].port && call->ports[!side] == ends[1].port;
}

static struct call *find_by_ports(struct list *list, const struct endpoint ends[2], unsigned *side)
{
    for (size_t i = 0; i < CALLS_MAX; i++)
        for (*side = 0; *side < 2; ++*side)
            if (is_of_call(&list->calls[i], ends, *side))
                return &list->calls[i];
    return NULL;
}

/* A packet of TCP without SMTP: where connections begin and end. */
static void take_tcp(struct export *export, const struct row *row, struct endpoint ends[2])
{
    struct list *list = export->state;
    unsigned ports[2], side;
    struct slice flags;
    size_t marks = slice_starts(row->info, SLICE("[TCP ")) ? slice_find(row->info, ']') + 1 : 0;
    if (!read_ports(slice_after(row->info, marks), ports, &flags))
        return;
    ends[0].port = (uint16_t)ports[0];
    ends[1].port = (uint16_t)ports[1];
    struct segment *segment = &export->packet.segment;
    bool syn = slice_contains(flags, SLICE("SYN")), ack = slice_contains(flags, SLICE("ACK"));
    struct call *call = syn && !ack && marks == 0 ? begin_call(list, ends, row->number)
                                                  : find_by_ports(list, ends, &side);
    if (syn && !ack && marks == 0) {
        call->ports[0] = ends[0].port;
        call->ports[1] = ends[1].port;
        side = 0;
    }
    struct slice info = row->info;
    if (!call || !take_marks(export, call, row->number, &info))
        return;
    segment->syn = syn;
    segment->fin = slice_contains(flags, SLICE("FIN"));
    segment->reset = slice_contains(flags, SLICE("RST"));
    bool over = segment->fin || segment->reset;
    if (syn || over)
        give(export, call, side, row->number, 0);
    if (over && side == 1)
        call->used = 0;
}

/* The call that a packet without ports is of. NULL: it may be of several. */
static struct call *find_call(struct export *export, const struct row *row, struct endpoint ends[2],
                              bool by_server)
{
    struct list *list = export->state;
    struct call *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < CALLS_MAX; i++)
        if (list->calls[i].used > 0 && is_between(&list->calls[i], ends)) {
            found = &list->calls[i];
            count++;
        }
    if (count == 0) {
        struct endpoint client = ends[by_server], server = ends[!by_server];
        client.port = 1; /* any, as long as they differ */
        server.port = 2;
        return begin_call(list, (struct endpoint[2]){client, server}, row->number);
    }
    for (size_t i = 0; count > 1 && i < CALLS_MAX; i++)
        if (list->calls[i].used > 0 && is_between(&list->calls[i], ends))
            list->calls[i].blurred = true;
    return count == 1 ? found : NULL;
}

/* "S: 250 Ok", perhaps after "[TCP ...] ". */
static bool is_from_server(struct slice info)
{
    while (slice_starts(info, SLICE("[TCP ")))
        info = slice_trim(slice_after(info, slice_find(info, ']') + 1));
    if (slice_starts(info, SLICE(",")))
        info = slice_trim(slice_after(info, 1));
    return slice_starts(info, SLICE("S:"));
}

static void take_row(struct export *export, const struct row *row)
{
    struct endpoint ends[2] = {export_endpoint(row->source, 0),
                               export_endpoint(row->destination, 0)};
    if (slice_equal(row->protocol, SLICE("TCP"))) {
        take_tcp(export, row, ends);
        return;
    }
    struct slice info = row->info;
    bool server = is_from_server(info);
    struct call *call = find_call(export, row, ends, server);
    if (!call || !take_marks(export, call, row->number, &info))
        return;
    bool client = slice_starts(info, SLICE("C:"));
    if (call->blurred)
        give_hole(export, call, row->number);
    call->blurred = false;
    if (server)
        take_replies(export, call, row->number, slice_after(info, 3));
    else if (client)
        take_commands(export, call, row->number, slice_after(info, 3));
    else if (slice_starts(row->protocol, SLICE("TLS")) || slice_starts(row->protocol, SLICE("SSL")))
        give_tls(export, call, row->number);
    else /* the message */
        take_commands(export, call, row->number, SLICE(""));
}

static bool list_line(struct export *export, const struct source_line *source)
{
    struct list *list = export->state;
    struct slice line = source->text;
    struct row row = {.number = source->number};
    bool quoted = slice_starts(line, SLICE("\""));
    if (quoted || list->csv ? split_csv(list, line, &row) : split_text(line, &row)) {
        take_row(export, &row);
        return true;
    }
    return (quoted && slice_contains(line, SLICE("\",\""))) || line.size == 0 ||
           slice_starts(line, SLICE("No. "));
}

/* Some of the first lines are packets of SMTP, and most are packets. */
static bool list_is_sure(struct slice head)
{
    size_t lines = 0, rows = 0;
    bool smtp = false;
    struct list list = {0};
    for (head = slice_head(head, 8192); head.size > 0 && lines < 40;) {
        struct slice line = slice_trim(head_line(&head));
        struct row row = {0};
        bool csv = slice_starts(line, SLICE("\""));
        bool is_row = csv ? split_csv(&list, line, &row) : split_text(line, &row);
        lines += line.size > 0;
        rows += is_row;
        smtp =
            smtp || (is_row && (is_from_server(row.info) || slice_starts(row.info, SLICE("C: "))));
    }
    return smtp && rows * 2 > lines;
}

const struct export_format export_list_format = {
    .state_size = sizeof(struct list),
    .is_sure = list_is_sure,
    .line = list_line,
};
