/* members.h - the recordings in a file: itself, what is compressed in it, or the members of an
 * archive.
 *
 * What unpacks to far more than it is packed in is stopped: a file of a few kilobytes must not keep
 * a machine busy for hours.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_MEMBERS_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_MEMBERS_H

#include "transcript/source/source.h"

/* Archives in archives that are opened. */
#define MEMBERS_NESTED 3
/* Octets that may come out of one octet, once more than MEMBERS_FREE have come; octets that may
 * come in all; members that may. */
#define MEMBERS_RATIO  1000
#define MEMBERS_FREE   ((uint64_t)64 << 20)
#define MEMBERS_OCTETS ((uint64_t)64 << 30)
#define MEMBERS_MAX    ((uint64_t)1000000)

struct members;

/* Reads from a descriptor, which stays the caller's. NULL when out of memory. */
struct members *members_open(int descriptor);
void members_close(struct members *members);

/* The next recording: 1, 0 when there is none, -1 on an error: members_trouble says which, and
 * the next may still be read. */
int members_next(struct members *members);

/* The recording: valid until the next one. */
struct source *members_source(const struct members *members);

/* Its name in the archive, "dir/session.txt" or "logs.tar!session.txt"; empty where the file is no
 * archive. Control characters stand as '?'. Valid until the next one. */
const char *members_name(const struct members *members);

/* Whether the file is an archive, so that its recordings have names. */
bool members_are_named(const struct members *members);

const char *members_trouble(const struct members *members);

#endif
