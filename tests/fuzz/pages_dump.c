/* pages_dump.c - formats that write down what went over the connection in one go. */
#include "pages.h"

#define ROW 16

/* The connection, as captures name it. */
#define CLIENT_HOST "192.0.2.7"
#define SERVER_HOST "192.0.2.1"

void write_socat(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    while (packet_next(&packet, script)) {
        page_put(page, "%c 2026/01/05 10:00:00.000000001  length=%zu from=%llu to=%llu\n",
                 packet.server ? '<' : '>', packet.size,
                 (unsigned long long)page->octets[packet.server],
                 (unsigned long long)(page->octets[packet.server] + packet.size - 1));
        page->octets[packet.server] += packet.size;
        for (size_t i = 0; i < packet.size; i++) {
            char c = packet.octets[i];
            page_location(page, &packet, i, i + 1);
            if (c == '\r')
                page_put(page, "\\r");
            else if (c == '\t')
                page_put(page, "\\t");
            else if (c == '\\')
                page_put(page, "\\\\");
            else
                page_put(page, "%c", c);
        }
    }
}

/* " 32 32" for a row, then blanks as far as a full row would go. */
static void put_hex(struct page *page, const struct packet *packet, size_t from, bool middle)
{
    for (size_t i = from; i < from + ROW; i++) {
        if (middle && i == from + ROW / 2)
            page_put(page, " ");
        if (i < packet->size)
            page_put(page, " %02x", (unsigned char)packet->octets[i]);
        else
            page_put(page, "   ");
    }
}

/* The same row as text. */
static void put_text(struct page *page, const struct packet *packet, size_t from, bool middle)
{
    for (size_t i = from; i < from + ROW && i < packet->size; i++) {
        char c = packet->octets[i];
        page_put(page, "%s%c", middle && i == from + ROW / 2 ? " " : "",
                 c >= ' ' && c < 0x7f ? c : '.');
    }
}

/* How a program writes rows in hex. */
struct dump_style {
    const char *marks[2]; /* before the client's rows, the server's */
    const char *between;  /* hex and text */
    bool capitals;        /* in the number of the first octet, with a blank after it */
    bool middle;          /* a gap in the middle of the row */
};

/* A packet, row by row. */
static void put_rows(struct page *page, const struct packet *packet, const struct dump_style *style)
{
    for (size_t i = 0; i < packet->size; i += ROW) {
        unsigned long long number = page->octets[packet->server] + i;
        page_location(page, packet, i, i + ROW);
        page_put(page, "%s", style->marks[packet->server]);
        page_put(page, style->capitals ? "%08llX " : "%08llx", number);
        put_hex(page, packet, i, style->middle);
        page_put(page, "%s", style->between);
        put_text(page, packet, i, style->middle);
        page_put(page, "\n");
    }
    page->octets[packet->server] += packet->size;
}

void write_netcat(struct page *page, const struct script *script)
{
    static const struct dump_style style = {.marks = {"> ", "< "}, .between = " # "};
    struct packet packet = {0};
    while (packet_next(&packet, script))
        put_rows(page, &packet, &style);
}

void write_strace(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    page_put(page, "connect(3, {sa_family=AF_INET, sin_port=htons(25), "
                   "sin_addr=inet_addr(\"" SERVER_HOST "\")}, 16) = 0\n");
    while (packet_next(&packet, script)) {
        page_location(page, &packet, 0, packet.size);
        page_put(page, "%s(3, \"", packet.server ? "read" : "write");
        for (size_t i = 0; i < packet.size; i++) {
            unsigned char c = (unsigned char)packet.octets[i];
            bool digit =
                i + 1 < packet.size && packet.octets[i + 1] >= '0' && packet.octets[i + 1] <= '7';
            if (c == '\r' || c == '\n' || c == '\t')
                page_put(page, "\\%c", c == '\r' ? 'r' : c == '\n' ? 'n' : 't');
            else if (c == '"' || c == '\\')
                page_put(page, "\\%c", c);
            else if (c < ' ' || c >= 0x7f)
                page_put(page, digit ? "\\%03o" : "\\%o", c);
            else
                page_put(page, "%c", c);
        }
        if (packet.server)
            page_put(page, "\", 8192) = %zu\n", packet.size);
        else
            page_put(page, "\", %zu) = %zu\n", packet.size, packet.size);
    }
}

