/* wrappings.c - looks for fields of JSON, columns, entities, colours and marks on lines of their own.
 */
#include "transcript/recognise/wrappings.h"

#include <jansson.h>
#include <stdio.h>

#include "base/json_memory.h"
#include "smtp/look.h"
#include "transcript/formats/hex_row.h"
#include "transcript/formats/unwrap_elements.h"
#include "transcript/recognise/shape.h"

#define LINES_MAX    80
#define FIELDS_MAX   24
#define CHOSEN_MAX   3
/* Lines of a log in a string behind something else. */
#define STRING_LINES 4

/* A string of JSON, or a cell, and how much of it looks like SMTP. */
struct place {
    char field[UNWRAP_FIELD_MAX];
    unsigned column;
    unsigned anchors;
    unsigned lines; /* that have it at all */
    size_t longest; /* text in it */
};

struct places {
    struct place list[FIELDS_MAX];
    size_t count;
};

static struct place *place_of(struct places *places, const char *field, unsigned column)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->list[i].column == column && strcmp(places->list[i].field, field) == 0)
            return &places->list[i];
    if (places->count == FIELDS_MAX || strlen(field) >= UNWRAP_FIELD_MAX)
        return NULL;
    struct place *place = &places->list[places->count++];
    *place = (struct place){.column = column};
    memcpy(place->field, field, strlen(field) + 1);
    return place;
}

/* How many lines of a text hold a command or a reply. */
static unsigned anchors_in(struct slice text)
{
    unsigned count = 0;
    while (text.size > 0) {
        size_t size = slice_find(text, '\n');
        count += anchors_in_line(slice_head(text, size));
        text = slice_after(text, size + 1);
    }
    return count;
}

static void add_string(struct places *places, const char *outer, const char *name, json_t *value)
{
    char path[UNWRAP_FIELD_MAX * 2];
    struct slice text = {json_string_value(value), json_string_length(value)};
    snprintf(path, sizeof path, "%s%s%s", outer, outer[0] ? "." : "", name);
    struct place *place = place_of(places, path, 0);
    if (!place)
        return;
    place->lines++;
    place->longest = text.size > place->longest ? text.size : place->longest;
    place->anchors += anchors_in(text);
}

static void add_object(struct places *places, struct slice line)
{
    size_t begin = slice_find(line, '{');
    struct slice json = slice_after(line, begin);
    if (begin == line.size) {
        json = slice_after(line, slice_find(line, '"'));
        begin = SIZE_MAX;
    }
    json_t *root = json.size > 1
                       ? json_loadb(json.data, json.size,
                                    JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)
                       : NULL;
    const char *name, *inner_name;
    json_t *value, *inner;
    if (json_is_string(root))
        add_string(places, "", "", root);
    json_object_foreach(root, name, value)
    {
        if (json_is_string(value))
            add_string(places, "", name, value);
        json_object_foreach(value, inner_name, inner) if (json_is_string(inner))
            add_string(places, name, inner_name, inner);
    }
    json_decref(root);
}

/* Cells by their commas; what is inside of quotes counts as one. */
static void add_row(struct places *places, struct slice line)
{
    unsigned column = 0;
    size_t begin = 0;
    bool quoted = false;
    for (size_t at = 0; at <= line.size && column < FIELDS_MAX; at++) {
        if (at < line.size && line.data[at] == '"')
            quoted = !quoted;
        if (at < line.size && (quoted || line.data[at] != ','))
            continue;
        struct slice cell = slice_after(slice_head(line, at), begin);
        struct place *place = place_of(places, "", column++);
        if (place) {
            place->lines++;
            place->longest = cell.size > place->longest ? cell.size : place->longest;
            place->anchors += anchors_in(cell);
        }
        begin = at + 1;
    }
}

/* The places with most anchors, each alone and after the others. */
static size_t choose(const struct places *places, enum unwrap_kind kind, size_t count,
                     struct unwrap list[WRAPPINGS_MAX])
{
    bool taken[FIELDS_MAX] = {false}, anchored = false;
    for (size_t i = 0; i < places->count; i++)
        anchored = anchored || places->list[i].anchors > 1;
    for (size_t chosen = 0; chosen < CHOSEN_MAX; chosen++) {
        size_t best = FIELDS_MAX;
        for (size_t i = 0; i < places->count; i++)
            if (!taken[i] && places->list[i].anchors > 1 &&
                (best == FIELDS_MAX || places->list[i].anchors > places->list[best].anchors))
                best = i;
        /* Octets may be written as numbers: they are where the longest text is. */
        for (size_t i = 0; i < places->count && chosen == 0 && !anchored; i++)
            if (best == FIELDS_MAX || places->list[i].longest > places->list[best].longest)
                best = i;
        if (best == FIELDS_MAX || count + 2 > WRAPPINGS_MAX)
            return count;
        taken[best] = true;
        const struct place *place = &places->list[best];
        for (int others = 0; others < 2; others++) {
            list[count] =
                (struct unwrap){.kind = kind, .with_others = others != 0, .column = place->column};
            memcpy(list[count++].field, place->field, sizeof place->field);
        }
        if (!place->field[0] && kind == UNWRAP_JSON)
            count--; /* a string alone has no others */
    }
    return count;
}

