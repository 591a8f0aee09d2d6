/* formats.c - the formats that are known.
 */
#include "base/catalogue.h"
#include "transcript/recognise/recognise.h"

#include "transcript/capture/capture.h"
#include "transcript/capture/export.h"
#include "transcript/dumps/dump.h"
#include "transcript/formats/bounce.h"
#include "transcript/formats/client_script.h"
#include "transcript/formats/exchange.h"
#include "transcript/formats/hmailserver.h"
#include "transcript/formats/iis.h"
#include "transcript/formats/json_lines.h"
#include "transcript/formats/letters.h"
#include "transcript/formats/marked_rows.h"
#include "transcript/formats/unmarked.h"
#include "transcript/recognise/compose.h"

const struct format smtpseq_formats[] = {
#include "transcript/recognise/formats.def"
};

const size_t smtpseq_format_count = sizeof smtpseq_formats / sizeof smtpseq_formats[0];

const struct format *format_by_name(const char *name)
{
    for (size_t i = 0; i < smtpseq_format_count; i++)
        if (strcmp(smtpseq_formats[i].name, name) == 0)
            return &smtpseq_formats[i];
    return strcmp(name, inferred_format.name) == 0 ? &inferred_format : NULL;
}
