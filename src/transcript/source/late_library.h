/* late_library.h - loads a library in the run that wants it.
 *
 * libarchive and libpcap bring eighteen other libraries with them. To load them takes longer than to
 * check a short recording, and few recordings are packed or captured.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_LATE_LIBRARY_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_LATE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* With FUNCTIONS(X) as a list of X(name): the members of a struct of pointers to these functions, and
 * their names in the same order. */
#define LATE_POINTER(name) __typeof__(name) *name;
#define LATE_NAME(name)    #name,

/* Loads the library `soname` for good, and sets `functions`, a struct of `count` pointers, to the
 * functions of these names. Returns false if one of them or the library is missing. */
bool late_library_load(const char *soname, const char *const *names, void *functions, size_t count);

#endif
