/* members.c - unpacks files, and counts the octets that come out.
 */
#include "transcript/source/members.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "transcript/source/unpack.h"

#define NAME_OCTETS_MAX 4096
#define TROUBLE_MAX     256
#define TAR_MAGIC_AT    257

/* A packed file that is open. */
struct layer {
    struct members *members;
    struct source *packed;
    struct unpacker *unpacker;
    size_t name_size; /* of its own name in members->name, with the ! after it */
    bool failed;      /* a member could not be read, and was reported */
};

struct members {
    struct source *file;
    struct source *current;
    struct layer layers[MEMBERS_NESTED];
    size_t depth;
    bool started, named, over;
    uint64_t unpacked, count;
    char name[NAME_OCTETS_MAX];
    char trouble[TROUBLE_MAX];
};

bool members_are_packed(struct slice head)
{
    static const struct slice magics[] = {
        {"\x1f\x8b", 2},         /* gzip */
        {"\xFD\x37zXZ\0", 6},    /* xz */
        {"\x28\xb5\x2f\xfd", 4}, /* zstd */
        {"BZh", 3},              /* bzip2 */
        {"\x04\x22\x4d\x18", 4}, /* lz4 */
        {"LZIP", 4},
        {"\x1f\x9d", 2}, /* compress */
        {"PK\3\4", 4},   /* zip */
        {"PK\5\6", 4},   /* zip with nothing in it */
    };
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (slice_starts(head, magics[i])) {
            /* "BZh" may begin a text; the size after it and the mark of a block do not. */
            return magics[i].data[0] != 'B' || (head.size > 4 && ascii_digit(head.data[3]) &&
                                                (head.data[4] == 0x31 || head.data[4] == 0x17));
        }
    return slice_starts(slice_after(head, TAR_MAGIC_AT), SLICE("ustar"));
}

void members_prepare(void)
{
    unpacker_load();
}

/* Takes the source over; NULL: out of memory. */
static struct members *members_in(struct source *file)
{
    struct members *members = file ? calloc(1, sizeof *members) : NULL;
    if (members)
        members->file = file;
    else
        source_close(file);
    return members;
}

struct members *members_open(int descriptor)
{
    return members_in(source_open(descriptor));
}

struct members *members_of(const struct origin *origin)
{
    return members_in(source_of(origin));
}

static void pop(struct members *members)
{
    struct layer *layer = &members->layers[--members->depth];
    unpacker_close(layer->unpacker);
    if (layer->packed != members->file)
        source_close(layer->packed);
    *layer = (struct layer){0};
}

static void close_current(struct members *members)
{
    if (members->current != members->file)
        source_close(members->current);
    members->current = NULL;
}

void members_close(struct members *members)
{
    if (!members)
        return;
    close_current(members);
    while (members->depth > 0)
        pop(members);
    source_close(members->file);
    free(members);
}

struct source *members_source(const struct members *members)
{
    return members->current;
}

const char *members_name(const struct members *members)
{
    return members->name;
}

bool members_are_named(const struct members *members)
{
    return members->named;
}

const char *members_trouble(const struct members *members)
{
    return members->trouble;
}

/* Returns true, and sets members->trouble, if too much has come out of the file. */
static bool is_bomb(struct members *members)
{
    uint64_t packed = source_octets(members->file);
    if (members->unpacked > MEMBERS_OCTETS)
        snprintf(members->trouble, TROUBLE_MAX,
                 N_("unpacks to more than %llu octets: stopped there; unpack it yourself"),
                 (unsigned long long)MEMBERS_OCTETS);
    else if (members->unpacked > MEMBERS_FREE && members->unpacked / MEMBERS_RATIO > packed)
        snprintf(
            members->trouble, TROUBLE_MAX,
            N_("%llu octets unpack to more than %llu, over %llu times as many: a decompression "
               "bomb? stopped there"),
            (unsigned long long)packed, (unsigned long long)members->unpacked,
            (unsigned long long)MEMBERS_RATIO);
    else
        return false;
    members->over = true;
    return true;
}

static long layer_read(void *context, char *room, size_t size)
{
    struct layer *layer = context;
    struct members *members = layer->members;
    if (members->over) {
        errno = EFBIG;
        return -1;
    }
    long got = unpacker_read(layer->unpacker, room, size);
    if (got < 0) {
        snprintf(members->trouble, TROUBLE_MAX, "%s", unpacker_trouble(layer->unpacker));
        layer->failed = true;
        return -1;
    }
    members->unpacked += (uint64_t)got;
    if (!is_bomb(members))
        return got;
    errno = EFBIG;
    return -1;
}

