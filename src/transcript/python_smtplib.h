/* python_smtplib.h - the debug output of Python's smtplib (set_debuglevel).
 */
#ifndef SMTPSEQ_PYTHON_SMTPLIB_H
#define SMTPSEQ_PYTHON_SMTPLIB_H

#include "transcript/format.h"

struct fit python_smtplib_recognise(const struct format *format, struct slice head);
bool python_smtplib_read(struct reader *reader, const struct source_line *line);

#endif
