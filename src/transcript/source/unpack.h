/* unpack.h - what is in a compressed file or an archive, through libarchive.
 *
 * Reads once, from the front to the back, so that pipes do as well as files.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_UNPACK_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_UNPACK_H

#include "transcript/source/source.h"

struct unpacker;

/* Takes the octets of `packed`, which stays the caller's. NULL when out of memory. */
struct unpacker *unpacker_open(struct source *packed);
void unpacker_close(struct unpacker *unpacker);

/* The next file in it: 1, 0 when there is none, -1 on an error (unpacker_trouble says which). */
int unpacker_next(struct unpacker *unpacker);

/* Its name, as it is in the archive; NULL where the packed octets are all there is (gzip and such).
 * Valid until the next one. */
const char *unpacker_name(const struct unpacker *unpacker);

/* The next octets of the file: how many, 0 at its end, -1 on an error. */
long unpacker_read(struct unpacker *unpacker, char *room, size_t size);

/* What went wrong, in words; static storage or valid until unpacker_close. */
const char *unpacker_trouble(const struct unpacker *unpacker);

#endif
