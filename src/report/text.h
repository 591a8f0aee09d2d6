/* text.h - the parts of the text report: findings (text.c), sessions (ladder.c) and what they share
 * (text_parts.c).
 */
#ifndef SMTPSEQ_TEXT_H
#define SMTPSEQ_TEXT_H

#include "report/copied_sessions.h"

#define COLOR_RESET "\033[0m"
#define COLOR_BOLD  "\033[1m"
#define COLOR_DIM   "\033[2m"
#define COLOR_CARET "\033[1;32m"
#define COLOR_CAUSE "\033[1;34m"
#define COLOR_STATE "\033[36m"
#define COLOR_FAULT "\033[1;31m"

/* Returns the color if colors are wanted, else "". */
const char *text_paint(const struct report *report, const char *color);

/* Returns a text in the language of the report. */
__attribute__((format_arg(2), returns_nonnull)) static inline const char *
text_of(const struct report *report, const char *text)
{
    return translate(report->options.language, text);
}

/* Writes "1 error", "2 errors" into `room`, and returns it. The texts have one %llu, the number. */
#define COUNTED_MAX 200
const char *text_counted(const struct report *report, char room[static COUNTED_MAX],
                         uint64_t number, const char *one, const char *many);

/* The same of findings of a severity. */
const char *text_findings_counted(const struct report *report, char room[static COUNTED_MAX],
                                  uint64_t number, enum severity severity);

/* Writes the same to the report: of findings of a severity, of exchanges. */
void text_findings(const struct report *report, enum severity severity, uint64_t number);
void text_exchanges(const struct report *report, uint64_t number);

/* Writes "1 error", "2 errors". */
void text_count(FILE *out, uint64_t number, const char *what);

/* Words that are written into one paragraph. Where the report goes to a terminal they are wrapped to its
 * width; a file or a pipe has none, and gets one line. */
struct words {
    const struct report *report;
    int column;         /* columns used in this line */
    const char *prefix; /* of the lines after the first */
};

/* Joins the first of the commands that a finding says were expected with commas, with "..." where there are more.
 * Returns how many were expected. */
#define EXPECTED_MAX (COMMAND_COUNT * 20 + 8)
size_t text_expected(const struct finding *finding, size_t most, char room[static EXPECTED_MAX]);

/* Begins a paragraph with its first words, which are translated. */
struct words begin_words(const struct report *report, const char *head, const char *prefix);

/* Writes a blank and words of a recording or our own, escaped. */
void print_words(struct words *words, struct slice text);

/* The same, formatted; at most 800 octets. */
void print_words_of(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes what servers answer, grouped by answer: "503 from rfc5321, postfix; taken by haraka".
 * `predicted`: a strict server's code, 0 for none; `codes`: of the servers of the run, or NULL. */
void text_servers(const struct report *report, int predicted, const int codes[]);

/* Writes with which settings the servers of the run were measured, a line for each server whose table
 * says so. */
void text_settings(const struct report *report);

/* Draws a session: the client's lines on the left, the server's on the right, the state between. */
void ladder_session(const struct report *report, const char *file, uint64_t number,
                    struct copied_session *session);

#endif
