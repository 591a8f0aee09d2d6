/* sandbox.h - gives up what reading recordings and printing reports do not need.
 *
 * Recordings hold what strangers sent. Should one of them ever take the program over, it finds no
 * network, no other program to start, and no file but those that were to be read (Linux: seccomp,
 * Landlock).
 */
#ifndef SMTPSEQ_SANDBOX_H
#define SMTPSEQ_SANDBOX_H

#include <stddef.h>

/* What the rest of the run needs of the file system. */
struct sandbox_needs {
    /* Files, and folders with all below them; what does not exist is left out. */
    char *const *readable;
    size_t readable_count;
    const char *const *renamed; /* files that a file beside them will be renamed to */
    size_t renamed_count;
    const char *created; /* a file that will be written beside its name and renamed; NULL: none */
};

/* What the kernel took away. */
enum sandbox_part {
    SANDBOX_FILES = 1,   /* opening and changing other files */
    SANDBOX_CALLS = 2,   /* system calls that have to do with anything else */
    SANDBOX_LEFT_OUT = 4 /* nothing: this was built without a sandbox */
};

/* Gives it up, for this thread and those it starts from now on. Gives the parts (enum sandbox_part)
 * for which that could be done; the kernel may know none of them. */
unsigned sandbox_enter(const struct sandbox_needs *needs);

#endif
