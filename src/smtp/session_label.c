/* session_label.c - finds names of tests and addresses in the words around a session.
 */
#include "smtp/session_label.h"

/* Headings are short; what is longer is something else. */
#define HEADING_MAX 240

static void set_text(char *room, size_t size, struct slice text)
{
    text = slice_head(slice_trim(text), size - 1);
    memcpy(room, text.data ? text.data : "", text.size);
    room[text.size] = '\0';
    for (size_t i = 0; i < text.size; i++)
        if (room[i] == '\0')
            room[i] = '?';
}

/* The text without a prefix; *found says whether it was there. */
static struct slice without(struct slice text, struct slice prefix, bool *found)
{
    *found = slice_starts(text, prefix);
    return *found ? slice_after(text, prefix.size) : text;
}

/* "=== RUN   TestSend/login" and "--- PASS: TestSend (0.00s)" of go test. */
static bool go_heading(struct slice text, char name[LABEL_NAME])
{
    bool found;
    struct slice test = without(text, SLICE("=== RUN "), &found);
    if (found) {
        set_text(name, LABEL_NAME, test);
        return true;
    }
    if (slice_starts(text, SLICE("--- PASS: ")) || slice_starts(text, SLICE("--- FAIL: ")) ||
        slice_starts(text, SLICE("--- SKIP: "))) {
        name[0] = '\0';
        return true;
    }
    return false;
}

/* "____ test_send ____" of pytest. */
static bool underlined_heading(struct slice text, char name[LABEL_NAME])
{
    size_t lead = 0;
    while (lead < text.size && text.data[lead] == '_')
        lead++;
    if (lead < 4 || lead == text.size || text.data[lead] != ' ' || !slice_ends(text, SLICE("____")))
        return false;
    struct slice test = slice_after(text, lead);
    while (test.size > 0 && test.data[test.size - 1] == '_')
        test.size--;
    set_text(name, LABEL_NAME, test);
    return true;
}

/* "tests/test_mail.py::test_send PASSED" of pytest -v, "test_send (tests.TestMail) ..." of unittest. */
static bool python_heading(struct slice text, char name[LABEL_NAME])
{
    struct slice word = slice_word(text);
    if (memmem(word.data, word.size, ".py::", 5)) {
        set_text(name, LABEL_NAME, word);
        return true;
    }
    struct slice rest = slice_after(text, word.size);
    size_t end = slice_find(rest, ')');
    if (!slice_starts(word, SLICE("test")) || !slice_starts(rest, SLICE(" (")) || end == rest.size)
        return false;
    struct slice after = slice_trim(slice_after(rest, end + 1));
    if (!slice_starts(after, SLICE("...")) && after.size > 0)
        return false;
    set_text(name, LABEL_NAME, slice_head(text, word.size + end + 1));
    return true;
}

/* "Mailer > sends two mails" after a bullet, as jest writes above a test's output. */
static bool bullet_heading(struct slice text, char name[LABEL_NAME])
{
    bool found;
    struct slice test = without(text, SLICE("\xe2\x97\x8f "), &found); /* U+25CF */
    if (found)
        set_text(name, LABEL_NAME, test);
    return found;
}

/* "1) sends two mails" and a check mark before a name, as mocha writes below a test's output. */
static bool mocha_verdict(struct slice text, char name[LABEL_NAME])
{
    size_t digits = 0;
    while (digits < text.size && ascii_digit(text.data[digits]))
        digits++;
    bool failed = digits > 0 && digits < 5 && slice_starts(slice_after(text, digits), SLICE(") "));
    bool passed = slice_starts(text, SLICE("\xe2\x9c\x93 ")) || /* U+2713, U+2714 */
                  slice_starts(text, SLICE("\xe2\x9c\x94 "));
    if (!failed && !passed)
        return false;
    struct slice test = slice_after(text, failed ? digits + 2 : 4);
    size_t bracket = test.size;
    while (passed && bracket > 0 && test.data[bracket - 1] != '(')
        bracket--;
    if (bracket > 1 && slice_ends(test, SLICE("ms)")))
        test = slice_head(test, bracket - 1);
    set_text(name, LABEL_NAME, test);
    return true;
}

enum label_heading label_heading(struct slice line, char name[LABEL_NAME])
{
    struct slice text = slice_trim(line);
    if (text.size < 4 || line.size > HEADING_MAX)
        return HEADING_NONE;
    char first = text.data[0];
    bool before = first == '=' || first == '-' ? go_heading(text, name)
                  : first == '_'               ? underlined_heading(text, name)
                  : first == '\xe2'            ? bullet_heading(text, name)
                                    : ascii_alphanumeric(first) && python_heading(text, name);
    if (before)
        return HEADING_BEFORE;
    bool after = (first == '\xe2' || ascii_digit(first)) && mocha_verdict(text, name);
    return after ? HEADING_AFTER : HEADING_NONE;
}

/* Takes a number of an IPv4 address. */
static size_t octet_at(struct slice text, size_t at)
{
    size_t size = 0;
    int value = 0;
    for (; size < 3 && at + size < text.size && ascii_digit(text.data[at + size]); size++)
        value = value * 10 + (text.data[at + size] - '0');
    return value <= 255 ? size : 0;
}

