/* coverage.c - counts the transitions that exchanges take.
 */
#include "coverage/coverage.h"

#include <stdlib.h>

#include "base/catalogue.h"
#include "base/path_order.h"

/* A row of points.def. */
struct known_point {
    bool security;
    unsigned char state;
    enum command command;
    enum answer answer;
    enum coverage_group group;
    const char *words, *hint;
};

static const struct known_point known_points[] = {
#define POINT(state, command, answer, group, words, hint) \
    {false, STATE_##state, COMMAND_##command, ANSWER_##answer, GROUP_##group, words, hint},
#define CLOSING(state, group, words, hint) \
    {false, STATE_##state, COMMAND_COUNT, ANSWER_CLOSED, GROUP_##group, words, hint},
#define SECURITY(state, command, answer, group, words, hint) \
    {true, SECURITY_STATE_##state, COMMAND_##command, ANSWER_##answer, GROUP_##group, words, hint},
#include "coverage/points.def"
#undef POINT
#undef CLOSING
#undef SECURITY
};

static const struct {
    const char *name, *title;
} groups[GROUP_COUNT] = {
    [GROUP_CORE] = {"core", N_("what every client does")},
    [GROUP_AUTH] = {"auth", "AUTH"},
    [GROUP_STARTTLS] = {"starttls", "STARTTLS"},
    [GROUP_AUTH_TLS] = {"auth-tls", N_("AUTH inside TLS")},
    [GROUP_BDAT] = {"bdat", "BDAT"},
    [GROUP_OTHER] = {"other", N_("rare or obsolete")},
};

const char *coverage_group_name(enum coverage_group group)
{
    return groups[group].name;
}

const char *coverage_group_title(enum coverage_group group)
{
    return groups[group].title;
}

enum answer answer_of(const unsigned char next[OUTCOME_COUNT], enum outcome outcome)
{
    /* DATA is taken by a 354; a 250 begins nothing. Everything else is taken by a 2yz. */
    bool goes_on =
        next[OUTCOME_OK] == next[OUTCOME_REFUSED] && next[OUTCOME_GO] != next[OUTCOME_REFUSED];
    switch (outcome) {
    case OUTCOME_OK:
        return goes_on ? ANSWER_REFUSED : ANSWER_ACCEPTED;
    case OUTCOME_GO:
        return goes_on || next[OUTCOME_GO] == next[OUTCOME_OK] ? ANSWER_ACCEPTED : ANSWER_REFUSED;
    case OUTCOME_UNRECOGNIZED:
        return next[OUTCOME_UNRECOGNIZED] != next[OUTCOME_REFUSED] ? ANSWER_UNRECOGNIZED
                                                                   : ANSWER_REFUSED;
    default:
        return ANSWER_REFUSED;
    }
}

/* Adds a transition. Returns its index. */
static short add_point(struct coverage_map *map, bool security, int state, int next,
                       enum command command, enum answer answer)
{
    struct coverage_point *point = &map->points[map->count];
    *point = (struct coverage_point){
        .security = security,
        .state = (unsigned char)state,
        .next = (unsigned char)next,
        .command = command,
        .answer = answer,
        .group = GROUP_OTHER,
    };
    for (size_t i = 0; i < sizeof known_points / sizeof known_points[0]; i++) {
        const struct known_point *known = &known_points[i];
        if (known->security != security || known->state != state || known->command != command ||
            known->answer != answer)
            continue;
        point->group = known->group;
        point->words = known->words;
        point->hint = known->hint;
    }
    return (short)map->count++;
}

/* Adds the answers to one command in one state. */
static void add_command(struct coverage_map *map, bool security, int state, enum command command,
                        const unsigned char next[OUTCOME_COUNT], short index[ANSWER_COUNT])
{
    static const enum outcome order[] = {OUTCOME_OK, OUTCOME_GO, OUTCOME_REFUSED,
                                         OUTCOME_UNRECOGNIZED};
    /* What DATA does with a 354 is its acceptance, so that comes first. */
    for (int answer = 0; answer < ANSWER_COUNT; answer++)
        for (size_t i = 0; i < OUTCOME_COUNT && index[answer] < 0; i++)
            if ((int)answer_of(next, order[i]) == answer)
                index[answer] =
                    add_point(map, security, state, next[order[i]], command, (enum answer)answer);
}

/* Adds the transitions of a state, in the order in which a reader expects them. */
static void add_state(struct coverage_map *map, int state)
{
    enum command list[COMMAND_COUNT];
    size_t count = command_set_list(machine_table.expected[state], list, COMMAND_COUNT);
    for (size_t i = 0; i < count; i++)
        add_command(map, false, state, list[i], machine_table.next[state][list[i]],
                    map->order[state][list[i]]);
    if (machine_table.closed[state] != state)
        map->closing[state] =
            add_point(map, false, state, STATE_SHUT, COMMAND_COUNT, ANSWER_CLOSED);
}

struct coverage_map *coverage_map_new(void)
{
    struct coverage_map *map = calloc(1, sizeof *map);
    if (!map)
        return NULL;
    memset(map->order, -1, sizeof map->order);
    memset(map->closing, -1, sizeof map->closing);
    memset(map->security, -1, sizeof map->security);
    for (int state = 0; state < STATE_COUNT; state++)
        add_state(map, state);
    for (int state = 0; state < SECURITY_STATE_COUNT; state++)
        for (int command = 0; command < COMMAND_COUNT; command++)
            if (machine_table.security_expected[state] & SECURITY_COMMANDS & COMMAND_BIT(command))
                add_command(map, true, state, (enum command)command,
                            machine_table.security_next[state][command],
                            map->security[state][command]);
    return map;
}

void coverage_map_free(struct coverage_map *map)
{
    free(map);
}

const char *point_state(const struct coverage_point *point)
{
    return point->security ? security_state_symbol((enum security_state)point->state)
                           : state_symbol((enum session_state)point->state);
}

const char *point_next(const struct coverage_point *point)
{
    return point->security ? security_state_symbol((enum security_state)point->next)
                           : state_symbol((enum session_state)point->next);
}

const char *point_command(const struct coverage_point *point)
{
    return point->answer == ANSWER_CLOSED ? "421" : command_name(point->command);
}

const char *point_answer(const struct coverage_point *point)
{
    static const char *const names[ANSWER_COUNT] = {
        [ANSWER_ACCEPTED] = N_("accepted"),
        [ANSWER_REFUSED] = N_("refused"),
        [ANSWER_UNRECOGNIZED] = N_("unrecognized"),
        [ANSWER_CLOSED] = N_("closed"),
    };
    return names[point->answer];
}

const char *point_state_title(const struct coverage_point *point)
{
    return point->security ? security_state_title((enum security_state)point->state)
                           : state_title((enum session_state)point->state);
}

void point_print(FILE *out, const struct coverage_point *point, const struct catalogue *language)
{
    if (point->words)
        fputs(translate(language, point->words), out);
    else if (point->answer == ANSWER_CLOSED)
        fputs(translate(language, "the server closes (421)"), out);
    else
        fprintf(out, "%s %s", command_name(point->command),
                translate(language, point_answer(point)));
}

struct coverage *coverage_new(const struct coverage_map *map)
{
    struct coverage *coverage = calloc(1, sizeof *coverage);
    if (coverage)
        coverage->map = map;
    return coverage;
}

void coverage_free(struct coverage *coverage)
{
    if (!coverage)
        return;
    for (size_t i = 0; i < POINTS_MAX; i++)
        free(coverage->points[i].file);
    for (size_t i = 0; i < STATE_COUNT; i++)
        for (size_t k = 0; k < COMMAND_COUNT; k++)
            free(coverage->out_of_order[i][k].file);
    reply_times_free(&coverage->times);
    free(coverage);
}

static bool tally_add(struct coverage_tally *tally, const char *file, uint64_t line)
{
    tally->count++;
    if (tally->file)
        return true;
    tally->line = line;
    return (tally->file = strdup(file)) != NULL;
}

/* Returns the transition that an exchange in order has taken; negative if none. */
static short order_point(const struct coverage *coverage, const struct exchange *exchange,
                         const struct verdict *verdict)
{
    const struct coverage_map *map = coverage->map;
    bool closed = verdict->next == STATE_SHUT && verdict->state != STATE_SHUT;
    if (closed && map->closing[verdict->state] >= 0)
        return map->closing[verdict->state];
    const unsigned char *next = machine_table.next[verdict->state][exchange->command];
    return map->order[verdict->state][exchange->command][answer_of(next, verdict->outcome)];
}

static short security_point(const struct coverage *coverage, const struct exchange *exchange,
                            const struct verdict *verdict)
{
    const struct coverage_map *map = coverage->map;
    const unsigned char *next = machine_table.security_next[verdict->security][exchange->command];
    return map->security[verdict->security][exchange->command][answer_of(next, verdict->outcome)];
}

bool coverage_exchange(struct coverage *coverage, const char *file, const struct exchange *exchange,
                       const struct verdict *verdict)
{
    uint64_t line = exchange->location.line;
    if (!reply_times_add(&coverage->times, file, exchange->command, line, verdict->times.waited))
        return false;
    if (!verdict->legal)
        return tally_add(&coverage->out_of_order[verdict->state][exchange->command], file, line);
    if (exchange->reply_count == 0 && !(exchange->flags & EXCHANGE_ASSUMED)) {
        coverage->unanswered++;
        return true;
    }
    short order = order_point(coverage, exchange, verdict);
    short security = security_point(coverage, exchange, verdict);
    if (order < 0) {
        coverage->unregistered++;
        return true;
    }
    return tally_add(&coverage->points[order], file, line) &&
           (security < 0 || tally_add(&coverage->points[security], file, line));
}

bool coverage_closing(struct coverage *coverage, const char *file, enum session_state state,
                      uint64_t line)
{
    short point = coverage->map->closing[state];
    return point < 0 || tally_add(&coverage->points[point], file, line);
}

/* Returns true if `from` is the earlier location by name. A member of an archive comes where that does. */
static bool is_earlier(const struct coverage_tally *from, const struct coverage_tally *into)
{
    int order =
        path_order(from->file, strcspn(from->file, "!"), into->file, strcspn(into->file, "!"));
    if (order == 0)
        order = strcmp(from->file, into->file);
    return order < 0 || (order == 0 && from->line < into->line);
}

/* `by_name`: the location that is earlier by name is kept, not that of `into`. */
static void tally_merge(struct coverage_tally *into, struct coverage_tally *from, bool by_name)
{
    into->count += from->count;
    if (!from->file || (into->file && !(by_name && is_earlier(from, into))))
        return;
    free(into->file);
    into->file = from->file;
    into->line = from->line;
    from->file = NULL;
}

/* Lets the one that is earlier by name stay of two replies that took equally long. */
static void order_times(struct reply_times *into, struct reply_times *from)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct reply_time *here = &into->commands[i], *there = &from->commands[i];
        struct coverage_tally a = tally_of_times(here), b = tally_of_times(there);
        if (!a.file || !b.file || here->longest != there->longest || !is_earlier(&b, &a))
            continue;
        here->file = b.file;
        here->line = b.line;
        there->file = a.file;
        there->line = a.line;
    }
}

static void merge(struct coverage *into, struct coverage *from, bool by_name)
{
    if (by_name)
        order_times(&into->times, &from->times);
    reply_times_merge(&into->times, &from->times);
    for (size_t i = 0; i < into->map->count; i++)
        tally_merge(&into->points[i], &from->points[i], by_name);
    for (size_t i = 0; i < STATE_COUNT; i++)
        for (size_t k = 0; k < COMMAND_COUNT; k++)
            tally_merge(&into->out_of_order[i][k], &from->out_of_order[i][k], by_name);
    into->unanswered += from->unanswered;
    into->unregistered += from->unregistered;
}

void coverage_merge(struct coverage *into, struct coverage *from)
{
    merge(into, from, false);
}

void coverage_merge_by_name(struct coverage *into, struct coverage *from)
{
    merge(into, from, true);
}

/* Returns true if a command was ever answered, in order or not. */
static bool is_used(const struct coverage *coverage, enum command command)
{
    uint64_t count = 0;
    for (size_t i = 0; i < coverage->map->count; i++)
        if (coverage->map->points[i].command == command)
            count += coverage->points[i].count;
    for (size_t state = 0; state < STATE_COUNT; state++)
        count += coverage->out_of_order[state][command].count;
    return count > 0;
}

/* Returns the groups that count by default: core, and the extensions that are used. */
static unsigned usual_groups(const struct coverage *coverage)
{
    bool auth = is_used(coverage, COMMAND_AUTH), starttls = is_used(coverage, COMMAND_STARTTLS);
    bool bdat = is_used(coverage, COMMAND_BDAT) || is_used(coverage, COMMAND_BDAT_LAST);
    return GROUP_BIT(GROUP_CORE) | (auth ? GROUP_BIT(GROUP_AUTH) : 0) |
           (starttls ? GROUP_BIT(GROUP_STARTTLS) : 0) |
           (auth && starttls ? GROUP_BIT(GROUP_AUTH_TLS) : 0) | (bdat ? GROUP_BIT(GROUP_BDAT) : 0);
}

struct coverage_sum coverage_sum(const struct coverage *coverage, unsigned wanted)
{
    struct coverage_sum sum = {.groups = wanted ? wanted : usual_groups(coverage)};
    for (size_t i = 0; i < coverage->map->count; i++) {
        enum coverage_group group = coverage->map->points[i].group;
        bool exercised = coverage->points[i].count > 0;
        bool counts = sum.groups & GROUP_BIT(group);
        sum.total[group]++;
        sum.exercised[group] += exercised;
        sum.counted += counts;
        sum.hit += counts && exercised;
    }
    for (size_t i = 0; i < STATE_COUNT; i++)
        for (size_t k = 0; k < COMMAND_COUNT; k++) {
            sum.faulty += coverage->out_of_order[i][k].count;
            sum.faulty_kinds += coverage->out_of_order[i][k].count > 0;
        }
    return sum;
}

unsigned coverage_permille(const struct coverage_sum *sum)
{
    return sum->counted > 0 ? sum->hit * 1000 / sum->counted : 1000;
}
