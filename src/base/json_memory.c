/* json_memory.c - an allocation that leaves a note when it fails.
 */
#include "base/json_memory.h"

#include <stdlib.h>

static _Thread_local bool was_short;

void *json_memory_take(size_t size)
{
    void *block = malloc(size);
    if (!block)
        was_short = true;
    return block;
}

bool json_memory_short(void)
{
    bool answer = was_short;
    was_short = false;
    return answer;
}
