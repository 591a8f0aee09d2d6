/* look.c - what a line of a log looks like by itself: a reply, a command, neither.
 */
#include "smtp/look.h"

#include "smtp/command.h"

struct slice head_line(struct slice *head)
{
    size_t size = slice_find(*head, '\n');
    size = slice_find(slice_head(*head, size), '\r');
    struct slice line = slice_head(*head, size);
    size_t end = size < head->size ? size + 1 : size;
    if (end < head->size && head->data[size] == '\r' && head->data[end] == '\n')
        end++;
    *head = slice_after(*head, end);
    return line;
}

bool looks_like_reply(struct slice line)
{
    if (line.size < 3)
        return false;
    char separator = line.size > 3 ? line.data[3] : ' ';
    return line.data[0] >= '2' && line.data[0] <= '5' && ascii_digit(line.data[1]) &&
           ascii_digit(line.data[2]) && (separator == ' ' || separator == '-');
}

/* The command whose verb the line begins with; COMMAND_COUNT: none. Gives the verb. */
static enum command verb_of(struct slice line, struct slice *found)
{
    static const struct slice verbs[] = {
#define X(name, spelling) {spelling, sizeof(spelling) - 1},
        COMMANDS(X)
#undef X
    };
    if (line.size == 0 || (line.data[0] != '.' && (line.size < 4 || (line.data[0] | 0x20) < 'a')))
        return COMMAND_COUNT;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct slice verb = verbs[i];
        if (ascii_upper(line.data[0]) != verb.data[0] || !slice_starts_nocase(line, verb) ||
            i == COMMAND_CONNECT || i == COMMAND_UNKNOWN)
            continue;
        *found = slice_head(line, verb.size);
        if (line.size == verb.size || ascii_space(line.data[verb.size]))
            return (enum command)i;
    }
    return COMMAND_COUNT;
}

bool looks_like_verb(struct slice line)
{
    struct slice verb;
    return verb_of(line, &verb) != COMMAND_COUNT;
}

bool looks_like_command(struct slice line)
{
    struct command_line command = {0};
    command.command = verb_of(line, &command.verb);
    if (command.command == COMMAND_COUNT || command.command == COMMAND_END_OF_DATA)
        return false;
    command.argument = slice_trim(slice_after(line, command.verb.size));
    return command_looks_real(&command);
}
