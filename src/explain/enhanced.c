/* enhanced.c - RFC 3463: a class, a subject and a detail. */
#include "explain/enhanced.h"

static const struct {
    unsigned subject, detail;
    const char *text;
} codes[] = {
#define CODE(subject, detail, text) {subject, detail, text},
#include "explain/enhanced.def"
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

void put_enhanced(struct writer *writer, const struct enhanced_code *code)
{
    char name[16];
    const char *title = "not registered";
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].subject == code->subject && codes[i].detail == code->detail)
            title = codes[i].text;
    snprintf(name, sizeof name, "%u.%u.%u", code->class, code->subject, code->detail);
    put_heading(writer, name, title);
    put_field(writer, "Class",
              code->class == 2   ? "success"
              : code->class == 4 ? "a failure for now: the same message may be accepted later"
                                 : "a permanent failure: sending the same again does not help");
    put_field(writer, "About",
              code->subject < SUBJECTS ? subjects[code->subject] : "not registered");
    put_field(writer, "RFC", "RFC 3463; IANA, SMTP Enhanced Status Codes");
}
