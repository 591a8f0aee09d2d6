/* small_file.h - a file of our own, read whole: settings, a baseline, the table of a server.
 */
#ifndef SMTPSEQ_BASE_SMALL_FILE_H
#define SMTPSEQ_BASE_SMALL_FILE_H

#include <stddef.h>

/* The content of a file of at most `most` octets, the caller's to free; without a NUL behind it.
 * NULL with errno: EFBIG where there is more. */
char *small_file(const char *path, size_t most, size_t *size);

#endif
