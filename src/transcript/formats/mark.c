/* mark.c - patterns of marks. */
#include "transcript/formats/mark.h"

bool word_octet(char c, bool wide)
{
    if (ascii_alphanumeric(c) || c == '_' || (unsigned char)c >= 0x80)
        return true;
    return wide && ((c >= '-' && c <= '/') || c == ':' || c == '@' || c == '+');
}

uint64_t mark_key(struct slice text)
{
    uint64_t hash = slice_hash(SLICE_HASH, text);
    return hash ? hash : 1;
}

bool mark_add(struct mark *mark, enum mark_part_kind kind, struct slice text, bool is_key)
{
    if (mark->count > 0 && kind == PART_TEXT && mark->parts[mark->count - 1].kind == PART_TEXT) {
        if (MARK_TEXT_MAX - mark->text_size < text.size)
            return false;
        memcpy(mark->text + mark->text_size, text.data, text.size);
        mark->parts[mark->count - 1].size =
            (uint16_t)(mark->parts[mark->count - 1].size + text.size);
        mark->text_size += text.size;
        return true;
    }
    if (mark->count == MARK_PARTS_MAX || MARK_TEXT_MAX - mark->text_size < text.size)
        return false;
    if (text.size > 0)
        memcpy(mark->text + mark->text_size, text.data, text.size);
    mark->parts[mark->count++] = (struct mark_part){
        .kind = (uint8_t)kind,
        .is_key = is_key,
        .offset = (uint16_t)mark->text_size,
        .size = (uint16_t)text.size,
    };
    mark->text_size += text.size;
    return true;
}

bool mark_compile(struct mark *mark, const char *pattern)
{
    *mark = (struct mark){0};
    for (const char *c = pattern; *c; c++) {
        bool added;
        if (*c != '%' || c[1] == '%') {
            added = mark_add(mark, PART_TEXT, (struct slice){c, 1}, false);
            c += *c == '%';
        } else {
            c++;
            enum mark_part_kind kind = *c == 'd'   ? PART_DIGITS
                                       : *c == '*' ? PART_ANY
                                       : *c == '_' ? PART_BLANKS
                                                   : PART_WORD;
            added = mark_add(mark, kind, SLICE(""), *c == 'k');
        }
        if (!added)
            return false;
    }
    return true;
}

static struct slice part_text(const struct mark *mark, const struct mark_part *part)
{
    return (struct slice){mark->text + part->offset, part->size};
}

static size_t run_of(struct slice text, bool (*belongs)(char))
{
    size_t size = 0;
    while (size < text.size && belongs(text.data[size]))
        size++;
    return size;
}

static size_t word_run(struct slice text, bool wide)
{
    size_t size = 0;
    while (size < text.size && word_octet(text.data[size], wide))
        size++;
    return size;
}

