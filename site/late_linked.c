/* late_linked.c - late_library.c for the browser: libarchive and libpcap are part of the program.
 */
#include "transcript/source/late_library.h"

#include <archive.h>
#include <archive_entry.h>
#include <pcap/pcap.h>
#include <string.h>

struct known {
    const char *name;
    void (*function)(void);
};

static const struct known known[] = {
#define FUNCTION(name) {#name, (void (*)(void))name},
#include "late_functions.def"
#undef FUNCTION
};

static const struct known *find(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

bool late_library_load(const char *soname, const char *const *names, void *functions, size_t count)
{
    (void)soname;
    for (size_t i = 0; i < count; i++) {
        const struct known *found = find(names[i]);
        if (!found)
            return false;
        memcpy((char *)functions + i * sizeof found->function, &found->function,
               sizeof found->function);
    }
    return true;
}
