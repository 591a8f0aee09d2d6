/* marks.h - how a program marks whose line a line of its log is: the rows of the table of formats, and
 * the search for their marks in a line.
 *
 * A row of the table and marks inferred from a recording (infer.h) are read by the same reader.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_MARKS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_MARKS_H

#include "transcript/formats/format.h"
#include "transcript/formats/mark.h"
#include "transcript/formats/quoting.h"

#define MARKS_MAX 8
#define NOTES_MAX 10
#define TAIL_MAX  48

/* A kind of note: lines that begin so. */
struct note_mark {
    const char *mark;
    enum note note;
};

/* A note that tells of a command which is not shown: its verb, and as %k of the mark what follows it.
 */
struct told_command {
    const char *mark;
    const char *verb;
};

/* How a reply goes on whose first line has the mark. */
enum continuation {
    CONTINUED_MARKED, /* every line has it */
    CONTINUED_BARE,   /* the others have none, but may be indented */
    CONTINUED_JOINED  /* all lines in one: "250-a250-b250 c", or with something between them */
};

/* How the lines of the message are shown. */
enum body {
    BODY_MARKED,   /* like commands, as sent; or not at all, or by what the row has as `content` */
    BODY_BARE,     /* without a mark, up to the dot; they may look like lines with one */
    BODY_UNSTUFFED /* like commands, before dots are doubled: the last "." ends it */
};

/* The marks of a format, as patterns (mark.h); unused places are NULL. */
struct marks_row {
    const char *client[MARKS_MAX];
    const char *server[MARKS_MAX];
    const char *bare[2]; /* what stands before lines that have no mark */
    struct note_mark notes[NOTES_MAX];
    struct told_command told[2];
    const char *content[2]; /* a client's payload that stands for message content */
    /* Behind a command, # being digits; "?" is learnt: what follows DATA. */
    const char *client_tail;
    const char *server_tail;
    enum quoting quoting;
    enum continuation continuation;
    enum body body;
    char key_end;     /* the key goes up to this octet; NUL: all of it */
    bool either_side; /* the program may be client or server: what is said decides */
    bool after_note;  /* as a client, nothing before NOTE_SESSION belongs to the session */
    bool hides_data;  /* a message may be shown whose DATA is not */
    bool one_a_write; /* a mark for each read or write: further lines in it have none */
    bool pieces;      /* a piece of text without a line end goes on in the next one */
    bool time_may_precede;
    bool common_marks; /* many programs have them: behind another's text they are not this one's */
};

/* Marks made ready for reading. */
struct marks {
    struct mark client[MARKS_MAX], server[MARKS_MAX], bare[2];
    struct mark notes[NOTES_MAX];
    enum note note_kinds[NOTES_MAX];
    struct mark content[2], told[2];
    size_t clients, servers, bares, note_count, contents, tolds;
    char client_tail[TAIL_MAX], server_tail[TAIL_MAX];
    char joint[TAIL_MAX]; /* CONTINUED_JOINED: what stands between the lines */
    struct marks_row row; /* its flags */
    uint32_t may[256]; /* by the first octet of a line, which marks it can have: a bit for each */
    bool turned;       /* by the head, the marks of the client are the server's */
    bool with_cr;      /* most marked lines of the head end with CR LF */
    bool learnt;       /* from the recording: what does not look like SMTP is not taken for it */
};

/* Makes the marks of a row ready. False when a pattern is too long for its room. */
bool marks_compile(struct marks *marks, const struct marks_row *row);

/* Fills `may`; to be called when all marks are there. */
void marks_index(struct marks *marks);

/* The side of a line by the marks alone; SIDE_UNMARKED may have a bare prefix. */
enum side marks_side(const struct marks *marks, struct slice line, struct mark_found *found,
                     enum note *note);

/* Without the tail, if it is there; the blanks at the end are the line's. */
struct slice tail_cut(struct slice payload, const char *tail);
/* The same where the recording may have been cut in the middle of the tail. */
struct slice tail_cut_begun(struct slice payload, const char *tail);

#endif
