/* iis.h - the W3C log of the SMTP service of IIS.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_IIS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_IIS_H

#include "transcript/formats/format.h"

extern const struct format_family iis_family;

#endif
