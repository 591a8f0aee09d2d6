/* sandbox.h - drops the rights that reading recordings and printing reports do not need.
 *
 * Recordings hold what strangers sent. Should one of them ever take the program over, it finds no
 * network, no other program to start, and no file but those that were to be read (Linux: seccomp,
 * Landlock).
 */
#ifndef SMTPSEQ_SANDBOX_H
#define SMTPSEQ_SANDBOX_H

#include <stddef.h>

/* The restrictions that are in force. */
enum sandbox_part {
    SANDBOX_FILES = 1,   /* opening and changing other files */
    SANDBOX_CALLS = 2,   /* system calls that have to do with anything else */
    SANDBOX_LEFT_OUT = 4 /* nothing: this was built without a sandbox */
};

/* Leaves this thread and those it starts from now on with reading the files, and what is below the
 * folders, in `readable` (what does not exist is left out), writing to what is open, memory and threads.
 * Returns the parts (enum sandbox_part) that the kernel could take away; it may know none of them. */
unsigned sandbox_enter(char *const readable[], size_t count);

#endif
