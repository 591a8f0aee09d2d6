/* redact.c - what is printed of a recording goes through here first.
 */
#include "check/redact.h"

#include <stdio.h>
#include <stdlib.h>

#include "rules/credentials.h"

#define MARKER_MAX 40

/* The replacement for a hidden text of so many octets. */
static struct slice marker_of(enum hidden hidden, size_t octets, char room[MARKER_MAX])
{
    if (hidden != HIDDEN_MESSAGE)
        return SLICE(REDACTED);
    int size = snprintf(room, MARKER_MAX, "[%zu octet%s]", octets, octets == 1 ? "" : "s");
    return (struct slice){room, (size_t)size};
}

/* The recorded line, and where its mark is in what is left of it. */
static void redact_raw(struct secrets *secrets, struct finding *finding)
{
    char room[MARKER_MAX];
    struct slice raw = finding->raw;
    size_t from = finding->hidden_from < raw.size ? finding->hidden_from : raw.size;
    struct slice marker =
        from < raw.size ? marker_of(finding->hidden, finding->hidden_size, room) : SLICE("");
    bool marks_hidden = from < raw.size && finding->marked_from >= from;
    size_t marks[2] = {finding->marked_from, finding->marked_to};
    for (size_t i = 0; i < 2 && from < raw.size; i++)
        marks[i] = marks[i] < from ? marks[i] : from;
    struct slice head = secrets_blank(secrets, slice_head(raw, from), marks);
    if (marker.size == 0 && head.data == raw.data)
        return;
    char *left = malloc(head.size + marker.size + 1);
    if (left) {
        if (head.size > 0)
            memcpy(left, head.data, head.size);
        if (marker.size > 0)
            memcpy(left + head.size, marker.data, marker.size);
    } else {
        secrets->no_memory = true;
    }
    free((char *)raw.data);
    finding->raw = (struct slice){left, left ? head.size + marker.size : 0};
    finding->blanked = true;
    finding->marked_from = marks_hidden ? head.size : marks[0];
    finding->marked_to = marks_hidden ? head.size + marker.size : marks[1];
}

/* A text of our own that may repeat one of the recording. */
static void redact_string(struct secrets *secrets, char *text, size_t room)
{
    struct slice old = slice_of(text), left = secrets_blank(secrets, old, NULL);
    if (left.data != old.data)
        snprintf(text, room, "%.*s", (int)left.size, left.data);
}

void redact_label(struct secrets *secrets, struct session_label *label)
{
    redact_string(secrets, label->name, sizeof label->name);
    redact_string(secrets, label->id, sizeof label->id);
    redact_string(secrets, label->peer, sizeof label->peer);
    redact_string(secrets, label->client, sizeof label->client);
}

/* An earlier line, and where its mark is in what is left of it. */
static void redact_earlier(struct secrets *secrets, struct earlier_line *earlier, bool show)
{
    struct line_copy *at = &earlier->at;
    size_t marks[2] = {at->column > 0 ? at->column - 1 : 0, 0};
    marks[1] = at->end_column > at->column ? at->end_column - 1 : marks[0] + 1;
    struct slice raw = {at->raw, at->size};
    if (!show && at->size > 0) {
        size_t from = at->hidden_from < at->size ? at->hidden_from : at->size;
        bool hides = from < at->size;
        for (size_t i = 0; i < 2 && hides; i++)
            marks[i] = marks[i] < from ? marks[i] : from;
        char left[LINE_COPY_MAX + sizeof REDACTED];
        struct slice head =
            slice_head(secrets_blank(secrets, slice_head(raw, from), marks), LINE_COPY_MAX);
        if (head.size > 0)
            memcpy(left, head.data, head.size);
        memcpy(left + head.size, REDACTED, sizeof REDACTED);
        size_t size = head.size + (hides ? strlen(REDACTED) : 0);
        at->size = (uint16_t)(size < LINE_COPY_MAX ? size : LINE_COPY_MAX);
        memcpy(at->raw, left, at->size);
    }
    earlier->marked_from = marks[0];
    earlier->marked_to = marks[1];
    if (!show)
        redact_string(secrets, earlier->message, sizeof earlier->message);
}

static void redact_kept(struct secrets *secrets, struct slice *kept)
{
    const char *old = kept->data;
    struct slice left = secrets_blank(secrets, *kept, NULL);
    if (left.data == old)
        return;
    if (!finding_keep(kept, left)) {
        secrets->no_memory = true;
        *kept = SLICE("");
        kept->data = NULL;
    }
    free((char *)old);
}

/* Sets the excerpt that identifies the finding in a baseline. */
static void name_finding(struct secrets *secrets, struct finding *finding)
{
    char room[MARKER_MAX];
    struct slice command = EXCERPT_SLICE(finding->command);
    bool unknown = finding->hidden == HIDDEN_SECRET || finding->hidden == HIDDEN_MESSAGE;
    if (unknown && finding->unknown && command.size > 0) {
        EXCERPT_SET(finding->known_as,
                    finding->hidden == HIDDEN_SECRET ? SLICE("AUTH") : SLICE("message"));
        return;
    }
    (void)room;
    EXCERPT_SET(finding->known_as, secrets_blank(secrets, command, NULL));
}

