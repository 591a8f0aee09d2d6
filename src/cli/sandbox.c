/* sandbox.c - Landlock for files, a seccomp filter for system calls.
 *
 * The filter is a list of what is allowed, and says ENOSYS to all else: so does an old kernel, and
 * libc then goes another way where it knows one. It is written by hand: the same filter made by
 * libseccomp 2.5.4 takes 0.4 ms of every start (0.1 to load the library, 0.3 to build the filter).
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* valgrind makes memory to execute, and calls of its own, in our name. */
#ifdef HAVE_VALGRIND
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

/* Constants that older kernel headers lack. */
#define ACCESS_REFER    (UINT64_C(1) << 13)
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* All that the first version of Landlock knows. */
#define ACCESS_FIRST ((UINT64_C(1) << 13) - 1)

/* Files that libraries read: time zones, character set conversions, processors. */
static const char *const library_files[] = {
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/usr/lib",
    "/sys/devices/system/cpu",
};

/* Allows reading a file, or what is below a folder. False where it exists and the kernel does not take it,
 * or too few descriptors are left to ask: what may not be read would be said to be forbidden. */
static bool allow_reading(int ruleset, const char *path)
{
    struct stat status;
    struct landlock_path_beneath_attr beneath = {.allowed_access = ACCESS_READ};
    beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return errno != EMFILE && errno != ENFILE;
    if (fstat(beneath.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
        beneath.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE;
    long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    /* EBADFD: a pipe, which Landlock does not keep anybody from. */
    bool done = added == 0 || errno == EBADFD;
    close(beneath.parent_fd);
    return done;
}

static bool restrict_files(char *const readable[], size_t count)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return false;
    struct landlock_ruleset_attr handled = {.handled_access_fs = ACCESS_FIRST};
    handled.handled_access_fs |= version >= 2 ? ACCESS_REFER : 0;
    handled.handled_access_fs |= version >= 3 ? ACCESS_TRUNCATE : 0;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (ruleset < 0)
        return false;
    bool done = true;
    for (size_t i = 0; i < sizeof library_files / sizeof library_files[0]; i++)
        done = done && allow_reading(ruleset, library_files[i]);
    for (size_t i = 0; i < count; i++)
        done = done && allow_reading(ruleset, readable[i]);
    done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return done;
}

#define OPEN_TO_WRITE (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
#define THREAD        (CLONE_VM | CLONE_THREAD)
#define ALL_BITS      UINT32_MAX
/* Stands for the number of this process in the table below. */
#define OWN_PROCESS   UINT32_MAX

/* The system calls that are left. */
static const short allowed[] = {
    /* reading and printing */
    SYS_read,
    SYS_pread64,
    SYS_readv,
    SYS_write,
    SYS_pwrite64,
    SYS_writev,
    SYS_lseek,
    SYS_close,
    SYS_fstat,
    SYS_statx,
    SYS_getdents64,
    SYS_fadvise64,
    SYS_dup,
    SYS_fsync,
    SYS_fdatasync,
    SYS_newfstatat,
    SYS_readlinkat,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_getcwd,
    SYS_fstatfs,
    SYS_ppoll,
    /* memory */
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_mincore,
    /* threads, signals, time */
    SYS_futex,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_gettid,
    SYS_getpid,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_sysinfo,
    SYS_uname,
    SYS_getrlimit,
    SYS_exit,
    SYS_exit_group,
#ifdef __x86_64__
    /* what only old architectures have a call of its own for */
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_poll,
    SYS_time,
    SYS_getdents,
    SYS_arch_prctl,
#endif
};

/* Those that are left for certain values of an argument. */
static const struct {
    short call, argument;
    uint32_t mask, value; /* allowed where argument & mask is that value */
} conditional[] = {
    /* Reports and their sections are open already; renamer.c renames them. */
    {SYS_openat, 2, OPEN_TO_WRITE, 0},
#ifdef __x86_64__
    {SYS_open, 1, OPEN_TO_WRITE, 0},
#endif
    {SYS_mmap, 2, PROT_EXEC, 0},
    {SYS_mprotect, 2, PROT_EXEC, 0},
    /* Threads, no processes. clone3 hides its flags behind a pointer; without it libc takes this one. */
    {SYS_clone, 0, THREAD, THREAD},
    /* Not what sends signals (F_SETOWN) or changes what others share with us (F_SETFL). */
    {SYS_fcntl, 1, ALL_BITS, F_GETFD},
    {SYS_fcntl, 1, ALL_BITS, F_SETFD},
    {SYS_fcntl, 1, ALL_BITS, F_GETFL},
    {SYS_fcntl, 1, ALL_BITS, F_DUPFD_CLOEXEC},
    /* isatty, and the width of the terminal; not what types into it. */
    {SYS_ioctl, 1, ALL_BITS, TCGETS},
    {SYS_ioctl, 1, ALL_BITS, TIOCGWINSZ},
    /* Of this process only. */
    {SYS_prlimit64, 0, ALL_BITS, 0},
    {SYS_tgkill, 0, ALL_BITS, OWN_PROCESS},
};

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __riscv
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#define ALLOWED     (sizeof allowed / sizeof allowed[0])
#define CONDITIONAL (sizeof conditional / sizeof conditional[0])
#define LENGTH      (5 + 2 * ALLOWED + 6 * CONDITIONAL)

struct program {
    struct sock_filter steps[LENGTH];
    unsigned short size;
};

static void statement(struct program *program, unsigned code, uint32_t value)
{
    program->steps[program->size++] = (struct sock_filter){(uint16_t)code, 0, 0, value};
}

/* If the accumulator matches, continues; else skips the next `skipped` steps. */
static void test(struct program *program, unsigned code, uint32_t value, unsigned char skipped)
{
    program->steps[program->size++] =
        (struct sock_filter){(uint16_t)(BPF_JMP | BPF_K | code), 0, skipped, value};
}

static void load(struct program *program, size_t offset)
{
    statement(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

#define REFUSE (SECCOMP_RET_ERRNO | (ENOSYS & SECCOMP_RET_DATA))

/* Allows the call if its argument matches; else continues. */
static void allow_where(struct program *program, size_t index)
{
    uint32_t value = conditional[index].value;
    test(program, BPF_JEQ, (uint32_t)conditional[index].call, 5);
    /* The processors are little endian, and what is asked about is in the lower half. */
    load(program, offsetof(struct seccomp_data, args) +
                      (size_t)conditional[index].argument * sizeof(uint64_t));
    statement(program, BPF_ALU | BPF_AND | BPF_K, conditional[index].mask);
    test(program, BPF_JEQ, value == OWN_PROCESS ? (uint32_t)getpid() : value, 1);
    statement(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    load(program, offsetof(struct seccomp_data, nr));
}

static bool restrict_calls(void)
{
#ifdef ARCHITECTURE
    struct program program = {.size = 0};
    load(&program, offsetof(struct seccomp_data, arch));
    program.steps[program.size++] =
        (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCHITECTURE};
    statement(&program, BPF_RET | BPF_K, REFUSE);
    load(&program, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < ALLOWED; i++) {
        test(&program, BPF_JEQ, (uint32_t)allowed[i], 1);
        statement(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    for (size_t i = 0; i < CONDITIONAL; i++)
        allow_where(&program, i);
    statement(&program, BPF_RET | BPF_K, REFUSE);
    struct sock_fprog filter = {program.size, program.steps};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
#else
    return false;
#endif
}

unsigned sandbox_enter(char *const readable[], size_t count)
{
    unsigned parts = 0;
    if (RUNNING_ON_VALGRIND || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return 0;
    if (restrict_files(readable, count))
        parts |= SANDBOX_FILES;
    if (restrict_calls())
        parts |= SANDBOX_CALLS;
    return parts;
}
