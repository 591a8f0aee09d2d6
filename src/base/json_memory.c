/* json_memory.c - remembers failed allocations of jansson.
 */
#include "base/json_memory.h"

#include <stdlib.h>

static _Thread_local bool failed;

void *json_memory_allocate(size_t size)
{
    void *block = malloc(size);
    if (!block)
        failed = true;
    return block;
}

bool json_memory_failed(void)
{
    bool answer = failed;
    failed = false;
    return answer;
}
