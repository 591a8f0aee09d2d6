/* words.c - words with and without quotes.
 */
#include "config/words.h"

#include <stdlib.h>

#include "base/catalogue.h"

static bool separates(char c)
{
    return ascii_space(c) || c == ',';
}

static void skip_separators(struct slice *rest)
{
    while (rest->size > 0 && separates(rest->data[0]))
        *rest = slice_after(*rest, 1);
}

/* Takes the word after an opening quote. */
static struct word take_quoted(struct slice *rest)
{
    struct word word = {.quoted = true, .text = malloc(rest->size)};
    size_t size = 0, at = 1;
    if (!word.text)
        return word;
    while (at < rest->size && rest->data[at] != '"') {
        at += rest->data[at] == '\\' && at + 1 < rest->size && rest->data[at + 1] == '"';
        word.text[size++] = rest->data[at++];
    }
    word.text[size] = '\0';
    if (at >= rest->size)
        word.error = N_("a \" is missing");
    *rest = slice_after(*rest, at + 1);
    if (!word.error && rest->size > 0 && !separates(rest->data[0]))
        word.error = N_("a blank is missing after a \"");
    if (word.error) {
        free(word.text);
        word.text = NULL;
    }
    return word;
}

struct word word_take(struct slice *rest)
{
    skip_separators(rest);
    if (rest->size == 0)
        return (struct word){.end = true};
    if (rest->data[0] == '"')
        return take_quoted(rest);
    size_t size = 0;
    while (size < rest->size && !separates(rest->data[size]))
        size++;
    struct word word = {.text = slice_string(slice_head(*rest, size))};
    *rest = slice_after(*rest, size);
    return word;
}

bool word_take_dashes(struct slice *rest)
{
    skip_separators(rest);
    if (!slice_equal(slice_word(*rest), SLICE("--")))
        return false;
    *rest = slice_trim(slice_after(*rest, 2));
    return true;
}
