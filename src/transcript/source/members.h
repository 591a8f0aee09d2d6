/* members.h - the recordings in a file: the file itself, its uncompressed content, or the members
 * of an archive.
 *
 * Unpacking stops if far more octets come out than went in: a file of a few kilobytes must not keep
 * a machine busy for hours.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_MEMBERS_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_MEMBERS_H

#include "transcript/source/source.h"

/* Nested archives that are opened. */
#define MEMBERS_NESTED 3
/* Limits: octets that come out of one octet, once there are more than MEMBERS_FREE; octets in all;
 * members. */
#define MEMBERS_RATIO  1000
#define MEMBERS_FREE   ((uint64_t)64 << 20)
#define MEMBERS_OCTETS ((uint64_t)64 << 30)
#define MEMBERS_MAX    ((uint64_t)1000000)

/* Returns true if the head of a file, 512 octets if it has as many, is that of a compressed file or an
 * archive. */
bool members_are_packed(struct slice head);

/* Loads what unpacks, before a sandbox closes. Without it, it is loaded by the first file that is packed. */
void members_prepare(void);

struct members;

/* Reads from a descriptor, which the caller owns. Returns NULL when out of memory. */
struct members *members_open(int descriptor);
struct members *members_of(const struct origin *origin);
void members_close(struct members *members);

/* Goes to the next recording. Returns 1; 0 if there is none; -1 on an error, which members_trouble
 * describes; the next one may still be readable. */
int members_next(struct members *members);

/* Returns the recording, valid until the next one. */
struct source *members_source(const struct members *members);

/* Returns its name in the archive, "dir/session.txt" or "logs.tar!session.txt"; empty if the
 * file is not an archive. Control characters are replaced by '?'. Valid until the next one. */
const char *members_name(const struct members *members);

/* Returns true if the file is an archive, so that its recordings have names. */
bool members_are_named(const struct members *members);

const char *members_trouble(const struct members *members);

#endif
