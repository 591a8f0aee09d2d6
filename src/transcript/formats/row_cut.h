/* row_cut.h - rows that hold a command and its reply: `cmd="DATA" reply="503 no"`, `from: 250 ok`.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_ROW_CUT_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_ROW_CUT_H

#include "base/slice.h"

#define ROW_JOINT_MAX 32

/* The parts of a row. The command is spelled out where a word stands for it: "hello:", "from:". */
struct row_cut {
    struct slice front;   /* before the command, without quotes and blanks at its end */
    struct slice command; /* empty: the row holds a reply only */
    struct slice reply;
};

/* Cuts a row at the text that stands before its reply. Returns false if the line is no such row. */
bool row_cut(struct slice line, struct slice joint, struct row_cut *cut);

/* Learns from the head what stands between the commands and their replies. Returns false if its lines are
 * not such rows. */
bool row_cut_learn(struct slice head, char joint[ROW_JOINT_MAX]);

#endif
