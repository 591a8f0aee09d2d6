/* ini_lines.c - passes the lines to inih one by one, and so knows the number of the line it parses.
 */
#include "config/ini_lines.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/catalogue.h"

/* The state of reading: the line that inih parses, and the setting that the next line may
 * continue. */
struct ini_text {
    const struct ini_sink *sink;
    struct slice rest;
    unsigned line;
    bool indented;
    bool no_memory;
    unsigned setting_line; /* 0: none is waiting */
    char *name, *value;    /* of the setting that waits; owned */
    size_t value_size;
};

static void error(struct ini_text *text, unsigned line, const char *message)
{
    text->no_memory = text->no_memory || !text->sink->error(text->sink->context, line, message);
}

/* Passes on the pending setting, which is complete. */
static void flush_setting(struct ini_text *text)
{
    if (text->setting_line > 0 && !text->no_memory &&
        !text->sink->setting(text->sink->context, text->setting_line, text->name, text->value))
        text->no_memory = true;
    free(text->name);
    free(text->value);
    text->name = text->value = NULL;
    text->setting_line = 0;
}

static void go_on(struct ini_text *text, const char *more)
{
    if (!text->sink->goes_on(text->sink->context, text->line, text->name, more))
        return;
    size_t size = strlen(more);
    char *larger = realloc(text->value, text->value_size + size + 2);
    if (!larger) {
        text->no_memory = true;
        return;
    }
    larger[text->value_size] = ' ';
    memcpy(larger + text->value_size + 1, more, size + 1);
    text->value = larger;
    text->value_size += size + 1;
}

/* Called by inih with the name and value of a line. For an indented line the name is that of the
 * setting above. */
static int on_setting(void *context, const char *section, const char *name, const char *value)
{
    struct ini_text *text = context;
    (void)section;
    if (text->no_memory)
        return 1;
    if (text->indented && text->setting_line > 0) {
        go_on(text, value);
        return 1;
    }
    flush_setting(text);
    if (name[0] == '\0')
        error(text, text->line, N_("a name is missing before the ="));
    text->name = strdup(name);
    text->value = strdup(value);
    text->value_size = strlen(value);
    text->setting_line = name[0] == '\0' ? 0 : text->line;
    text->no_memory = text->no_memory || !text->name || !text->value;
    return 1;
}

/* Takes "[text]" and perhaps a comment. Returns false if the line is not a section. */
static bool take_section(struct ini_text *text, struct slice line)
{
    line = slice_trim(line);
    if (!slice_starts(line, SLICE("[")))
        return false;
    /* A quoted pattern may contain brackets. */
    bool quoted = false;
    size_t at = 1;
    while (at < line.size && (line.data[at] != ']' || quoted)) {
        if (line.data[at] == '\\' && at + 1 < line.size)
            at++;
        else if (line.data[at] == '"')
            quoted = !quoted;
        at++;
    }
    struct slice rest = slice_trim(slice_after(line, at + 1));
    flush_setting(text);
    if (at >= line.size)
        error(text, text->line, quoted ? N_("a \" is missing") : N_("a ] is missing"));
    else if (rest.size > 0 && rest.data[0] != ';' && rest.data[0] != '#')
        error(text, text->line, N_("something follows the ]"));
    else if (!text->no_memory &&
             !text->sink->section(text->sink->context, text->line,
                                  slice_trim((struct slice){line.data + 1, at - 1})))
        text->no_memory = true;
    return true;
}

/* Returns the next line for inih, as fgets would. */
static char *next_line(char *room, int size, void *stream)
{
    struct ini_text *text = stream;
    if (text->rest.size == 0 || text->no_memory)
        return NULL;
    size_t end = slice_find(text->rest, '\n');
    struct slice line = slice_head(text->rest, end);
    text->rest = slice_after(text->rest, end + 1);
    text->line++;
    if (slice_ends(line, SLICE("\r")))
        line.size--;
    if (text->line == 1 && slice_starts(line, SLICE("\xef\xbb\xbf")))
        line = slice_after(line, 3);
    text->indented = line.size > 0 && ascii_space(line.data[0]);
    struct slice give = line;
    if (slice_find(line, '\0') < line.size) {
        error(text, text->line, N_("NUL in a settings file"));
        give.size = 0;
    } else if (line.size > 0 && take_section(text, line)) {
        give = SLICE("[section]");
    } else if (line.size + 3 > (size_t)size) {
        char message[120];
        snprintf(message, sizeof message,
                 N_("more than %llu octets; a value can continue on the next line, if that is "
                    "indented"),
                 (unsigned long long)size - 3);
        error(text, text->line, message);
        give.size = 0;
    }
    if (give.size > 0)
        memcpy(room, give.data, give.size);
    memcpy(room + give.size, "\n", 2);
    return room;
}

bool ini_read(struct slice content, const struct ini_sink *sink)
{
    struct ini_text text = {.sink = sink, .rest = content};
    if (content.size > INI_SIZE_MAX)
        return sink->error(sink->context, 0, N_("too large for a settings file"));
    int failed = ini_parse_stream(next_line, &text, on_setting, &text);
    flush_setting(&text);
    if (failed > 0)
        error(&text, (unsigned)failed, N_("neither \"name = value\" nor \"[section]\""));
    return failed != -2 && !text.no_memory;
}
