/* unpack_absent.c - in a build without libarchive: reports that files cannot be unpacked.
 */
#include "transcript/source/unpack.h"

#include <errno.h>
#include <stdlib.h>

#include "base/catalogue.h"

struct unpacker {
    struct source *packed;
};

bool unpacker_load(void)
{
    return false;
}

struct unpacker *unpacker_open(struct source *packed)
{
    struct unpacker *unpacker = malloc(sizeof *unpacker);
    if (unpacker)
        unpacker->packed = packed;
    return unpacker;
}

void unpacker_close(struct unpacker *unpacker)
{
    free(unpacker);
}

int unpacker_next(struct unpacker *unpacker)
{
    (void)unpacker;
    return -1;
}

const char *unpacker_name(const struct unpacker *unpacker)
{
    (void)unpacker;
    return NULL;
}

long unpacker_read(struct unpacker *unpacker, char *room, size_t size)
{
    (void)unpacker, (void)room, (void)size;
    errno = ENOSYS;
    return -1;
}

const char *unpacker_trouble(const struct unpacker *unpacker)
{
    (void)unpacker;
    return N_(
        "compressed, and this smtpseq was built without libarchive: unpack it first, or build "
        "smtpseq again with libarchive's header files (Debian: libarchive-dev)");
}
