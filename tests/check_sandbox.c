/* check_sandbox.c - what the sandbox allows, and what it refuses. Each case enters it in its own
 * process.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "sandbox/attempts.h"
#include "suite.h"

static char folder[] = "/tmp/smtpseq-sandbox-XXXXXX";
static char given[128], other[128];

static void write_file(const char *path)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("octet", file);
    ck_assert_int_eq(fclose(file), 0);
}

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(given, sizeof given, "%s/given", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    write_file(given);
    write_file(other);
}

static void remove_folder(void)
{
    char command[160];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Runs something in a process of its own, in the sandbox. Its answer must be below 16. Returns
 * the parts of the sandbox that there were. */
static unsigned run_inside(int (*work)(size_t), size_t index, int *answer)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        char *readable[] = {given, "/nonexistent"};
        attempts_in(folder, open(given, O_RDONLY));
        unsigned parts = sandbox_enter(readable, 2);
        _exit((int)parts * 16 + work(index));
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    *answer = WEXITSTATUS(status) % 16;
    return (unsigned)WEXITSTATUS(status) / 16;
}

enum { DONE, REFUSED_BY_FILTER, REFUSED_BY_FILE_RULES, REFUSED };

static int make_attempt(size_t index)
{
    int error = attempt_make(&attempts[index]);
    return error == 0        ? DONE
           : error == ENOSYS ? REFUSED_BY_FILTER
           : error == EACCES ? REFUSED_BY_FILE_RULES
                             : REFUSED;
}

START_TEST(attempts_are_refused)
{
    const struct attempt *attempt = &attempts[_i];
    unsigned needed = attempt->refusal == BY_FILTER       ? SANDBOX_CALLS
                      : attempt->refusal == BY_FILE_RULES ? SANDBOX_FILES
                                                          : 0;
    int answer;
    unsigned parts = run_inside(make_attempt, (size_t)_i, &answer);
    if ((parts & needed) == needed)
        ck_assert_msg(answer == (int)attempt->refusal, "%s: %d", attempt->name, answer);
}
END_TEST

static void *nothing(void *context)
{
    free(malloc(100000));
    return context;
}

static int use_threads(size_t index)
{
    pthread_t thread;
    (void)index;
    return pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0;
}

static int use_memory(size_t index)
{
    char *block = calloc(1, 64 << 20);
    char *larger = block ? realloc(block, 96 << 20) : NULL;
    (void)index;
    free(larger ? larger : block);
    return !larger;
}

static int read_given(size_t index)
{
    char room[8];
    int descriptor = open(given, O_RDONLY);
    (void)index;
    return descriptor < 0 || read(descriptor, room, sizeof room) != 5;
}

/* raise and abort send signals to the program itself. */
static int signal_itself(size_t index)
{
    (void)index;
    return raise(SIGCONT) != 0;
}

static const struct {
    const char *name;
    int (*work)(size_t);
} needs[] = {
    {"threads", use_threads},
    {"memory", use_memory},
    {"the file that was given", read_given},
    {"a signal to itself", signal_itself},
};

START_TEST(needed_calls_are_allowed)
{
    int answer;
    run_inside(needs[_i].work, 0, &answer);
    ck_assert_msg(answer == 0, "%s", needs[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sandbox");
    TCase *tcase = tcase_create("attempts");
    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_loop_test(tcase, attempts_are_refused, 0, (int)attempt_count);
    tcase_add_loop_test(tcase, needed_calls_are_allowed, 0, ROWS(needs));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
