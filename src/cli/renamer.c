/* renamer.c - an octet asks, an octet answers.
 */
#include "cli/renamer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* An order: the number of the file, and this bit to rename it, else it is removed. The answer: errno, or
 * 0. */
#define ORDER_RENAME 0x80
#define ORDER_END    0x7f

_Static_assert(RENAMES_MAX < ORDER_END, "an order is an octet");

/* The signals that end a program by default and can be caught. */
static const int endings[] = {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGQUIT, SIGXCPU, SIGXFSZ};
#define ENDINGS (sizeof endings / sizeof endings[0])

/* For the signal handler: the socket of the renamer that runs; -1: none. */
static volatile sig_atomic_t running = -1;

void renamer_begin(struct renamer *renamer)
{
    sigset_t ours;
    *renamer = (struct renamer){.socket = -1};
    sigemptyset(&ours);
    for (size_t i = 0; i < ENDINGS; i++)
        sigaddset(&ours, endings[i]);
    sigprocmask(SIG_BLOCK, &ours, &renamer->old);
}

size_t renamer_add(struct renamer *renamer, const char *from, const char *to)
{
    renamer->files[renamer->count].from = from;
    renamer->files[renamer->count].to = to;
    return renamer->count++;
}

/* Carries an order out. Returns errno, or 0. */
static int carry_out(struct renamer *renamer, size_t number, bool keep)
{
    if (number >= renamer->count || !renamer->files[number].from)
        return EINVAL;
    const char *from = renamer->files[number].from;
    renamer->files[number].from = NULL;
    if (keep && rename(from, renamer->files[number].to) == 0)
        return 0;
    int error = keep ? errno : 0;
    unlink(from);
    return error;
}

/* The process: until the socket is closed at the other end. */
static _Noreturn void serve(struct renamer *renamer, int socket)
{
    static const int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
    sigset_t sent;
    unsigned char order;
    sigfillset(&sent);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&sent, faults[i]);
    sigprocmask(SIG_SETMASK, &sent, NULL);
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    while (recv(socket, &order, 1, 0) == 1 && order != ORDER_END) {
        bool keep = (order & ORDER_RENAME) != 0;
        unsigned char error = (unsigned char)carry_out(renamer, order & (ORDER_RENAME - 1), keep);
        if (send(socket, &error, 1, MSG_NOSIGNAL) != 1)
            break;
    }
    for (size_t i = 0; i < renamer->count; i++)
        carry_out(renamer, i, false);
    _exit(0);
}

/* Waits until the process has removed what is left, then lets the signal do its work. */
static void on_ending(int signal)
{
    unsigned char order = ORDER_END, answer;
    int error = errno, socket = running;
    running = -1;
    if (socket >= 0 && write(socket, &order, 1) == 1)
        while (read(socket, &answer, 1) > 0)
            ;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigaction(signal, &usual, NULL);
    raise(signal);
    errno = error;
}

/* A signal that was ignored (nohup) stays so. */
static void catch_signals(void)
{
    for (size_t i = 0; i < ENDINGS; i++) {
        struct sigaction before, ours = {.sa_handler = on_ending};
        if (sigaction(endings[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(endings[i], &ours, NULL);
    }
}

bool renamer_start(struct renamer *renamer)
{
    int ends[2];
    bool done = true;
    if (renamer->count > 0 &&
        (done = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0)) {
        pid_t child = fork();
        int error = errno;
        if (child == 0) {
            close(ends[0]);
            serve(renamer, ends[1]);
        }
        close(ends[1]);
        if (child > 0) {
            renamer->socket = running = ends[0];
            catch_signals();
        } else {
            close(ends[0]);
            errno = error;
            done = false;
        }
    }
    int error = errno;
    sigprocmask(SIG_SETMASK, &renamer->old, NULL);
    errno = error;
    return done;
}

/* Gives an order and waits for its answer. Returns errno, or 0. */
static int give_order(int socket, unsigned char order)
{
    unsigned char answer;
    ssize_t size;
    while ((size = write(socket, &order, 1)) < 0 && errno == EINTR)
        ;
    if (size != 1)
        return errno;
    while ((size = read(socket, &answer, 1)) < 0 && errno == EINTR)
        ;
    return size == 1 ? answer : EIO;
}

bool renamer_finish(struct renamer *renamer, size_t number, bool keep)
{
    unsigned char order = (unsigned char)(number | (keep ? ORDER_RENAME : 0));
    int error =
        renamer->socket < 0 ? carry_out(renamer, number, keep) : give_order(renamer->socket, order);
    errno = error;
    return error == 0;
}

void renamer_stop(struct renamer *renamer)
{
    if (renamer->socket < 0)
        return;
    running = -1;
    close(renamer->socket);
    renamer->socket = -1;
}
