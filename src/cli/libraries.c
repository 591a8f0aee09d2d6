/* libraries.c - which commands want which library.
 */
#include "cli/libraries.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transcript/capture/capture.h"
#include "transcript/source/members.h"

/* Enough for every magic. A tar's stands at octet 257. */
#define HEAD_SIZE     512
/* With more files, to look at them costs more than to load the libraries. */
#define LOOKED_AT_MAX 8

/* Returns the size of the beginning of a file, which is left where it is; -1 if that cannot be read so. */
static ssize_t file_head(const char *path, char *head)
{
    struct stat status;
    bool is_stdin = strcmp(path, "-") == 0;
    if ((is_stdin ? fstat(STDIN_FILENO, &status) : stat(path, &status)) != 0 ||
        !S_ISREG(status.st_mode))
        return -1;
    int descriptor = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    off_t at = is_stdin ? lseek(descriptor, 0, SEEK_CUR) : 0;
    ssize_t size = pread(descriptor, head, HEAD_SIZE, at);
    if (!is_stdin && descriptor >= 0)
        close(descriptor);
    return size;
}

void libraries_load(char *const operands[], size_t count)
{
    char head[HEAD_SIZE];
    bool packed = count > LOOKED_AT_MAX, captured = packed;
    for (size_t i = 0; i < (count > 0 ? count : 1) && !packed; i++) {
        ssize_t size = file_head(count > 0 ? operands[i] : "-", head);
        struct slice begin = {head, size > 0 ? (size_t)size : 0};
        packed = size < 0 || members_are_packed(begin);
        captured = captured || packed || capture_wants_library(begin);
    }
    if (packed)
        members_prepare();
    if (captured)
        capture_prepare();
}
