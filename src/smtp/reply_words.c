/* reply_words.c - finds a code among those that are registered. */
#include "smtp/reply_words.h"

#include <stddef.h>
#include <stdio.h>

#include "base/catalogue.h"

static const struct reply_words words[] = {
#define WORDS(code, text, rfc) {code, text, rfc},
#include "smtp/reply_words.def"
#undef WORDS
};

static const struct {
    unsigned subject, detail;
    const char *text, *rfc;
} codes[] = {
#define CODE(subject, detail, text, rfc) {subject, detail, text, rfc},
#include "smtp/enhanced_codes.def"
#undef CODE
};

#define CODES (sizeof codes / sizeof codes[0])

static const char *const subjects[] = {
    N_("other"),
    N_("addressing"),
    N_("the mailbox"),
    N_("the mail system"),
    N_("the network"),
    N_("the mail delivery protocol"),
    N_("the message's content"),
    N_("security or policy"),
};
#define SUBJECTS (sizeof subjects / sizeof subjects[0])

/* Takes a number of up to three digits from the text. */
static bool take_number(struct slice *text, unsigned *number)
{
    size_t size = 0;
    *number = 0;
    for (; size < text->size && size < 3 && ascii_digit(text->data[size]); size++)
        *number = *number * 10 + (unsigned)(text->data[size] - '0');
    *text = slice_after(*text, size);
    return size > 0;
}

static bool take_dot(struct slice *text)
{
    bool there = slice_starts(*text, SLICE("."));
    *text = slice_after(*text, there);
    return there;
}

/* ".5.1" to the end of the text. */
static bool take_rest(struct slice text, struct enhanced_code *code)
{
    return take_dot(&text) && take_number(&text, &code->subject) && take_dot(&text) &&
           take_number(&text, &code->detail) && text.size == 0;
}

bool enhanced_parse(struct slice text, struct enhanced_code *code)
{
    return take_number(&text, &code->class) && take_rest(text, code) &&
           (code->class == 2 || code->class == 4 || code->class == 5);
}

bool enhanced_parse_any(struct slice text, struct enhanced_code *code)
{
    code->class = 0;
    return slice_starts_nocase(text, SLICE("X")) && take_rest(slice_after(text, 1), code);
}

void enhanced_name(const struct enhanced_code *code, char *name, size_t size)
{
    if (code->class == 0)
        snprintf(name, size, "X.%u.%u", code->subject, code->detail);
    else
        snprintf(name, size, "%u.%u.%u", code->class, code->subject, code->detail);
}

/* Returns the index of a code in the registry, CODES where it is not registered. */
static size_t find_code(const struct enhanced_code *code)
{
    size_t i = 0;
    while (i < CODES && (codes[i].subject != code->subject || codes[i].detail != code->detail))
        i++;
    return i;
}

const char *enhanced_title(const struct enhanced_code *code)
{
    size_t i = find_code(code);
    return i < CODES ? codes[i].text : NULL;
}

const char *enhanced_rfc(const struct enhanced_code *code)
{
    size_t i = find_code(code);
    return i < CODES ? codes[i].rfc : NULL;
}

const char *enhanced_subject(const struct enhanced_code *code)
{
    return code->subject < SUBJECTS ? subjects[code->subject] : NULL;
}

const struct reply_words *reply_words(int code)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].code == code)
            return &words[i];
    return NULL;
}
