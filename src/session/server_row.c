/* server_row.c - the words of a server's table.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/translated_format.h"
#include "session/server_parser.h"
#include "smtp/reply.h"

static const char *const event_names[SERVER_EVENT_COUNT] = {
#define X(name, spelling) [SERVER_##name] = spelling,
    SERVER_EVENTS(X)
#undef X
};

const char *server_event_name(enum server_event event)
{
    return event_names[event];
}

bool parser_wrong(struct parser *parser, uint32_t line, const char *format, ...)
{
    int size = snprintf(parser->error, parser->error_size, "%s:%u: ", parser->origin, line);
    va_list arguments;
    va_start(arguments, format);
    if (size >= 0 && (size_t)size < parser->error_size)
        print_translated(parser->error + size, parser->error_size - (size_t)size, parser->language,
                         format, arguments);
    va_end(arguments);
    return false;
}

struct slice parser_word(struct slice *line)
{
    *line = slice_trim(*line);
    size_t size = 0;
    while (size < line->size && !ascii_space(line->data[size]))
        size++;
    struct slice word = slice_head(*line, size);
    *line = slice_trim(slice_after(*line, size));
    return word;
}

struct slice parser_without_comment(struct slice line)
{
    bool quoted = false;
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] == '"')
            quoted = !quoted;
        else if (line.data[i] == '#' && !quoted)
            return slice_trim(slice_head(line, i));
    }
    return slice_trim(line);
}

bool parser_is_name(struct slice word)
{
    for (size_t i = 0; i < word.size; i++) {
        char c = ascii_upper(word.data[i]);
        if (!(c >= 'A' && c <= 'Z') && !ascii_digit(c) && c != '-' && c != '.' && c != '_')
            return false;
    }
    return word.size > 0 && word.size < SERVER_NAME_MAX;
}

static bool parse_code(struct parser *parser, struct slice word, int16_t *code)
{
    if (slice_equal(word, SLICE("recorded"))) {
        *code = SERVER_CODE_RECORDED;
        return true;
    }
    if (slice_equal(word, SLICE("unmeasured"))) {
        *code = SERVER_CODE_UNMEASURED;
        return true;
    }
    if (slice_equal(word, SLICE("none"))) {
        *code = SERVER_CODE_NONE;
        return true;
    }
    int number = reply_code(word);
    if (word.size != 3 || number < 200 || number > 599)
        return parser_wrong(parser, parser->line,
                            "'%.*s' is neither a reply code, 'recorded', 'unmeasured' nor 'none'",
                            (int)word.size, word.data);
    *code = (int16_t)number;
    return true;
}

/* Takes "[KEY]" off the end of a row: the source of the head that documents it. Every answer of a
 * documented server has one. */
static bool take_source(struct parser *parser, struct slice *line, int code)
{
    size_t open = line->size;
    if (line->size > 0 && line->data[line->size - 1] == ']')
        while (open > 0 && line->data[open - 1] != '[')
            open--;
    if (open == 0 || open == line->size) {
        bool wanted = parser->table->documented && code != SERVER_CODE_UNMEASURED;
        return !wanted ||
               parser_wrong(parser, parser->line, "which source says so? its key stands in []");
    }
    struct slice key = slice_head(slice_after(*line, open), line->size - open - 1);
    *line = slice_trim(slice_head(*line, open - 1));
    for (size_t i = 0; i < parser->source_count; i++)
        if (slice_equal(parser->sources[i], key))
            return true;
    return parser_wrong(parser, parser->line, "there is no source '%.*s'", (int)key.size, key.data);
}

bool parser_answer(struct parser *parser, struct slice word, struct slice line,
                   struct server_row *row, struct slice *next)
{
    row->line = parser->line;
    if (!parse_code(parser, word, &row->code) || !take_source(parser, &line, row->code))
        return false;
    *next = SLICE("");
    if (slice_starts(line, SLICE("->"))) {
        parser_word(&line);
        *next = parser_word(&line);
        if (next->size == 0)
            return parser_wrong(parser, parser->line, "'->' wants the name of a state");
    }
    if (line.size >= 2 && line.data[0] == '"' && line.data[line.size - 1] == '"')
        row->text = slice_head(slice_after(line, 1), line.size - 2);
    else if (line.size > 0)
        return parser_wrong(parser, parser->line, "what is '%.*s' to mean? a text stands in quotes",
                            (int)slice_head(line, 40).size, line.data);
    return true;
}

size_t parser_state(const struct parser *parser, struct slice name)
{
    const struct server_table *table = parser->table;
    size_t i = 0;
    while (i < table->state_count && !slice_equal(table->states[i].name, name))
        i++;
    return i;
}
