/* progress.c - draws the line, and takes it away before anything else is printed.
 */
#include "cli/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/language.h"
#include "cli/screen.h"
#include "portable/portable.h"

/* Milliseconds: work that is done sooner needs no line; how often it is drawn. */
#define SILENT 1000
#define PERIOD 200

/* Files that are read at a time; of more, only the number is known. */
#define FILES_MAX 1024

#define ERASE "\r\033[K"

struct progress {
    const struct inputs *inputs;
    struct timespec begun;
    pthread_t thread;
    pthread_mutex_t screen; /* who holds it may write to the terminal */
    bool drawn;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t stopped;
    bool stop;
    int descriptors[FILES_MAX]; /* those that are read; -1: free */
    size_t done;                /* files that have been read, and ... */
    uint64_t done_octets;       /* ... how long they were */
};

static double seconds_since(const struct timespec *begun)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

/* How far a descriptor has been read; 0 where it does not know, as with a pipe. */
static uint64_t octets_read(int descriptor)
{
    off_t offset = lseek(descriptor, 0, SEEK_CUR);
    return offset > 0 ? (uint64_t)offset : 0;
}

/* How long all inputs are together; 0 where that cannot be known. */
static uint64_t total_octets(const struct inputs *inputs)
{
    uint64_t total = 0;
    struct stat file;
    for (size_t i = 0; i < inputs->count; i++) {
        const struct input *input = &inputs->list[i];
        if (input->is_stdin ? fstat(STDIN_FILENO, &file) != 0 : stat(input->path, &file) != 0)
            continue; /* it will not be read either */
        if (!S_ISREG(file.st_mode))
            return 0;
        total += (uint64_t)file.st_size;
    }
    return total;
}

/* "1.2 GB" */
static const char *octets_text(char room[static 32], double octets)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    size_t unit = 0;
    octets /= 1000;
    while (octets >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
        octets /= 1000;
        unit++;
    }
    snprintf(room, 32, octets < 100 ? "%.1f %s" : "%.0f %s", octets, units[unit]);
    return room;
}

/* ", 1.2 GB of 4.0 GB, 300 MB/s" */
static void append_octets(char *text, size_t size, uint64_t octets, uint64_t total, double passed)
{
    char done[32], all[32], rate[32];
    size_t used = strlen(text);
    octets_text(done, (double)octets);
    octets_text(all, (double)total);
    octets_text(rate, (double)octets / passed);
    if (total > 0)
        snprintf(text + used, size - used, translate(language(), ", %s of %s, %s/s"), done, all,
                 rate);
    else
        snprintf(text + used, size - used, translate(language(), ", %s, %s/s"), done, rate);
}

static void append_time(char *text, size_t size, double seconds)
{
    size_t used = strlen(text);
    unsigned left = seconds > 1e6 ? 1000000 : (unsigned)(seconds + 0.5);
    if (left >= 3600)
        snprintf(text + used, size - used, translate(language(), ", %u h %02u min left"),
                 left / 3600, left / 60 % 60);
    else if (left >= 60)
        snprintf(text + used, size - used, translate(language(), ", %u min %02u s left"), left / 60,
                 left % 60);
    else
        snprintf(text + used, size - used, translate(language(), ", %u s left"), left);
}

static void draw(struct progress *progress, uint64_t total)
{
    char text[200];
    double passed = seconds_since(&progress->begun);
    pthread_mutex_lock(&progress->lock);
    size_t done = progress->done;
    uint64_t octets = progress->done_octets;
    for (size_t i = 0; i < FILES_MAX; i++)
        if (progress->descriptors[i] >= 0)
            octets += octets_read(progress->descriptors[i]);
    pthread_mutex_unlock(&progress->lock);
    size_t count = progress->inputs->count;
    snprintf(
        text, sizeof text,
        translate_count(language(), "smtpseq: %zu of %zu file", "smtpseq: %zu of %zu files", count),
        done, count);
    if (octets > 0)
        append_octets(text, sizeof text, octets, total, passed);
    if (octets > 0 && total >= octets)
        append_time(text, sizeof text, (double)(total - octets) * passed / (double)octets);
    unsigned width = screen_width(STDERR_FILENO);
    int shown = width > 1 && width < sizeof text ? (int)width - 1 : (int)sizeof text;
    fprintf(stderr, "\r%.*s\033[K", shown, text);
    fflush(stderr);
    progress->drawn = true;
}

