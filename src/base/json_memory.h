/* json_memory.h - detects that jansson ran out of memory.
 *
 * jansson ignores some failed allocations: an object then lacks a member, or a string an octet. So
 * the program makes jansson allocate with json_memory_allocate (json_set_alloc_funcs, once, before
 * anything else), and code that has built or parsed JSON calls json_memory_failed. In a program
 * that does not do so, that always returns false.
 */
#ifndef SMTPSEQ_BASE_JSON_MEMORY_H
#define SMTPSEQ_BASE_JSON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* malloc that remembers when it fails. */
void *json_memory_allocate(size_t size);

/* Returns true if that has failed in this thread since the last call. */
bool json_memory_failed(void);

#endif
