/* graphviz.c - runs `dot`: the source goes in and the picture comes out at the same time, so that
 * neither side ever waits for the other.
 */
#include "cli/graphviz.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "portable/portable.h"

extern char **environ;

/* A picture is a few dozen KB; more than this is no picture. */
#define PICTURE_MAX ((size_t)16 << 20)
/* Milliseconds in which a program that works says or takes something. */
#define PATIENCE    60000

/* The input and the output of a program. */
struct talk {
    const char *source;
    size_t left;
    int in, out; /* negative: closed */
    char *text;
    size_t size, capacity;
};

static void close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

/* Takes what the program has said. False: it says too much, or out of memory. */
static bool listen_to(struct talk *talk)
{
    if (talk->capacity - talk->size < 2) {
        size_t capacity = talk->capacity ? talk->capacity * 2 : 65536;
        char *larger = capacity <= PICTURE_MAX ? realloc(talk->text, capacity) : NULL;
        if (!larger) {
            errno = capacity <= PICTURE_MAX ? ENOMEM : EFBIG;
            return false;
        }
        talk->text = larger;
        talk->capacity = capacity;
    }
    ssize_t got = read(talk->out, talk->text + talk->size, talk->capacity - talk->size - 1);
    if (got > 0)
        talk->size += (size_t)got;
    else if (got == 0)
        close_end(&talk->out);
    else if (errno != EINTR && errno != EAGAIN)
        return false;
    talk->text[talk->size] = '\0';
    return true;
}

/* Writes more of the source to it, until it stops reading. */
static void tell(struct talk *talk)
{
    ssize_t sent = send(talk->in, talk->source, talk->left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
        talk->source += sent;
        talk->left -= (size_t)sent;
    }
    bool later = sent < 0 && (errno == EINTR || errno == EAGAIN);
    if (talk->left == 0 || (sent < 0 && !later))
        close_end(&talk->in);
}

static bool converse(struct talk *talk)
{
    while (talk->out >= 0) {
        struct pollfd ends[] = {{talk->in, POLLOUT, 0}, {talk->out, POLLIN, 0}};
        int ready = poll(ends, 2, PATIENCE);
        if (ready == 0)
            errno = ETIMEDOUT;
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return false;
        if (ready > 0 && ends[0].revents)
            tell(talk);
        if (ready > 0 && ends[1].revents && !listen_to(talk))
            return false;
    }
    return true;
}

/* Starts `dot`. Returns 0 or an errno. Its standard error is not read: its exit status
 * is. */
static int start(pid_t *child, int in, int out)
{
    static char *const words[] = {"dot", "-Tsvg", NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    if (!(error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO)) &&
        !(error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)) &&
        !(error =
              posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)))
        error = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Writes to the program and reads from it until it ends. Returns 0 or an errno; *status is its exit status. */
static int run_child(struct talk *talk, int child_in, int child_out, int *status)
{
    pid_t child;
    int error = start(&child, child_in, child_out);
    close(child_in);
    close(child_out);
    if (error)
        return error;
    if (!converse(talk)) {
        error = errno;
        kill(child, SIGKILL);
    }
    while (waitpid(child, status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return error;
}

static bool is_picture(const char *text)
{
    const char *begin = text ? strstr(text, "<svg") : NULL;
    return begin && strchr(begin, '>') && strstr(begin, "</svg>");
}

enum graphviz_status graphviz_svg(const char *source, size_t size, char **svg,
                                  char trouble[GRAPHVIZ_TROUBLE])
{
    int in[2], out[2], status = 0;
    *svg = NULL;
    /* A socket: writing to a pipe whose reader is gone would kill us. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0) {
        snprintf(trouble, GRAPHVIZ_TROUBLE, "%s", strerror(errno));
        return GRAPHVIZ_FAILED;
    }
    if (pipe2(out, O_CLOEXEC) != 0) {
        snprintf(trouble, GRAPHVIZ_TROUBLE, "%s", strerror(errno));
        close(in[0]);
        close(in[1]);
        return GRAPHVIZ_FAILED;
    }
    struct talk talk = {.source = source, .left = size, .in = in[1], .out = out[0]};
    int error = run_child(&talk, in[0], out[1], &status);
    close_end(&talk.in);
    close_end(&talk.out);
    bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!error && ended_well && is_picture(talk.text)) {
        *svg = talk.text;
        return GRAPHVIZ_DONE;
    }
    free(talk.text);
    if (error == ENOENT)
        snprintf(trouble, GRAPHVIZ_TROUBLE,
                 N_("Graphviz's program dot is not installed (Debian: apt install graphviz)"));
    else if (error)
        snprintf(trouble, GRAPHVIZ_TROUBLE, "dot: %s", strerror(error));
    else if (WIFSIGNALED(status))
        snprintf(trouble, GRAPHVIZ_TROUBLE, N_("dot was ended by signal %llu"),
                 (unsigned long long)WTERMSIG(status));
    else if (!ended_well)
        snprintf(trouble, GRAPHVIZ_TROUBLE, N_("dot ended with status %llu"),
                 (unsigned long long)WEXITSTATUS(status));
    else
        snprintf(trouble, GRAPHVIZ_TROUBLE, N_("what dot gave is no picture"));
    return error == ENOENT ? GRAPHVIZ_ABSENT : GRAPHVIZ_FAILED;
}
