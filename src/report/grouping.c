/* grouping.c - counts findings by kind and finds their texts again.
 */
#include "report/grouping.h"

#include <stdlib.h>

#include "base/array.h"

/* One finding, as it is in the section. */
struct record {
    uint64_t cause, recording, size;
    uint32_t rule, severity;
};

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

void grouping_add(const struct report *report, unsigned section, const struct finding *finding,
                  struct slice text)
{
    const struct record record = {
        .cause = hash_of(finding->cause.message),
        .recording = (uint64_t)report->input << 32 | report->recording,
        .size = text.size,
        .rule = (uint32_t)(finding->rule - smtpseq_rules),
        .severity = finding->severity,
    };
    FILE *out = report_item(report, section);
    if (text.size > 0)
        fwrite(text.data, 1, text.size, out);
    fwrite(&record, sizeof record, 1, report_item(report, section + 1));
}

static struct finding_group *group_of(struct grouping *grouping, const struct record *record)
{
    const struct rule *rule = &smtpseq_rules[record->rule];
    for (size_t i = 0; i < grouping->count; i++) {
        struct finding_group *group = &grouping->list[i];
        if (group->rule == rule && group->severity == record->severity &&
            group->cause == record->cause)
            return group;
    }
    struct finding_group *list =
        array_with_room(grouping->list, grouping->count, &grouping->capacity, sizeof *list);
    if (!list)
        return NULL;
    grouping->list = list;
    struct finding_group *group = &grouping->list[grouping->count++];
    *group = (struct finding_group){
        .rule = rule, .severity = (enum severity)record->severity, .cause = record->cause};
    return group;
}

static uint64_t rule_count(const struct grouping *grouping, const struct finding_group *group)
{
    return grouping->of_rule[group->rule - smtpseq_rules][group->severity];
}

/* Returns true if the group comes before the other. */
static bool comes_before(const struct grouping *grouping, const struct finding_group *a,
                         const struct finding_group *b)
{
    if (a->severity != b->severity)
        return a->severity > b->severity;
    if (rule_count(grouping, a) != rule_count(grouping, b))
        return rule_count(grouping, a) > rule_count(grouping, b);
    if (a->rule != b->rule)
        return a->rule < b->rule;
    return a->count > b->count;
}

/* There are few groups, and most come in order. */
static void sort(struct grouping *grouping)
{
    for (size_t i = 1; i < grouping->count; i++) {
        struct finding_group group = grouping->list[i];
        size_t k = i;
        for (; k > 0 && comes_before(grouping, &group, &grouping->list[k - 1]); k--)
            grouping->list[k] = grouping->list[k - 1];
        grouping->list[k] = group;
    }
}

bool grouping_read(struct grouping *grouping, const struct report *report, unsigned section)
{
    *grouping = (struct grouping){0};
    FILE *from = report_section_read(report, section + 1);
    struct record record;
    for (long offset = 0; fread(&record, sizeof record, 1, from) == 1;
         offset += (long)record.size) {
        struct finding_group *group = group_of(grouping, &record);
        if (!group)
            return false;
        if (group->count < GROUPING_SHOWN) {
            group->offsets[group->count] = offset;
            group->sizes[group->count] = record.size;
        }
        group->count++;
        group->recordings += group->count == 1 || group->last_recording != record.recording;
        group->last_recording = record.recording;
        grouping->of_rule[record.rule][record.severity]++;
        grouping->findings++;
    }
    sort(grouping);
    return true;
}

void grouping_free(struct grouping *grouping)
{
    free(grouping->list);
    *grouping = (struct grouping){0};
}

bool grouping_leaves_out(const struct grouping *grouping)
{
    for (size_t i = 0; i < grouping->count && grouping->findings > GROUPING_FROM; i++)
        if (grouping->list[i].count > GROUPING_SHOWN)
            return true;
    return false;
}

static void copy_octets(FILE *from, FILE *to, size_t size)
{
    char block[4096];
    size_t got = 1;
    while (size > 0 && got > 0) {
        got = fread(block, 1, size < sizeof block ? size : sizeof block, from);
        fwrite(block, 1, got, to);
        size -= got;
    }
}

void grouping_copy(const struct report *report, unsigned section, const struct finding_group *group,
                   size_t place)
{
    FILE *from = report->sections[section].stream;
    if (fseek(from, group->offsets[place], SEEK_SET) == 0)
        copy_octets(from, report->out, group->sizes[place]);
}

void grouping_copy_rule(const struct report *report, unsigned section, const struct rule *rule,
                        enum severity severity, uint64_t most)
{
    FILE *records = report_section_read(report, section + 1);
    FILE *from = report->sections[section].stream;
    struct record record;
    for (long offset = 0; most > 0 && fread(&record, sizeof record, 1, records) == 1;
         offset += (long)record.size)
        if (&smtpseq_rules[record.rule] == rule && record.severity == severity &&
            fseek(from, offset, SEEK_SET) == 0) {
            copy_octets(from, report->out, record.size);
            most--;
        }
}