/* Waits until it is to stop (true), or for that long. */
static bool wait_for_stop(struct progress *progress, long milliseconds)
{
    struct timespec until;
    clock_gettime(CONDITION_CLOCK, &until);
    until.tv_nsec += milliseconds % 1000 * 1000000;
    until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&progress->lock);
    int error = 0;
    while (!progress->stop && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&progress->stopped, &progress->lock, &until);
    bool stop = progress->stop;
    pthread_mutex_unlock(&progress->lock);
    return stop;
}

static void *show(void *context)
{
    struct progress *progress = context;
    if (wait_for_stop(progress, SILENT))
        return NULL;
    uint64_t total = total_octets(progress->inputs);
    do {
        pthread_mutex_lock(&progress->screen);
        draw(progress, total);
        pthread_mutex_unlock(&progress->screen);
    } while (!wait_for_stop(progress, PERIOD));
    return NULL;
}

struct progress *progress_start(const struct inputs *inputs)
{
    pthread_condattr_t monotonic;
    if (!screen_moves(STDERR_FILENO))
        return NULL;
    struct progress *progress = calloc(1, sizeof *progress);
    if (!progress)
        return NULL;
    progress->inputs = inputs;
    clock_gettime(CLOCK_MONOTONIC, &progress->begun);
    for (size_t i = 0; i < FILES_MAX; i++)
        progress->descriptors[i] = -1;
    pthread_mutex_init(&progress->screen, NULL);
    pthread_mutex_init(&progress->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CONDITION_CLOCK);
    pthread_cond_init(&progress->stopped, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&progress->thread, NULL, show, progress) == 0)
        return progress;
    free(progress);
    return NULL;
}

void progress_stop(struct progress *progress)
{
    if (!progress)
        return;
    pthread_mutex_lock(&progress->lock);
    progress->stop = true;
    pthread_cond_signal(&progress->stopped);
    pthread_mutex_unlock(&progress->lock);
    pthread_join(progress->thread, NULL);
    progress_pause(progress);
    progress_resume(progress);
    pthread_cond_destroy(&progress->stopped);
    pthread_mutex_destroy(&progress->lock);
    pthread_mutex_destroy(&progress->screen);
    free(progress);
}

size_t progress_file(struct progress *progress, int descriptor)
{
    size_t number = 0;
    if (!progress)
        return FILES_MAX;
    pthread_mutex_lock(&progress->lock);
    while (number < FILES_MAX && progress->descriptors[number] >= 0)
        number++;
    if (number < FILES_MAX)
        progress->descriptors[number] = descriptor;
    pthread_mutex_unlock(&progress->lock);
    return number;
}

void progress_file_done(struct progress *progress, size_t number)
{
    if (!progress)
        return;
    pthread_mutex_lock(&progress->lock);
    if (number < FILES_MAX) {
        progress->done_octets += octets_read(progress->descriptors[number]);
        progress->descriptors[number] = -1;
    }
    progress->done++;
    pthread_mutex_unlock(&progress->lock);
}

void progress_pause(struct progress *progress)
{
    if (!progress)
        return;
    pthread_mutex_lock(&progress->screen);
    if (progress->drawn) {
        fputs(ERASE, stderr);
        fflush(stderr);
    }
    progress->drawn = false;
}

void progress_resume(struct progress *progress)
{
    if (progress)
        pthread_mutex_unlock(&progress->screen);
}
