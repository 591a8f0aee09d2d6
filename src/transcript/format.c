/* format.c - the formats that are known.
 */
#include "transcript/format.h"

#include "transcript/capture.h"
#include "transcript/client_script.h"
#include "transcript/dump.h"
#include "transcript/exchange.h"
#include "transcript/hmailserver.h"
#include "transcript/iis.h"
#include "transcript/infer.h"
#include "transcript/json_lines.h"
#include "transcript/letters.h"
#include "transcript/marked_rows.h"
#include "transcript/unmarked.h"

const struct format smtpseq_formats[] = {
#include "transcript/formats.def"
};

const size_t smtpseq_format_count = sizeof smtpseq_formats / sizeof smtpseq_formats[0];

const struct format *format_by_name(const char *name)
{
    for (size_t i = 0; i < smtpseq_format_count; i++)
        if (strcmp(smtpseq_formats[i].name, name) == 0)
            return &smtpseq_formats[i];
    return strcmp(name, inferred_format.name) == 0 ? &inferred_format : NULL;
}
