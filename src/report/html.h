/* html.h - what the parts of the html report share: the page (html.c), a session drawn as a ladder
 * (html_session.c) and the way of all text into it (html_text.c).
 */
#ifndef SMTPSEQ_HTML_H
#define SMTPSEQ_HTML_H

#include "report/kept.h"

/* Writes text into an element or an attribute in double quotes; all text goes through here. Markup
 * is escaped; what is no valid UTF-8 becomes U+FFFD; what a page would act on instead of showing it is
 * written visibly, \x1b or \u{202e}: plain in html_plain, else marked so that it differs from a
 * recording that holds a backslash. */
void html_text(FILE *out, struct slice text);
void html_plain(FILE *out, struct slice text);

/* Writes the name of a session, for ids: no other session of the run has it. */
void html_session_name(const struct report *report, uint64_t number);

/* Draws a session. `open`: it is unfolded at first. */
void html_session(const struct report *report, uint64_t number, struct kept_session *session,
                  bool open);

/* Writes a page of all rules: each has its name as id. */
void html_rules(FILE *out);

/* Writes a page up to its heading: its type, its policy, its style. The title is plain text. */
void html_head(FILE *out, const char *title);
void html_end(FILE *out);

/* "1 error", "2 errors" */
void html_count(FILE *out, uint64_t number, const char *what);

#endif
