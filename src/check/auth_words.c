/* auth_words.c - what the words of a client's line look like: a verb, a login, text.
 */
#include "check/auth_words.h"

#include "base/nearest_name.h"
#include "rules/credentials.h"
#include "smtp/command.h"

struct slice next_word(struct slice *text)
{
    while (text->size > 0 && ascii_space(text->data[0]))
        *text = slice_after(*text, 1);
    struct slice word = *text;
    word.size = 0;
    while (word.size < text->size && !ascii_space(word.data[word.size]))
        word.size++;
    *text = slice_after(*text, word.size);
    return word;
}

size_t count_words(struct slice text)
{
    size_t count = 0;
    while (next_word(&text).size > 0)
        count++;
    return count;
}

struct slice bare_word(struct slice word)
{
    static const char marks[] = "\"'`()[]{}<>.,:;+\\";
    while (word.size > 0 && strchr(marks, word.data[0]))
        word = slice_after(word, 1);
    while (word.size > 0 && strchr(marks, word.data[word.size - 1]))
        word.size--;
    return word;
}

bool means_auth(struct slice verb)
{
    static const char *const names[] = {"USER",     "PASS",    "USERNAME", "PASSWORD",
                                        "LOGIN",    "APOP",    "XAUTH",    "OAUTH",
                                        "SASL",     "SIGNIN",  "LOGON",    "PLAIN",
                                        "CRAM-MD5", "XOAUTH2", "IDENTIFY", "AUTHORIZATION:"};
    char word[16];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_equal_nocase(verb, slice_of(names[i])))
            return true;
    if (slice_starts_nocase(verb, SLICE("AUTH")))
        return true;
    if (verb.size >= 3 && verb.size <= 6) {
        memcpy(word, verb.data, verb.size);
        word[verb.size] = '\0';
        if (spelling_distance(word, "AUTH") <= 2 && ascii_upper(word[0]) == 'A')
            return true;
    }
    return false;
}

struct slice without_auth(struct slice word)
{
    bool more = true;
    while (word.size > 0 && more) {
        size_t name = mechanism_prefix(word).size;
        if (name == 0 && slice_starts_nocase(word, SLICE("AUTH")))
            name = 4;
        if (name == 0 && strchr("=:-", word.data[0]))
            name = 1;
        more = name > 0;
        word = slice_after(word, name);
    }
    return word;
}

bool is_verb(struct slice word)
{
    bool small = false, capital = false;
    size_t letters = 0;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        bool letter = ascii_alphanumeric(c) && !ascii_digit(c);
        if ((ascii_digit(c) && i + 2 < word.size && i > 0) || (!ascii_alphanumeric(c) && c != '-'))
            return false;
        letters += letter;
        small = small || (c >= 'a' && c <= 'z');
        capital = capital || (i > 0 && c >= 'A' && c <= 'Z');
    }
    return letters > 0 && word.size <= 16 && !(small && capital);
}

bool has_command_words(struct slice text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == '<' || (text.data[i] == '=' && text.data[i + 1] != '='))
            return true;
    return false;
}

bool has_command(struct slice verb, struct slice argument)
{
    static const char *const paths[] = {"FROM:<", "TO:<"};
    struct slice both[] = {verb, argument};
    size_t length;
    for (size_t i = 0; i < 2; i++)
        for (struct slice rest = both[i]; rest.size >= 4; rest = slice_after(rest, 1)) {
            if (command_of_verb(rest, &length) != COMMAND_UNKNOWN && length == rest.size)
                return !looks_like_secret(verb);
            if (slice_starts_nocase(rest, slice_of(paths[0])) ||
                slice_starts_nocase(rest, slice_of(paths[1])))
                return !looks_like_secret(verb);
        }
    return false;
}
