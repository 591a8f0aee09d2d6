/* export_table.c - tshark -T fields -E header=y: one packet a row, the names of its fields in the first.
 *
 *     ip.src	tcp.srcport	ip.dst	tcp.dstport	smtp.req.command	smtp.req.parameter
 *     192.0.2.1	45938	192.0.2.25	25	MAIL,RCPT	FROM:<alice@example.org>,TO:<bob@example.com>
 *
 * A row has the fields that somebody asked for. Without sequence numbers the rows are in order.
 */
#include "transcript/capture/export_fields.h"

#include "smtp/look.h"

#define COLUMNS_MAX   64
#define TALKS_MAX     64
/* Octets of a message that a row does not show. */
#define HIDDEN_OCTETS 100

/* The two ends of a connection, and the sequence numbers that are made up for them. */
struct talk {
    struct endpoint ends[2];
    uint32_t next[2];
    bool known[2]; /* next is: a packet of that end has come */
    bool lost;     /* packets are missing or changed places: nothing is read any more */
    int content;   /* which end has been told to send its message; -1: none */
    uint64_t used; /* the row that used it last; 0: free */
};

struct table {
    struct fields fields; /* first: those of the packet, as in the other exports */
    enum field columns[COLUMNS_MAX];
    size_t count;
    bool acknowledged; /* one of them is the number of an ACK */
    char separator;
    struct talk talks[TALKS_MAX];
};

static struct slice next_cell(struct slice *text, char separator)
{
    struct slice cell;
    if (text->size > 0 && text->data[0] == '"') {
        cell = slice_after(*text, 1);
        cell = slice_head(cell, slice_find(cell, '"'));
        *text = slice_after(*text, cell.size + 2);
    } else {
        cell = slice_head(*text, slice_find(*text, separator));
        *text = slice_after(*text, cell.size);
    }
    *text = slice_after(*text, 1);
    return cell;
}

/* "tcp.srcport" */
static bool is_name(struct slice cell)
{
    for (size_t i = 0; i < cell.size; i++)
        if (!ascii_alphanumeric(cell.data[i]) && cell.data[i] != '.' && cell.data[i] != '_')
            return false;
    return slice_find(cell, '.') < cell.size;
}

/* Takes the row of names. Returns false if it is none. */
static bool take_names(struct table *table, struct slice line)
{
    static const char separators[] = "\t,;|";
    for (const char *separator = separators; *separator; separator++) {
        enum field columns[COLUMNS_MAX];
        bool ports[2] = {false, false}, acknowledged = false;
        size_t count = 0;
        struct slice rest = line;
        while (rest.size > 0 && count < COLUMNS_MAX) {
            struct slice name = next_cell(&rest, *separator);
            if (!is_name(name))
                break;
            columns[count] = field_named(name);
            ports[0] = ports[0] || columns[count] == FIELD_SOURCE_PORT;
            ports[1] = ports[1] || columns[count] == FIELD_DESTINATION_PORT;
            acknowledged = acknowledged || columns[count] == FIELD_ACKNOWLEDGED ||
                           columns[count] == FIELD_RAW_ACKNOWLEDGED;
            count++;
        }
        if (rest.size == 0 && ports[0] && ports[1]) {
            memcpy(table->columns, columns, count * sizeof columns[0]);
            table->acknowledged = acknowledged;
            table->count = count;
            table->separator = *separator;
            return true;
        }
    }
    return false;
}

/* The next of several values in a cell. Of lines each but the last ends with its line end, written out, so
 * that a comma in them is none between two. */
static struct slice next_value(struct slice *cell, bool lines)
{
    struct slice end = lines ? SLICE("\\r\\n,") : SLICE(",");
    const char *found = cell->size > 0 ? memmem(cell->data, cell->size, end.data, end.size) : NULL;
    struct slice value = slice_head(*cell, found ? (size_t)(found - cell->data) : cell->size);
    *cell = slice_after(*cell, value.size + end.size);
    return value;
}