/* The texts in another language quote the same. */
static void redact_words(struct secrets *secrets, struct finding_words *words)
{
    if (!words)
        return;
    redact_string(secrets, words->message, sizeof words->message);
    redact_string(secrets, words->since, sizeof words->since);
    redact_string(secrets, words->cause, sizeof words->cause);
    redact_string(secrets, words->origin, sizeof words->origin);
}

void redact_finding(struct secrets *secrets, struct finding *finding, bool show)
{
    char room[MARKER_MAX];
    finding->marked_from = finding->column > 0 ? finding->column - 1 : 0;
    finding->marked_to =
        finding->end_column > finding->column ? finding->end_column - 1 : finding->marked_from + 1;
    name_finding(secrets, finding);
    redact_earlier(secrets, &finding->cause, show);
    redact_earlier(secrets, &finding->origin, show);
    if (show)
        return;
    redact_raw(secrets, finding);
    bool hidden = finding->hidden == HIDDEN_SECRET || finding->hidden == HIDDEN_MESSAGE;
    struct slice command = EXCERPT_SLICE(finding->command);
    struct slice shown = hidden && finding->unknown && command.size > 0
                             ? marker_of(finding->hidden, finding->hidden_size, room)
                             : secrets_blank(secrets, command, NULL);
    if (shown.data != command.data)
        EXCERPT_SET(finding->command, shown);
    struct slice text = EXCERPT_SLICE(finding->reply.text);
    shown = secrets_blank(secrets, text, NULL);
    if (shown.data != text.data)
        EXCERPT_SET(finding->reply.text, shown);
    redact_string(secrets, finding->message, sizeof finding->message);
    redact_label(secrets, &finding->label);
    redact_string(secrets, finding->since, sizeof finding->since);
    redact_words(secrets, finding->words);
    redact_kept(secrets, &finding->recipient);
    redact_kept(secrets, &finding->forward_path);
}

/* Appends a copy of a text. Returns where it begins. */
static size_t append(struct secrets *secrets, struct octet_buffer *redacted, struct slice text)
{
    size_t begin = redacted->size;
    if (!octet_buffer_append(redacted, text))
        secrets->no_memory = true;
    return begin;
}

/* The argument that is left of a hidden one: a mechanism. */
static void append_argument(struct secrets *secrets, struct octet_buffer *redacted,
                            struct slice argument)
{
    struct slice mechanism = mechanism_prefix(argument);
    append(secrets, redacted, mechanism);
    if (mechanism.size == argument.size)
        return;
    if (mechanism.size > 0)
        append(secrets, redacted, SLICE(" "));
    append(secrets, redacted, SLICE(REDACTED));
}

/* The command's verb, and its argument from `*argument` on. */
static void append_command(struct secrets *secrets, struct octet_buffer *redacted,
                           const struct exchange *exchange, enum hidden hidden, size_t *argument)
{
    char room[MARKER_MAX];
    struct slice verb = exchange->verb, text = exchange->argument;
    bool unknown = exchange->command == COMMAND_UNKNOWN;
    size_t octets = text.size;
    if (unknown)
        octets = verb.size + (text.size > 0 ? 1 + text.size : 0);
    bool whole = (hidden == HIDDEN_SECRET || hidden == HIDDEN_MESSAGE) && octets > 0;
    struct slice marker = marker_of(hidden, octets, room);
    if (whole && unknown)
        append(secrets, redacted, marker);
    else
        append(secrets, redacted, unknown ? secrets_blank(secrets, verb, NULL) : verb);
    *argument = redacted->size;
    if (whole && !unknown)
        append(secrets, redacted, marker);
    else if (hidden == HIDDEN_ARGUMENT && text.size > 0)
        append_argument(secrets, redacted, text);
    else if (!whole)
        append(secrets, redacted, secrets_blank(secrets, text, NULL));
}

void redact_exchange(struct secrets *secrets, struct octet_buffer *redacted,
                     struct exchange *exchange, struct reply replies[],
                     const struct verdict *verdict)
{
    size_t argument;
    redacted->size = 0;
    append_command(secrets, redacted, exchange, verdict->hidden, &argument);
    size_t end = redacted->size;
    for (size_t i = 0; i < exchange->reply_count; i++) { /* first the sizes: the room may move */
        size_t begin = append(secrets, redacted, secrets_blank(secrets, replies[i].text, NULL));
        replies[i].text.size = redacted->size - begin;
    }
    const char *octets =
        redacted->octets ? redacted->octets : ""; /* out of memory: all are empty */
    exchange->verb = (struct slice){octets, argument};
    exchange->argument = (struct slice){octets + argument, end - argument};
    for (size_t i = 0; i < exchange->reply_count; i++) {
        replies[i].text.data = octets + end;
        end += replies[i].text.size;
    }
}
