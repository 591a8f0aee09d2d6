/* command_json.c - smtpseq help --format=json.
 */
#include "cli/command_json.h"

#include "cli/command_line.h"

/* Returns the names that a value may have; null for a kind that has none. */
static json_t *names_of(enum value_kind kind, const char *words, enum cli_command command)
{
    json_t *names = json_array();
    char room[64];
    const char *name;
    for (size_t i = 0; (name = value_name_at(kind, words, command, i, room)) != NULL; i++)
        json_array_append_new(names, json_string(name));
    return names;
}

/* Returns true if the value may be a path as well. */
static bool takes_path(enum value_kind kind)
{
    return kind == VALUE_FILE || kind == VALUE_FORMAT_FILE || kind == VALUE_SERVERS;
}

/* What may come after a name: more names, a path, a severity. */
static const char *separator_of(enum value_kind kind)
{
    switch (kind) {
    case VALUE_SERVERS:
    case VALUE_RULES:
    case VALUE_GROUPS:
        return ",";
    case VALUE_REPORT_PATH:
        return ":";
    case VALUE_RULE_LEVEL:
        return "=";
    default:
        return "";
    }
}

static json_t *option_object(const struct option_row *row, enum cli_command command)
{
    char letter[2] = {(char)row->key, '\0'};
    return json_pack("{s:s, s:s?, s:s?, s:s?, s:o, s:s, s:b}", "name", row->name, "letter",
                     row->key < 256 ? letter : NULL, "argument", row->argument, "help", row->help,
                     "names", names_of(row->value, row->words, command), "separator",
                     separator_of(row->value), "path", takes_path(row->value));
}

json_t *command_line_json(void)
{
    json_t *commands = json_array();
    const struct command_row *command;
    for (size_t i = 0; (command = command_row_at(i)) != NULL; i++) {
        json_t *options = json_array();
        const struct option_row *row;
        for (size_t k = 0; (row = option_row_at(k)) != NULL; k++)
            if (row->commands & (int)command->command)
                json_array_append_new(options, option_object(row, command->command));
        json_array_append_new(commands,
                              json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:o}", "name",
                                        command->name, "operands", command->operands, "title",
                                        command->title, "what", command->what, "names",
                                        names_of(command->operand, NULL, command->command), "path",
                                        takes_path(command->operand), "options", options));
    }
    return commands;
}
