/* server_table.c - reads the table of a server, and refuses one that is incomplete.
 */
#include "session/server_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/small_file.h"
#include "session/server_parser.h"

/* The largest file that is accepted as a table. */
#define SOURCE_MAX ((size_t)4 << 20)

const struct server_source *server_source_by_name(const char *name)
{
    for (const struct server_source *source = server_sources; source->name; source++)
        if (strcmp(source->name, name) == 0)
            return source;
    return NULL;
}

static bool begin_state(struct parser *parser, struct slice name)
{
    struct server_table *table = parser->table;
    if (!parser_is_name(name))
        return parser_wrong(parser, parser->line,
                            "a state wants a name of letters, digits and hyphens");
    for (size_t i = 0; i < table->state_count; i++)
        if (slice_equal(table->states[i].name, name))
            return parser_wrong(parser, parser->line,
                                "state '%.*s' was described at line %u already", (int)name.size,
                                name.data, table->states[i].line);
    if (table->state_count == SERVER_STATES_MAX)
        return parser_wrong(parser, parser->line, "more than %d states", SERVER_STATES_MAX);
    if (table->state_count == parser->capacity) {
        size_t capacity = parser->capacity ? parser->capacity * 2 : 16;
        struct server_state *states = reallocarray(table->states, capacity, sizeof *states);
        if (states)
            table->states = states;
        struct slice *names =
            reallocarray(parser->next_names, capacity * SERVER_EVENT_COUNT, sizeof *names);
        if (names)
            parser->next_names = names;
        if (!states || !names)
            return parser_wrong(parser, parser->line, "out of memory");
        parser->capacity = capacity;
    }
    struct slice *next = parser->next_names + table->state_count * SERVER_EVENT_COUNT;
    for (size_t i = 0; i < SERVER_EVENT_COUNT; i++)
        next[i] = SLICE("");
    table->states[table->state_count++] = (struct server_state){.name = name, .line = parser->line};
    parser->block = BLOCK_STATES;
    return true;
}

/* "source KEY TEXT": where what a documented server answers can be read. */
static bool add_source(struct parser *parser, struct slice rest)
{
    struct slice key = parser_word(&rest);
    if (!parser_is_name(key) || rest.size == 0)
        return parser_wrong(parser, parser->line, "a source wants a key and where to find it");
    if (parser->source_count == SERVER_SOURCES_MAX)
        return parser_wrong(parser, parser->line, "more than %d sources", SERVER_SOURCES_MAX);
    parser->sources[parser->source_count++] = key;
    return true;
}

static bool is_head(struct slice word)
{
    static const char *const words[] = {"server", "version", "settings",   "banner",
                                        "limit",  "note",    "documented", "source"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal(word, slice_of(words[i])))
            return true;
    return false;
}

/* The head: server, version, settings, banner, limit, documented, source, note. */
static bool parse_head(struct parser *parser, struct slice word, struct slice rest)
{
    struct server_table *table = parser->table;
    if (slice_equal(word, SLICE("server"))) {
        if (!parser_is_name(rest))
            return parser_wrong(parser, parser->line,
                                "a server wants a name of letters, digits, . and -");
        memcpy(table->name, rest.data, rest.size);
    } else if (slice_equal(word, SLICE("version"))) {
        table->version = rest;
        if (table->banner.size == 0)
            table->banner = slice_word(rest);
    } else if (slice_equal(word, SLICE("settings"))) {
        table->settings = rest;
    } else if (slice_equal(word, SLICE("banner"))) {
        table->banner = rest;
    } else if (slice_equal(word, SLICE("documented"))) {
        table->documented = true;
    } else if (slice_equal(word, SLICE("source"))) {
        return add_source(parser, rest);
    } else if (slice_equal(word, SLICE("limit"))) {
        return parse_limit(parser, rest);
    }
    return true;
}

/* Returns true if a word is the event of a row, alone or with its outcome, and sets the events
 * it means. */
static bool match_events(struct slice event, struct slice outcome, bool events[])
{
    bool any = false;
    for (size_t i = 0; i < SERVER_EVENT_COUNT; i++) {
        struct slice name = slice_of(server_event_name((enum server_event)i));
        struct slice command = slice_head(name, slice_find(name, ' '));
        bool apart =
            i == SERVER_BDAT_LAST || i == SERVER_TEXT; /* wants its own row, or inherits one */
        struct slice suffix = slice_after(name, command.size + 1);
        events[i] = slice_equal(command, event) &&
                    (slice_equal(suffix, outcome) || (outcome.size == 0 && !apart));
        any = any || events[i];
    }
    return any;
}

static bool is_outcome(struct slice word)
{
    return slice_equal(word, SLICE("ok")) || slice_equal(word, SLICE("refused")) ||
           slice_equal(word, SLICE("bad")) || slice_equal(word, SLICE("size")) ||
           slice_equal(word, SLICE("text")) || slice_equal(word, SLICE("LAST"));
}

