/* late_library.c - dlopen().
 */
#include "transcript/source/late_library.h"

#include <dlfcn.h>
#include <string.h>

bool late_library_load(const char *soname, const char *const *names, void *functions, size_t count)
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library && i < count; i++) {
        void *function = dlsym(library, names[i]);
        if (!function)
            return false;
        /* C does not let a pointer to an object become one to a function; POSIX makes them alike. */
        memcpy((char *)functions + i * sizeof function, &function, sizeof function);
    }
    return library != NULL;
}
