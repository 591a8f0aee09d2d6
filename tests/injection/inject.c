/* inject.c - makes one allocation or one system call of a program fail: the k-th since main() began.
 *
 * A library for LD_PRELOAD. Allocations are counted where they are made, the program's own and
 * those of its libraries; system calls are caught by a seccomp filter (SIGSYS), so that those
 * inside libc are counted too. It is told by the environment:
 *   INJECT_KIND   memory, or calls
 *   INJECT_AT     which one fails, from 1; 0: none
 *   INJECT_LAST   the last that fails (default: INJECT_AT; 0: all from there on)
 *   INJECT_HOW    error (default); calls also short (one octet is read or written) and interrupt
 * (EINTR)
 *   INJECT_REPORT a file, made anew: "count N", "refused CALLER" or "refused call N" for the first
 * that failed, and
 *                 "live CALLER" for each block that is still allocated at the exit; a caller is
 * FILE+OFFSET. After a
 *                 crash "crashed PLACE" instead
 *
 * Built with -DWRAPPED it is linked into the program instead (ld --wrap), for builds with a
 * sanitizer, which has an allocator of its own: then the program's own allocations are counted, and
 * the sanitizer looks for leaks.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum how { HOW_ERROR, HOW_SHORT, HOW_INTERRUPT };

static struct {
    bool memory, calls;
    enum how how;
    unsigned long at, last;
    const char *report;
} plan;

static atomic_bool running; /* main() has begun */
static atomic_ulong count;
static const void *refused_caller;
static long refused_call = -1;

/* Counts one; true when it is the one that fails. */
static bool is_due(void)
{
    unsigned long number = ++count;
    return plan.at > 0 && number >= plan.at && (plan.last == 0 || number <= plan.last);
}

static bool refuses_memory(const void *caller)
{
    if (!running || !plan.memory || !is_due())
        return false;
    if (!refused_caller)
        refused_caller = caller;
    errno = ENOMEM;
    return true;
}

#define CALLER __builtin_return_address(0)

static void write_caller(FILE *report, const char *what, const void *caller)
{
    Dl_info where;
    if (dladdr(caller, &where) == 0)
        where = (Dl_info){.dli_fname = "?"};
    /* What libc keeps for itself (a stream's buffer, its tables of character sets) is no leak of
     * the program's. */
    static const char *const libc_for_program[] = {
        "getline", "getdelim", "realpath", "getcwd",    "fopencookie", "fopen", "fdopen",
        "tmpfile", "opendir",  "asprintf", "vasprintf", "scandir",     NULL};
    bool libc = where.dli_fname && strstr(where.dli_fname, "/libc.so") != NULL && *what == 'l';
    for (size_t i = 0; libc && libc_for_program[i]; i++)
        if (where.dli_sname && strcmp(where.dli_sname, libc_for_program[i]) == 0)
            libc = false;
    if (libc)
        return;
    fprintf(report, "%s %s+%#tx\n", what, where.dli_fname,
            (const char *)caller - (const char *)where.dli_fbase);
}

#ifdef WRAPPED

#define REPLACED(name) __wrap_##name
#define GENUINE(name)  __real_##name

static void note_block(void *block, const void *caller)
{
    (void)block, (void)caller;
}

static void forget_block(void *block)
{
    (void)block;
}

static void write_blocks(FILE *report)
{
    (void)report;
}

#else

#define REPLACED(name) name
#define GENUINE(name)  __libc_##name

/* The blocks that are allocated: an open hash table. */
#define BLOCKS_MAX     ((size_t)1 << 20)

static struct block {
    void *at;
    const void *caller;
} blocks[BLOCKS_MAX];
static pthread_mutex_t blocks_lock = PTHREAD_MUTEX_INITIALIZER;
static size_t blocks_live;

