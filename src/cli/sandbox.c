/* sandbox.c - Landlock for files, a seccomp filter for system calls.
 *
 * The filter is a list of what is allowed, and says ENOSYS to all else: so does an old kernel, and
 * libc then goes another way where it knows one. It is written by hand since it is short; no
 * library has to be loaded for it.
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

/* Of later kernels than some headers. */
#define ACCESS_REFER    (UINT64_C(1) << 13)
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define ACCESS_READ   (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_RENAME (LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)
#define ACCESS_CREATE (ACCESS_RENAME | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* All that the first version of Landlock knows. */
#define ACCESS_FIRST ((UINT64_C(1) << 13) - 1)

/* What libraries read on their own: time zones, conversions between character sets, processors. */
static const char *const library_files[] = {
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/usr/lib",
    "/sys/devices/system/cpu",
};

/* Allows something below a path. False only where it exists and the kernel does not take it. */
static bool allow(int ruleset, const char *path, uint64_t access)
{
    struct stat status;
    struct landlock_path_beneath_attr beneath = {.allowed_access = access};
    beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return true;
    if (fstat(beneath.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
        beneath.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE;
    long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    /* EBADFD: a pipe, which Landlock does not keep anybody from. */
    bool done = added == 0 || errno == EBADFD;
    close(beneath.parent_fd);
    return done;
}

/* Allows something in the folder of a file. */
static bool allow_beside(int ruleset, const char *path, uint64_t access)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return allow(ruleset, ".", access);
    char *folder = strndup(path, slash > path ? (size_t)(slash - path) : 1);
    bool done = folder && allow(ruleset, folder, access);
    free(folder);
    return done;
}

/* The same for one that will be made, or is a link to the one that will. */
static bool allow_creation(int ruleset, const char *path)
{
    char *target = realpath(path, NULL);
    bool done = allow_beside(ruleset, target ? target : path, ACCESS_CREATE);
    free(target);
    return done;
}

static bool restrict_files(const struct sandbox_needs *needs)
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
        done = done && allow(ruleset, library_files[i], ACCESS_READ);
    for (size_t i = 0; i < needs->readable_count; i++)
        done = done && allow(ruleset, needs->readable[i], ACCESS_READ);
    for (size_t i = 0; i < needs->renamed_count; i++)
        done = done && allow_beside(ruleset, needs->renamed[i], ACCESS_RENAME);
    if (needs->created)
        done = done && allow_creation(ruleset, needs->created);
    done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return done;
}

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
    SYS_fcntl,
    SYS_ftruncate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_fchmod,
    SYS_umask,
    SYS_newfstatat,
    SYS_readlinkat,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_getcwd,
    SYS_renameat,
    SYS_renameat2,
    SYS_unlinkat,
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
    SYS_tgkill,
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
    SYS_prlimit64,
    SYS_getrlimit,
    SYS_exit,
    SYS_exit_group,
#ifdef __x86_64__
    /* what only old architectures have a call of its own for */
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_rename,
    SYS_unlink,
    SYS_poll,
    SYS_time,
    SYS_getdents,
    SYS_arch_prctl,
#endif
};

/* Those that are left for certain values of an argument. */
enum condition {
    ALL_OF, /* the bits are set */
    NONE_OF /* they are not */
};

#define OPEN_TO_WRITE (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static const struct {
    short call, argument;
    enum condition condition;
    uint32_t bits;
} conditional[] = {
    /* Reports have been opened, with what they are made of. What is made later is Landlock's to
     * allow. */
    {SYS_openat, 2, NONE_OF, OPEN_TO_WRITE},
#ifdef __x86_64__
    {SYS_open, 1, NONE_OF, OPEN_TO_WRITE},
#endif
    {SYS_mmap, 2, NONE_OF, PROT_EXEC},
    {SYS_mprotect, 2, NONE_OF, PROT_EXEC},
    /* Threads, no processes. clone3 hides its flags behind a pointer; without it libc takes this
     * one. */
    {SYS_clone, 0, ALL_OF, CLONE_VM | CLONE_THREAD},
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
#define LENGTH      (5 + 2 * ALLOWED + 7 * CONDITIONAL + 10)

struct program {
    struct sock_filter steps[LENGTH];
    unsigned short size;
};

static void statement(struct program *program, unsigned code, uint32_t value)
{
    program->steps[program->size++] = (struct sock_filter){(uint16_t)code, 0, 0, value};
}

/* If the accumulator fits, goes on; else behind the next `skipped` steps. */
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

static bool restrict_calls(bool opens_to_write)
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
    for (size_t i = 0; i < CONDITIONAL; i++) {
        bool all = conditional[i].condition == ALL_OF;
        bool opens = conditional[i].bits == OPEN_TO_WRITE;
        test(&program, BPF_JEQ, (uint32_t)conditional[i].call, 5);
        /* Both processors are little endian, and flags are in the lower half. */
        load(&program, offsetof(struct seccomp_data, args) +
                           (size_t)conditional[i].argument * sizeof(uint64_t));
        statement(&program, BPF_ALU | BPF_AND | BPF_K,
                  opens && opens_to_write ? 0 : conditional[i].bits);
        test(&program, BPF_JEQ, all ? conditional[i].bits : 0, 1);
        statement(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        statement(&program, BPF_RET | BPF_K, REFUSE);
    }
    /* isatty, and the width of the terminal; not what types into it. */
    static const uint32_t terminal[] = {TCGETS, TIOCGWINSZ};
    test(&program, BPF_JEQ, SYS_ioctl, 5);
    load(&program, offsetof(struct seccomp_data, args[1]));
    for (size_t i = 0; i < sizeof terminal / sizeof terminal[0]; i++) {
        test(&program, BPF_JEQ, terminal[i], 1);
        statement(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    statement(&program, BPF_RET | BPF_K, REFUSE);
    struct sock_fprog filter = {program.size, program.steps};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
#else
    return false;
#endif
}

unsigned sandbox_enter(const struct sandbox_needs *needs)
{
    unsigned parts = 0;
    if (RUNNING_ON_VALGRIND || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return 0;
    if (restrict_files(needs))
        parts |= SANDBOX_FILES;
    if (restrict_calls(needs->created != NULL))
        parts |= SANDBOX_CALLS;
    return parts;
}
