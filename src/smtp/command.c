/* command.c - the commands' spellings, and the argument after a verb. */
#include "smtp/command.h"

/* grammar/command.l */
enum command command_scan_verb(struct command_scanner *scanner, struct slice line, size_t *length);

static const char *const names[COMMAND_COUNT] = {
#define X(name, spelling, ...) [COMMAND_##name] = spelling,
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

/* Returns true if the spelling of a command is the verb that a client sends for it. */
static inline bool is_spelled_as_sent(enum command command)
{
    return command != COMMAND_CONNECT && command != COMMAND_END_OF_DATA &&
           command != COMMAND_BDAT_LAST && command != COMMAND_BURL_LAST &&
           command != COMMAND_UNKNOWN;
}

/* "MAILBOX" is not MAIL, and "Data:" is a header field. A CR may be left of the line end. */
static bool ends_verb(struct slice rest)
{
    if (rest.size > 0 && ascii_space(rest.data[0]))
        return true;
    if (rest.size > 0 && rest.data[0] == '\r')
        rest = slice_after(rest, 1);
    return rest.size == 0 || rest.data[0] == '\n';
}

/* The first four octets as a number, letters in capitals: only letters become letters when bit 5 is
 * cleared. No two verbs begin with the same four, so one comparison tells nearly all lines; of a verb
 * of four letters it has compared everything. */
#define HEAD(text)                                                                          \
    (((uint32_t)(unsigned char)(text)[0] << 24 | (uint32_t)(unsigned char)(text)[1] << 16 | \
      (uint32_t)(unsigned char)(text)[2] << 8 | (uint32_t)(unsigned char)(text)[3]) &       \
     UINT32_C(0xdfdfdfdf))

enum command command_of_verb(struct slice line, size_t *length)
{
    static const unsigned char sizes[COMMAND_COUNT] = {
#define X(name, spelling, ...) [COMMAND_##name] = sizeof(spelling) - 1,
        COMMANDS(X)
#undef X
    };
    enum command command;
    *length = 0;
    if (line.size < 4)
        return COMMAND_UNKNOWN;
    uint32_t head = HEAD(line.data);
#define X(name, spelling, ...)                                              \
    if (is_spelled_as_sent(COMMAND_##name) && head == HEAD(spelling "   ")) \
        command = COMMAND_##name;                                           \
    else
    COMMANDS(X)
    return COMMAND_UNKNOWN;
#undef X
    struct slice verb = {names[command], sizes[command]};
    if ((verb.size > 4 && !slice_starts_nocase(line, verb)) ||
        !ends_verb(slice_after(line, verb.size)))
        return COMMAND_UNKNOWN;
    *length = verb.size;
    return command;
}

/* BDAT's argument: a size, perhaps LAST (RFC 3030 2). Where anything else follows, the command is no
 * BDAT to a server, and no octets belong to it. A size that does not fit counts as very large; it is
 * only ever counted down, never allocated. */
static void scan_chunk_size(struct command_line *line)
{
    struct slice rest = line->argument;
    uint64_t octets = 0;
    while (rest.size > 0 && ascii_digit(rest.data[0])) {
        uint64_t digit = (uint64_t)(rest.data[0] - '0');
        octets = octets > (UINT64_MAX - digit) / 10 ? UINT64_MAX / 10 : octets * 10 + digit;
        rest = slice_after(rest, 1);
    }
    bool last = rest.size > 0 && ascii_space(rest.data[0]) &&
                slice_equal_nocase(slice_trim(rest), SLICE("LAST"));
    if (rest.size == 0 || last)
        line->octets = octets;
}

/* Returns true if the last word of the argument is LAST. */
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

/* BDAT and BURL: whether it is the last one, and the size of the chunk. */
static void read_last(struct command_line *line)
{
    bool chunk = line->command == COMMAND_BDAT;
    if (chunk)
        scan_chunk_size(line);
    if (ends_in_last(line->argument))
        line->command = chunk ? COMMAND_BDAT_LAST : COMMAND_BURL_LAST;
}

/* Reads a verb that command_of_verb does not know. */
static enum command scan_verb(struct command_scanner *scanner, struct slice line, size_t *length)
{
    enum command command = command_scan_verb(scanner, line, length);
    if (*length > 0) /* the scanner saw the head only */
        *length = slice_word(line).size;
    return command;
}

void command_read(struct command_scanner *scanner, struct slice line, struct command_line *result)
{
    bool dot = line.size == 1 && line.data[0] == '.';
    size_t length = 1;
    enum command command = dot ? COMMAND_END_OF_DATA : command_of_verb(line, &length);
    if (command == COMMAND_UNKNOWN && scanner)
        command = scan_verb(scanner, line, &length);
    else if (command == COMMAND_UNKNOWN)
        line = SLICE("");
    result->command = command;
    result->verb = slice_head(line, length);
    result->argument = slice_trim(slice_after(line, length));
    result->octets = 0;
    if (command == COMMAND_BDAT || command == COMMAND_BURL)
        read_last(result);
}

bool command_may_begin(struct slice line)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct slice verb = slice_of(names[i]);
        if (is_spelled_as_sent((enum command)i) && line.size < verb.size &&
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