static size_t slot_of(const void *block)
{
    size_t slot = (size_t)((uintptr_t)block >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 44;
    while (blocks[slot].at && blocks[slot].at != block)
        slot = (slot + 1) & (BLOCKS_MAX - 1);
    return slot;
}

static void note_block(void *block, const void *caller)
{
    if (!block || !running)
        return;
    pthread_mutex_lock(&blocks_lock);
    if (blocks_live < BLOCKS_MAX / 2) {
        blocks[slot_of(block)] = (struct block){block, caller};
        blocks_live++;
    }
    pthread_mutex_unlock(&blocks_lock);
}

static void forget_block(void *block)
{
    if (!block || !running)
        return;
    pthread_mutex_lock(&blocks_lock);
    size_t hole = slot_of(block);
    if (blocks[hole].at) {
        blocks[hole].at = NULL;
        blocks_live--;
        for (size_t slot = (hole + 1) & (BLOCKS_MAX - 1); blocks[slot].at;
             slot = (slot + 1) & (BLOCKS_MAX - 1)) {
            struct block moved = blocks[slot];
            blocks[slot].at = NULL;
            blocks[slot_of(moved.at)] = moved;
        }
    }
    pthread_mutex_unlock(&blocks_lock);
}

static void write_blocks(FILE *report)
{
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        if (blocks[i].at)
            write_caller(report, "live", blocks[i].caller);
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t number, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

#endif

void *REPLACED(malloc)(size_t size);
void *REPLACED(calloc)(size_t number, size_t size);
void *REPLACED(realloc)(void *block, size_t size);
void *REPLACED(reallocarray)(void *block, size_t number, size_t size);
#ifdef WRAPPED
void *GENUINE(malloc)(size_t size);
void *GENUINE(calloc)(size_t number, size_t size);
void *GENUINE(realloc)(void *block, size_t size);
char *GENUINE(strdup)(const char *text);
char *__wrap_strdup(const char *text);

char *__wrap_strdup(const char *text)
{
    return refuses_memory(CALLER) ? NULL : GENUINE(strdup)(text);
}
#endif

static void *noted(void *block, const void *caller)
{
    note_block(block, caller);
    return block;
}

void *REPLACED(malloc)(size_t size)
{
    return refuses_memory(CALLER) ? NULL : noted(GENUINE(malloc)(size), CALLER);
}

void *REPLACED(calloc)(size_t number, size_t size)
{
    return refuses_memory(CALLER) ? NULL : noted(GENUINE(calloc)(number, size), CALLER);
}

static void *reallocate(void *block, size_t size, const void *caller)
{
    if (refuses_memory(caller))
        return NULL;
    void *moved = GENUINE(realloc)(block, size);
    if (!moved && size > 0)
        return NULL;
    forget_block(block);
    return noted(moved, caller);
}

void *REPLACED(realloc)(void *block, size_t size)
{
    return reallocate(block, size, CALLER);
}

void *REPLACED(reallocarray)(void *block, size_t number, size_t size)
{
    size_t octets;
    if (__builtin_mul_overflow(number, size, &octets)) {
        errno = ENOMEM;
        return NULL;
    }
    return reallocate(block, octets, CALLER);
}

#ifndef WRAPPED
static void *align(size_t alignment, size_t size, const void *caller)
{
    return refuses_memory(caller) ? NULL : noted(__libc_memalign(alignment, size), caller);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return align(alignment, size, CALLER);
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = refuses_memory(CALLER) ? NULL : noted(__libc_malloc(size), CALLER);
    return copy ? memcpy(copy, text, size) : NULL;
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *got = align(alignment, size, CALLER);
    if (!got)
        return ENOMEM;
    *block = got;
    return 0;
}

void free(void *block)
{
    int error = errno;
    forget_block(block);
    __libc_free(block);
    errno = error;
}
#endif

/* System calls. */

static const struct {
    int number;
    int error;
    bool shortens; /* its third argument is a number of octets */
} watched[] = {
    {SYS_read, EIO, true},       {SYS_pread64, EIO, true},     {SYS_readv, EIO, false},
    {SYS_write, ENOSPC, true},   {SYS_pwrite64, ENOSPC, true}, {SYS_writev, ENOSPC, false},
    {SYS_openat, EMFILE, false}, {SYS_newfstatat, EIO, false}, {SYS_fstat, EIO, false},
    {SYS_statx, EIO, false},     {SYS_getdents64, EIO, false}, {SYS_mmap, ENOMEM, false},
    {SYS_mremap, ENOMEM, false}, {SYS_lseek, ESPIPE, false},   {SYS_dup, EMFILE, false},
    {SYS_fcntl, EMFILE, false},  {SYS_ioctl, ENOTTY, false},   {SYS_renameat2, EIO, false},
    {SYS_fsync, EIO, false},     {SYS_ftruncate, EIO, false},  {SYS_prctl, EINVAL, false},
#ifdef __x86_64__
    {SYS_open, EMFILE, false},   {SYS_stat, EIO, false},       {SYS_rename, EIO, false},
    {SYS_renameat, EIO, false},
#endif
};
#define WATCHED (sizeof watched / sizeof watched[0])

/* A system call that the filter lets through: it knows this instruction by its address. */
long inject_call(long number, const long arguments[6]);
extern const char inject_called[];
#ifdef __x86_64__
#define AUDIT_ARCHITECTURE AUDIT_ARCH_X86_64
__asm__(".text\n"
        ".globl inject_call\n.hidden inject_call\n.type inject_call, @function\n"
        "inject_call:\n"
        "mov %rdi, %rax\n mov %rsi, %r11\n"
        "mov 0(%r11), %rdi\n mov 8(%r11), %rsi\n mov 16(%r11), %rdx\n"
        "mov 24(%r11), %r10\n mov 32(%r11), %r8\n mov 40(%r11), %r9\n"
        "syscall\n"
        ".globl inject_called\n.hidden inject_called\n"
        "inject_called:\n ret\n"
        ".section .note.GNU-stack,\"\",%progbits\n.text\n");
#elif defined __aarch64__
#define AUDIT_ARCHITECTURE AUDIT_ARCH_AARCH64
__asm__(".text\n"
        ".globl inject_call\n.hidden inject_call\n.type inject_call, %function\n"
        "inject_call:\n"
        "mov x8, x0\n mov x9, x1\n"
        "ldp x0, x1, [x9]\n ldp x2, x3, [x9, #16]\n ldp x4, x5, [x9, #32]\n"
        "svc #0\n"
        ".globl inject_called\n.hidden inject_called\n"
        "inject_called:\n ret\n"
        ".section .note.GNU-stack,\"\",%progbits\n.text\n");
#else
#error "a system call for this processor has to be written"
#endif

/* What the watched call is to give: the genuine answer, a shorter one, or the error. */
static long answer(long number, long arguments[6])
{
    size_t row = 0;
    while (row < WATCHED && watched[row].number != number)
        row++;
    /* Messages are to arrive: that they cannot is another matter. */
    bool message = (number == SYS_write || number == SYS_writev) && arguments[0] == STDERR_FILENO;
    /* Only what can be cut short is. */
    bool able = plan.how == HOW_ERROR || (row < WATCHED && watched[row].shortens);
    if (row == WATCHED || message || !running || !able || !is_due())
        return inject_call(number, arguments);
    if (refused_call < 0)
        refused_call = number;
    switch (plan.how) {
    case HOW_SHORT:
        if (arguments[2] > 1)
            arguments[2] = 1;
        return inject_call(number, arguments);
    case HOW_INTERRUPT:
        return -EINTR;
    case HOW_ERROR:
        break;
    }
    return -watched[row].error;
}

static void on_call(int signal, siginfo_t *info, void *context)
{
    ucontext_t *state = context;
    int error = errno;
    (void)signal;
#ifdef __x86_64__
    greg_t *r = state->uc_mcontext.gregs;
    long arguments[6] = {r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]};
    r[REG_RAX] = answer(info->si_syscall, arguments);
#else
    unsigned long long *r = state->uc_mcontext.regs;
    long arguments[6] = {(long)r[0], (long)r[1], (long)r[2], (long)r[3], (long)r[4], (long)r[5]};
    r[0] = (unsigned long long)answer(info->si_syscall, arguments);
#endif
    errno = error;
}

/* From now on the watched calls come to on_call(). False where the kernel has no seccomp. */
static bool catch_calls(void)
{
    struct sock_filter filter[8 + 2 * WATCHED];
    unsigned short size = 0;
    uintptr_t let = (uintptr_t)inject_called;
#define LOAD(field, part) \
    (struct sock_filter)  \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + (part))
    filter[size++] = LOAD(instruction_pointer, 0);
    filter[size++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)let, 0, 3);
    filter[size++] = LOAD(instruction_pointer, 4);
    filter[size++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                  (uint32_t)((uint64_t)let >> 32), 0, 1);
    filter[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[size++] = LOAD(nr, 0);
    for (size_t i = 0; i < WATCHED; i++) {
        filter[size++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                      (uint32_t)watched[i].number, 0, 1);
        filter[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    }
    filter[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    struct sock_fprog program = {size, filter};
    return sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#ifndef WRAPPED
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *),
                   void *context)
{
    int (*genuine)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    *(void **)&genuine = dlsym(RTLD_NEXT, "pthread_create");
    if (running && plan.calls && plan.how == HOW_ERROR && is_due())
        return EAGAIN;
    return genuine(thread, attributes, work, context);
}
#endif

static int report_descriptor = -1;

/* After all that was registered to run at the exit. */
static void write_report(void)
{
    running = false;
    FILE *report = report_descriptor >= 0 ? fdopen(report_descriptor, "w") : NULL;
    if (!report)
        return;
    fprintf(report, "count %lu\n", count);
    if (refused_caller)
        write_caller(report, "refused", refused_caller);
    if (refused_call >= 0)
        fprintf(report, "refused call %ld\n", refused_call);
    write_blocks(report);
    fclose(report);
}

#ifndef WRAPPED
/* Says where; the program has lost, so what is called here need not be safe. */
static void on_crash(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *state = context;
    running = false;
    (void)info;
#ifdef __x86_64__
    const void *location = (const void *)state->uc_mcontext.gregs[REG_RIP];
#else
    const void *location = (const void *)state->uc_mcontext.pc;
#endif
    FILE *report = report_descriptor >= 0 ? fdopen(report_descriptor, "w") : NULL;
    if (report) {
        write_caller(report, "crashed", location);
        fclose(report);
    }
    sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    raise(signal);
}
#endif

static unsigned long number_in(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : otherwise;
}

static void begin(void)
{
    const char *kind = getenv("INJECT_KIND"), *how = getenv("INJECT_HOW");
    plan.memory = kind && strcmp(kind, "memory") == 0;
    plan.calls = kind && strcmp(kind, "calls") == 0;
    plan.at = number_in("INJECT_AT", 0);
    plan.last = number_in("INJECT_LAST", plan.at);
    plan.how = how && strcmp(how, "short") == 0       ? HOW_SHORT
               : how && strcmp(how, "interrupt") == 0 ? HOW_INTERRUPT
                                                      : HOW_ERROR;
    plan.report = getenv("INJECT_REPORT");
    if (plan.report)
        report_descriptor = open(plan.report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    atexit(write_report);
#ifndef WRAPPED
    struct sigaction crash = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &crash, NULL);
    sigaction(SIGBUS, &crash, NULL);
    sigaction(SIGABRT, &crash, NULL);
#endif
    if (plan.calls && !catch_calls()) {
        fputs("inject: this kernel has no seccomp\n", stderr);
        _exit(77);
    }
    running = true;
}

#ifdef WRAPPED

int __real_main(int argc, char *argv[], char *environment[]);
int __wrap_main(int argc, char *argv[], char *environment[]);

int __wrap_main(int argc, char *argv[], char *environment[])
{
    begin();
    return __real_main(argc, argv, environment);
}

#else

typedef int main_function(int argc, char *argv[], char *environment[]);
static main_function *genuine_main;

static int injected_main(int argc, char *argv[], char *environment[])
{
    begin();
    return genuine_main(argc, argv, environment);
}

int __libc_start_main(main_function *main, int argc, char *argv[], void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

int __libc_start_main(main_function *main, int argc, char *argv[], void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    int (*genuine)(main_function *, int, char *[], void (*)(void), void (*)(void), void (*)(void),
                   void *);
    *(void **)&genuine = dlsym(RTLD_NEXT, "__libc_start_main");
    genuine_main = main;
    return genuine(injected_main, argc, argv, init, fini, rtld_fini, stack_end);
}

#endif
