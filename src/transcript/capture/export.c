/* export.c - packets of a text export, back to segments.
 */
#include "transcript/capture/export.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>

#include "smtp/look.h"

struct endpoint export_endpoint(struct slice address, unsigned port)
{
    struct endpoint endpoint = {.port = (uint16_t)port};
    char text[INET6_ADDRSTRLEN] = "";
    if (address.size < sizeof text)
        memcpy(text, address.data ? address.data : "", address.size);
    if (inet_pton(AF_INET, text, endpoint.address + 12) == 1) {
        endpoint.address[10] = endpoint.address[11] = 0xff;
    } else if (inet_pton(AF_INET6, text, endpoint.address) != 1) {
        uint64_t hash = slice_hash(SLICE_HASH, address);
        memcpy(endpoint.address, &hash, sizeof hash);
    }
    return endpoint;
}

static bool grow(struct export_packet *packet, size_t size)
{
    size_t capacity = packet->capacity ? packet->capacity : 512;
    while (capacity < size)
        capacity *= 2;
    char *larger =
        capacity == packet->capacity ? packet->octets : realloc(packet->octets, capacity);
    if (!larger)
        return false;
    packet->octets = larger;
    packet->capacity = capacity;
    return true;
}

void export_octets(struct export *export, uint64_t number, struct slice octets)
{
    struct export_packet *packet = &export->packet;
    octets = slice_head(octets, EXPORT_PACKET_MAX - packet->size);
    if (octets.size == 0)
        return;
    if (!grow(packet, packet->size + octets.size)) {
        export->no_memory = true;
        return;
    }
    bool same = packet->line_count > 0 && packet->lines[packet->line_count - 1].number == number;
    if (!same && packet->line_count < EXPORT_LINES_MAX)
        packet->lines[packet->line_count++] = (struct export_line){number, packet->size};
    memcpy(packet->octets + packet->size, octets.data, octets.size);
    packet->size += octets.size;
}

void export_text(struct export *export, uint64_t number, struct slice text)
{
    struct export_packet *packet = &export->packet;
    packet->in_reply = looks_like_reply(text);
    packet->last_line = packet->size;
    export_octets(export, number, text);
    export_octets(export, number, SLICE("\r\n"));
}

void export_reply_more(struct export *export, uint64_t number, struct slice text)
{
    struct export_packet *packet = &export->packet;
    size_t last = packet->last_line;
    if (!packet->in_reply || packet->size < last + 5)
        return;
    char code[4];
    memcpy(code, packet->octets + last, 3);
    code[3] = ' ';
    packet->octets[last + 3] = '-';
    packet->last_line = packet->size;
    export_octets(export, number, (struct slice){code, sizeof code});
    export_octets(export, number, text);
    export_octets(export, number, SLICE("\r\n"));
}

/* Passes on the part of the payload that one line of the file shows. */
static void take_piece(struct export *export, size_t index)
{
    const struct export_packet *packet = &export->packet;
    const struct export_line *line = &packet->lines[index];
    bool last = index + 1 == packet->line_count;
    size_t end = last ? packet->size : line[1].begin;
    struct segment segment = packet->segment;
    segment.sequence += (uint32_t)line->begin;
    segment.payload = (struct slice){packet->octets + line->begin, end - line->begin};
    segment.fin = segment.fin && last;
    segment.syn = false;
    segment.cut = last ? segment.cut : 0;
    if (!tcp_take(&export->tcp, &segment, line->number))
        export->no_memory = true;
}

/* Fits what is shown of the payload to its length: of a line that came in several packets all is shown
 * with the last, and of a message that ends in the packet often only the dot. */
static void fit_to_length(struct export_packet *packet)
{
    if (!packet->sized || packet->continued)
        return;
    if (packet->size > packet->length) {
        packet->segment.sequence -= (uint32_t)(packet->size - packet->length);
        return;
    }
    uint32_t hidden = packet->length - (uint32_t)packet->size;
    bool dot = packet->size == 3 && packet->octets[0] == '.';
    if (dot)
        packet->segment.sequence += hidden;
    else
        packet->segment.cut = hidden;
}

/* While recognising: counts what the packet shows. */
static void count_lines(struct export *export)
{
    const struct export_packet *packet = &export->packet;
    struct slice rest = {packet->octets, packet->size};
    export->fit->form++;
    while (rest.size > 0) {
        struct slice line = head_line(&rest);
        export->fit->commands += looks_like_command(line);
        export->fit->replies += looks_like_reply(line);
    }
}

