/* inputs.h - from operands to files: folders are walked, - is standard input.
 */
#ifndef SMTPSEQ_INPUTS_H
#define SMTPSEQ_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The name of a file of settings: no recording, when a folder is walked. */
#define SETTINGS_NAME "smtpseq.ini"

struct settings_file; /* cli/settings.h */
struct options;       /* cli/options.h */

/* Identifies a file, whatever its names are. */
struct file_id {
    bool known; /* false: it cannot be overwritten (a terminal, a socket), or is not there */
    dev_t device;
    ino_t inode;
};

struct stat;
struct file_id file_id(const struct stat *status);

struct input {
    char *path; /* as shown in reports; owned */
    struct file_id id;
    const char *report; /* the path of --output that is this file; NULL: none */
    bool is_stdin;
    size_t folder; /* 1 + the index of the operand that was walked to it; 0: named itself */
    char *server;  /* the other file of a pair (tcpflow), which has the server's side; owned */
    char *full;    /* the path from the root; owned; NULL: not asked for */
    const struct settings_file *settings; /* NULL: there is none */
    char *relative;                       /* the path from the folder of that; owned */
};

struct inputs {
    struct input *list;
    size_t count, capacity;
    bool failed; /* something could not be opened; a message is on standard error */
};

/* Expands the operands (none: standard input). False when out of memory. */
bool inputs_expand(struct inputs *inputs, char *const operands[], size_t count,
                   const char *stdin_name);
/* Puts the two files of a session together where both are among the inputs. False when out of memory. */
bool inputs_pair(struct inputs *inputs);

/* Returns how many of them are read at once: as many as --jobs says, or as there are processors; fewer, with a message, where
 * too few files can be open. *each: the threads for one of them, where there are fewer. */
size_t inputs_at_once(const struct inputs *inputs, const struct options *options, unsigned *each);

void inputs_free(struct inputs *inputs);

/* Frees what is in one input, and clears it. */
void input_free(struct input *input);

#endif
