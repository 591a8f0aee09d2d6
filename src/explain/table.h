/* table.h - a table of topics: aligned and wrapped as text, marked up in the other formats.
 */
#ifndef SMTPSEQ_TABLE_H
#define SMTPSEQ_TABLE_H

#include "explain/writer.h"

#define TABLE_COLUMNS 3

/* Begins a table inside a section; the first column is `first` octets wide, the others share the rest. */
void begin_table(struct writer *writer, const char *const heads[TABLE_COLUMNS], int first);
void put_table_row(struct writer *writer, const char *const heads[TABLE_COLUMNS],
                   const char *const cells[TABLE_COLUMNS]);
void end_table(struct writer *writer);

#endif