/* EVENT [OUTCOME] CODE [-> STATE] ["TEXT"] [SOURCE] */
static bool parse_row(struct parser *parser, struct slice line)
{
    struct server_table *table = parser->table;
    struct slice event = parser_word(&line);
    struct slice word = parser_word(&line);
    struct slice outcome = SLICE("");
    if (is_outcome(word)) {
        outcome = word;
        word = parser_word(&line);
    }
    bool events[SERVER_EVENT_COUNT];
    if (!match_events(event, outcome, events))
        return parser_wrong(parser, parser->line, "there is no event '%.*s%s%.*s'", (int)event.size,
                            event.data, outcome.size ? " " : "", (int)outcome.size,
                            outcome.size ? outcome.data : "");
    struct server_row row = {.own = parser->block == BLOCK_STATES};
    struct slice next;
    if (!parser_answer(parser, word, line, &row, &next))
        return false;
    if (parser->block == BLOCK_STATES && table->state_count == 0)
        return parser_wrong(parser, parser->line,
                            "a row stands before 'always' and the first state");
    size_t state = parser->block == BLOCK_ALWAYS ? 0 : table->state_count - 1;
    struct server_row *rows =
        parser->block == BLOCK_ALWAYS ? parser->always : table->states[state].rows;
    struct slice *names = parser->block == BLOCK_ALWAYS
                              ? parser->always_next
                              : parser->next_names + state * SERVER_EVENT_COUNT;
    for (size_t i = 0; i < SERVER_EVENT_COUNT; i++) {
        if (!events[i])
            continue;
        if (rows[i].code != 0)
            return parser_wrong(parser, parser->line, "%s has a row at line %u already",
                                server_event_name((enum server_event)i), rows[i].line);
        rows[i] = row;
        names[i] = next;
    }
    return true;
}

static bool parse_line(struct parser *parser, struct slice line)
{
    struct slice text = parser_without_comment(line);
    if (text.size == 0)
        return true;
    struct slice rest = text;
    struct slice word = parser_word(&rest);
    if (is_head(word))
        return parse_head(parser, word, rest);
    if (slice_equal(word, SLICE("always"))) {
        if (parser->table->state_count > 0)
            return parser_wrong(parser, parser->line, "'always' stands before the first state");
        parser->block = BLOCK_ALWAYS;
        return true;
    }
    if (slice_equal(word, SLICE("pipelined"))) {
        if (parser->table->state_count > 0)
            return parser_wrong(parser, parser->line, "'pipelined' stands before the first state");
        parser->block = BLOCK_PIPELINED;
        return parser->table->pipelining_measured = true;
    }
    if (slice_equal(word, SLICE("state")))
        return begin_state(parser, rest);
    return parser->block == BLOCK_PIPELINED ? parse_together(parser, text)
                                            : parse_row(parser, text);
}

static bool is_dot(size_t event)
{
    return event == SERVER_DOT_OK || event == SERVER_DOT_REFUSED;
}

/* "MAIL size" is "MAIL refused" if it has no row, and "UNKNOWN text" is "UNKNOWN". */
static void inherit(struct server_row rows[], struct slice next_names[])
{
    static const enum server_event pairs[][2] = {{SERVER_MAIL_SIZE, SERVER_MAIL_REFUSED},
                                                 {SERVER_TEXT, SERVER_UNKNOWN}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        enum server_event to = pairs[i][0], from = pairs[i][1];
        if (rows[to].code != 0)
            continue;
        rows[to] = rows[from];
        next_names[to] = next_names[from];
    }
}

/* Adds the rows of `always`, and resolves names to numbers. */
static bool resolve_state(struct parser *parser, size_t index)
{
    struct server_table *table = parser->table;
    struct server_state *state = &table->states[index];
    bool content = false, closed = slice_equal(state->name, SLICE("closed"));
    inherit(state->rows, parser->next_names + index * SERVER_EVENT_COUNT);
    for (size_t i = 0; i < SERVER_EVENT_COUNT; i++)
        content = content || (is_dot(i) && state->rows[i].code != 0);
    for (size_t i = 0; i < SERVER_EVENT_COUNT; i++) {
        struct server_row *row = &state->rows[i];
        struct slice name = parser->next_names[index * SERVER_EVENT_COUNT + i];
        /* Nobody answers in `closed`; a state with rows for the dot reads a message. */
        if (row->code == 0 && !closed && !content) {
            *row = parser->always[i];
            name = parser->always_next[i];
            row->own = false;
        }
        if (row->code == 0) {
            bool lhlo = i == SERVER_LHLO_OK || i == SERVER_LHLO_BAD;
            bool due = content ? is_dot(i) : !closed && !is_dot(i) && !lhlo;
            if (due && table->documented)
                *row = (struct server_row){.code = SERVER_CODE_UNMEASURED, .next = (uint16_t)index};
            else if (due)
                return parser_wrong(parser, state->line, "state '%.*s' has no row for %s",
                                    (int)state->name.size, state->name.data,
                                    server_event_name((enum server_event)i));
            continue;
        }
        size_t next = name.size > 0 ? parser_state(parser, name) : index;
        if (next == table->state_count)
            return parser_wrong(parser, row->line, "there is no state '%.*s'", (int)name.size,
                                name.data);
        row->next = (uint16_t)next;
    }
    return true;
}

