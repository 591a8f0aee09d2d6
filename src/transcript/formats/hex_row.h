/* hex_row.h - rows of a hex dump as many programs write it: `[42] 00000010 : 44 41 54 41-0D 0A : DATA..`.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_HEX_ROW_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_HEX_ROW_H

#include <stdint.h>

#include "base/slice.h"

#define HEX_ROW_MAX 32

struct hex_row {
    struct slice front; /* before the offset */
    uint32_t offset;
    char octets[HEX_ROW_MAX];
    size_t count;
};

/* Takes a row apart. Returns false if the line is none. */
bool hex_row(struct slice line, struct hex_row *row);

#endif
