/* disk_array.c - each page of the file has one place in memory where it may be. */
#include "base/disk_array.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_SIZE 8192
#define PLACES    16

struct place {
    uint64_t page; /* from 1; 0: none is here */
    alignas(max_align_t) char octets[PAGE_SIZE];
};

struct disk_array {
    int descriptor;
    size_t size, count; /* of an element; how many a page has */
    struct place places[PLACES];
};

struct disk_array *disk_array_new(int descriptor, size_t size)
{
    struct disk_array *array = calloc(1, sizeof *array);
    if (array) {
        array->descriptor = descriptor;
        array->size = size;
        array->count = PAGE_SIZE / size;
    }
    return array;
}

static off_t offset_of(const struct place *place)
{
    return (off_t)((place->page - 1) * PAGE_SIZE);
}

static bool write_page(const struct disk_array *array, const struct place *place)
{
    for (size_t done = 0; done < PAGE_SIZE;) {
        ssize_t size = pwrite(array->descriptor, place->octets + done, PAGE_SIZE - done,
                              offset_of(place) + (off_t)done);
        if (size < 0 && errno != EINTR)
            return false;
        done += size > 0 ? (size_t)size : 0;
    }
    return true;
}

/* What is behind the end of the file is zero. */
static bool read_page(const struct disk_array *array, struct place *place)
{
    ssize_t size = 1;
    memset(place->octets, 0, PAGE_SIZE);
    for (size_t done = 0; done < PAGE_SIZE && size != 0; done += size > 0 ? (size_t)size : 0) {
        size = pread(array->descriptor, place->octets + done, PAGE_SIZE - done,
                     offset_of(place) + (off_t)done);
        if (size < 0 && errno != EINTR)
            return false;
    }
    return true;
}

void *disk_array_at(struct disk_array *array, uint64_t index)
{
    uint64_t page = index / array->count + 1;
    struct place *place = &array->places[page % PLACES];
    if (place->page != page) {
        if (place->page > 0 && !write_page(array, place))
            return NULL;
        place->page = page;
        if (!read_page(array, place)) {
            place->page = 0;
            return NULL;
        }
    }
    return place->octets + index % array->count * array->size;
}

void disk_array_free(struct disk_array *array)
{
    free(array);
}
