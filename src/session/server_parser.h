/* server_parser.h - a table of a server while it is read; for the files that read one.
 */
#ifndef SMTPSEQ_SERVER_PARSER_H
#define SMTPSEQ_SERVER_PARSER_H

#include "session/server_table.h"

/* A table being read. */
struct parser {
    const char *origin;
    struct slice rest;
    uint32_t line;
    struct server_table *table;
    struct server_row always[SERVER_EVENT_COUNT];
    struct slice *next_names; /* of every row, by state and event: resolved at the end */
    struct slice always_next[SERVER_EVENT_COUNT];
    struct slice together_next[SERVER_TOGETHER_COUNT]; /* of the rows of `pipelined` */
    struct slice sources[SERVER_SOURCES_MAX];          /* the keys of the head's sources */
    size_t source_count;
    enum { BLOCK_STATES, BLOCK_ALWAYS, BLOCK_PIPELINED } block;
    size_t capacity;
    const struct catalogue *language; /* of the error */
    char *error;
    size_t error_size;
};

/* Writes what is wrong in a line, and returns false. */
bool parser_wrong(struct parser *parser, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes the next word off a line. */
struct slice parser_word(struct slice *line);

/* Returns a line without its comment; a # inside a quoted text is text. */
struct slice parser_without_comment(struct slice line);

/* Returns true if a server, a state or a source may have that name. */
bool parser_is_name(struct slice word);

/* Reads what a row says after its event: CODE [-> STATE] ["TEXT"] [SOURCE]. `word` is the code. The
 * state's name is resolved at the end. */
bool parser_answer(struct parser *parser, struct slice word, struct slice line,
                   struct server_row *row, struct slice *next);

/* Returns the number of the state of that name; the count of states if there is none. */
size_t parser_state(const struct parser *parser, struct slice name);

/* Reads "limit N WHAT [per message]" without its first word. */
bool parse_limit(struct parser *parser, struct slice rest);

/* Reads a row of the block `pipelined`. */
bool parse_together(struct parser *parser, struct slice line);

/* Resolves the states that its rows name, once all states are read. */
bool resolve_together(struct parser *parser);

#endif
