/* reply.c - one line of a reply, and which codes may answer which command. */
#include "smtp/reply.h"

/* grammar/reply.l */
enum reply_line_kind reply_scan_head(struct reply_scanner *scanner, struct slice line);

struct reply_line reply_scan_closely(struct reply_scanner *scanner, struct slice line)
{
    enum reply_line_kind kind = reply_scan_head(scanner, line);
    if (kind == REPLY_LINE_NONE)
        return (struct reply_line){.kind = kind, .text = line};
    return (struct reply_line){
        .kind = kind,
        .code = reply_code(line),
        .text = slice_after(line, 4),
    };
}

bool reply_may_begin(struct slice line, bool within)
{
    size_t digits = 0;
    while (digits < line.size && ascii_digit(line.data[digits]))
        digits++;
    return digits == line.size && digits < (within ? 4 : 3);
}

bool reply_code_valid(int code)
{
    return code >= 200 && code <= 599 && code / 10 % 10 <= 5;
}

/* The positive replies of each command; a row ends with 0. */
static const short positive[COMMAND_COUNT][6] = {
#define X(name, spelling, ...) [COMMAND_##name] = {__VA_ARGS__},
    COMMANDS(X)
#undef X
};

bool reply_code_fits(enum command command, int code)
{
    if (code != 0 && positive[command][0] == code)
        return true; /* most are the first one */
    if (!reply_code_valid(code))
        return false;
    if (command == COMMAND_UNKNOWN)
        return true; /* no RFC says what a private command may be answered */
    for (size_t i = 0; positive[command][i] != 0; i++)
        if (positive[command][i] == code)
            return true;
    if (code < 400)
        return false;
    /* RFC 5321 4.3.2 knows no refusal of these but "not now", "wrong syntax", "not here" and "out of
     * order"; a 550 there answers some other command. */
    if (command == COMMAND_RSET || command == COMMAND_NOOP || command == COMMAND_QUIT)
        return code == 421 || code == 450 || code == 451 || (code >= 500 && code <= 504) ||
               code == 530 || code == 554;
    return true;
}

bool reply_shows_smtp(enum command command, int code)
{
    switch (command) {
    case COMMAND_CONNECT:
    case COMMAND_STARTTLS:
        return code == 220;
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
    case COMMAND_MAIL:
    case COMMAND_RCPT:
        return code == 250;
    case COMMAND_DATA:
        return code == 354;
    case COMMAND_AUTH:
        return code == 235 || code == 334 || code == 535;
    case COMMAND_QUIT:
        return code == 221;
    default:
        return false;
    }
}
