/* unmarked.h - formats in which the lines of both sides, or of one, have no marks.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_UNMARKED_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_UNMARKED_H

#include "transcript/formats/format.h"
#include "transcript/formats/turns.h"

#define MIX_WORDS_MAX 12

/* A note, by the beginning of its line or by a text in it. */
struct mix_note {
    const char *words;
    enum note note;
    bool anywhere;
};

/* A command or a reply that is not shown, but implied by a note. */
struct told {
    enum side side; /* SIDE_NOTE: nothing */
    struct slice payload;
    bool refused_next; /* a refusal is due, whose text follows in a later note */
    int quoted;        /* it quotes the first line of a reply with that code: more lines follow */
};

/* The data of a format of the family. */
struct mix_row {
    const char *client; /* the mark of the client's lines; NULL: they are bare */
    /* One of the lines at the head must begin so; unused places are NULL, none at all: any mix. */
    const char *needs[MIX_WORDS_MAX];
    const char *never[MIX_WORDS_MAX]; /* no line may begin so, but for a message's */
    const struct mix_note *notes;     /* the last one has no words */
    struct told (*tell)(struct slice note);
    bool half;            /* may be the server's half, and is when no command is at the head */
    bool half_only;       /* always is */
    bool texts_are_notes; /* the program has much to say of its own */
};

extern const struct format_family unmarked_family; /* detail: a struct mix_row */

/* unmarked_rows.c */
extern const struct mix_row javamail_mix;
extern const struct mix_row sendmail_mix;
extern const struct mix_row openssl_mix;
extern const struct mix_row terminal_mix;
extern const struct mix_row replies_mix;

#endif
