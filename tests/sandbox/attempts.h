/* attempts.h - what somebody who has taken the program over would try, one system call each.
 */
#ifndef SMTPSEQ_TESTS_ATTEMPTS_H
#define SMTPSEQ_TESTS_ATTEMPTS_H

#include <stddef.h>

enum refusal {
    GOES_ON,      /* it is not refused */
    BY_FILTER,    /* seccomp: ENOSYS */
    BY_FILE_RULES /* Landlock: EACCES */
};

struct attempt {
    const char *name;
    long call, arguments[6];
    enum refusal refusal;
};

extern const struct attempt attempts[];
extern const size_t attempt_count;

/* Names the files of a folder: "given", which may be read, "other", which may not, and "new", which is not
 * there; `input`: a descriptor of "given". */
void attempts_in(const char *folder, int input);

/* Makes an attempt. Returns 0 when it was done, else errno. */
int attempt_make(const struct attempt *attempt);

#endif
