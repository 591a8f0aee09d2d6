/* servers.c - which servers there are, what one of them answers, who minds what.
 */
#include "cli/servers.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/json_memory.h"
#include "base/nearest_name.h"
#include "check/matrix.h"
#include "cli/language.h"
#include "cli/message.h"
#include "cli/same_file.h"

enum listing { LIST_TEXT, LIST_MARKDOWN, LIST_JSON };

static bool out_of_memory(void)
{
    message("out of memory");
    return false;
}

static bool unknown_server(const char *name)
{
    const char *names[SERVERS_MAX + 2] = {"rfc5321"};
    size_t count = 1;
    for (const struct server_source *source = server_sources; source->name; source++)
        if (count <= SERVERS_MAX)
            names[count++] = source->name;
    const char *nearest = nearest_name(name, names);
    char known[(SERVERS_MAX + 2) * (SERVER_NAME_MAX + 2)];
    size_t used = (size_t)snprintf(known, sizeof known, "%s", nearest);
    for (size_t i = 0; i < count && used < sizeof known; i++)
        if (names[i] != nearest)
            used += (size_t)snprintf(known + used, sizeof known - used, ", %s", names[i]);
    message("there is no server '%s'; did you mean '%s'? Known are %s; a file of your own wants a "
            "slash in its name: ./mine.server",
            name, nearest, known);
    return false;
}

static bool add_table(struct server_set *servers, struct server_table *table, const char *error)
{
    if (!table) {
        message_made(error);
        return false;
    }
    for (size_t i = 0; i < servers->count; i++)
        if (strcmp(servers->tables[i]->name, table->name) == 0) { /* named twice */
            server_table_free(table);
            return true;
        }
    if (servers->count == SERVERS_MAX) {
        message("more than %d servers", SERVERS_MAX);
        server_table_free(table);
        return false;
    }
    servers->tables[servers->count++] = table;
    return true;
}

static bool add_source(struct server_set *servers, const struct server_source *source)
{
    char error[256];
    struct server_table *table = server_table_parse(
        source->name, (struct slice){source->text, source->size}, language(), error, sizeof error);
    return add_table(servers, table, error);
}

static bool add_named(struct server_set *servers, const char *name)
{
    char error[256];
    if (strcmp(name, "rfc5321") == 0)
        return servers->strict = true;
    if (strcmp(name, "all") == 0) {
        servers->strict = true;
        for (const struct server_source *source = server_sources; source->name; source++)
            if (!add_source(servers, source))
                return false;
        return true;
    }
    if (strchr(name, '/')) {
        size_t before = servers->count;
        bool done =
            add_table(servers, server_table_load(name, language(), error, sizeof error), error);
        if (servers->count > before && !(servers->paths[before] = strdup(name)))
            return out_of_memory();
        return done;
    }
    const struct server_source *source = server_source_by_name(name);
    return source ? add_source(servers, source) : unknown_server(name);
}

bool servers_add(struct server_set *servers, const char *list)
{
    char *copy = strdup(list), *rest = NULL;
    bool done = copy != NULL;
    char *name = copy ? strtok_r(copy, ",", &rest) : NULL;
    for (; done && name; name = strtok_r(NULL, ",", &rest))
        done = add_named(servers, name);
    if (!copy)
        message("out of memory");
    free(copy);
    return done;
}

void servers_free(struct server_set *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        server_table_free((struct server_table *)servers->tables[i]);
        free((char *)servers->paths[i]);
    }
    *servers = (struct server_set){0};
}

/* Prints JSON. False when out of memory for it; whether it was written is for main to see. */
static bool print_json(json_t *value)
{
    bool whole = !json_memory_failed() && value;
    if (whole)
        json_dumpf(value, stdout, JSON_INDENT(2));
    json_decref(value);
    puts("");
    return (whole && !json_memory_failed()) || out_of_memory();
}

/* The commands that a server accepts out of order. Returns false when out of memory. */
static bool print_lenient(const struct server_set *servers, size_t index)
{
    const char *separator = "";
    for (size_t r = 0; r < smtpseq_rule_count; r++) {
        struct prediction cells[SERVERS_MAX];
        enum matrix_answer answer = matrix_row(&smtpseq_rules[r], servers, cells);
        if (answer == MATRIX_NO_MEMORY)
            return out_of_memory();
        if (answer != MATRIX_ROW || cells[index].code != 250)
            continue;
        if (!*separator)
            printf("    %s ", translate(language(), "takes:"));
        printf("%s%s", separator, smtpseq_rules[r].name);
        separator = ", ";
    }
    puts(*separator ? "" : translate(language(), "    takes nothing that is out of order"));
    return true;
}

