/* marks.h - how a program marks whose line a line of its log is: the rows of the table of formats,
 * and the search for their marks in a line.
 *
 * A row of the table and marks inferred from a recording (infer.h) are read by the same reader.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_MARKS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_MARKS_H

#include "smtp/line.h"
#include "transcript/formats/mark.h"
#include "transcript/formats/quoting.h"

#define MARKS_MAX           8
#define NOTES_MAX           10
#define TAIL_MAX            48
/* Rows of the table of formats that have marks. */
#define ROWS_WITH_MARKS_MAX 64

/* A note, by the beginning of its line. */
struct note_mark {
    const char *mark;
    enum note note;
};

/* A note that implies a command which is not shown: its verb; %k of the mark is its argument. */
struct implied_command {
    const char *mark;
    const char *verb;
};

/* How the further lines of a reply are written. */
enum continuation {
    CONTINUED_MARKED, /* with the mark */
    CONTINUED_BARE,   /* without the mark, perhaps indented */
    CONTINUED_JOINED  /* all lines in one: "250-a250-b250 c", or with something between them */
};

/* How the lines of the message are shown. */
enum body {
    BODY_MARKED,   /* like commands, as sent; or not shown; or replaced by `content` */
    BODY_BARE,     /* without a mark, up to the dot; a line may look as if it had one */
    BODY_UNSTUFFED /* like commands, before dots are doubled: the last "." ends the message */
};

/* The marks of a format, as patterns (mark.h); unused places are NULL. */
struct marks_row {
    const char *client[MARKS_MAX];
    const char *server[MARKS_MAX];
    const char *bare[2]; /* the prefix of lines without a mark */
    struct note_mark notes[NOTES_MAX];
    struct implied_command implied[2];
    const char *content[2]; /* a client's payload that stands for message content */
    /* What follows each line; # matches digits; "?": learnt from the head. */
    const char *client_tail;
    const char *server_tail;
    enum quoting quoting;
    enum continuation continuation;
    enum body body;
    char key_end;     /* the key ends before this octet; NUL: it is %k */
    bool either_side; /* the program may be client or server: its lines show which */
    bool after_note;  /* as a client, nothing before NOTE_SESSION belongs to the session */
    bool hides_data;  /* a message may be shown without its DATA */
    bool one_a_write; /* a mark for each read or write: only its first line has one */
    bool pieces;      /* a text without a line end continues in the next one */
    bool time_may_precede;
    bool test_may_precede; /* the heading of a test of Python's unittest */
    bool common_marks;     /* many programs use them: after other text they prove nothing */
};

/* Compiled marks. */
struct marks {
    struct mark client[MARKS_MAX], server[MARKS_MAX], bare[2];
    struct mark notes[NOTES_MAX];
    enum note note_kinds[NOTES_MAX];
    struct mark content[2], implied[2];
    size_t clients, servers, bares, note_count, contents, implied_count;
    char client_tail[TAIL_MAX], server_tail[TAIL_MAX];
    char joint[TAIL_MAX];    /* CONTINUED_JOINED: what stands between the lines */
    struct marks_row row;    /* its flags */
    uint32_t may[256];       /* the marks that a line can have, as bits, by its first octet */
    bool swapped;            /* the head shows that the client's marks are the server's */
    bool with_cr;            /* most marked lines of the head end with CR LF */
    bool learnt;             /* from the recording: lines must also look like SMTP */
    bool by_text[MARKS_MAX]; /* learnt marks of the client that the server has as well */
};

/* Compiles the marks of a row. Returns false if a pattern is too long. */
bool marks_compile(struct marks *marks, const struct marks_row *row);

/* Returns the compiled marks of a row of the table, which all share. NULL if a pattern is too long. */
const struct marks *marks_of_row(const struct marks_row *row);

/* Fills `may`; call it when all marks are compiled. */
void marks_index(struct marks *marks);

/* Returns the side of a line by its mark alone; SIDE_UNMARKED may have a bare prefix. */
enum side marks_side(const struct marks *marks, struct slice line, struct mark_found *found,
                     enum note *note);

/* Returns the payload without the tail; blanks at the end belong to the line. */
struct slice tail_cut(struct slice payload, const char *tail);
/* The same if the recording may be cut in the middle of the tail. */
struct slice tail_cut_begun(struct slice payload, const char *tail);

#endif
