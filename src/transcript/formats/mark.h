/* mark.h - the text before the payload of a line that shows whose line it is, as a pattern.
 *
 * Log lines have times, levels, process and session ids before or inside the constant text. A mark
 * is a sequence of parts, matched from left to right without backtracking: one pass over the head
 * of the line.
 *
 * In the rows of formats a mark is a text, in which % begins a part:
 *
 *     %d  digits              %*  any octets, up to what follows in the pattern
 *     %w  the same without a blank; may be empty
 *     %k  like %w, and it is the key of the session
 *     %_  blanks, or none     %%  the sign itself
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_MARK_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_MARK_H

#include <stdint.h>

#include "base/slice.h"

#define MARK_PARTS_MAX 96
#define MARK_TEXT_MAX  480

enum mark_part_kind {
    PART_TEXT, /* constant */
    PART_DIGITS,
    PART_ANY,    /* up to the constant text that follows */
    PART_WORD,   /* the same, without a blank */
    PART_RUN,    /* octets of a word in the sense of `wide`, as many as there are, at least one */
    PART_BLANKS, /* any number of blanks */
    PART_SPACE,  /* at least one blank */
    PART_BLANK   /* one blank, or the end of the line */
};

struct mark_part {
    uint8_t kind; /* enum mark_part_kind */
    bool is_key;
    uint16_t offset, size; /* PART_TEXT: in the mark's text */
};

struct mark {
    struct mark_part parts[MARK_PARTS_MAX];
    size_t count;
    size_t text_size;
    bool wide; /* what belongs to a word: see word_octet */
    char text[MARK_TEXT_MAX];
};

/* A mark that was found at the head of a line. */
struct mark_found {
    size_t length;    /* octets of the mark */
    struct slice key; /* of the line; empty when the mark has none */
    uint64_t keys;    /* a number for all its keys, where the mark has several; else 0 */
    bool by_text;     /* both sides have the mark: what the text says decides */
};

/* Compiles a pattern. Returns false if it has too many parts or too much text. */
bool mark_compile(struct mark *mark, const char *pattern);

/* Adds a part; `text` is for PART_TEXT. Returns false if there is no room. */
bool mark_add(struct mark *mark, enum mark_part_kind kind, struct slice text, bool is_key);

bool mark_equal(const struct mark *a, const struct mark *b);

/* Returns true if the line begins with the mark. If the line ends there, blanks at the end of
 * the mark may be missing. */
bool mark_match(const struct mark *mark, struct slice line, struct mark_found *found);

/* Fills in the variable words that the mark finds in the line, at most `most`. Returns how many; 0 as well
 * if the line does not begin with the mark. */
size_t mark_words(const struct mark *mark, struct slice line, struct slice words[], size_t most);

/* Writes the mark for a person: variable parts as "*". Returns the size, at most `most`. */
size_t mark_describe(const struct mark *mark, char *room, size_t most);

/* Returns true if an octet belongs to a word. A narrow word is a name or a number; a wide one
 * may also be a time, a host name, an address or a path. Octets beyond ASCII count as letters. */
bool word_octet(char c, bool wide);

/* Returns true if a line that begins with this octet can have the mark. */
bool mark_may_begin(const struct mark *mark, unsigned char octet);

/* Returns the session key for a text; never 0, which means no key. */
uint64_t mark_key(struct slice text);

#endif
