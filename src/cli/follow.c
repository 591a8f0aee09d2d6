/* follow.c - polls: it works on every file system, and takes four system calls a second. */
#include "cli/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds between two looks at a file that has not grown, and between two calls of `idle` where octets
 * come all the time. */
#define TICK    200
#define TELL    500
/* After so many a pipe is silent. */
#define SILENCE 500

static volatile sig_atomic_t ended;

static void on_signal(int signal)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    ended = 1;
    sigaction(signal, &usual, NULL); /* the next one does its usual work */
}

void follow_catch_signals(void)
{
    struct sigaction ours = {.sa_handler = on_signal};
    sigaction(SIGINT, &ours, NULL);
    sigaction(SIGTERM, &ours, NULL);
}

char *follow_folder(const char *path)
{
    char *real = realpath(path, NULL);
    char *slash = real ? strrchr(real, '/') : NULL;
    if (slash)
        slash[slash == real] = '\0';
    return real;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

bool follow_open(struct follow *follow, const struct input *input)
{
    struct stat status;
    *follow = (struct follow){.descriptor = -1, .folder = -1, .told = true};
    follow->descriptor =
        input->is_stdin ? dup(STDIN_FILENO) : open(input->path, O_RDONLY | O_CLOEXEC);
    if (follow->descriptor < 0 || fstat(follow->descriptor, &status) != 0)
        return false;
    if (input->is_stdin || !S_ISREG(status.st_mode))
        return true;
    char *real = realpath(input->path, NULL), *folder = follow_folder(input->path);
    follow->name = real ? strdup(strrchr(real, '/') + 1) : NULL;
    if (folder && follow->name)
        follow->folder = open(folder, OPEN_FOLDER | O_DIRECTORY | O_CLOEXEC);
    free(real);
    free(folder);
    return follow->folder >= 0;
}

bool follow_pipe(struct follow *follow, int descriptor)
{
    struct stat status;
    *follow = (struct follow){.descriptor = descriptor, .folder = -1, .told = true, .ends = true};
    return fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode);
}

void follow_close(struct follow *follow)
{
    if (follow->descriptor >= 0)
        close(follow->descriptor);
    if (follow->folder >= 0)
        close(follow->folder);
    free(follow->name);
}

static void tell(struct follow *follow)
{
    follow->told = true;
    follow->told_at = now();
    if (follow->idle)
        follow->idle(follow->context);
}

/* Waits a tick, or until there is something in a pipe. Returns true if there is. */
static bool wait_for_octets(const struct follow *follow)
{
    struct pollfd awaited = {.fd = follow->descriptor, .events = POLLIN};
    if (ended)
        return false;
    return poll(&awaited, follow->folder < 0 ? 1U : 0U, TICK) > 0;
}

/* Goes on with the file that has the name now. */
static void change_file(struct follow *follow, int next)
{
    close(follow->descriptor);
    follow->descriptor = next;
    follow->position = 0;
    follow->rotated = false;
}

/* At the end of a file: looks whether it has been cut, or another one has its name. Returns true if there may be more
 * to read at once. */
static bool look_for_file(struct follow *follow)
{
    struct stat read, named;
    if (follow->folder < 0 || fstat(follow->descriptor, &read) != 0)
        return false;
    if ((uint64_t)read.st_size < follow->position) {
        follow->position = 0;
        return lseek(follow->descriptor, 0, SEEK_SET) == 0;
    }
    if (fstatat(follow->folder, follow->name, &named, 0) != 0 || !S_ISREG(named.st_mode) ||
        (named.st_dev == read.st_dev && named.st_ino == read.st_ino))
        return false;
    if (!follow->rotated) { /* the writer may still have the old one open: it gets a tick */
        follow->rotated = true;
        return false;
    }
    int next = openat(follow->folder, follow->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (next < 0)
        return false;
    change_file(follow, next);
    return true;
}

/* Reads what is there. Returns 0 where nothing is, -1 on an error. */
static long read_now(struct follow *follow, char *room, size_t size)
{
    long got = (long)read(follow->descriptor, room, size);
    if (got > 0) {
        follow->position += (uint64_t)got;
        follow->last = room[got - 1];
        follow->told = follow->silent = false;
    }
    return got;
}

/* Waits for octets of a pipe that ends. Returns false if it is silent, after a whole line: what is less says too
 * little of what it is. */
static bool pipe_goes_on(struct follow *follow)
{
    struct pollfd awaited = {.fd = follow->descriptor, .events = POLLIN};
    if (follow->last != '\n')
        return true;
    follow->silent = poll(&awaited, 1, follow->silent ? 0 : SILENCE) == 0;
    return !follow->silent;
}

static long read_pipe(struct follow *follow, char *room, size_t size)
{
    struct pollfd awaited = {.fd = follow->descriptor, .events = POLLIN};
    if (!follow->told && poll(&awaited, 1, 0) == 0)
        tell(follow);
    while (!ended)
        if (wait_for_octets(follow))
            return read_now(follow, room, size);
    return 0;
}

static long read_log(struct follow *follow, char *room, size_t size)
{
    while (!ended) {
        long got = read_now(follow, room, size);
        if (got != 0)
            return got;
        if (!follow->told)
            tell(follow);
        if (!look_for_file(follow)) {
            wait_for_octets(follow);
        } else if (follow->last != '\0' && follow->last != '\n') {
            follow->last = room[0] = '\n'; /* the old one's last line has no end */
            return 1;
        }
    }
    return 0;
}

static long read_octets(void *context, char *room, size_t size)
{
    struct follow *follow = context;
    if (follow->ends) {
        if (!follow->told && !pipe_goes_on(follow))
            tell(follow);
        return read_now(follow, room, size);
    }
    if (!follow->told && now() - follow->told_at >= TELL)
        tell(follow);
    return follow->folder < 0 ? read_pipe(follow, room, size) : read_log(follow, room, size);
}

/* Returns true if there is something to read, now or after a tick. */
static bool is_ready(void *context)
{
    struct follow *follow = context;
    struct stat status;
    if (follow->ends)
        return pipe_goes_on(follow);
    if (follow->folder < 0)
        return wait_for_octets(follow);
    for (int i = 0; i < 2; i++) {
        if (fstat(follow->descriptor, &status) != 0 || (uint64_t)status.st_size > follow->position)
            return true;
        if (i == 0)
            wait_for_octets(follow);
    }
    return false;
}

struct origin follow_origin(struct follow *follow)
{
    return (struct origin){
        .context = follow, .read = read_octets, .ready = is_ready, .ends = follow->ends};
}