/* Checks that every state can be reached from the first. */
static bool check_reach(struct parser *parser)
{
    struct server_table *table = parser->table;
    bool *reached = calloc(table->state_count, sizeof *reached);
    if (!reached)
        return parser_wrong(parser, 0, "out of memory");
    reached[0] = true;
    for (size_t i = 0; i < SERVER_TOGETHER_COUNT; i++)
        if (table->together[i].own)
            reached[table->together[i].next] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t s = 0; s < table->state_count; s++)
            for (size_t i = 0; reached[s] && i < SERVER_EVENT_COUNT; i++) {
                const struct server_row *row = &table->states[s].rows[i];
                if (row->code != 0 && !reached[row->next])
                    more = reached[row->next] = true;
            }
    }
    bool all = true;
    for (size_t s = 0; s < table->state_count && all; s++)
        if (!reached[s])
            all = parser_wrong(parser, table->states[s].line, "nothing leads to state '%.*s'",
                               (int)table->states[s].name.size, table->states[s].name.data);
    free(reached);
    return all;
}

/* Finds the commands that the server does not have: no state accepts them. */
static void find_lacks(struct server_table *table)
{
    for (size_t i = 0; i < SERVER_EVENT_COUNT; i++) {
        table->lacks[i] = true;
        for (size_t s = 0; s < table->state_count; s++) {
            int code = table->states[s].rows[i].code;
            if (code < 0 || (code >= 200 && code < 400))
                table->lacks[i] = false;
        }
    }
}

static bool parse_all(struct parser *parser)
{
    struct server_table *table = parser->table;
    while (parser->rest.size > 0) {
        size_t size = slice_find(parser->rest, '\n');
        struct slice line = slice_head(parser->rest, size);
        parser->rest = slice_after(parser->rest, size + 1);
        parser->line++;
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (!parse_line(parser, line))
            return false;
    }
    if (table->name[0] == '\0')
        return parser_wrong(parser, parser->line, "the line 'server NAME' is missing");
    if (table->state_count == 0)
        return parser_wrong(parser, parser->line, "there is no state");
    inherit(parser->always, parser->always_next);
    for (size_t s = 0; s < table->state_count; s++)
        if (!resolve_state(parser, s))
            return false;
    if (!resolve_together(parser) || !check_reach(parser))
        return false;
    find_lacks(table);
    table->lmtp = !table->lacks[SERVER_LHLO_OK];
    return true;
}

struct server_table *server_table_parse(const char *origin, struct slice text,
                                        const struct catalogue *language, char *error,
                                        size_t error_size)
{
    struct server_table *table = calloc(1, sizeof *table);
    if (table)
        table->source = malloc(text.size + 1);
    if (!table || !table->source) {
        snprintf(error, error_size, "%s: %s", origin, translate(language, "out of memory"));
        server_table_free(table);
        return NULL;
    }
    if (text.size > 0)
        memcpy(table->source, text.data, text.size);
    table->source_size = text.size;
    struct parser parser = {
        .origin = origin,
        .rest = {table->source, text.size},
        .table = table,
        .language = language,
        .error = error,
        .error_size = error_size,
    };
    bool done = parse_all(&parser);
    free(parser.next_names);
    if (done)
        return table;
    server_table_free(table);
    return NULL;
}

struct server_table *server_table_load(const char *path, const struct catalogue *language,
                                       char *error, size_t error_size)
{
    size_t size;
    char *text = small_file(path, SOURCE_MAX, &size);
    if (!text) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct server_table *table =
        server_table_parse(path, (struct slice){text, size}, language, error, error_size);
    free(text);
    return table;
}

struct slice server_settings(const struct server_table *table, const struct catalogue *language)
{
    char text[200]; /* longer ones are not ours */
    if (table->settings.size == 0 || table->settings.size >= sizeof text)
        return table->settings;
    snprintf(text, sizeof text, "%.*s", (int)table->settings.size, table->settings.data);
    const char *found = translate(language, text);
    return found == text ? table->settings : slice_of(found);
}

void server_table_free(struct server_table *table)
{
    if (!table)
        return;
    free(table->source);
    free(table->states);
    free(table);
}
