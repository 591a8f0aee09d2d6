/* pipe2.c - a pipe that no other program gets. */
#include "portable/portable.h"

int pipe2(int ends[2], int flags)
{
    if (pipe(ends) != 0)
        return -1;
    for (int i = 0; i < 2 && (flags & O_CLOEXEC); i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    return 0;
}