/* Returns the number of octets before `literal`; SIZE_MAX if it does not occur. */
static size_t up_to(struct slice text, struct slice literal, bool blanks)
{
    if (literal.size == 0)
        return text.size;
    for (size_t at = 0; at + literal.size <= text.size; at++) {
        if (blanks)
            at += slice_find(slice_after(text, at), literal.data[0]);
        if (slice_starts(slice_after(text, at), literal))
            return at;
        if (!blanks && ascii_space(text.data[at]))
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

/* Returns the number of octets that the part matches; SIZE_MAX if it does not match. */
static size_t part_match(const struct mark *mark, size_t index, struct slice text)
{
    const struct mark_part *part = &mark->parts[index];
    struct slice literal = part_text(mark, part);
    size_t size;
    switch ((enum mark_part_kind)part->kind) {
    case PART_TEXT:
        if (slice_starts(text, literal))
            return literal.size;
        /* "CLIENT -> SERVER:" for an empty line: the blank after it is missing. */
        if (index + 1 == mark->count && literal.size > 1 &&
            ascii_space(literal.data[literal.size - 1]) && text.size < literal.size &&
            slice_equal(text, slice_head(literal, literal.size - 1)))
            return text.size;
        return index + 1 == mark->count && text.size == 0 && slice_trim(literal).size == 0
                   ? 0
                   : SIZE_MAX;
    case PART_DIGITS:
        size = run_of(text, ascii_digit);
        return size > 0 ? size : SIZE_MAX;
    case PART_ANY:
    case PART_WORD:
        if (index + 1 == mark->count || mark->parts[index + 1].kind != PART_TEXT) {
            size = 0; /* nothing constant follows: up to a blank */
            while (size < text.size && !ascii_space(text.data[size]))
                size++;
            return size;
        }
        literal = part_text(mark, &mark->parts[index + 1]);
        return up_to(text, literal, part->kind == PART_ANY);
    case PART_RUN:
        size = word_run(text, mark->wide);
        return size > 0 ? size : SIZE_MAX;
    case PART_BLANKS:
        return run_of(text, ascii_space);
    case PART_BLANK:
        return text.size == 0 ? 0 : ascii_space(text.data[0]) ? 1 : SIZE_MAX;
    case PART_SPACE:
        size = run_of(text, ascii_space);
        return size > 0 || text.size == 0 ? size : SIZE_MAX;
    }
    return SIZE_MAX;
}

bool mark_equal(const struct mark *a, const struct mark *b)
{
    if (a->count != b->count || a->text_size != b->text_size || a->wide != b->wide)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->parts[i].kind != b->parts[i].kind || a->parts[i].is_key != b->parts[i].is_key ||
            a->parts[i].size != b->parts[i].size)
            return false;
    return memcmp(a->text, b->text, a->text_size) == 0;
}

bool mark_match(const struct mark *mark, struct slice line, struct mark_found *found)
{
    *found = (struct mark_found){.key = SLICE("")};
    for (size_t i = 0; i < mark->count; i++) {
        struct slice rest = slice_after(line, found->length);
        size_t size = part_match(mark, i, rest);
        if (size == SIZE_MAX)
            return false;
        if (mark->parts[i].is_key) {
            bool first = found->key.size == 0;
            found->keys = first ? 0 : slice_hash(mark_key(found->key), slice_head(rest, size));
            found->key = slice_head(rest, size);
        }
        found->length += size;
    }
    return true;
}

size_t mark_words(const struct mark *mark, struct slice line, struct slice words[], size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < mark->count; i++) {
        size_t size = part_match(mark, i, line);
        if (size == SIZE_MAX)
            return 0;
        if (mark->parts[i].kind == PART_RUN && count < most)
            words[count++] = slice_head(line, size);
        line = slice_after(line, size);
    }
    return count;
}

bool mark_may_begin(const struct mark *mark, unsigned char octet)
{
    if (mark->count == 0)
        return true;
    switch ((enum mark_part_kind)mark->parts[0].kind) {
    case PART_TEXT:
        return (unsigned char)mark->text[0] == octet;
    case PART_DIGITS:
        return octet >= '0' && octet <= '9';
    case PART_SPACE:
    case PART_BLANK:
        return octet == ' ' || octet == '\t';
    case PART_RUN:
        return word_octet((char)octet, mark->wide);
    case PART_ANY:
    case PART_WORD:
    case PART_BLANKS:
        break;
    }
    return true;
}

size_t mark_describe(const struct mark *mark, char *room, size_t most)
{
    size_t size = 0;
    for (size_t i = 0; i < mark->count && size < most; i++) {
        struct slice text = part_text(mark, &mark->parts[i]);
        switch ((enum mark_part_kind)mark->parts[i].kind) {
        case PART_TEXT:
            break;
        case PART_BLANKS:
        case PART_SPACE:
        case PART_BLANK:
            text = SLICE(" ");
            break;
        default:
            text = SLICE("*");
        }
        for (size_t at = 0; at < text.size && size < most; at++)
            room[size++] = text.data[at];
    }
    return size;
}
