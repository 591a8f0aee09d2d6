/* portable.h - what POSIX.1-2008 lacks and most systems have. meson looks for each; where one is missing, the file of its name
 * takes its place.
 */
#ifndef SMTPSEQ_PORTABLE_H
#define SMTPSEQ_PORTABLE_H

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#ifndef HAVE_MEMMEM
#define memmem portable_memmem
void *memmem(const void *text, size_t size, const void *part, size_t part_size);
#endif

#ifndef HAVE_MEMRCHR
#define memrchr portable_memrchr
void *memrchr(const void *text, int octet, size_t size);
#endif

#ifndef HAVE_REALLOCARRAY
#define reallocarray portable_reallocarray
void *reallocarray(void *array, size_t count, size_t size);
#endif

#ifndef HAVE_ASPRINTF
#define asprintf portable_asprintf
int asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif

#ifndef HAVE_FWRITE_UNLOCKED
#define fwrite_unlocked fwrite
#endif

#ifndef HAVE_PIPE2
#define pipe2 portable_pipe2
/* `flags`: O_CLOEXEC. */
int pipe2(int ends[2], int flags);
#endif

#ifdef HAVE_GETRANDOM
#include <sys/random.h>
#else
#define getrandom     portable_getrandom
#define GRND_NONBLOCK 0u
ssize_t getrandom(void *room, size_t size, unsigned flags);
#endif

/* The clock of pthread_cond_timedwait: one that nobody sets, where it can be had. */
#ifdef HAVE_PTHREAD_CONDATTR_SETCLOCK
#define CONDITION_CLOCK CLOCK_MONOTONIC
#else
#define CONDITION_CLOCK                              CLOCK_REALTIME
#define pthread_condattr_setclock(attributes, clock) ((void)(attributes))
#endif

/* A folder is opened to find files in it. */
#ifdef O_PATH
#define OPEN_FOLDER O_PATH
#else
#define OPEN_FOLDER O_RDONLY
#endif

#endif
