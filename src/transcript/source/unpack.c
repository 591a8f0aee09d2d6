/* unpack.c - lets libarchive, loaded when a file is packed, read from a source.
 */
#include "transcript/source/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "transcript/source/late_library.h"

#define PIECE ((size_t)64 << 10)

/* The supported filters, then the supported formats. */
#define SUPPORTS(X)                               \
    X(archive_read_support_filter_gzip)           \
    X(archive_read_support_filter_bzip2)          \
    X(archive_read_support_filter_xz)             \
    X(archive_read_support_filter_lzma)           \
    X(archive_read_support_filter_lzip)           \
    X(archive_read_support_filter_zstd)           \
    X(archive_read_support_filter_lz4)            \
    X(archive_read_support_filter_compress)       \
    X(archive_read_support_format_tar)            \
    X(archive_read_support_format_zip_streamable) \
    X(archive_read_support_format_empty)          \
    X(archive_read_support_format_raw)

#define FUNCTIONS(X)             \
    X(archive_read_new)          \
    X(archive_read_free)         \
    X(archive_read_open)         \
    X(archive_read_next_header2) \
    X(archive_read_data)         \
    X(archive_format)            \
    X(archive_errno)             \
    X(archive_error_string)      \
    X(archive_set_error)         \
    X(archive_entry_new)         \
    X(archive_entry_free)        \
    X(archive_entry_hardlink)    \
    X(archive_entry_filetype)    \
    X(archive_entry_pathname)    \
    X(archive_entry_pathname_utf8)

static struct {
    FUNCTIONS(LATE_POINTER)
} lib;
static struct {
    SUPPORTS(LATE_POINTER)
} supports;
#define SUPPORT_COUNT (sizeof supports / sizeof supports.archive_read_support_filter_gzip)

static bool loaded;

static void load(void)
{
    static const char *const names[] = {FUNCTIONS(LATE_NAME)};
    static const char *const support_names[] = {SUPPORTS(LATE_NAME)};
    loaded = late_library_load(LIBARCHIVE_SONAME, names, &lib, sizeof names / sizeof names[0]) &&
             late_library_load(LIBARCHIVE_SONAME, support_names, &supports, SUPPORT_COUNT);
}

bool unpacker_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return loaded;
}

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
        lib.archive_set_error(archive, error, "%s", trouble ? trouble : strerror(error));
    }
    return got;
}

/* Returns false when out of memory. */
static bool support_all(struct archive *archive)
{
    int (*support[SUPPORT_COUNT])(struct archive * archive);
    memcpy(support, &supports, sizeof support);
    for (size_t i = 0; i < SUPPORT_COUNT; i++)
        if (support[i](archive) == ARCHIVE_FATAL) /* a warning: by a program, or not built in */
            return false;
    return true;
}

struct unpacker *unpacker_open(struct source *packed)
{
    struct unpacker *unpacker = calloc(1, sizeof *unpacker);
    if (!unpacker)
        return NULL;
    unpacker->packed = packed;
    if (!unpacker_load())
        return unpacker;
    unpacker->archive = lib.archive_read_new();
    /* Its own entry: allocating one later might fail unnoticed. */
    unpacker->entry = lib.archive_entry_new();
    if (unpacker->archive && unpacker->entry && support_all(unpacker->archive))
        return unpacker;
    unpacker_close(unpacker);
    return NULL;
}

void unpacker_close(struct unpacker *unpacker)
{
    if (!unpacker)
        return;
    if (loaded) {
        lib.archive_entry_free(unpacker->entry);
        lib.archive_read_free(unpacker->archive);
    }
    free(unpacker);
}

int unpacker_next(struct unpacker *unpacker)
{
    struct archive *archive = unpacker->archive;
    if (!loaded)
        return -1;
    if (!unpacker->opened &&
        lib.archive_read_open(archive, unpacker, NULL, give_packed, NULL) != ARCHIVE_OK)
        return -1;
    unpacker->opened = true;
    for (;;) {
        int got = lib.archive_read_next_header2(archive, unpacker->entry);
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
        bool link = lib.archive_entry_hardlink(unpacker->entry) != NULL;
        if (lib.archive_entry_filetype(unpacker->entry) == AE_IFREG && !link)
            return 1;
    }
}

const char *unpacker_name(const struct unpacker *unpacker)
{
    if (lib.archive_format(unpacker->archive) == ARCHIVE_FORMAT_RAW)
        return NULL;
    /* The archive and the locale decide which of the two exists. */
    const char *name = lib.archive_entry_pathname_utf8(unpacker->entry);
    if (!name)
        name = lib.archive_entry_pathname(unpacker->entry);
    return name ? name : "(name unreadable)";
}

long unpacker_read(struct unpacker *unpacker, char *room, size_t size)
{
    la_ssize_t got;
    do
        got = lib.archive_read_data(unpacker->archive, room, size);
    while (got == ARCHIVE_RETRY);
    if (got >= 0)
        return (long)got;
    int error = lib.archive_errno(unpacker->archive);
    errno = error > 0 ? error : EIO;
    return -1;
}

const char *unpacker_trouble(const struct unpacker *unpacker)
{
    if (!loaded)
        return "compressed, and " LIBARCHIVE_SONAME
               " is not on this machine: install it, or unpack the file first";
    if (unpacker->ended)
        return N_("damaged: a part of it was passed over");
    const char *text = lib.archive_error_string(unpacker->archive);
    return text ? text : N_("cannot be unpacked");
}
