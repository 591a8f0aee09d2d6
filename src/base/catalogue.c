/* catalogue.c - finds texts in a catalogue of gettext's.
 */
#include "base/catalogue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural_form.h"
#include "base/slice.h"
#include "base/small_file.h"

#define CATALOGUE_MAX ((size_t)8 << 20)
#define MAGIC         UINT32_C(0x950412de)
#define MAGIC_TURNED  UINT32_C(0xde120495)

/* Between a context and its text. */
enum { CONTEXT_END = '\004' };

/* The numbers of its head, all of four octets. */
enum { HEAD_MAGIC, HEAD_VERSION, HEAD_COUNT, HEAD_TEXTS, HEAD_TRANSLATIONS, HEAD_SIZE };

struct catalogue {
    char *octets;
    size_t size;
    bool turned;                       /* the octets of its numbers are in the other order */
    size_t count, texts, translations; /* where the tables begin, of a size and a place each */
    const char *plural;                /* the expression; NULL: none */
    char language[16];
};

static uint32_t number_at(const struct catalogue *catalogue, size_t at)
{
    uint32_t number;
    memcpy(&number, catalogue->octets + at, sizeof number);
    return catalogue->turned ? __builtin_bswap32(number) : number;
}

/* The string number `index` of a table. */
static const char *string_at(const struct catalogue *catalogue, size_t table, size_t index,
                             size_t *size)
{
    *size = number_at(catalogue, table + index * 8);
    return catalogue->octets + number_at(catalogue, table + index * 8 + 4);
}

/* Returns true if all strings of a table are inside the catalogue and end with a NUL. */
static bool table_is_whole(const struct catalogue *catalogue, size_t table)
{
    if (table > catalogue->size || (catalogue->size - table) / 8 < catalogue->count)
        return false;
    for (size_t i = 0; i < catalogue->count; i++) {
        size_t size = number_at(catalogue, table + i * 8);
        size_t at = number_at(catalogue, table + i * 8 + 4);
        if (at >= catalogue->size || size >= catalogue->size - at || catalogue->octets[at + size])
            return false;
    }
    return true;
}

static bool read_head(struct catalogue *catalogue)
{
    if (catalogue->size < HEAD_SIZE * 4)
        return false;
    uint32_t magic = number_at(catalogue, HEAD_MAGIC);
    catalogue->turned = magic == MAGIC_TURNED;
    catalogue->count = number_at(catalogue, HEAD_COUNT * 4);
    catalogue->texts = number_at(catalogue, HEAD_TEXTS * 4);
    catalogue->translations = number_at(catalogue, HEAD_TRANSLATIONS * 4);
    return (magic == MAGIC || catalogue->turned) &&
           number_at(catalogue, HEAD_VERSION * 4) >> 16 == 0 &&
           table_is_whole(catalogue, catalogue->texts) &&
           table_is_whole(catalogue, catalogue->translations);
}

/* Compares as strcmp would compare the context, its end and the text with the key. */
static int compare(const char *context, const char *text, const char *key)
{
    size_t size = context ? strlen(context) : 0;
    int order = context ? strncmp(context, key, size) : 0;
    if (order != 0 || !context)
        return order != 0 ? order : strcmp(text, key);
    order = CONTEXT_END - (unsigned char)key[size];
    return order != 0 ? order : strcmp(text, key + size + 1);
}

/* Returns the translation and its size; NULL if there is none. */
static const char *find(const struct catalogue *catalogue, const char *context, const char *text,
                        size_t *size)
{
    size_t first = 0, end = catalogue ? catalogue->count : 0;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        int order = compare(context, text, string_at(catalogue, catalogue->texts, middle, size));
        if (order == 0) {
            const char *found = string_at(catalogue, catalogue->translations, middle, size);
            return *size > 0 ? found : NULL;
        }
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return NULL;
}

/* The translation of the empty text is the catalogue's head: fields, in lines. */
static void read_fields(struct catalogue *catalogue)
{
    static const char plural[] = "plural=", language[] = "Language: ";
    size_t size, length = 0;
    const char *head = find(catalogue, NULL, "", &size);
    const char *found = head ? strstr(head, plural) : NULL;
    catalogue->plural = found ? found + strlen(plural) : NULL;
    found = head ? strstr(head, language) : NULL;
    for (const char *at = found ? found + strlen(language) : "";
         ascii_alphanumeric(*at) && length < sizeof catalogue->language - 1; at++)
        catalogue->language[length++] = *at;
}

struct catalogue *catalogue_read(const char *path)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    if (!catalogue)
        return NULL;
    catalogue->octets = small_file(path, CATALOGUE_MAX, &catalogue->size);
    bool whole = catalogue->octets && read_head(catalogue);
    if (!whole) {
        int error = catalogue->octets ? EINVAL : errno;
        catalogue_free(catalogue);
        errno = error;
        return NULL;
    }
    read_fields(catalogue);
    return catalogue;
}

const char *catalogue_language(const struct catalogue *catalogue)
{
    return catalogue ? catalogue->language : "en";
}

void catalogue_free(struct catalogue *catalogue)
{
    if (catalogue)
        free(catalogue->octets);
    free(catalogue);
}

const char *translate_in(const struct catalogue *catalogue, const char *context, const char *text)
{
    size_t size;
    const char *found = *text ? find(catalogue, context, text, &size) : NULL;
    return found ? found : text;
}

const char *translate(const struct catalogue *catalogue, const char *text)
{
    return translate_in(catalogue, NULL, text);
}

const char *translate_count(const struct catalogue *catalogue, const char *one, const char *many,
                            uint64_t number)
{
    size_t size;
    const char *form = find(catalogue, NULL, one, &size);
    if (!form)
        return number == 1 ? one : many;
    const char *end = form + size, *wanted = form;
    size_t index = catalogue->plural ? plural_form(catalogue->plural, number) : 0;
    for (; index > 0 && wanted < end; index--)
        wanted += strlen(wanted) + 1;
    return wanted < end ? wanted : form;
}
