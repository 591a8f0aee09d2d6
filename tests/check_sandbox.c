/* check_sandbox.c - what is left in the sandbox, and what is not. Each case enters it in a process
 * of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "suite.h"

static char folder[] = "/tmp/smtpseq-sandbox-XXXXXX";
static char given[128], other[128], report[128], beside[128], baseline[128];

/* Things to try: 0 when it was done. */

static int network(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int local_network(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
}

static int execution(void)
{
    char *words[] = {"/bin/true", NULL};
    execv(words[0], words);
    return 1;
}

static int process(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child < 0;
}

static int tracing(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0;
}

static int execution_of_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED;
}

static int opens(const char *path, int flags)
{
    int descriptor = open(path, flags, 0600);
    if (descriptor >= 0)
        close(descriptor);
    return descriptor < 0;
}

static int other_file(void)
{
    return opens(other, O_RDONLY);
}

static int system_file(void)
{
    return opens("/etc/passwd", O_RDONLY);
}

static int writing(void)
{
    return opens(given, O_WRONLY);
}

static int new_file(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s-new", given);
    return opens(path, O_WRONLY | O_CREAT);
}

static int announced_file(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s-new", baseline);
    return opens(path, O_RDWR | O_CREAT | O_EXCL) || rename(path, baseline) != 0;
}

static int removing(void)
{
    return unlink(other) != 0;
}

static int given_file(void)
{
    char room[8];
    int descriptor = open(given, O_RDONLY);
    return descriptor < 0 || read(descriptor, room, sizeof room) != 5;
}

static int renaming(void)
{
    return rename(beside, report) != 0;
}

static void *nothing(void *context)
{
    free(malloc(100000));
    return context;
}

static int threads(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0;
}

static int memory(void)
{
    char *block = calloc(1, 64 << 20);
    char *larger = block ? realloc(block, 96 << 20) : NULL;
    free(larger ? larger : block);
    return !larger;
}

static const struct {
    const char *name;
    int (*attempt)(void);
    unsigned refused_by; /* what has to be there for it to be refused; 0: it goes on */
    bool announced;      /* that a file will be created */
} cases[] = {
    {"a socket", network, SANDBOX_CALLS, false},
    {"a local socket", local_network, SANDBOX_CALLS, false},
    {"another program", execution, SANDBOX_CALLS, false},
    {"another process", process, SANDBOX_CALLS, false},
    {"tracing", tracing, SANDBOX_CALLS, false},
    {"memory to execute", execution_of_memory, SANDBOX_CALLS, false},
    {"opening a file to write", writing, SANDBOX_CALLS, false},
    {"a new file", new_file, SANDBOX_CALLS, false},
    {"a file that was announced", announced_file, 0, true},
    {"another file than that", new_file, SANDBOX_FILES, true},
    {"another file in the folder", other_file, SANDBOX_FILES, false},
    {"a file of the system", system_file, SANDBOX_FILES, false},
    {"removing another file", removing, SANDBOX_FILES, false},
    {"the file that was given", given_file, 0, false},
    {"renaming to the report", renaming, 0, false},
    {"threads", threads, 0, false},
    {"memory", memory, 0, false},
};

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
    char reports[100], baselines[100];
    snprintf(reports, sizeof reports, "%s/reports", folder);
    ck_assert_int_eq(mkdir(reports, 0700), 0);
    snprintf(baselines, sizeof baselines, "%s/baselines", folder);
    ck_assert_int_eq(mkdir(baselines, 0700), 0);
    snprintf(baseline, sizeof baseline, "%s/baseline", baselines);
    snprintf(given, sizeof given, "%s/given", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    snprintf(report, sizeof report, "%s/report", reports);
    snprintf(beside, sizeof beside, "%s/report.new", reports);
    write_file(given);
    write_file(other);
    write_file(beside);
}

static void remove_folder(void)
{
    char command[160];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

/* What became of an attempt: its answer, behind the parts of the sandbox that there were. */
static unsigned try(size_t index, bool inside, int *answer)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        char *readable[] = {given, "/nonexistent"};
        const char *renamed[] = {report};
        struct sandbox_needs needs = {readable, 2, renamed, 1,
                                      cases[index].announced ? baseline : NULL};
        unsigned parts = inside ? sandbox_enter(&needs) : 0;
        _exit((int)parts * 16 + (cases[index].attempt() != 0));
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "%s: killed by signal %d", cases[index].name,
                  WTERMSIG(status));
    *answer = WEXITSTATUS(status) % 16;
    return (unsigned)WEXITSTATUS(status) / 16;
}

START_TEST(attempts)
{
    int answer;
    unsigned parts = try((size_t)_i, true, &answer);
    if (cases[_i].attempt == execution && !(parts & SANDBOX_CALLS))
        return;
    ck_assert_msg(answer == ((cases[_i].refused_by & parts) != 0), "%s", cases[_i].name);
}
END_TEST

/* So that what is refused inside is refused by the sandbox. */
START_TEST(attempts_outside)
{
    int answer;
    if (cases[_i].attempt == execution) /* which does not come back */
        return;
    try((size_t)_i, false, &answer);
    ck_assert_msg(answer == 0, "%s", cases[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sandbox");
    TCase *tcase = tcase_create("attempts");
    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_loop_test(tcase, attempts, 0, sizeof cases / sizeof cases[0]);
    tcase_add_loop_test(tcase, attempts_outside, 0, sizeof cases / sizeof cases[0]);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
