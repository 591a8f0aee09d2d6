#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char given[200], other[200], new[200], folder_itself[200];
static char program[] = "/bin/true", host_file[] = "/etc/passwd", own_memory[] = "/proc/self/mem";
static char *words[] = {program, NULL}, *nothing[] = {NULL};
static char room[4096];
static struct rlimit limit = {1 << 20, 1 << 20};
static struct iovec part = {room, sizeof room};
static int input = -1;

/* Stand for what is known only when an attempt is made. */
#define INPUT      (-1001L)
#define PARENT     (-1002L)
#define TEXT(text) ((long)(text))
#define HERE       AT_FDCWD

const struct attempt attempts[] = {
    /* the network */
    {"a socket", SYS_socket, {AF_INET, SOCK_STREAM}, BY_FILTER},
    {"a local socket", SYS_socket, {AF_UNIX, SOCK_STREAM}, BY_FILTER},
    {"a pair of sockets", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, TEXT(room)}, BY_FILTER},
    {"a packet socket", SYS_socket, {AF_PACKET, SOCK_RAW}, BY_FILTER},
    /* other programs and processes */
    {"another program", SYS_execve, {TEXT(program), TEXT(words), TEXT(nothing)}, BY_FILTER},
    {"another program by descriptor",
     SYS_execveat,
     {HERE, TEXT(program), TEXT(words), TEXT(nothing)},
     BY_FILTER},
    {"another process", SYS_clone, {SIGCHLD}, BY_FILTER},
    {"another process that shares memory",
     SYS_clone,
     {CLONE_VM | SIGCHLD, TEXT(room + sizeof room)},
     BY_FILTER},
    {"another process by clone3", SYS_clone3, {TEXT(room), 64}, BY_FILTER},
    {"tracing", SYS_ptrace, {PTRACE_TRACEME}, BY_FILTER},
    {"another's memory", SYS_process_vm_readv, {PARENT, TEXT(&part), 1, TEXT(&part), 1}, BY_FILTER},
    {"a signal to a process", SYS_kill, {PARENT, 0}, BY_FILTER},
    {"a signal to another's thread", SYS_tgkill, {PARENT, PARENT, 0}, BY_FILTER},
    {"a queued signal", SYS_rt_sigqueueinfo, {PARENT, 0, TEXT(room)}, BY_FILTER},
    {"another's limits", SYS_prlimit64, {PARENT, RLIMIT_CORE, TEXT(&limit)}, BY_FILTER},
    {"another's priority", SYS_setpriority, {PRIO_PROCESS, PARENT, 10}, BY_FILTER},
    {"a name space", SYS_unshare, {CLONE_NEWUSER}, BY_FILTER},
    {"another's user", SYS_setuid, {65534}, BY_FILTER},
    /* memory */
    {"memory to execute",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1},
     BY_FILTER},
    {"making memory executable", SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC}, BY_FILTER},
    {"a file in memory", SYS_memfd_create, {TEXT("x"), 0}, BY_FILTER},
    {"its own memory as a file", SYS_openat, {HERE, TEXT(own_memory), O_RDWR}, BY_FILTER},
    /* the kernel */
    {"io_uring", SYS_io_uring_setup, {1, TEXT(room)}, BY_FILTER},
    {"bpf", SYS_bpf, {0, TEXT(room), 16}, BY_FILTER},
    {"performance events", SYS_perf_event_open, {TEXT(room), 0, -1, -1, 0}, BY_FILTER},
    {"keys", SYS_keyctl, {0, -3, 0}, BY_FILTER},
    {"shared memory", SYS_shmget, {0, 4096, 01600}, BY_FILTER},
    {"a mount", SYS_mount, {TEXT("x"), TEXT(folder_itself), TEXT("none"), 0, 0}, BY_FILTER},
    /* files */
    {"another file in the folder", SYS_openat, {HERE, TEXT(other), O_RDONLY}, BY_FILE_RULES},
    {"a file of the system", SYS_openat, {HERE, TEXT(host_file), O_RDONLY}, BY_FILE_RULES},
    {"the folder", SYS_openat, {HERE, TEXT(folder_itself), O_RDONLY | O_DIRECTORY}, BY_FILE_RULES},
    {"opening to write", SYS_openat, {HERE, TEXT(given), O_WRONLY}, BY_FILTER},
    {"opening to read and write", SYS_openat, {HERE, TEXT(given), O_RDWR}, BY_FILTER},
    {"emptying by opening", SYS_openat, {HERE, TEXT(given), O_RDONLY | O_TRUNC}, BY_FILTER},
    {"a new file", SYS_openat, {HERE, TEXT(new), O_RDONLY | O_CREAT, 0600}, BY_FILTER},
    {"a file without a name",
     SYS_openat,
     {HERE, TEXT(folder_itself), O_TMPFILE | O_RDWR, 0600},
     BY_FILTER},
    {"openat2", SYS_openat2, {HERE, TEXT(other), TEXT(room), 24}, BY_FILTER},
    {"renaming", SYS_renameat2, {HERE, TEXT(other), HERE, TEXT(new), 0}, BY_FILTER},
    {"renaming over the input", SYS_renameat, {HERE, TEXT(other), HERE, TEXT(given)}, BY_FILTER},
    {"exchanging two files",
     SYS_renameat2,
     {HERE, TEXT(other), HERE, TEXT(given), RENAME_EXCHANGE},
     BY_FILTER},
    {"removing", SYS_unlinkat, {HERE, TEXT(other), 0}, BY_FILTER},
    {"removing the folder", SYS_unlinkat, {HERE, TEXT(folder_itself), AT_REMOVEDIR}, BY_FILTER},
    {"a hard link", SYS_linkat, {HERE, TEXT(given), HERE, TEXT(new), 0}, BY_FILTER},
    {"a symbolic link", SYS_symlinkat, {TEXT(given), HERE, TEXT(new)}, BY_FILTER},
    {"a folder", SYS_mkdirat, {HERE, TEXT(new), 0700}, BY_FILTER},
    {"a FIFO", SYS_mknodat, {HERE, TEXT(new), S_IFIFO | 0600, 0}, BY_FILTER},
    {"truncating by name", SYS_truncate, {TEXT(other), 0}, BY_FILTER},
    {"truncating the input", SYS_ftruncate, {INPUT, 0}, BY_FILTER},
    {"permissions by name", SYS_fchmodat, {HERE, TEXT(other), 0777}, BY_FILTER},
    {"permissions of the input", SYS_fchmod, {INPUT, 0777}, BY_FILTER},
    {"the owner of the input", SYS_fchown, {INPUT, 65534, 65534}, BY_FILTER},
    {"the times of the input", SYS_utimensat, {INPUT, 0, 0, 0}, BY_FILTER},
    {"an attribute of the input",
     SYS_fsetxattr,
     {INPUT, TEXT("user.x"), TEXT("x"), 1, 0},
     BY_FILTER},
    {"room in the input", SYS_fallocate, {INPUT, 0, 0, 4096}, BY_FILTER},
    {"a lock on the input", SYS_flock, {INPUT, LOCK_EX | LOCK_NB}, BY_FILTER},
    {"the root", SYS_chroot, {TEXT(folder_itself)}, BY_FILTER},
    {"the working folder", SYS_chdir, {TEXT("/")}, BY_FILTER},
    {"the mask of permissions", SYS_umask, {022}, BY_FILTER},
    {"watching files", SYS_inotify_init1, {0}, BY_FILTER},
    /* descriptors */
    {"who is signalled about the input", SYS_fcntl, {INPUT, F_SETOWN, PARENT}, BY_FILTER},
    {"with which signal", SYS_fcntl, {INPUT, F_SETSIG, SIGKILL}, BY_FILTER},
    {"signals about a terminal", SYS_fcntl, {STDERR_FILENO, F_SETFL, O_ASYNC}, BY_FILTER},
    {"a lease", SYS_fcntl, {INPUT, F_SETLEASE, F_RDLCK}, BY_FILTER},
    {"a record lock", SYS_fcntl, {INPUT, F_SETLK, TEXT(room)}, BY_FILTER},
    {"typing into the terminal", SYS_ioctl, {STDERR_FILENO, TIOCSTI, TEXT("x")}, BY_FILTER},
    {"flags of the file", SYS_ioctl, {INPUT, FS_IOC_SETFLAGS, TEXT(room)}, BY_FILTER},