/* Returns false if the list would be written over a table. */
static bool tables_apart(const struct server_set *servers)
{
    for (size_t i = 0; i < servers->count; i++)
        if (servers->paths[i] && !streams_are_apart(servers->paths[i], N_("a server's table")))
            return false;
    return true;
}

static enum cli_status list_as_json(const struct server_set *servers)
{
    json_t *array = json_array();
    for (size_t i = 0; i < servers->count; i++) {
        const struct server_table *table = servers->tables[i];
        json_array_append_new(array,
                              json_pack("{s:s, s:s%, s:I, s:b, s:b, s:s%}", "name", table->name,
                                        "version", table->version.data, table->version.size,
                                        "states", (json_int_t)table->state_count, "documented",
                                        table->documented, "lmtp", table->lmtp, "settings",
                                        table->settings.data ? table->settings.data : "",
                                        table->settings.size));
    }
    return print_json(array) ? CLI_CLEAN : CLI_FAILED;
}

/* The measured servers first, then those that nobody outside can measure. */
static enum cli_status list_servers(const struct server_set *servers)
{
    const char *heading =
        translate(language(), "\nDocumented, not measured: every answer has a public source "
                              "(smtpseq servers --show NAME), all else is open.\n");
    for (size_t i = 0; i < servers->count; i++) {
        const struct server_table *table = servers->tables[i];
        if (table->documented)
            continue;
        printf("%-16s %.*s, ", table->name, (int)table->version.size, table->version.data);
        printf(translate_count(language(), "%zu states", "%zu states", table->state_count),
               table->state_count);
        puts("");
        struct slice settings = server_settings(table, language());
        if (settings.size > 0)
            printf("    %s %.*s\n", translate(language(), "settings:"), (int)settings.size,
                   settings.data);
        if (table->lmtp)
            puts(translate(language(), "    LMTP: for sessions with LHLO"));
        else if (!print_lenient(servers, i))
            return CLI_FAILED;
    }
    for (size_t i = 0; i < servers->count; i++) {
        const struct server_table *table = servers->tables[i];
        if (!table->documented)
            continue;
        printf("%s%-16s %.*s\n", heading, table->name, (int)table->version.size,
               table->version.data);
        heading = "";
    }
    return CLI_CLEAN;
}

/* "503 5.5.1 Error: nested MAIL command", translate(language(), "takes it"), "-". */
static void cell_text(char *room, size_t size, const struct prediction *cell, bool with_text)
{
    if (cell->code <= 0)
        snprintf(room, size, "-");
    else if (cell->code == 250)
        snprintf(room, size, translate(language(), "takes it"));
    else if (with_text && cell->text.size > 0)
        snprintf(room, size, "%d %.*s", cell->code, (int)cell->text.size, cell->text.data);
    else
        snprintf(room, size, "%d", cell->code);
}

/* A documented table is marked as one. */
static const char *source_note(const struct server_table *table, const struct prediction *cell)
{
    return table->documented && cell->code > 0 ? translate(language(), " (documented)") : "";
}

/* The examples are of SMTP, and no source says all of a documented server: those are left out. */
static bool is_silent(const struct server_table *table, const struct prediction *cell)
{
    return (table->documented || table->lmtp) && cell->code <= 0;
}

static json_t *matrix_object(const struct rule *rule, const struct server_set *servers,
                             const struct prediction cells[])
{
    json_t *row = json_object();
    for (size_t i = 0; i < servers->count; i++)
        json_object_set_new(row, servers->tables[i]->name,
                            cells[i].code <= 0
                                ? json_null()
                                : json_pack("{s:i, s:s%}", "code", cells[i].code, "text",
                                            cells[i].text.data ? cells[i].text.data : "",
                                            cells[i].text.size));
    return json_pack("{s:s, s:o}", "rule", rule->name, "servers", row);
}

static void print_matrix_row(const struct rule *rule, const struct server_set *servers,
                             const struct prediction cells[], enum listing listing)
{
    char room[200];
    if (listing == LIST_MARKDOWN) {
        printf("| %s |", rule->name);
        for (size_t i = 0; i < servers->count; i++) {
            cell_text(room, sizeof room, &cells[i], false);
            printf(" %s |", room);
        }
        puts("");
        return;
    }
    printf("%s\n", rule->name);
    for (size_t i = 0; i < servers->count; i++) {
        if (is_silent(servers->tables[i], &cells[i]))
            continue;
        cell_text(room, sizeof room, &cells[i], true);
        printf("    %-16s %s%s\n", servers->tables[i]->name, room,
               source_note(servers->tables[i], &cells[i]));
    }
}

