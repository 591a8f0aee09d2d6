/* statistics.c - tables of counts.
 */
#include "report/statistics.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "report/escape.h"

const char *statistics_name(enum statistics_by by)
{
    static const char *const names[BY_COUNT] = {"rule", "file", "peer", "client", "day"};
    return names[by];
}

/* Adds counts to the row of a key, a new one if there is none. */
static bool count(struct statistics *statistics, enum statistics_by by, struct slice key,
                  const uint64_t findings[SEVERITY_COUNT])
{
    size_t low = 0, high = statistics->tables[by].count;
    struct statistics_row *rows = statistics->tables[by].rows;
    while (low < high) {
        size_t middle = (low + high) / 2;
        struct slice other = slice_of(rows[middle].key);
        size_t size = key.size < other.size ? key.size : other.size;
        int order = size > 0 ? memcmp(other.data, key.data, size) : 0;
        if (order < 0 || (order == 0 && other.size < key.size))
            low = middle + 1;
        else
            high = middle;
    }
    bool known = low < statistics->tables[by].count && slice_equal(slice_of(rows[low].key), key);
    if (!known && statistics->tables[by].count == STATISTICS_KEYS) {
        for (int i = 0; i < SEVERITY_COUNT; i++)
            statistics->tables[by].others += findings[i];
        return true;
    }
    if (!known) {
        rows = array_with_room(rows, statistics->tables[by].count, &statistics->tables[by].capacity,
                               sizeof *rows);
        if (!rows)
            return false;
        statistics->tables[by].rows = rows;
        char *text = slice_string(key);
        if (!text)
            return false;
        memmove(&rows[low + 1], &rows[low], (statistics->tables[by].count++ - low) * sizeof *rows);
        rows[low] = (struct statistics_row){.key = text};
    }
    for (int i = 0; i < SEVERITY_COUNT; i++)
        rows[low].findings[i] += findings[i];
    return true;
}

/* "2026-11-30" or "Nov 30"; empty where the log has no date. */
static struct slice day_of(const struct session_label *label)
{
    struct slice time = slice_of(label->time);
    bool dated = time.size > 0 && label->begun.has_date;
    return slice_head(time, !dated ? 0 : label->begun.has_year ? 10 : 6);
}

bool statistics_add(struct statistics *statistics, const char *file, const struct finding *finding)
{
    uint64_t findings[SEVERITY_COUNT] = {0};
    findings[finding->severity] = 1;
    const struct slice keys[BY_COUNT] = {
        [BY_RULE] = slice_of(finding->rule->name), [BY_FILE] = slice_of(file),
        [BY_PEER] = slice_of(finding->label.peer), [BY_CLIENT] = slice_of(finding->label.client),
        [BY_DAY] = day_of(&finding->label),
    };
    for (int by = 0; by < BY_COUNT; by++)
        if (keys[by].size > 0 && !count(statistics, (enum statistics_by)by, keys[by], findings))
            return false;
    return true;
}

bool statistics_add_session(struct statistics *statistics, const char *file,
                            const struct session_outcome *outcome)
{
    const struct slow_step *slowest = &outcome->slowest;
    return outcome->result == RESULT_UNKNOWN || slowest->line == 0 ||
           reply_times_add(&statistics->times, file, slowest->command, slowest->line,
                           slowest->waited);
}

bool statistics_merge(struct statistics *statistics, struct statistics *later)
{
    bool done = true;
    reply_times_merge(&statistics->times, &later->times);
    for (int by = 0; by < BY_COUNT; by++) {
        statistics->tables[by].others += later->tables[by].others;
        for (size_t i = 0; i < later->tables[by].count && done; i++)
            done =
                count(statistics, (enum statistics_by)by, slice_of(later->tables[by].rows[i].key),
                      later->tables[by].rows[i].findings);
    }
    statistics_free(later);
    return done;
}

/* The most frequent first, of equals by name. */
static int compare(const void *left, const void *right)
{
    const struct statistics_row *a = left, *b = right;
    uint64_t of_a = statistics_sum(a), of_b = statistics_sum(b);
    return of_a != of_b ? (of_a < of_b) - (of_a > of_b) : strcmp(a->key, b->key);
}

void statistics_sort(struct statistics *statistics)
{
    for (int by = 0; by < BY_COUNT; by++)
        if (statistics->tables[by].count > 0)
            qsort(statistics->tables[by].rows, statistics->tables[by].count,
                  sizeof *statistics->tables[by].rows, compare);
}

void statistics_free(struct statistics *statistics)
{
    for (int by = 0; by < BY_COUNT; by++) {
        for (size_t i = 0; i < statistics->tables[by].count; i++)
            free(statistics->tables[by].rows[i].key);
        free(statistics->tables[by].rows);
    }
    reply_times_free(&statistics->times);
    *statistics = (struct statistics){0};
}

void reply_times_print(FILE *out, const struct reply_times *times, const char *counted,
                       const struct catalogue *language)
{
    enum command list[COMMAND_COUNT];
    size_t count = reply_times_list(times, list);
    if (count > 0)
        fprintf(out, translate(language, "slowest replies:\n   longest   average  %8s\n"), counted);
    for (size_t i = 0; i < count; i++) {
        const struct reply_time *time = &times->commands[list[i]];
        fprintf(out, "%8.1f s%8.1f s  %8" PRIu64 "  %-8s  ", (double)time->longest / 1000,
                (double)time->sum / (double)time->count / 1000, time->count, command_name(list[i]));
        print_escaped(out, slice_of(time->file));
        fprintf(out, ":%" PRIu64 "\n", time->line);
    }
}
