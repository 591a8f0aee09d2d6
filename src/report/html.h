/* html.h - what the parts of the html report share: the page (html.c), a session drawn as a ladder
 * (html_session.c), the faults in it (html_fault.c), and the way of all text into them (html_text.c).
 */
#ifndef SMTPSEQ_HTML_H
#define SMTPSEQ_HTML_H

#include "report/html_layout.h"

/* Writes text into an element or an attribute in double quotes; all text goes through here. Markup
 * is escaped; what is no valid UTF-8 becomes U+FFFD; what a page would act on instead of showing it is
 * written visibly, \x1b or \u{202e}: plain in html_plain, else marked so that it differs from a
 * recording that holds a backslash. */
void html_text(FILE *out, struct slice text);
void html_plain(FILE *out, struct slice text);

/* Writes the name of a session, for ids: no other session of the run has it. */
void html_session_name(const struct report *report, uint64_t number);

/* A session that is drawn. */
struct html_ladder {
    const struct report *report;
    uint64_t number;
    struct kept_session *session;
    struct html_layout layout;
};

/* Writes "line 9", as a link where that line is a step of the session that is
 * drawn (step_count: it is none). */
void html_link(const struct html_ladder *ladder, size_t step, uint64_t line);

/* Writes what servers say: see text_servers. */
void html_answers(const struct html_ladder *ladder, int predicted, const int codes[]);

/* Writes the finding of that index in the session. */
void html_fault(const struct html_ladder *ladder, size_t index);

/* Draws a session. `open`: it is unfolded at first. */
void html_session(const struct report *report, uint64_t number, struct kept_session *session,
                  bool open);

/* Writes a page of all rules: each has its name as id. */
void html_rules(FILE *out);

/* Writes a page up to its heading: its type, its policy, its style. The title is plain text. */
void html_head(FILE *out, const char *title);
void html_end(FILE *out);

#endif