#ifdef __x86_64__
    {"the old ways: opening to write", SYS_open, {TEXT(given), O_WRONLY}, BY_FILTER},
    {"the old ways: creating", SYS_creat, {TEXT(new), 0600}, BY_FILTER},
    {"the old ways: another process", SYS_fork, {0}, BY_FILTER},
    {"the old ways: the same, waiting", SYS_vfork, {0}, BY_FILTER},
    {"the old ways: renaming", SYS_rename, {TEXT(other), TEXT(new)}, BY_FILTER},
    {"the old ways: removing", SYS_unlink, {TEXT(other)}, BY_FILTER},
    {"the old ways: permissions", SYS_chmod, {TEXT(other), 0777}, BY_FILTER},
    {"x32: a socket", SYS_socket | 0x40000000, {AF_INET, SOCK_STREAM}, BY_FILTER},
#endif
    /* what reading and printing need */
    {"opening the input", SYS_openat, {HERE, TEXT(given), O_RDONLY | O_CLOEXEC}, GOES_ON},
    {"reading it", SYS_pread64, {INPUT, TEXT(room), 1, 0}, GOES_ON},
    {"memory",
     SYS_mmap,
     {0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1},
     GOES_ON},
    {"what a descriptor is open for", SYS_fcntl, {INPUT, F_GETFL}, GOES_ON},
    {"its own limits", SYS_prlimit64, {0, RLIMIT_CORE, 0, TEXT(room)}, GOES_ON},
};
const size_t attempt_count = sizeof attempts / sizeof attempts[0];

void attempts_in(const char *folder, int descriptor)
{
    snprintf(folder_itself, sizeof folder_itself, "%s", folder);
    snprintf(given, sizeof given, "%s/given", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    snprintf(new, sizeof new, "%s/new", folder);
    input = descriptor;
}

static long value(long argument)
{
    return argument == INPUT ? input : argument == PARENT ? getppid() : argument;
}

int attempt_make(const struct attempt *attempt)
{
    const long *a = attempt->arguments;
    pid_t before = getpid();
    long answer = syscall(attempt->call, value(a[0]), value(a[1]), value(a[2]), value(a[3]),
                          value(a[4]), value(a[5]));
    if (answer >= 0 && getpid() != before) /* a child that should not be */
        _exit(0);
    return answer < 0 ? errno : 0;
}
