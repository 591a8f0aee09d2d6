/* python_smtplib.h - the debug output of Python's smtplib (set_debuglevel).
 */
#ifndef SMTPSEQ_PYTHON_SMTPLIB_H
#define SMTPSEQ_PYTHON_SMTPLIB_H

#include "transcript/format.h"

extern const struct format_family python_smtplib_family;

#endif
