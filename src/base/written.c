/* written.c - a stream into memory, and whether all of it has arrived.
 */
#include "base/written.h"

#include <stdlib.h>

#include "base/memory_stream.h"

bool written_begin(struct written *written)
{
    *written = (struct written){0};
    written->out = memory_stream_open(&written->text, &written->size);
    return written->out != NULL;
}

bool written_end(struct written *written)
{
    bool whole = written->out && !ferror(written->out);
    if (written->out && fclose(written->out) != 0)
        whole = false;
    written->out = NULL;
    if (whole && written->text)
        return true;
    free(written->text);
    written->text = NULL;
    written->size = 0;
    return false;
}
