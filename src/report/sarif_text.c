/* sarif_text.c - texts and places of a recording as SARIF's messages and locations.
 */
#include <stdlib.h>

#include "report/escape.h"
#include "report/location.h"
#include "report/sarif.h"

void sarif_escape(FILE *out, struct slice text)
{
    while (text.size > 0) {
        char room[4 * SHOWN_GROWTH];
        uint32_t character;
        size_t size = utf8_decode(text, &character);
        size = size > 0 ? size : 1;
        size_t shown = copy_shown(room, slice_head(text, size));
        for (size_t i = 0; i < shown; i++) {
            if (room[i] == '[' || room[i] == ']')
                putc('\\', out);
            if (room[i] == '{' || room[i] == '}')
                putc(room[i], out);
            putc(room[i], out);
        }
        text = slice_after(text, size);
    }
}

json_t *sarif_message(struct string_builder *written)
{
    json_t *text = string_builder_end(written) ? json_stringn(written->text, written->size) : NULL;
    free(written->text);
    return json_pack("{s:o}", "text", text);
}

json_t *sarif_text(struct slice text)
{
    struct string_builder written;
    if (string_builder_begin(&written))
        sarif_escape(written.out, text);
    return sarif_message(&written);
}

/* The working folder is assumed to be the root of the repository. */
json_t *sarif_artifact(const char *file)
{
    char *path = location_path(file), *uri = path ? location_uri(path) : NULL;
    json_t *artifact = uri ? json_pack("{s:s}", "uri", uri) : NULL;
    if (path && *path != '/')
        json_put(&artifact, "uriBaseId", json_string("%SRCROOT%"));
    free(path);
    free(uri);
    return artifact;
}

json_t *sarif_location(const char *file, json_t *region)
{
    return json_pack("{s:{s:o, s:o}}", "physicalLocation", "artifactLocation", sarif_artifact(file),
                     "region", region);
}