/* What a row says of SMTP in parts. */
struct parts {
    struct slice verbs, parameters, codes, texts;
};

static void compose_commands(struct export *export, uint64_t number, struct parts parts)
{
    static const char *const with_argument[] = {"MAIL", "RCPT", "EHLO", "HELO", "LHLO",
                                                "AUTH", "BDAT", "VRFY", "EXPN", "ETRN"};
    while (parts.verbs.size > 0) {
        struct slice verb = next_value(&parts.verbs, false);
        fields_take(export, number, FIELD_VERB, verb);
        for (size_t i = 0; i < sizeof with_argument / sizeof with_argument[0]; i++)
            if (slice_equal_nocase(verb, slice_of(with_argument[i])) && parts.parameters.size > 0)
                fields_take(export, number, FIELD_PARAMETER, next_value(&parts.parameters, false));
    }
}

static void give_reply(struct export *export, uint64_t number, struct slice code, struct slice text)
{
    char room[512];
    text = slice_head(text, sizeof room - 4);
    if (code.size != 3)
        return;
    memcpy(room, code.data, 3);
    room[3] = ' ';
    if (text.size > 0)
        memcpy(room + 4, text.data, text.size);
    export_text(export, number, (struct slice){room, text.size > 0 ? 4 + text.size : 3});
}

/* One code with the texts of its lines, or as many codes as texts; else the texts are not known. */
static void compose_replies(struct export *export, uint64_t number, struct parts parts)
{
    size_t codes = 0, texts = 0;
    for (struct slice rest = parts.codes; rest.size > 0; codes++)
        next_value(&rest, false);
    for (struct slice rest = parts.texts; rest.size > 0; texts++)
        next_value(&rest, false);
    while (parts.codes.size > 0) {
        struct slice code = next_value(&parts.codes, false);
        bool known = codes == 1 || codes == texts;
        give_reply(export, number, code, known ? next_value(&parts.texts, false) : SLICE("..."));
    }
    while (codes == 1 && parts.texts.size > 0)
        export_reply_more(export, number, next_value(&parts.texts, false));
}

/* Of a reply only the first line may be shown: the others become one that says so. */
static void complete_reply(struct export *export, uint64_t number)
{
    struct export_packet *packet = &export->packet;
    char filler[] = "................................................................";
    size_t last = packet->last_line;
    if (!packet->in_reply || packet->size < last + 4 || packet->octets[last + 3] != '-')
        return;
    size_t size = 3;
    if (packet->sized && packet->length > packet->size + 6 + size)
        size = packet->length - packet->size - 6;
    export_reply_more(export, number,
                      (struct slice){filler, size < sizeof filler ? size : sizeof filler - 1});
}

