/* command.c - the commands' spellings, and the argument behind a verb. */
#include "smtp/command.h"

/* grammar/command.l */
enum command command_scan_verb(struct command_scanner *scanner, struct slice line, size_t *length);

static const char *const names[COMMAND_COUNT] = {
#define X(name, spelling) [COMMAND_##name] = spelling,
    COMMANDS(X)
#undef X
};

const char *command_name(enum command command)
{
    return names[command];
}

const char *command_verb(enum command command)
{
    if (command == COMMAND_BDAT_LAST)
        return names[COMMAND_BDAT];
    if (command == COMMAND_BURL_LAST)
        return names[COMMAND_BURL];
    return names[command];
}

/* The verbs of four letters, each in a place of its own: an octet of the line more or less would
 * mean a walk through the scanner's automaton, and nearly every command has one of these. The
 * multiplier was found by trying; a verb in the place of another would not compile. */
#define VERB_WORD(a, b, c, d)                                                  \
    ((uint32_t)(unsigned char)(a) << 24 | (uint32_t)(unsigned char)(b) << 16 | \
     (uint32_t)(unsigned char)(c) << 8 | (uint32_t)(unsigned char)(d))
#define VERB_PLACE(word) ((word)*UINT32_C(0xc2793ab3) >> 27)
#define VERB(a, b, c, d, command) \
    [VERB_PLACE(VERB_WORD(a, b, c, d))] = {VERB_WORD(a, b, c, d), (command)}

static const struct {
    uint32_t word;
    enum command command;
} usual_verbs[32] = {
    VERB('M', 'A', 'I', 'L', COMMAND_MAIL), VERB('R', 'C', 'P', 'T', COMMAND_RCPT),
    VERB('D', 'A', 'T', 'A', COMMAND_DATA), VERB('B', 'D', 'A', 'T', COMMAND_BDAT),
    VERB('R', 'S', 'E', 'T', COMMAND_RSET), VERB('Q', 'U', 'I', 'T', COMMAND_QUIT),
    VERB('E', 'H', 'L', 'O', COMMAND_EHLO), VERB('H', 'E', 'L', 'O', COMMAND_HELO),
    VERB('L', 'H', 'L', 'O', COMMAND_LHLO), VERB('A', 'U', 'T', 'H', COMMAND_AUTH),
    VERB('N', 'O', 'O', 'P', COMMAND_NOOP), VERB('V', 'R', 'F', 'Y', COMMAND_VRFY),
    VERB('E', 'X', 'P', 'N', COMMAND_EXPN), VERB('H', 'E', 'L', 'P', COMMAND_HELP),
    VERB('E', 'T', 'R', 'N', COMMAND_ETRN), VERB('A', 'T', 'R', 'N', COMMAND_ATRN),
    VERB('T', 'U', 'R', 'N', COMMAND_TURN), VERB('B', 'U', 'R', 'L', COMMAND_BURL),
    VERB('S', 'E', 'N', 'D', COMMAND_SEND), VERB('S', 'O', 'M', 'L', COMMAND_SOML),
    VERB('S', 'A', 'M', 'L', COMMAND_SAML),
};

/* The command of a line that begins with one of them and a blank, or is one; UNKNOWN: the scanner
 * has to look. */
static enum command usual_verb(struct slice line)
{
    if (line.size < 4 || (line.size > 4 && !ascii_space(line.data[4])))
        return COMMAND_UNKNOWN;
    /* Without the bit that tells small letters from capitals; no other octet becomes a letter. */
    uint32_t word =
        VERB_WORD(line.data[0], line.data[1], line.data[2], line.data[3]) & UINT32_C(0xdfdfdfdf);
    size_t location = VERB_PLACE(word);
    return word != 0 && usual_verbs[location].word == word ? usual_verbs[location].command
                                                           : COMMAND_UNKNOWN;
}

/* BDAT's argument: a size, perhaps LAST (RFC 3030 2). A size that does not fit counts as very
 * large; it is only ever counted down, never allocated. */
static void scan_chunk_size(struct command_line *line)
{
    struct slice rest = line->argument;
    uint64_t octets = 0;
    while (rest.size > 0 && ascii_digit(rest.data[0])) {
        uint64_t digit = (uint64_t)(rest.data[0] - '0');
        octets = octets > (UINT64_MAX - digit) / 10 ? UINT64_MAX / 10 : octets * 10 + digit;
        rest = slice_after(rest, 1);
    }
    line->octets = octets;
}

/* Whether the last word of the argument is LAST. */
static bool ends_in_last(struct slice argument)
{
    argument = slice_trim(argument);
    struct slice word = SLICE("LAST");
    if (argument.size < word.size)
        return false;
    struct slice tail = slice_after(argument, argument.size - word.size);
    return slice_equal_nocase(tail, word) &&
           (argument.size == word.size || ascii_space(tail.data[-1]));
}

void command_read(struct command_scanner *scanner, struct slice line, struct command_line *result)
{
    *result = (struct command_line){.command = COMMAND_UNKNOWN};
    if (line.size == 1 && line.data[0] == '.') {
        result->command = COMMAND_END_OF_DATA;
        result->verb = line;
        return;
    }
    size_t length = 4;
    result->command = usual_verb(line);
    if (result->command == COMMAND_UNKNOWN) {
        if (!scanner)
            return;
        result->command = command_scan_verb(scanner, line, &length);
    }
    if (result->command == COMMAND_UNKNOWN && length > 0) /* the scanner saw the head only */
        length = slice_word(line).size;
    result->verb = slice_head(line, length);
    result->argument = slice_trim(slice_after(line, length));
    if (result->command == COMMAND_BDAT)
        scan_chunk_size(result);
    if (result->command == COMMAND_BDAT && ends_in_last(result->argument))
        result->command = COMMAND_BDAT_LAST;
    else if (result->command == COMMAND_BURL && ends_in_last(result->argument))
        result->command = COMMAND_BURL_LAST;
}

bool command_may_begin(struct slice line)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct slice verb = slice_of(command_verb((enum command)i));
        if (i != COMMAND_CONNECT && i != COMMAND_UNKNOWN && line.size < verb.size &&
            slice_starts_nocase(verb, line))
            return true;
    }
    return line.size == 0;
}

bool command_looks_real(const struct command_line *line)
{
    struct slice argument = line->argument;
    switch (line->command) {
    case COMMAND_UNKNOWN:
    case COMMAND_CONNECT:
    case COMMAND_COUNT:
        return false;
    case COMMAND_MAIL:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        return slice_starts_nocase(argument, SLICE("FROM:"));
    case COMMAND_RCPT:
        return slice_starts_nocase(argument, SLICE("TO:"));
    case COMMAND_DATA:
    case COMMAND_RSET:
    case COMMAND_QUIT:
    case COMMAND_STARTTLS:
    case COMMAND_TURN:
    case COMMAND_END_OF_DATA:
        return argument.size == 0;
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
        return argument.size > 0 && ascii_digit(argument.data[0]);
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        /* A host name or an address literal is one word. */
        return argument.size > 0 && slice_find(argument, ' ') == argument.size;
    case COMMAND_AUTH:
        return argument.size > 0;
    default:
        return true;
    }
}
