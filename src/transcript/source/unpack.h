/* unpack.h - reads compressed files and archives with libarchive.
 *
 * Reads once from front to back, so that pipes work as well as files.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_UNPACK_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_UNPACK_H

#include "transcript/source/source.h"

struct unpacker;

/* Loads libarchive, which a sandbox may not let in later. Returns false if it is not there: unpacker_next
 * will then say so. */
bool unpacker_load(void);

/* Reads the octets of `packed`, which the caller owns. Returns NULL when out of memory. */
struct unpacker *unpacker_open(struct source *packed);
void unpacker_close(struct unpacker *unpacker);

/* Goes to the next file. Returns 1; 0 if there is none; -1 on an error, which unpacker_trouble
 * describes. */
int unpacker_next(struct unpacker *unpacker);

/* Returns its name in the archive; NULL if the file is compressed only (gzip and the like).
 * Valid until the next one. */
const char *unpacker_name(const struct unpacker *unpacker);

/* Reads the next octets of the file. Returns how many; 0 at its end; -1 on an error. */
long unpacker_read(struct unpacker *unpacker, char *room, size_t size);

/* Returns what went wrong, in words; static storage, or valid until unpacker_close. */
const char *unpacker_trouble(const struct unpacker *unpacker);

#endif
