/* reply_words.c - finds a code among those that are registered. */
#include "smtp/reply_words.h"

#include <stddef.h>

static const struct reply_words words[] = {
#define WORDS(code, text, rfc) {code, text, rfc},
#include "smtp/reply_words.def"
#undef WORDS
};

static const struct {
    unsigned subject, detail;
    const char *text;
} codes[] = {
#define CODE(subject, detail, text) {subject, detail, text},
#include "smtp/enhanced_codes.def"
#undef CODE
};

static const char *const subjects[] = {
    "other",
    "addressing",
    "the mailbox",
    "the mail system",
    "the network",
    "the mail delivery protocol",
    "the message's content",
    "security or policy",
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

bool enhanced_parse(struct slice text, struct enhanced_code *code)
{
    return take_number(&text, &code->class) && take_dot(&text) &&
           take_number(&text, &code->subject) && take_dot(&text) &&
           take_number(&text, &code->detail) && text.size == 0 &&
           (code->class == 2 || code->class == 4 || code->class == 5);
}

const char *enhanced_title(const struct enhanced_code *code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].subject == code->subject && codes[i].detail == code->detail)
            return codes[i].text;
    return NULL;
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
