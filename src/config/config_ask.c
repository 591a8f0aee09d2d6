/* config_ask.c - looks up the settings for a file.
 */
#include <stdlib.h>

#include "config/config.h"

bool patterns_match(const struct patterns *patterns, const struct recorded *recorded)
{
    for (size_t i = 0; i < patterns->count && recorded->file.data; i++)
        if (glob_matches(patterns->globs[i], recorded->file) ||
            (recorded->member.size > 0 && glob_matches(patterns->globs[i], recorded->member)))
            return true;
    return false;
}

/* Copies the levels of a section (SIZE_MAX: [rules]). */
static void apply(const struct config *config, size_t first, size_t section,
                  struct config_level levels[RULE_COUNT])
{
    for (size_t i = first; i < config->rule_count && config->rules[i].section == section; i++)
        levels[config->rules[i].rule] = (struct config_level){
            .level = config->rules[i].level,
            .line = config->rules[i].line,
            .where = section == SIZE_MAX ? NULL : config->sections[section].text,
        };
}

void config_levels(const struct config *config, const struct recorded *recorded,
                   struct config_level levels[RULE_COUNT])
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        levels[i] = (struct config_level){.level = LEVEL_AS_FOUND};
    /* The rules of a section are consecutive; those for all files come first. */
    for (int special = 0; special < 2; special++)
        for (size_t i = 0; i < config->rule_count; i++) {
            size_t section = config->rules[i].section;
            bool begins = i == 0 || config->rules[i - 1].section != section;
            if (!begins || (section != SIZE_MAX) != special)
                continue;
            if (!special || patterns_match(&config->sections[section], recorded))
                apply(config, i, section, levels);
        }
}

const struct config_format *config_format(const struct config *config,
                                          const struct recorded *recorded)
{
    for (size_t i = config->format_count; i > 0; i--)
        if (patterns_match(&config->formats[i - 1].where, recorded))
            return &config->formats[i - 1];
    return NULL;
}

bool config_allow_takes(const struct config_allow *allow, enum rule_id rule, struct slice line)
{
    return allow->rule == rule && (!allow->text || slice_contains(line, slice_of(allow->text)));
}
