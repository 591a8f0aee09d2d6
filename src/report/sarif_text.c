/* sarif_text.c - texts and places of a recording as SARIF's messages and locations.
 */
#include <stdlib.h>

#include "report/escape.h"
#include "report/location.h"
#include "report/sarif.h"

void sarif_escape(FILE *out, struct slice text)
{
    while (text.size > 0) {
        char room[SHOWN_MAX];
        struct slice shown = take_shown(&text, room);
        for (size_t i = 0; i < shown.size; i++) {
            if (shown.data[i] == '[' || shown.data[i] == ']')
                putc('\\', out);
            if (shown.data[i] == '{' || shown.data[i] == '}')
                putc(shown.data[i], out);
            putc(shown.data[i], out);
        }
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