/* An IPv4 address at that place. Returns its octets. */
static size_t ipv4_at(struct slice text, size_t at)
{
    size_t size = 0;
    for (int i = 0; i < 4; i++) {
        size_t digits = octet_at(text, at + size);
        if (digits == 0 ||
            (i < 3 && (at + size + digits >= text.size || text.data[at + size + digits] != '.')))
            return 0;
        size += digits + (i < 3);
    }
    bool more =
        at + size < text.size && (ascii_alphanumeric(text.data[at + size]) ||
                                  (text.data[at + size] == '.' && at + size + 1 < text.size &&
                                   ascii_digit(text.data[at + size + 1])));
    return more ? 0 : size;
}

/* An IPv6 address at that place, with two colons at least. Returns its octets. */
static size_t ipv6_at(struct slice text, size_t at)
{
    size_t size = 0, colons = 0, digits = 0;
    bool twice = false;
    for (; at + size < text.size; size++) {
        char c = text.data[at + size], upper = ascii_upper(c);
        bool hex = ascii_digit(c) || (upper >= 'A' && upper <= 'F');
        if (!hex && c != ':')
            break;
        twice = twice || (c == ':' && size > 0 && text.data[at + size - 1] == ':');
        colons += c == ':';
        digits = hex ? digits + 1 : 0;
        if (digits > 4)
            return 0;
    }
    bool more = at + size < text.size && ascii_alphanumeric(text.data[at + size]);
    return !more && size > 2 && colons <= 7 && (twice || colons == 7) ? size : 0;
}

/* Returns true if the port after an address is one on which servers listen. */
static bool is_server_port(struct slice after)
{
    static const char *const ports[] = {"25", "465", "587", "2525"};
    struct slice digits = slice_after(after, 1);
    if (after.size == 0 || after.data[0] != ':')
        return false;
    size_t size = 0;
    while (size < digits.size && ascii_digit(digits.data[size]))
        size++;
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        if (slice_equal(slice_head(digits, size), slice_of(ports[i])))
            return true;
    return false;
}

/* The address of the peer in a text: the last one that is not the server's own, by its port. */
static struct slice find_peer(struct slice text)
{
    struct slice found = SLICE(""), listens = SLICE("");
    for (size_t at = 0; at < text.size; at++) {
        char before = at > 0 ? text.data[at - 1] : ' ';
        if (ascii_alphanumeric(before) || before == '.' ||
            (before == ':' && at > 1 && text.data[at - 2] == ':'))
            continue;
        size_t size = ipv4_at(text, at);
        if (size == 0)
            size = ipv6_at(text, at);
        if (size == 0)
            continue;
        struct slice address = slice_head(slice_after(text, at), size);
        if (is_server_port(slice_after(text, at + size)))
            listens = address;
        else
            found = address;
        at += size - 1;
    }
    return found.size > 0 ? found : listens;
}

void label_note(struct slice note, char peer[LABEL_PEER])
{
    note = slice_head(note, HEADING_MAX);
    if (note.size == 0)
        return;
    if (!slice_contains(note, SLICE("onnect")) && !slice_contains(note, SLICE("rying")))
        return;
    struct slice address = find_peer(note);
    if (address.size > 0)
        set_text(peer, LABEL_PEER, address);
}

/* What stands before the payload. */
static struct slice head_of(struct slice raw, uint32_t column)
{
    return slice_head(slice_head(raw, column > 0 ? column - 1 : 0), HEADING_MAX);
}

/* Keeps a time that cannot go on after the octet that follows it. */
static void keep_time(struct head_time *last, struct slice head, struct slice found,
                      const struct log_time *time)
{
    size_t end = found.size > 0 ? (size_t)(found.data - head.data) + found.size : 0;
    last->size = 0;
    if (end == 0 || end >= head.size || end >= sizeof last->head || ascii_digit(head.data[end]) ||
        head.data[end] == '.' || head.data[end] == ',')
        return;
    last->size = end + 1;
    last->time = *time;
    memcpy(last->head, head.data, last->size);
}

bool label_time(struct head_time *last, struct slice raw, uint32_t column, struct log_time *time)
{
    struct slice head = head_of(raw, column);
    if (last->size > 0 && slice_starts(head, (struct slice){last->head, last->size})) {
        *time = last->time;
        return true;
    }
    struct slice found = log_time_find(head, time);
    keep_time(last, head, found, time);
    return found.size > 0;
}

void label_client(struct session_label *label, struct slice name)
{
    set_text(label->client, LABEL_CLIENT, name);
}

void label_line(struct session_label *label, const struct line *line)
{
    struct slice before = head_of(line->raw, line->column);
    struct slice time = log_time_find(before, &label->begun);
    if (time.size == 0 && slice_starts(line->raw, SLICE("{")))
        time = log_time_find(slice_head(line->raw, 4 * HEADING_MAX), &label->begun);
    set_text(label->time, LABEL_TIME, time);
    struct slice peer = find_peer(before);
    if (peer.size > 0)
        set_text(label->peer, LABEL_PEER, peer);
    set_text(label->id, LABEL_ID, line->session_name);
}
