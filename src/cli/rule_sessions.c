/* rule_sessions.c - reads a file for the sessions in which rules are found. */
#include "cli/rule_sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "smtpseq.h"
#include "transcript/source/members.h"

/* The reading of one recording. */
struct search {
    struct rule_sessions *found;
    const struct session_filter *filter;
    uint64_t recording;
};

static void on_finding(void *context, const struct finding *finding)
{
    struct search *search = context;
    struct rule_sessions *found = search->found;
    if (!filter_wants_rule(search->filter, finding->rule) || found->no_memory)
        return;
    struct rule_session *list =
        array_with_room(found->list, found->count, &found->capacity, sizeof *list);
    found->no_memory = list == NULL;
    if (!list)
        return;
    found->list = list;
    found->list[found->count++] = (struct rule_session){search->recording, finding->session};
}

/* Returns a checker that reports each finding by itself. NULL when out of memory. */
static struct smtpseq_checker *new_checker(struct search *search, const struct settings *settings,
                                           const struct options *options)
{
    const struct smtpseq_callbacks callbacks = {
        .context = search,
        .show_doubtful = options->show_doubtful,
        .finding = on_finding,
    };
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, settings->servers);
    if (checker)
        smtpseq_checker_report_each(checker);
    return checker;
}

/* Reads the next recording, which is a member of the file, or of which the server's side is in another
 * file. What cannot be read is said when it is replayed. */
static void search_recording(struct search *search, const struct input *input,
                             struct source *source, int client, const struct options *options)
{
    const struct recorded recorded = {slice_of(input->relative), SLICE("")};
    struct settings settings;
    struct smtpseq_recording recording;
    search->recording++;
    settings_of(&settings, options, input->settings, &recorded);
    struct smtpseq_checker *checker = new_checker(search, &settings, options);
    int server = source ? -1 : open(input->server, O_RDONLY | O_CLOEXEC);
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (checker && source)
        status = smtpseq_check(checker, source, settings.input_format, &recording);
    else if (checker && server >= 0)
        status = smtpseq_check_pair(checker, client, server, NULL, &recording);
    search->found->no_memory =
        search->found->no_memory || !checker || (server < 0 && status == SMTPSEQ_NO_MEMORY);
    if (server >= 0)
        close(server);
    smtpseq_checker_free(checker);
}

static int compare(const void *left, const void *right)
{
    const struct rule_session *a = left, *b = right;
    if (a->recording != b->recording)
        return a->recording < b->recording ? -1 : 1;
    return (a->session > b->session) - (a->session < b->session);
}

bool rule_sessions_find(struct rule_sessions *found, const struct input *input, int descriptor,
                        const struct options *options)
{
    struct search search = {.found = found, .filter = &options->filter};
    off_t begin = lseek(descriptor, 0, SEEK_CUR);
    if (begin < 0)
        return false;
    struct members *members = input->server ? NULL : members_open(descriptor);
    found->no_memory = !input->server && !members;
    if (input->server)
        search_recording(&search, input, NULL, descriptor, options);
    for (int got; members && (got = members_next(members)) != 0;)
        if (got > 0)
            search_recording(&search, input, members_source(members), -1, options);
        else
            search.recording++;
    members_close(members);
    if (found->count > 0)
        qsort(found->list, found->count, sizeof *found->list, compare);
    errno = ENOMEM;
    return !found->no_memory && lseek(descriptor, begin, SEEK_SET) == begin;
}

bool rule_sessions_have(const struct rule_sessions *found, uint64_t recording, uint64_t session)
{
    const struct rule_session wanted = {recording, session};
    return found->count > 0 &&
           bsearch(&wanted, found->list, found->count, sizeof wanted, compare) != NULL;
}

void rule_sessions_free(struct rule_sessions *found)
{
    free(found->list);
    *found = (struct rule_sessions){0};
}