/* Counts of signs in the lines of a head. */
struct signs {
    unsigned lines, objects, strings, entities, breaks, commas, odd_codes;
    unsigned cells, rows; /* of the first line; lines that have as many */
    unsigned logs;        /* lines that hold a whole log */
};

/* The cells of a line: its commas outside of quotes, and one. */
static unsigned count_cells(struct slice line)
{
    unsigned count = 1;
    bool quoted = false;
    for (size_t i = 0; i < line.size; i++) {
        quoted ^= line.data[i] == '"';
        count += line.data[i] == ',' && !quoted;
    }
    return count;
}

/* A log in a string behind a name: "log = \"220 mx\\nEHLO a\\n\"". */
static bool holds_log(struct slice line)
{
    struct slice string = slice_after(line, slice_find(line, '"'));
    size_t ends = 0;
    for (size_t i = 0; i + 1 < string.size && ends < STRING_LINES; i++)
        ends += string.data[i] == '\\' && string.data[i + 1] == 'n';
    return ends == STRING_LINES;
}

static struct signs look_at(struct slice head)
{
    struct signs signs = {0};
    while (head.size > 0 && signs.lines < LINES_MAX * 4) {
        struct slice line = head_line(&head);
        size_t commas = 0, begin, end;
        for (size_t i = 0; i < line.size && i < 4096; i++)
            commas += line.data[i] == ',';
        unsigned cells = count_cells(slice_head(line, 4096));
        signs.cells = signs.lines == 0 ? cells : signs.cells;
        signs.rows += cells == signs.cells;
        signs.lines++;
        signs.objects += slice_contains(line, SLICE("{\"")) || slice_contains(line, SLICE("{ \""));
        signs.strings +=
            slice_starts(slice_trim(line), SLICE("\"")) && slice_contains(line, SLICE("\\n"));
        signs.logs += holds_log(line);
        signs.entities +=
            slice_contains(line, SLICE("&lt;")) || slice_contains(line, SLICE("&#")) ||
            slice_contains(line, SLICE("&gt;")) || slice_contains(line, SLICE("&quot;"));
        signs.breaks += slice_contains(line, SLICE("<br")) || slice_contains(line, SLICE("<pre")) ||
                        slice_contains(line, SLICE("<p>")) || slice_contains(line, SLICE("<li>"));
        signs.odd_codes += odd_code_at(line, &begin, &end) != 0;
        signs.commas += commas >= 1 && slice_contains(line, SLICE("\""));
    }
    return signs;
}

static bool are_objects(const struct signs *signs)
{
    return signs->objects * 3 > signs->lines;
}

static bool are_cells(const struct signs *signs)
{
    bool rows = signs->cells >= 2 && signs->lines >= 2 && signs->rows * 10 >= signs->lines * 9;
    return rows || signs->commas * 2 > signs->lines;
}

bool has_fields(struct slice head, bool *objects)
{
    struct signs signs = look_at(head);
    *objects = signs.objects * 10 >= signs.lines * 9;
    return are_objects(&signs) || are_cells(&signs);
}

/* Adds what is in the lines of a head: in those in which SMTP seems to be, or else in the first ones. */
static void add_lines(struct places *places, struct slice head,
                      void (*add)(struct places *places, struct slice line))
{
    struct slice rest = head;
    unsigned lines = 0;
    while (rest.size > 0 && lines < LINES_MAX) {
        struct slice line = head_line(&rest);
        if (!anchors_in_line(line))
            continue;
        add(places, line);
        lines++;
    }
    for (rest = lines > 0 ? SLICE("") : head; rest.size > 0 && lines < LINES_MAX; lines++)
        add(places, head_line(&rest));
}

