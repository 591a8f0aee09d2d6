/* json_memory.h - whether jansson was short of memory.
 *
 * jansson passes over some failed allocations without a word: an object lacks a member then, a
 * string an octet. So a program has it allocate through json_memory_take (json_set_alloc_funcs,
 * once, before all else), and who has built or parsed something asks. Where that is not done, the
 * answer is always no.
 */
#ifndef SMTPSEQ_BASE_JSON_MEMORY_H
#define SMTPSEQ_BASE_JSON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* malloc, with a note where there is none to be had. */
void *json_memory_take(size_t size);

/* Whether that has happened in this thread since the last question. */
bool json_memory_short(void);

#endif
