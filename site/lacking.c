/* lacking.c - what emscripten's C library lacks. There are no processes, and nothing to wait for.
 */
#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

void *reallocarray(void *old, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, count * size);
}

ssize_t getrandom(void *room, size_t size, unsigned flags)
{
    (void)flags;
    return getentropy(room, size) == 0 ? (ssize_t)size : -1;
}

int ppoll(struct pollfd *polled, nfds_t count, const struct timespec *most, const sigset_t *mask)
{
    (void)polled, (void)count, (void)most, (void)mask;
    errno = ENOSYS;
    return -1;
}

int posix_spawnp(pid_t *child, const char *program, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const words[],
                 char *const environment[])
{
    (void)child, (void)program, (void)actions, (void)attributes, (void)words, (void)environment;
    return ENOSYS;
}