/* A mark that may stand on lines of its own. */
struct own_mark {
    char words[UNWRAP_FIELD_MAX];
    unsigned lines, before; /* that have it; those of them right before SMTP */
};

#define OWN_MARKS_MAX 16

/* The mark in the list; NULL where the line is none, or there are too many. */
static struct own_mark *own_mark_of(struct own_mark list[OWN_MARKS_MAX], struct slice line)
{
    char words[UNWRAP_FIELD_MAX];
    size_t i = 0;
    own_line_words(line, words);
    while (i < OWN_MARKS_MAX && list[i].words[0] && strcmp(list[i].words, words) != 0)
        i++;
    if (i == OWN_MARKS_MAX || !words[0])
        return NULL;
    memcpy(list[i].words, words, sizeof words);
    return &list[i];
}

bool has_own_lines(struct slice head, struct unwrap *unwrap)
{
    struct own_mark marks[OWN_MARKS_MAX] = {{{0}, 0, 0}};
    struct own_mark *last = NULL;
    size_t chosen = 0;
    unsigned entries = 0, quoted = 0;
    for (unsigned lines = 0; head.size > 0 && lines < LINES_MAX * 4; lines++) {
        struct slice line = slice_trim(head_line(&head));
        struct slice payload = line;
        while (payload.size > 0 && strchr("\"'`b", payload.data[0]) && payload.data[0] != '\0')
            payload = slice_after(payload, 1);
        bool smtp = looks_like_reply(payload) || looks_like_command(payload);
        if (last && smtp) {
            last->before++;
            entries++;
            quoted += payload.data != line.data;
        }
        last = smtp ? NULL : own_mark_of(marks, line);
        if (last)
            last->lines++;
    }
    *unwrap = (struct unwrap){.kind = UNWRAP_OWN_LINE};
    for (size_t i = 0; i < OWN_MARKS_MAX && chosen < UNWRAP_MARKS_MAX; i++)
        if (marks[i].before >= 1 && marks[i].before * 3 >= marks[i].lines * 2)
            memcpy(unwrap->marks[chosen++], marks[i].words, sizeof marks[i].words);
    unwrap->quoted = entries > 0 && quoted == entries;
    return chosen >= 2;
}

/* Returns true if an element follows a bracket: a string or another bracket. `after`: the lines after this one. */
static bool has_element(struct slice rest, struct slice after)
{
    rest = slice_trim(slice_trim(rest).size > 0 ? rest : after);
    rest = slice_after(rest, rest.size > 1 && rest.data[0] == 'b');
    return rest.size > 0 && rest.data[0] != '\0' && strchr("\"'{([", rest.data[0]);
}

/* Returns true if nothing stands in the first line but a bracket that opens, as before a list that is indented. */
static bool begins_with_bracket(struct slice head)
{
    struct slice line = slice_trim(head_line(&head));
    return line.size == 1 && line.data[0] != '\0' && strchr("[{(", line.data[0]);
}

/* Returns true if there is a list in the head. An object alone, or a tuple in a line, is none. */
static bool has_elements(struct slice head)
{
    for (unsigned lines = 0; head.size > 0 && lines < LINES_MAX; lines++) {
        struct slice line = head_line(&head);
        size_t begin = elements_begin(line), at = begin;
        while (at < line.size && line.data[at] != '[')
            at++;
        bool list = at < line.size && has_element(slice_after(line, at + 1), head);
        bool alone = begin < line.size && line.data[begin] == '(' && lines == 0;
        bool typed = begin > 0 && begin < line.size && line.data[begin] == '{' &&
                     ascii_alphanumeric(line.data[begin - 1]);
        if (list || ((alone || typed) && has_element(slice_after(line, begin + 1), head)))
            return true;
    }
    return false;
}

bool has_marks_behind(struct slice head, struct unwrap *unwrap)
{
    struct own_mark marks[OWN_MARKS_MAX] = {{{0}, 0, 0}};
    unsigned found = 0, marked = 0;
    size_t chosen = 0;
    for (unsigned lines = 0; head.size > 0 && lines < LINES_MAX * 4; lines++) {
        struct slice line = slice_trim(head_line(&head)), word = last_word(line);
        bool reply = looks_like_reply(line);
        if (!reply && !looks_like_command(slice_trim(slice_head(line, line.size - word.size))))
            continue;
        struct own_mark *mark = own_mark_of(marks, word);
        found++;
        if (!mark)
            continue;
        mark->lines++;
        mark->before += reply;
    }
    *unwrap = (struct unwrap){.kind = UNWRAP_BEHIND};
    bool sides[2] = {false, false};
    for (size_t i = 0; i < OWN_MARKS_MAX && chosen < UNWRAP_MARKS_MAX; i++) {
        if (marks[i].lines < 2 || (marks[i].before > 0 && marks[i].before < marks[i].lines))
            continue;
        memcpy(unwrap->marks[chosen++], marks[i].words, sizeof marks[i].words);
        sides[marks[i].before > 0] = true;
        marked += marks[i].lines;
    }
    return sides[0] && sides[1] && marked * 10 >= found * 9;
}

