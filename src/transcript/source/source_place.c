/* source_place.c - a source that is read in another order than that of its octets.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transcript/source/source_state.h"

/* Octets that are in the window, and have not been given out. */
static size_t unread(const struct source *source)
{
    return source->end - source->begin;
}

bool source_is_plain(const struct source *source)
{
    return source->head_read && source->encoding == ENCODING_OCTETS && source->line_end == '\n';
}

/* The place in the file of the next octet that is not in the window; negative where there is none. */
static off_t next_place(const struct source *source)
{
    return lseek(source->descriptor, 0, SEEK_CUR);
}

uint64_t source_place(const struct source *source, uint64_t *size)
{
    struct stat status;
    off_t next;
    if (source->origin.read || source->downwards || !source_is_plain(source) ||
        fstat(source->descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
        (next = next_place(source)) < 0)
        return UINT64_MAX;
    *size = (uint64_t)status.st_size;
    return (uint64_t)next - unread(source);
}

void source_stop_after(struct source *source, uint64_t octets)
{
    size_t left = unread(source);
    source->stops = true;
    if (octets >= left) {
        source->stop = source->octets + (octets - left);
        return;
    }
    /* What is in the window after the stop is read again. */
    uint64_t beyond = left - octets;
    source->stop = source->octets -= beyond;
    source->end -= beyond;
    source->at_end = false;
    source_forget_ends(source);
    if (!source->origin.read && lseek(source->descriptor, -(off_t)beyond, SEEK_CUR) < 0)
        source->error = errno;
}

bool source_is_stopped(const struct source *source)
{
    return source->stopped;
}

void source_go_on(struct source *source)
{
    source->stops = source->stopped = source->at_end = false;
}

bool source_go(struct source *source, uint64_t place, uint64_t lines)
{
    off_t next = next_place(source);
    if (next < 0 || lseek(source->descriptor, (off_t)place, SEEK_SET) < 0)
        return false;
    source->octets += place - (uint64_t)next;
    source->begin = source->end = 0;
    source->holds = false;
    source_forget_ends(source);
    source->lines = lines;
    source_go_on(source);
    return true;
}

size_t source_look(const struct source *source, uint64_t place, char *room, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t more = pread(source->descriptor, room + got, size - got, (off_t)(place + got));
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    return got;
}
