/* html.h - what the parts of the html report share: the page (html.c), a session drawn as a ladder
 * (html_session.c), the findings in it (html_fault.c), and the escaping of all text (html_page.c).
 */
#ifndef SMTPSEQ_HTML_H
#define SMTPSEQ_HTML_H

#include "report/html_layout.h"

/* Write text into an element or an attribute in double quotes; all text goes through these.
 * Markup is escaped; octets that are not valid UTF-8 become U+FFFD; characters that a page would
 * act on become \x1b or \u{202e}. html_text marks these, to tell them from a backslash in the
 * recording; html_plain does not. */
void html_text(FILE *out, struct slice text);
void html_plain(FILE *out, struct slice text);

/* Writes a name of the session that is unique in the run, for ids. */
void html_session_name(const struct report *report, uint64_t number);

/* The session that is drawn. */
struct html_ladder {
    const struct report *report;
    uint64_t number;
    struct copied_session *session;
    struct html_layout layout;
};

/* Writes "line 9", as a link to the step if it is drawn (step_count: there is no step). */
void html_link(const struct html_ladder *ladder, size_t step, uint64_t line);

/* Writes what servers answer: see text_servers. */
void html_answers(const struct html_ladder *ladder, int predicted, const int codes[]);

/* Writes the finding of that index in the session. */
void html_fault(const struct html_ladder *ladder, size_t index);

/* Draws a session. `open`: unfolded at first. */
void html_session(const struct report *report, uint64_t number, struct copied_session *session,
                  bool open);

/* Writes a page of all rules, in a language (NULL: English): each has its name as id. */
void html_rules(FILE *out, const struct catalogue *language);

/* Write the beginning of a page, with its language ("en"), policy and style, and its end. The title
 * is plain text. */
void html_head(FILE *out, const char *language, const char *title);
void html_end(FILE *out);

#endif
