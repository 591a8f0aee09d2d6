/* string_builder.c - builds a text in memory with stdio.
 */
#include "base/string_builder.h"

#include <stdlib.h>

bool string_builder_begin(struct string_builder *built)
{
    *built = (struct string_builder){0};
    built->out = memory_stream_open(&built->text, &built->size);
    return built->out != NULL;
}

bool string_builder_end(struct string_builder *built)
{
    bool complete = built->out && !ferror(built->out);
    if (built->out && fclose(built->out) != 0)
        complete = false;
    built->out = NULL;
    if (complete && built->text)
        return true;
    free(built->text);
    built->text = NULL;
    built->size = 0;
    return false;
}
