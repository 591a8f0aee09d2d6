/* small_file.h - reads a small file at once: settings, a baseline, the table of a server.
 */
#ifndef SMTPSEQ_BASE_SMALL_FILE_H
#define SMTPSEQ_BASE_SMALL_FILE_H

#include <stddef.h>

/* Returns the content of a file of at most `most` octets, owned by the caller, without a NUL
 * after it. Returns NULL and sets errno on error: EFBIG if the file is larger. */
char *small_file(const char *path, size_t most, size_t *size);

#endif
