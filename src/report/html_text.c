/* html_text.c - escapes text for a page.
 */
#include "report/escape.h"
#include "report/html.h"

static void write_text(FILE *out, struct slice text, const char *before, const char *after)
{
    while (text.size > 0) {
        uint32_t character = 0;
        size_t size = utf8_decode(text, &character);
        const char *entity = markup_entity(character);
        if (size == 0)
            fputs("\xef\xbf\xbd", out);
        else if (entity)
            fputs(entity, out);
        else if (character == '\t')
            putc(' ', out);
        else if (!printable_character(character))
            fprintf(out, character < 0x80 ? "%s\\x%02x%s" : "%s\\u{%x}%s", before,
                    (unsigned)character, after);
        else
            fwrite(text.data, 1, size, out);
        text = slice_after(text, size > 0 ? size : 1);
    }
}

void html_text(FILE *out, struct slice text)
{
    write_text(out, text, "<span class=\"x\">", "</span>");
}

void html_plain(FILE *out, struct slice text)
{
    write_text(out, text, "", "");
}
