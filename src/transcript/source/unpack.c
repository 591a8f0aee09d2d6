/* unpack.c - lets libarchive read from a source.
 */
#include "transcript/source/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#define PIECE ((size_t)64 << 10)

struct unpacker {
    struct source *packed;
    struct archive *archive;
    struct archive_entry *entry;
    bool opened;
    bool damaged, ended; /* something was passed over; nothing more will come */
    char piece[PIECE];
};

static la_ssize_t give_packed(struct archive *archive, void *context, const void **octets)
{
    struct unpacker *unpacker = context;
    long got = source_read(unpacker->packed, unpacker->piece, sizeof unpacker->piece);
    *octets = unpacker->piece;
    if (got < 0) {
        int error = errno ? errno : EIO;
        const char *trouble = source_trouble(unpacker->packed);
        archive_set_error(archive, error, "%s", trouble ? trouble : strerror(error));
    }
    return got;
}

static int (*const supports[])(struct archive *archive) = {
    archive_read_support_filter_gzip,  archive_read_support_filter_bzip2,
    archive_read_support_filter_xz,    archive_read_support_filter_lzma,
    archive_read_support_filter_lzip,  archive_read_support_filter_zstd,
    archive_read_support_filter_lz4,   archive_read_support_filter_compress,
    archive_read_support_format_tar,   archive_read_support_format_zip_streamable,
    archive_read_support_format_empty, archive_read_support_format_raw,
};

struct unpacker *unpacker_open(struct source *packed)
{
    struct unpacker *unpacker = malloc(sizeof *unpacker);
    if (!unpacker)
        return NULL;
    unpacker->packed = packed;
    unpacker->opened = unpacker->damaged = unpacker->ended = false;
    struct archive *archive = unpacker->archive = archive_read_new();
    /* Its own entry: allocating one later might fail unnoticed. */
    unpacker->entry = archive_entry_new();
    if (!archive || !unpacker->entry) {
        unpacker_close(unpacker);
        return NULL;
    }
    for (size_t i = 0; i < sizeof supports / sizeof supports[0]; i++)
        if (supports[i](archive) == ARCHIVE_FATAL) { /* a warning: by a program, or not built in */
            unpacker_close(unpacker);
            return NULL;
        }
    return unpacker;
}

void unpacker_close(struct unpacker *unpacker)
{
    if (!unpacker)
        return;
    archive_entry_free(unpacker->entry);
    archive_read_free(unpacker->archive);
    free(unpacker);
}

int unpacker_next(struct unpacker *unpacker)
{
    struct archive *archive = unpacker->archive;
    if (!unpacker->opened &&
        archive_read_open(archive, unpacker, NULL, give_packed, NULL) != ARCHIVE_OK)
        return -1;
    unpacker->opened = true;
    for (;;) {
        int got = archive_read_next_header2(archive, unpacker->entry);
        if (got == ARCHIVE_EOF) {
            unpacker->ended = unpacker->damaged;
            return unpacker->damaged ? -1 : 0;
        }
        if (got == ARCHIVE_RETRY) { /* no head of a member: one may follow */
            unpacker->damaged = true;
            continue;
        }
        if (got < ARCHIVE_WARN)
            return -1;
        bool link = archive_entry_hardlink(unpacker->entry) != NULL;
        if (archive_entry_filetype(unpacker->entry) == AE_IFREG && !link)
            return 1;
    }
}

const char *unpacker_name(const struct unpacker *unpacker)
{
    if (archive_format(unpacker->archive) == ARCHIVE_FORMAT_RAW)
        return NULL;
    /* The archive and the locale decide which of the two exists. */
    const char *name = archive_entry_pathname_utf8(unpacker->entry);
    if (!name)
        name = archive_entry_pathname(unpacker->entry);
    return name ? name : "(name unreadable)";
}

long unpacker_read(struct unpacker *unpacker, char *room, size_t size)
{
    la_ssize_t got;
    do
        got = archive_read_data(unpacker->archive, room, size);
    while (got == ARCHIVE_RETRY);
    if (got >= 0)
        return (long)got;
    int error = archive_errno(unpacker->archive);
    errno = error > 0 ? error : EIO;
    return -1;
}

const char *unpacker_trouble(const struct unpacker *unpacker)
{
    if (unpacker->ended)
        return "damaged: a part of it was passed over";
    const char *text = archive_error_string(unpacker->archive);
    return text ? text : "cannot be unpacked";
}
