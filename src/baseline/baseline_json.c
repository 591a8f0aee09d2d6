/* baseline_json.c - the file of a baseline, one entry a line.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "base/json_memory.h"
#include "baseline/baseline.h"
#include "report/fingerprint.h"

#define VERSION_KEY "smtpseq-baseline"

bool baseline_write(const struct baseline *baseline, FILE *out)
{
    fprintf(out, "{\n  \"" VERSION_KEY "\": %d,\n  \"findings\": [", BASELINE_VERSION);
    for (size_t i = 0; i < baseline->count; i++) {
        const struct baseline_entry *entry = &baseline->entries[i];
        char shape[FINGERPRINT_TEXT];
        fingerprint_text(entry->shape, shape);
        json_t *object =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "file", entry->file, "rule",
                      smtpseq_rules[entry->rule].name, "command", entry->command, "state",
                      entry->state, "shape", shape, "count", (json_int_t)entry->count);
        fputs(i > 0 ? ",\n    " : "\n    ", out);
        char *text = object ? json_dumps(object, JSON_PRESERVE_ORDER) : NULL;
        json_decref(object);
        if (text)
            fputs(text, out);
        free(text);
        if (!text || json_memory_failed())
            return false;
    }
    fputs(baseline->count > 0 ? "\n  ]\n}\n" : "]\n}\n", out);
    return true;
}

/* Finds the line of each entry: entries are the objects at the second level. */
static void find_lines(struct slice content, struct baseline_entry *entries, size_t count)
{
    unsigned line = 1;
    size_t depth = 0, found = 0;
    bool quoted = false;
    for (size_t i = 0; i < content.size && found < count; i++) {
        char c = content.data[i];
        line += c == '\n';
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '{' && depth == 2)
            entries[found++].line = line;
        depth += !quoted && (c == '{' || c == '[');
        depth -= !quoted && (c == '}' || c == ']');
    }
}

/* Parses 16 hexadecimal digits, as fingerprint_text writes them. */
static bool parse_shape(const char *text, uint64_t *shape)
{
    if (strlen(text) != FINGERPRINT_TEXT - 1 || strspn(text, "0123456789abcdef") != 16)
        return false;
    *shape = strtoull(text, NULL, 16);
    return true;
}

/* Reads an entry. Returns what is wrong with it; NULL if nothing is. (When out of memory *entry
 * lacks the name of the file.) */
static const char *take_entry(json_t *value, struct baseline_entry *entry)
{
    const char *file, *rule_name, *command, *state, *shape;
    json_int_t count;
    if (json_unpack(value, "{s:s, s:s, s:s, s:s, s:s, s:I !}", "file", &file, "rule", &rule_name,
                    "command", &command, "state", &state, "shape", &shape, "count", &count) != 0)
        return N_("an entry has file, rule, command, state, shape and count, and nothing else");
    const struct rule *rule = rule_by_name(rule_name);
    if (!rule)
        return N_("its rule is not known to this smtpseq");
    if (!parse_shape(shape, &entry->shape))
        return N_("its shape is not 16 hexadecimal digits in small letters");
    if (strlen(command) >= sizeof entry->command || strlen(state) >= sizeof entry->state)
        return N_("its command or its state is too long");
    if (count < 1)
        return N_("its count is less than 1");
    entry->rule = (enum rule_id)(rule - smtpseq_rules);
    entry->count = (uint64_t)count;
    memcpy(entry->command, command, strlen(command) + 1);
    memcpy(entry->state, state, strlen(state) + 1);
    entry->file = strdup(file);
    return NULL;
}

/* Reads the entries. Returns what is wrong; NULL if nothing is. */
static const char *take_entries(struct baseline *baseline, json_t *list, struct slice content,
                                unsigned *line)
{
    size_t count = json_array_size(list);
    baseline->entries = calloc(count ? count : 1, sizeof *baseline->entries);
    if (!baseline->entries)
        return N_("out of memory");
    baseline->capacity = count;
    find_lines(content, baseline->entries, count);
    for (size_t i = 0; i < count; i++) {
        struct baseline_entry *entry = &baseline->entries[i];
        const char *wrong = take_entry(json_array_get(list, i), entry);
        *line = entry->line;
        if (wrong)
            return wrong;
        if (!entry->file)
            return N_("out of memory");
        baseline->count++;
    }
    *line = 0;
    return NULL;
}

/* Reads the document. Returns what is wrong; NULL if nothing is. */
static const char *take_document(struct baseline *baseline, json_t *document, struct slice content,
                                 unsigned *line)
{
    json_t *version = json_object_get(document, VERSION_KEY);
    json_t *list = json_object_get(document, "findings");
    *line = 1;
    if (!json_is_integer(version))
        return N_("this is no baseline: it has no \"smtpseq-baseline\"");
    if (json_integer_value(version) != BASELINE_VERSION)
        return N_("this baseline was written by another version of smtpseq; write it anew with "
                  "--write-baseline");
    if (!json_is_array(list) || json_object_size(document) != 2)
        return N_("a baseline has \"smtpseq-baseline\" and a list \"findings\", and nothing else");
    return take_entries(baseline, list, content, line);
}

bool baseline_looks_like(struct slice content)
{
    size_t begin = 0;
    while (begin < content.size && strchr(" \t\r\n", content.data[begin]))
        begin++;
    return begin < content.size && content.data[begin] == '{' &&
           slice_contains(content, SLICE("\"" VERSION_KEY "\""));
}

bool baseline_read(struct baseline *baseline, struct slice content, unsigned *line, char *error,
                   size_t error_size)
{
    *baseline = (struct baseline){0};
    *line = 0;
    json_error_t wrong_json;
    json_t *document = json_loadb(content.data ? content.data : "", content.size,
                                  JSON_REJECT_DUPLICATES, &wrong_json);
    if (!document) {
        *line = wrong_json.line > 0 ? (unsigned)wrong_json.line : 0;
        snprintf(error, error_size, "%s: %s", N_("this is no baseline"), wrong_json.text);
        return false;
    }
    const char *wrong = take_document(baseline, document, content, line);
    if (wrong)
        snprintf(error, error_size, "%s", wrong);
    json_decref(document);
    if (wrong)
        baseline_free(baseline);
    else
        baseline_sort(baseline);
    return !wrong;
}
