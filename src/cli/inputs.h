/* inputs.h - from operands to files: folders are walked, - is standard input.
 */
#ifndef SMTPSEQ_INPUTS_H
#define SMTPSEQ_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

struct input {
    char *path;   /* as it is to be shown; owned */
    bool is_stdin;
    size_t folder; /* 1 + the index of the operand that was walked to it; 0: named itself */
    char *server;  /* the other file of a pair (tcpflow), which has the server's side; owned */
};

struct inputs {
    struct input *list;
    size_t count, capacity;
    bool failed; /* something could not be opened; a message is on standard error */
};

/* Expands the operands (none: standard input). False when memory is short. */
bool inputs_expand(struct inputs *inputs, char *const operands[], size_t count,
                   const char *stdin_name);
/* Puts the two files of a session together where both are among the inputs. False when memory is
 * short. */
bool inputs_pair(struct inputs *inputs);
void inputs_free(struct inputs *inputs);

#endif
