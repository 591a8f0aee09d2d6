/* head_scanner.h - what command.l and reply.l put around flex: a scanner that reads the head of one
 * line after another from a small buffer of its own, without an allocation.
 *
 * For these two files only, after flex's code: define SCAN_SIZE (octets of a line that it sees) first.
 */
#include <stdlib.h>

#include "base/slice.h"

struct head_scanner {
    yyscan_t flex;
    YY_BUFFER_STATE current;
    struct yy_buffer_state buffer;
    char text[SCAN_SIZE +
              3]; /* and a line end, so that something follows every head; two NULs for flex */
};

/* All zero at first. Returns false when out of memory. */
static bool head_scanner_begin(struct head_scanner *scanner)
{
    if (yylex_init(&scanner->flex) != 0)
        return false;
    /* What yy_scan_buffer would do, which exits when out of memory. */
    scanner->buffer.yy_ch_buf = scanner->buffer.yy_buf_pos = scanner->text;
    scanner->buffer.yy_buf_size = sizeof scanner->text - 2;
    scanner->current = &scanner->buffer;
    struct yyguts_t *guts = (struct yyguts_t *)scanner->flex;
    guts->yy_buffer_stack = &scanner->current;
    guts->yy_buffer_stack_max = 1;
    return true;
}

static void head_scanner_end(struct head_scanner *scanner)
{
    ((struct yyguts_t *)scanner->flex)->yy_buffer_stack = NULL; /* it is not flex's to free */
    yylex_destroy(scanner->flex);
}

/* Returns what the first rule that matches returns; in *length the octets it matched. */
static int head_scanner_read(struct head_scanner *scanner, struct slice line, size_t *length)
{
    line = slice_head(line, SCAN_SIZE);
    if (line.size > 0)
        memcpy(scanner->text, line.data, line.size);
    memcpy(scanner->text + line.size, "\n\0", 3);
    YY_BUFFER_STATE buffer = &scanner->buffer;
    buffer->yy_n_chars = (int)line.size + 1;
    buffer->yy_buf_pos = buffer->yy_ch_buf;
    buffer->yy_at_bol = 1;
    buffer->yy_buffer_status = YY_BUFFER_NEW;
    yy_load_buffer_state(scanner->flex);
    int found = yylex(scanner->flex);
    *length = (size_t)((const struct yyguts_t *)scanner->flex)->yyleng_r;
    return found;
}
