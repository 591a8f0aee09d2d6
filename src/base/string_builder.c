/* string_builder.c - a stream into memory, and whether all of it has arrived.
 */
#include "base/string_builder.h"

#include <stdlib.h>

#include "base/memory_stream.h"

bool string_builder_begin(struct string_builder *written)
{
    *written = (struct string_builder){0};
    written->out = memory_stream_open(&written->text, &written->size);
    return written->out != NULL;
}

bool string_builder_end(struct string_builder *written)
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