bool has_colours(struct slice head)
{
    return slice_contains(head, SLICE("\033[")) || slice_contains(head, SLICE("\xc2\xa0"));
}

bool has_breaks(struct slice head)
{
    bool any = false;
    while (head.size > 0) {
        struct slice line = slice_trim(head_line(&head));
        any = any || line.size > 0;
        if (line.size > 0 && line.data[line.size - 1] != '\\')
            return false;
    }
    return any;
}

bool has_tails(const struct anchors *anchors)
{
    size_t tails = 0;
    for (size_t i = 0; i < anchors->count; i++) {
        struct slice line = slice_trim(anchors->list[i].line);
        tails += unsent_tail_at(line) < line.size;
    }
    return anchors->count > 0 && tails * 10 >= anchors->count * 9;
}

bool has_lines_twice(const struct anchors *anchors)
{
    struct line_runs runs = {.length = 0};
    uint32_t last = 0;
    for (size_t i = 0; i < anchors->count; i++) {
        const struct anchor *anchor = &anchors->list[i];
        if (i == 0 || anchor->number != last)
            line_runs_add(&runs, anchor->line, anchor->number == last + 1);
        last = anchor->number;
    }
    return line_runs_are_pairs(&runs);
}

bool has_entities(struct slice head)
{
    return slice_contains(head, SLICE("&lt;")) || slice_contains(head, SLICE("&gt;"));
}

bool has_hex_dumps(struct slice head)
{
    unsigned dumps = 0;
    while (head.size > 0 && dumps < 2) {
        struct hex_row row;
        dumps += hex_row(head_line(&head), &row) && row.offset == 0;
    }
    return dumps == 2;
}

static bool commands_are_quoted(const struct anchors *anchors)
{
    bool quoted = false;
    for (size_t i = 0; i < anchors->count && !quoted; i++)
        if (anchors->list[i].code == 0)
            shape_prefix(&anchors->list[i], &quoted);
    return quoted;
}

size_t wrappings_find(const struct anchors *anchors, struct slice head,
                      struct unwrap list[WRAPPINGS_MAX])
{
    struct signs signs = look_at(head);
    struct places places = {.count = 0};
    size_t count = 0;
    bool elements = has_elements(head);
    bool alone = elements && (anchors->anchored == 1 || begins_with_bracket(head));
    if (alone)
        list[count++] = (struct unwrap){.kind = UNWRAP_ELEMENTS};
    if (signs.entities > 0 || signs.breaks > 0)
        list[count++] = (struct unwrap){.kind = UNWRAP_HTML};
    bool logs = signs.logs * 10 >= signs.lines * 9;
    if (are_objects(&signs) || signs.strings > 0 || logs ||
        (signs.objects > 0 && anchors->anchored > 0)) {
        add_lines(&places, head, add_object);
        count = choose(&places, UNWRAP_JSON, count, list);
    }
    if (are_cells(&signs)) {
        places.count = 0;
        add_lines(&places, head, add_row);
        count = choose(&places, UNWRAP_COLUMN, count, list);
    }
    if (count < WRAPPINGS_MAX && has_marks_behind(head, &list[count]))
        count++;
    else if (count < WRAPPINGS_MAX && has_own_lines(head, &list[count]))
        count++;
    if (count < WRAPPINGS_MAX && has_hex_dumps(head))
        list[count++] = (struct unwrap){.kind = UNWRAP_HEX};
    if (count < WRAPPINGS_MAX && signs.odd_codes >= 2)
        list[count++] =
            (struct unwrap){.kind = UNWRAP_CODE, .quoted = commands_are_quoted(anchors)};
    if (count < WRAPPINGS_MAX && !alone && elements)
        list[count++] = (struct unwrap){.kind = UNWRAP_ELEMENTS};
    if (count < WRAPPINGS_MAX && signs.breaks == 0) {
        list[count] = (struct unwrap){.kind = UNWRAP_ROW};
        count += row_cut_learn(head, list[count].joint);
    }
    return count;
}