void export_end(struct export *export, uint64_t number)
{
    struct export_packet *packet = &export->packet;
    if (packet->addressed && export->fit) {
        count_lines(export);
    } else if (packet->addressed) {
        fit_to_length(packet);
        for (size_t i = 0; i < packet->line_count && !export->no_memory; i++)
            take_piece(export, i);
        bool bare = packet->line_count == 0 || packet->segment.syn;
        if (bare && !export->no_memory && !tcp_take(&export->tcp, &packet->segment, number))
            export->no_memory = true;
    }
    char *octets = packet->octets;
    size_t capacity = packet->capacity;
    memset(packet, 0, offsetof(struct export_packet, lines));
    packet->octets = octets;
    packet->capacity = capacity;
}

static struct export *export_new(const struct export_format *format)
{
    struct export *export = calloc(1, sizeof *export);
    if (!export)
        return NULL;
    export->format = format;
    export->state = calloc(1, format->state_size > 0 ? format->state_size : 1);
    if (export->state)
        return export;
    free(export);
    return NULL;
}

static void export_free(struct export *export)
{
    if (!export)
        return;
    if (export->tcp.table)
        tcp_close(&export->tcp);
    free(export->packet.octets);
    free(export->state);
    free(export);
}

static void end_export(struct export *export)
{
    if (export->format->finish)
        export->format->finish(export);
    export_end(export, export->tcp.frame + 1);
}

static bool export_is_sure(const struct format *format, struct slice head, struct fit *fit)
{
    const struct export_format *export = format->detail;
    if (!export->is_sure || !export->is_sure(head))
        return false;
    *fit = (struct fit){.commands = 1u << 20, .replies = 1u << 20};
    return true;
}

static struct fit export_recognise(const struct format *format, struct slice head)
{
    struct fit fit = {0};
    struct export *export = export_new(format->detail);
    if (!export)
        return (struct fit){.no_memory = true};
    export->fit = &fit;
    struct source_line line = {0};
    while (head.size > 0 && !export->no_memory) {
        line.number++;
        line.text = head_line(&head);
        line.ended = head.size > 0;
        export->format->line(export, &line);
    }
    end_export(export);
    fit.no_memory = export->no_memory;
    export_free(export);
    return fit;
}

static bool export_open(struct reader *reader, struct slice head)
{
    (void)head;
    struct export *export = export_new(reader->format->detail);
    reader->state = export;
    if (!export)
        return false;
    export->smtp = (struct capture_smtp){
        .tcp = &export->tcp, .sink = reader->sink, .inexact = !export->format->exact};
    struct tcp_receiver receiver = capture_smtp_receiver(&export->smtp);
    return tcp_open(&export->tcp, &receiver);
}

static bool export_read(struct reader *reader, const struct source_line *source)
{
    struct export *export = reader->state;
    if (!export->format->line(export, source) && source->text.size > 0) {
        struct line line = line_of_file(source);
        line.side = SIDE_UNMARKED;
        line.session = UINT64_MAX; /* of no connection */
        reader->sink->line(reader->sink->context, &line);
    }
    return !export->no_memory;
}

static bool export_finish(struct reader *reader)
{
    struct export *export = reader->state;
    end_export(export);
    bool done = tcp_finish(&export->tcp) && !export->no_memory;
    const struct capture_count *count = &export->smtp.count;
    reader_remark_count(
        reader, count->holes,
        "%llu octets in %llu place are not shown in the export; in %llu the session is not "
        "judged across it",
        "%llu octets in %llu places are not shown in the export; in %llu the session is not "
        "judged across it",
        (unsigned long long)count->missing, (unsigned long long)count->holes,
        (unsigned long long)count->broken);
    REMARK_COUNT(reader, count->starttls, "%llu session in TLS after STARTTLS: not judged further",
                 "%llu sessions in TLS after STARTTLS: not judged further");
    REMARK_COUNT(reader, count->one_way,
                 "%llu connection of which only the client's side is shown: passed over",
                 "%llu connections of which only the client's side is shown: passed over");
    return done;
}

static void export_close(struct reader *reader)
{
    export_free(reader->state);
}

const struct format_family export_family = {
    .recognise = export_recognise,
    .is_sure = export_is_sure,
    .open = export_open,
    .read = export_read,
    .finish = export_finish,
    .close = export_close,
    .ordered = true,
};
