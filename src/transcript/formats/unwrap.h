/* unwrap.h - takes the text of a log out of what another program wrapped around each line of it.
 *
 * A log comes inside the fields of JSON objects, a column of a table, a page of HTML, with colours for a
 * terminal, with a tail of the logger, with the mark of each entry on a line of its own, or with two entries in one row. What is taken
 * out is read as if it stood there alone.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_UNWRAP_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_UNWRAP_H

#include "base/octet_buffer.h"
#include "transcript/formats/row_cut.h"

enum unwrap_kind {
    UNWRAP_NONE,
    UNWRAP_JSON,     /* a string of a JSON object, which may hold several lines */
    UNWRAP_COLUMN,   /* a cell of a row with commas between (RFC 4180) */
    UNWRAP_HTML,     /* entities, tags, <br> for a line end */
    UNWRAP_CLEAN,    /* colours, backspaces, blanks that do not break */
    UNWRAP_TAIL,     /* what nobody sent at the end of a line: unsent_tail_at */
    UNWRAP_TWICE,    /* every line is logged twice, by two loggers of a program */
    UNWRAP_OWN_LINE, /* the mark of an entry stands on the line before it */
    UNWRAP_ROW, /* a command and its reply in one row: "C: " and "S: " lines are made of them */
    UNWRAP_CODE, /* the code stands in brackets or before a colon, or has a name: "[250] 'ok'", "code: 250" */
    UNWRAP_HEX,      /* a hex dump: the line before its first row says whose octets it has */
    UNWRAP_ELEMENTS, /* the elements of a list of JSON or Python */
    UNWRAP_BEHIND    /* the mark of a line stands at its end */
};

/* Wrappings in one another that are undone. */
#define UNWRAPS_MAX      2
#define UNWRAP_FIELD_MAX 48
#define UNWRAP_MARKS_MAX 6
#define UNWRAP_FRONT_MAX 200

struct unwrap {
    enum unwrap_kind kind;
    bool with_others;             /* JSON, COLUMN: the short other fields stand before the text */
    char field[UNWRAP_FIELD_MAX]; /* JSON: "log", "fields.message"; empty: the line is the string */
    unsigned column;              /* COLUMN: from 0 */
    /* OWN_LINE: own_line_words. BEHIND: the last word. Empty: no more. */
    char marks[UNWRAP_MARKS_MAX][UNWRAP_FIELD_MAX];
    bool quoted; /* OWN_LINE: what the marks are for begins with a quote. CODE: commands do */
    char joint[ROW_JOINT_MAX]; /* ROW: between a command and its reply */
};

#define ELEMENTS_DEPTH_MAX 16

/* Where in the brackets of a list a text has come to. */
struct elements {
    char open[ELEMENTS_DEPTH_MAX]; /* the brackets that are open */
    size_t depth;                  /* how many, which may be more */
    char quote;                    /* of the string; 0: outside of one */
    bool escaped;                  /* by the octet before */
    bool collecting;               /* an element, into `made` */
    size_t begun;                  /* the depth that it stands at */
    unsigned lines;                /* since the last element ended */
};

/* Returns true if the two are of the same kind, and take the text from the same place. */
bool unwrap_equal(const struct unwrap *a, const struct unwrap *b);

/* The memory of the steps, all zero at first. */
struct unwrap_room {
    struct octet_buffer made; /* the text without the wrapping; TWICE: the line before */
    bool first;               /* TWICE: that was the first of two */
    int open;                 /* ROW: the code of a reply that goes on; 0: none does */
    bool after_data;          /* ROW: the last command is DATA */
    struct elements elements; /* ELEMENTS */
    /* ROW: what stands before the last reply. HEX: the line before the dump, or the one before that. OWN_LINE: the
     * last mark. */
    char front[UNWRAP_FRONT_MAX];
    size_t front_size;
    bool no_memory;
};

void unwrap_room_free(struct unwrap_room *room);

/* Undoes the step for one line (without its line end) and calls `take` for each line of the text in it;
 * the slice is valid during the call. A line that is not wrapped is passed on as it is. Returns false when
 * out of memory. */
bool unwrap_line(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                 void (*take)(void *context, struct slice text), void *context);

/* Runs of equal lines, all zero at first. */
struct line_runs {
    struct slice line;
    size_t length;     /* of the last run */
    size_t runs, even; /* that have ended; those of them with an even number of lines */
};

/* Takes a line, which may not be right behind the one before. */
void line_runs_add(struct line_runs *runs, struct slice line, bool adjacent);

/* Returns true if nearly all lines are there twice, one after the other. */
bool line_runs_are_pairs(const struct line_runs *runs);

/* Returns where in a line without blanks at its end something begins that nobody sent: the place in the source of a
 * program, fields of a logger, a line end that cat or sed made visible. The size of the line if there is none. */
size_t unsent_tail_at(struct slice line);

/* The words of a mark on a line of its own that are the same each time: those without a digit. No more than
 * fit; empty where the line is too long to be a mark. */
void own_line_words(struct slice line, char words[UNWRAP_FIELD_MAX]);

/* What follows the last blank of a text. */
struct slice last_word(struct slice text);

/* Finds a code that is written in another way than the server sent it: in brackets, with a colon after it, or
 * as the value of something named code.
 * Sets *begin and *end to where that stands in the line, and returns the code; 0 where there is none. */
int odd_code_at(struct slice line, size_t *begin, size_t *end);

#endif
