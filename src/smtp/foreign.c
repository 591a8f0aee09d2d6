/* foreign.c - FTP (RFC 959), POP3 (RFC 1939), IMAP (RFC 9051) and ManageSieve (RFC 5804) by their words.
 */
#include "smtp/foreign.h"

const char *protocol_name(enum protocol protocol)
{
    static const char *const names[PROTOCOLS] = {"SMTP", "FTP", "POP3", "IMAP", "ManageSieve"};
    return names[protocol];
}

/* Returns true if the line begins with that word, and a blank, a quote or nothing follows. */
static bool has_word(struct slice line, const char *text)
{
    struct slice word = slice_of(text);
    if (!slice_starts_nocase(line, word))
        return false;
    return line.size == word.size || strchr(" \t\"(", line.data[word.size]) != NULL;
}

enum protocol foreign_answer(struct slice line)
{
    static const struct {
        const char *word;
        enum protocol protocol;
    } answers[] = {
        {"+OK", PROTOCOL_POP3},
        {"-ERR", PROTOCOL_POP3},
        {"* OK", PROTOCOL_IMAP},
        {"* PREAUTH", PROTOCOL_IMAP},
        {"* BYE", PROTOCOL_IMAP},
        {"* CAPABILITY", PROTOCOL_IMAP},
        {"\"IMPLEMENTATION\"", PROTOCOL_MANAGESIEVE},
        {"\"SIEVE\"", PROTOCOL_MANAGESIEVE},
        {"\"SASL\"", PROTOCOL_MANAGESIEVE},
    };
    if (line.size == 0 || ascii_digit(line.data[0]))
        return PROTOCOL_SMTP; /* as nearly all are: none of these begins with a digit */
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (has_word(line, answers[i].word))
            return answers[i].protocol;
    return PROTOCOL_SMTP;
}

bool foreign_is_ftp(struct slice command)
{
    static const char *const commands[] = {"USER", "FEAT", "SYST", "AUTH TLS", "AUTH SSL",
                                           "OPTS", "PASV", "EPSV", "CWD",      "PWD"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (has_word(command, commands[i]))
            return true;
    return false;
}

bool foreign_names_smtp(struct slice greeting)
{
    return slice_contains_nocase(greeting, SLICE("SMTP")) ||
           slice_contains_nocase(greeting, SLICE("LMTP"));
}
