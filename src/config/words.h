/* words.h - splits a value of smtpseq.ini into words.
 */
#ifndef SMTPSEQ_WORDS_H
#define SMTPSEQ_WORDS_H

#include "base/slice.h"

struct word {
    char *text; /* owned by the caller; NULL: there is none, or it is wrong */
    bool quoted;
    const char *error; /* static storage; NULL with no text: out of memory, or there is no more */
    bool end;          /* there was no word any more */
};

/* Takes the first word off *rest: up to a blank or a comma, or a text in quotes (in which \" is
 * a quote and any other \ itself). */
struct word word_take(struct slice *rest);

/* Returns true if *rest, after blanks, begins with the word `--`, and takes it. */
bool word_take_dashes(struct slice *rest);

#endif
