/* fuzz_unpack.c - what is compressed, and archives: every recording in it is read to its end.
 *
 * libarchive's own faults may show here as well; what is ours is that there is an end, and bounds.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "target.h"
#include "transcript/source/members.h"

/* A small archive has no more; the bounds of members.h are looked at by tests/bad_input.py. */
#define MEMBERS_LOOKED_AT 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int descriptor = memfd_create("packed", MFD_CLOEXEC);
    demand(descriptor >= 0);
    demand(write(descriptor, data, size) == (ssize_t)size && lseek(descriptor, 0, SEEK_SET) == 0);
    struct members *members = members_open(descriptor);
    demand(members);
    int got;
    for (int i = 0; i < MEMBERS_LOOKED_AT && (got = members_next(members)) != 0; i++) {
        struct source_line line;
        demand(got > 0 || members_trouble(members)[0]);
        for (const char *name = members_name(members); *name; name++)
            demand((unsigned char)*name >= 0x20 && *name != 0x7f);
        if (got > 0)
            while (source_next(members_source(members), &line) > 0)
                continue;
    }
    members_close(members);
    close(descriptor);
    return 0;
}