void write_curl_trace(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    while (packet_next(&packet, script)) {
        page_put(page, "%s, %zu bytes (0x%zx)\n",
                 packet.server ? "<= Recv header" : "=> Send header", packet.size, packet.size);
        for (size_t i = 0; i < packet.size; i += ROW) {
            page_location(page, &packet, i, i + ROW);
            page_put(page, "%04zx:", i);
            put_hex(page, &packet, i, false);
            page_put(page, " ");
            put_text(page, &packet, i, false);
            page_put(page, "\n");
        }
    }
}

static void put_follow_head(struct page *page, const char *kind)
{
    page_put(
        page,
        "\n===================================================================\nFollow: tcp,%s\n"
        "Filter: tcp.stream eq 0\nNode 0: " CLIENT_HOST ":1025\nNode 1: " SERVER_HOST ":25\n",
        kind);
}

#define FOLLOW_FOOT "===================================================================\n"

void write_follow_hex(struct page *page, const struct script *script)
{
    static const struct dump_style style = {
        .marks = {"", "\t"}, .between = "  ", .capitals = true, .middle = true};
    struct packet packet = {0};
    put_follow_head(page, "hex");
    while (packet_next(&packet, script))
        put_rows(page, &packet, &style);
    page_put(page, FOLLOW_FOOT);
}

void write_follow_raw(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    put_follow_head(page, "raw");
    while (packet_next(&packet, script)) {
        page_location(page, &packet, 0, packet.size);
        page_put(page, "%s", packet.server ? "\t" : "");
        for (size_t i = 0; i < packet.size; i++)
            page_put(page, "%02x", (unsigned char)packet.octets[i]);
        page_put(page, "\n");
    }
    page_put(page, FOLLOW_FOOT);
}

/* Text as tshark and ngrep show it: what is none becomes a dot; of a line end LF stays. */
static void put_dotted(struct page *page, const struct packet *packet, bool keep_cr)
{
    for (size_t i = 0; i < packet->size; i++) {
        char c = packet->octets[i];
        page_location(page, packet, i, i + 1);
        if (c == '\r' && keep_cr)
            page_put(page, "\r");
        else
            page_put(page, "%c", c == '\n' || (c >= ' ' && c < 0x7f) ? c : '.');
    }
}

void write_follow_ascii(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    put_follow_head(page, "ascii");
    while (packet_next(&packet, script)) {
        page_put(page, "%s%zu\n", packet.server ? "\t" : "", packet.size);
        put_dotted(page, &packet, true);
        page_put(page, "\n");
    }
    page_put(page, FOLLOW_FOOT);
}

void write_follow_yaml(struct page *page, const struct script *script)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct packet packet = {0};
    page_put(page, "peers:\n  - peer: 0\n    host: " CLIENT_HOST "\n    port: 1025\n"
                   "  - peer: 1\n    host: " SERVER_HOST "\n    port: 25\npackets:\n");
    for (int number = 4; packet_next(&packet, script); number++) {
        page_put(
            page,
            "  - packet: %d\n    peer: %d\n    timestamp: 1795443713.4\n    data: !!binary |\n",
            number, packet.server);
        for (size_t i = 0; i < packet.size; i += 57) {
            page_location(page, &packet, i, i + 57);
            page_put(page, "      ");
            for (size_t j = i; j < i + 57 && j < packet.size; j += 3) {
                uint32_t bits = 0;
                for (size_t k = 0; k < 3; k++)
                    bits = bits << 8 |
                           (j + k < packet.size ? (unsigned char)packet.octets[j + k] : 0u);
                for (unsigned k = 0; k < 4; k++)
                    page_put(page, "%c",
                             j + k > packet.size ? '=' : digits[bits >> (18 - 6 * k) & 63]);
            }
            page_put(page, "\n");
        }
    }
}

void write_ngrep(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    for (int number = 4; packet_next(&packet, script); number++) {
        page_put(page, "T 2026/01/05 10:00:00.000000 %s [AP] #%d\n",
                 packet.server ? SERVER_HOST ":25 -> " CLIENT_HOST ":1025"
                               : CLIENT_HOST ":1025 -> " SERVER_HOST ":25",
                 number);
        put_dotted(page, &packet, false);
        page_put(page, "\n\n");
    }
}

void write_tcpflow(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    while (packet_next(&packet, script)) {
        page_put(page, "%s: ",
                 packet.server ? "192.000.002.001.00025-192.000.002.007.01025"
                               : "192.000.002.007.01025-192.000.002.001.00025");
        for (size_t i = 0; i < packet.size; i++) {
            page_location(page, &packet, i, i + 1);
            page_put(page, "%c", packet.octets[i]);
        }
        page_put(page, "\n");
    }
}
