/* lacking.c - what emscripten's C library lacks, and what of the libraries is not compiled. There are no
 * processes, nothing to wait for, and frames are not filtered.
 */
#include <archive.h>
#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
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

/* libarchive would let a program unpack what it cannot. */
int __archive_create_child(const char *command, int *in, int *out, pid_t *child)
{
    (void)command, (void)in, (void)out, (void)child;
    return ARCHIVE_FAILED;
}

void __archive_check_child(int in, int out)
{
    (void)in, (void)out;
}

/* libpcap's filters: none is ever set. */
int install_bpf_program(pcap_t *pcap, struct bpf_program *program)
{
    (void)pcap, (void)program;
    return -1;
}

u_int pcap_filter(const struct bpf_insn *filter, const u_char *frame, u_int size, u_int captured)
{
    (void)filter, (void)frame, (void)size, (void)captured;
    return UINT_MAX;
}

void pcap_freecode(struct bpf_program *program)
{
    (void)program;
}