static enum cli_status print_matrix(const struct server_set *servers, enum listing listing)
{
    json_t *array = listing == LIST_JSON ? json_array() : NULL;
    if (listing == LIST_MARKDOWN) {
        printf("| rule |");
        for (size_t i = 0; i < servers->count; i++)
            printf(" %s |", servers->tables[i]->name);
        printf("\n|---|");
        for (size_t i = 0; i < servers->count; i++)
            printf("---|");
        puts("");
    }
    for (size_t r = 0; r < smtpseq_rule_count; r++) {
        struct prediction cells[SERVERS_MAX];
        enum matrix_answer answer = matrix_row(&smtpseq_rules[r], servers, cells);
        if (answer == MATRIX_NO_MEMORY) {
            json_decref(array);
            out_of_memory();
            return CLI_FAILED;
        }
        if (answer != MATRIX_ROW)
            continue;
        if (listing == LIST_JSON)
            json_array_append_new(array, matrix_object(&smtpseq_rules[r], servers, cells));
        else
            print_matrix_row(&smtpseq_rules[r], servers, cells, listing);
    }
    return listing != LIST_JSON || print_json(array) ? CLI_CLEAN : CLI_FAILED;
}

bool print_servers_of_rule(const struct rule *rule)
{
    struct server_set servers = {0};
    struct prediction cells[SERVERS_MAX];
    char room[200];
    bool done = servers_add(&servers, "all");
    enum matrix_answer answer = done ? matrix_row(rule, &servers, cells) : MATRIX_NOTHING;
    if (answer == MATRIX_NO_MEMORY)
        done = out_of_memory();
    if (answer == MATRIX_ROW) {
        printf(translate(language(), "\n  %s, as measured:\n"), rule->name);
        for (size_t i = 0; i < servers.count; i++) {
            if (is_silent(servers.tables[i], &cells[i]))
                continue;
            cell_text(room, sizeof room, &cells[i], true);
            printf("      %-16s %s%s\n", servers.tables[i]->name, room,
                   source_note(servers.tables[i], &cells[i]));
        }
    }
    servers_free(&servers);
    return done;
}

static enum cli_status show(const char *name)
{
    const struct server_source *source = server_source_by_name(name);
    if (strcmp(name, "rfc5321") == 0) {
        message("rfc5321 is the order of the RFCs: there is no table of it");
        return CLI_FAILED;
    }
    if (!source)
        return unknown_server(name) ? CLI_CLEAN : CLI_FAILED;
    fwrite(source->text, 1, source->size, stdout);
    return CLI_CLEAN;
}

/* The arguments of the command. */
struct request {
    struct server_set servers;
    enum listing listing;
    bool matrix;
    const char *shown; /* NULL: none */
};

static enum parsed parse(int argc, char *argv[], struct request *request)
{
    struct option_reader reader;
    int key;
    option_reader_begin(&reader, CLI_SERVERS);
    while ((key = option_next(&reader, argc, argv)) != OPTION_END) {
        if (key == OPTION_HELP || key == OPTION_WRONG)
            return key == OPTION_HELP ? PARSED_DONE : PARSED_WRONG;
        if (key == KEY_MATRIX)
            request->matrix = true;
        else if (key == KEY_SHOW)
            request->shown = optarg;
        else if (key == KEY_LISTING_FORMAT)
            request->listing = strcmp(optarg, "json") == 0       ? LIST_JSON
                               : strcmp(optarg, "markdown") == 0 ? LIST_MARKDOWN
                                                                 : LIST_TEXT;
        else if (!servers_add(&request->servers, optarg))
            return PARSED_WRONG;
    }
    if (optind == argc)
        return PARSED_RUN;
    message("servers reads no file but those of --server; see smtpseq servers --help");
    return PARSED_WRONG;
}

enum cli_status command_servers(int argc, char *argv[])
{
    struct request request = {0};
    struct server_set *servers = &request.servers;
    enum parsed parsed = parse(argc, argv, &request);
    enum cli_status status = parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    if (parsed == PARSED_RUN && request.shown)
        status = show(request.shown);
    else if (parsed == PARSED_RUN && tables_apart(servers) &&
             (servers->count > 0 || servers_add(servers, "all")))
        status = request.matrix                 ? print_matrix(servers, request.listing)
                 : request.listing == LIST_JSON ? list_as_json(servers)
                                                : list_servers(servers);
    servers_free(servers);
    return status;
}
