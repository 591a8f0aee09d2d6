/* minimize.c - leaves out more and more, as long as the property stays.
 */
#include "export/minimize.h"

#include <stdlib.h>

/* So many tests at most: each reads the session again. */
#define TESTS_MAX 4000

/* Lines that are left out together: a client's lines and the replies to them. */
struct unit {
    size_t begin, end;
};

struct search {
    const struct said_session *session;
    bool *wanted;
    bool *tried;
    minimize_test *test;
    void *context;
    size_t tests;
};

/* Cuts the wanted lines into units; `single`: of one line each. Returns their number. */
static size_t cut(const struct search *search, struct unit units[], bool single)
{
    const struct said_session *session = search->session;
    size_t count = 0;
    bool replied = true;
    for (size_t i = 0; i < session->count; i++) {
        bool client = session->lines[i].side != SIDE_SERVER;
        if (!search->wanted[i])
            continue;
        if (count == 0 || single || (client && replied))
            units[count++].begin = i;
        units[count - 1].end = i + 1;
        replied = !client;
    }
    return count;
}

static void set_unit(const struct search *search, bool wanted[], const struct unit *unit,
                     bool value)
{
    for (size_t i = unit->begin; i < unit->end; i++)
        wanted[i] = value && search->wanted[i];
}

/* Tries to do without the units from `first` on, `size` of them. */
static bool try_without(struct search *search, const struct unit units[], size_t count,
                        size_t first, size_t size)
{
    memcpy(search->tried, search->wanted, search->session->count * sizeof *search->tried);
    for (size_t i = first; i < first + size && i < count; i++)
        set_unit(search, search->tried, &units[i], false);
    search->tests++;
    if (!search->test(search->context, search->session, search->tried))
        return false;
    memcpy(search->wanted, search->tried, search->session->count * sizeof *search->tried);
    return true;
}

/* Leaves out units, ever smaller runs of them. */
static void leave_out(struct search *search, struct unit units[], bool single)
{
    size_t count = cut(search, units, single);
    for (size_t size = count / 2 > 0 ? count / 2 : 1; size > 0; size /= 2)
        for (size_t first = 0; first < count && search->tests < TESTS_MAX;) {
            if (try_without(search, units, count, first, size))
                count = cut(search, units, single);
            else
                first += size;
        }
}

bool minimize(const struct said_session *session, bool wanted[], minimize_test *test, void *context)
{
    struct search search = {.session = session, .wanted = wanted, .test = test, .context = context};
    search.tried = calloc(session->count + 1, sizeof *search.tried);
    struct unit *units = calloc(session->count + 1, sizeof *units);
    bool done = search.tried && units;
    if (done) {
        leave_out(&search, units, false);
        leave_out(&search, units, true);
    }
    free(units);
    free(search.tried);
    return done;
}