static const char *layer_trouble(void *context)
{
    const struct layer *layer = context;
    return layer->members->trouble[0] ? layer->members->trouble : NULL;
}

/* Opens a layer for `packed`, which it takes over. Returns false when out of memory. */
static bool push(struct members *members, struct source *packed)
{
    struct layer *layer = &members->layers[members->depth];
    size_t outer = members->depth > 0 ? strlen(members->name) : 0;
    struct unpacker *unpacker = unpacker_open(packed);
    if (!unpacker)
        return false;
    if (outer > 0 && outer + 1 < NAME_OCTETS_MAX) {
        members->name[outer++] = '!';
        members->name[outer] = '\0';
    }
    *layer = (struct layer){members, packed, unpacker, outer, false};
    members->depth++;
    return true;
}

/* Sets the name of the current member, after those of the archives it is in. */
static void set_name(struct members *members, const struct layer *layer)
{
    const char *name = unpacker_name(layer->unpacker);
    size_t at = layer->name_size;
    if (!name) { /* compressed only: it has the name of what it is in */
        if (at > 0)
            at--;
    } else {
        members->named = true;
        for (; *name && at + 1 < NAME_OCTETS_MAX; name++) {
            unsigned char c = (unsigned char)*name;
            members->name[at++] = c < 0x20 || c == 0x7f ? '?' : *name;
        }
    }
    members->name[at] = '\0';
}

/* Reads the rest of the current member, so that it is counted. */
static bool drain(struct members *members)
{
    char room[16384];
    long got = 1;
    while (got > 0 && members->current != members->file && members->current)
        got = source_read(members->current, room, sizeof room);
    close_current(members);
    return !members->over;
}

/* Closes the innermost archive after an error. */
static int fail(struct members *members)
{
    pop(members);
    return -1;
}

/* Goes to the next member of the innermost archive. Returns 2 if there was none, or if it is an
 * archive, which is now open. */
static int next_in_layer(struct members *members)
{
    struct layer *layer = &members->layers[members->depth - 1];
    int got = unpacker_next(layer->unpacker);
    if (got == 0 || (got < 0 && layer->failed)) {
        pop(members);
        return 2;
    }
    if (got < 0) {
        /* The archive's own name: the member before is whole. */
        members->name[layer->name_size > 0 ? layer->name_size - 1 : 0] = '\0';
        snprintf(members->trouble, TROUBLE_MAX, "%s", unpacker_trouble(layer->unpacker));
        return fail(members);
    }
    set_name(members, layer);
    if (++members->count > MEMBERS_MAX) {
        snprintf(members->trouble, TROUBLE_MAX, N_("more than %llu members: stopped there"),
                 (unsigned long long)MEMBERS_MAX);
        members->over = true;
        return fail(members);
    }
    struct origin origin = {.context = layer, .read = layer_read, .trouble = layer_trouble};
    struct source *source = source_of(&origin);
    if (!source) {
        snprintf(members->trouble, TROUBLE_MAX, "%s", strerror(ENOMEM));
        return fail(members);
    }
    if (members->depth < MEMBERS_NESTED && members_are_packed(source_magic(source))) {
        if (push(members, source))
            return 2;
        source_close(source);
        snprintf(members->trouble, TROUBLE_MAX, "%s", strerror(ENOMEM));
        return fail(members);
    }
    members->current = source;
    return 1;
}

int members_next(struct members *members)
{
    if (!members->started) {
        members->started = true;
        if (!members_are_packed(source_magic(members->file))) {
            members->current = members->file;
            return 1;
        }
        if (!push(members, members->file)) {
            snprintf(members->trouble, TROUBLE_MAX, "%s", strerror(ENOMEM));
            members->over = true;
            return -1;
        }
    } else {
        bool said = members->over;
        if (!drain(members)) {
            while (members->depth > 0)
                pop(members);
            return said ? 0 : -1;
        }
    }
    members->trouble[0] = '\0';
    while (members->depth > 0) {
        int got = next_in_layer(members);
        if (got != 2)
            return got;
    }
    return 0;
}