static bool same_end(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* The connection of the row, and which of its ends has sent the packet. */
static struct talk *talk_of(struct table *table, uint64_t number, unsigned *side)
{
    const struct endpoint *ends = table->fields.ends;
    struct talk *oldest = &table->talks[0];
    for (size_t i = 0; i < TALKS_MAX; i++) {
        struct talk *talk = &table->talks[i];
        for (*side = 0; talk->used > 0 && *side < 2; ++*side)
            if (same_end(&talk->ends[*side], &ends[0]) && same_end(&talk->ends[!*side], &ends[1]))
                return talk;
        if (talk->used < oldest->used)
            oldest = talk;
    }
    *side = 0;
    *oldest = (struct talk){.ends = {ends[0], ends[1]}, .content = -1};
    oldest->next[0] = oldest->next[1] = (uint32_t)number << 8;
    return oldest;
}

/* Returns true if the packet comes next, as far as can be told without the numbers of ACKs: then it is to be
 * read. Where it does not, the octets before it are missing, and nobody knows what was said in between. */
static bool comes_next(struct export_packet *packet, struct talk *talk, unsigned side)
{
    struct segment *segment = &packet->segment;
    uint32_t ahead = segment->sequence - talk->next[side];
    /* One more where nothing shows that the packet before was a SYN. */
    if (talk->lost || !packet->numbered || !talk->known[side] || ahead <= 1)
        return !talk->lost;
    packet->size = packet->line_count = 0;
    packet->addressed = ahead < UINT32_MAX / 2; /* else it was shown before */
    talk->lost = packet->addressed;
    segment->sequence = talk->next[side];
    segment->cut = HIDDEN_OCTETS;
    packet->sized = false;
    return packet->addressed;
}

/* Gives the packet the numbers that the row lacks. */
static void number_packet(struct export *export, uint64_t number)
{
    struct export_packet *packet = &export->packet;
    struct segment *segment = &packet->segment;
    unsigned side;
    struct talk *talk = talk_of(export->state, number, &side);
    talk->used = number;
    if (!comes_next(packet, talk, side)) {
        packet->addressed = false;
        return;
    }
    bool shown = packet->size > 0;
    if (!packet->numbered)
        segment->sequence = talk->next[side];
    segment->acknowledged = talk->next[!side];
    segment->acknowledges = talk->known[!side] || !packet->numbered;
    if (!packet->sized && !shown && talk->content == (int)side)
        segment->cut = HIDDEN_OCTETS;
    uint32_t size = packet->sized ? packet->length : (uint32_t)packet->size + segment->cut;
    talk->next[side] = segment->sequence + size + segment->syn + segment->fin;
    talk->known[side] = true;
    if (shown && looks_like_reply((struct slice){packet->octets, packet->size})) {
        const char *last = packet->octets + packet->last_line;
        bool data = packet->size >= packet->last_line + 3 && memcmp(last, "354", 3) == 0;
        talk->content = data ? (int)!side : -1;
    }
}

/* What does not have the length that the packet has is not what it said. */
static void check_length(struct export_packet *packet)
{
    if (packet->sized && packet->size > packet->length)
        packet->size = packet->line_count = 0;
}

static bool table_line(struct export *export, const struct source_line *source)
{
    struct table *table = export->state;
    struct slice rest = source->text;
    if (take_names(table, rest))
        return true;
    size_t separators = 0, column = 0;
    for (size_t i = 0; i < rest.size; i++)
        separators += rest.data[i] == table->separator;
    if (table->count == 0 || separators + 1 < table->count)
        return rest.size == 0;
    struct parts parts = {{0}, {0}, {0}, {0}};
    for (; column < table->count; column++) {
        enum field field = table->columns[column];
        struct slice cell = next_cell(&rest, table->separator);
        struct slice *const part = field == FIELD_VERB                 ? &parts.verbs
                                   : field == FIELD_PARAMETER          ? &parts.parameters
                                   : field == FIELD_CODE               ? &parts.codes
                                   : field == FIELD_RESPONSE_PARAMETER ? &parts.texts
                                                                       : NULL;
        bool lines = field == FIELD_COMMAND_LINE || field == FIELD_RESPONSE;
        if (part)
            *part = cell;
        else if (lines)
            while (cell.size > 0)
                fields_take(export, source->number, field, next_value(&cell, true));
        else if (cell.size > 0)
            fields_take(export, source->number, field, cell);
    }
    bool said = export->packet.size > 0;
    if (!said)
        compose_commands(export, source->number, parts);
    if (!said && export->packet.size == 0)
        compose_replies(export, source->number, parts);
    complete_reply(export, source->number);
    if (!table->fields.payload)
        check_length(&export->packet);
    if (!export->packet.numbered || !table->acknowledged)
        number_packet(export, source->number);
    fields_end_packet(export, source->number);
    return true;
}

static bool table_is_sure(struct slice head)
{
    struct table table = {.count = 0};
    for (head = slice_head(head, 8192); head.size > 0;)
        if (take_names(&table, head_line(&head)))
            return true;
    return false;
}

const struct export_format export_table_format = {
    .state_size = sizeof(struct table),
    .mode = FIELDS_TABLE,
    .is_sure = table_is_sure,
    .line = table_line,
};
