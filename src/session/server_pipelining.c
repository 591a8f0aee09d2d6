/* server_pipelining.c - what a server says to commands that do not wait for the reply before them:
 * the block `pipelined` of its table.
 */
#include "session/server_parser.h"

/* Adds the rows of one command ("BDAT" is both kinds of it). Returns false if there is none of that
 * name. */
static bool add_followed(struct parser *parser, struct slice command, enum server_together bank,
                         const struct server_row *row, struct slice next)
{
    bool any = false;
    for (size_t i = 0; i < SERVER_EVENT_COUNT; i++) {
        struct slice name = slice_of(server_event_name((enum server_event)i));
        size_t index = bank + i;
        if (!slice_equal(slice_head(name, slice_find(name, ' ')), command))
            continue;
        any = true;
        parser->table->together[index] = *row;
        parser->together_next[index] = next;
    }
    return any;
}

/* Adds the rows of "MAIL,RCPT". */
static bool add_list(struct parser *parser, struct slice list, enum server_together bank,
                     const struct server_row *row, struct slice next)
{
    while (list.size > 0) {
        size_t size = slice_find(list, ',');
        struct slice command = slice_head(list, size);
        if (!add_followed(parser, command, bank, row, next))
            return parser_wrong(parser, parser->line, "there is no command '%.*s'",
                                (int)command.size, command.data);
        list = slice_after(list, size + 1);
    }
    return true;
}

/* Sets the row of "early", "after ." or "after STARTTLS", whose second word it takes off the line;
 * SERVER_TOGETHER_COUNT for a list of commands. */
static bool row_of(struct parser *parser, struct slice word, struct slice *line,
                   enum server_together *row)
{
    *row = slice_equal(word, SLICE("early")) ? TOGETHER_EARLY : SERVER_TOGETHER_COUNT;
    if (!slice_equal(word, SLICE("after")))
        return true;
    struct slice command = parser_word(line);
    *row = slice_equal(command, SLICE(".")) ? TOGETHER_AFTER_DOT : TOGETHER_AFTER_STARTTLS;
    return *row == TOGETHER_AFTER_DOT || slice_equal(command, SLICE("STARTTLS")) ||
           parser_wrong(parser, parser->line, "'after' wants . or STARTTLS");
}

bool parse_together(struct parser *parser, struct slice line)
{
    struct slice list = parser_word(&line);
    enum server_together which;
    if (!row_of(parser, list, &line, &which))
        return false;
    struct slice word = parser_word(&line);
    enum server_together bank = slice_equal(word, SLICE("helo"))    ? TOGETHER_FOLLOWED_HELO
                                : slice_equal(word, SLICE("taken")) ? TOGETHER_FOLLOWED_TAKEN
                                                                    : TOGETHER_FOLLOWED;
    if (bank != TOGETHER_FOLLOWED)
        word = parser_word(&line);
    struct server_row row = {0};
    struct slice next;
    if (!parser_answer(parser, word, line, &row, &next))
        return false;
    if (which == SERVER_TOGETHER_COUNT)
        return add_list(parser, list, bank, &row, next);
    parser->table->together[which] = row;
    parser->together_next[which] = next;
    return true;
}

bool resolve_together(struct parser *parser)
{
    struct server_table *table = parser->table;
    for (size_t i = 0; i < SERVER_TOGETHER_COUNT; i++) {
        struct slice name = parser->together_next[i];
        struct server_row *row = &table->together[i];
        if (name.size == 0)
            continue;
        size_t next = parser_state(parser, name);
        if (next == table->state_count)
            return parser_wrong(parser, row->line, "there is no state '%.*s'", (int)name.size,
                                name.data);
        row->next = (uint16_t)next;
        row->own = true;
    }
    return true;
}
