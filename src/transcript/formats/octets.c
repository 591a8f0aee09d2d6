/* octets.c - hex, base64 and C escapes. */
#include "transcript/formats/octets.h"

int hex_digit(char c)
{
    if (ascii_digit(c))
        return c - '0';
    char upper = ascii_upper(c);
    return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

/* Returns the character at `offset` from the current position; NUL at the end. */
static char peek(const struct decoder *decoder, size_t offset)
{
    size_t at = decoder->at + offset;
    return at < decoder->text.size ? decoder->text.data[at] : '\0';
}

static bool next_hex(struct decoder *decoder, char *octet)
{
    size_t blanks = peek(decoder, 0) == ' ';
    if (blanks && decoder->half > 0 && decoder->count == decoder->half && peek(decoder, 1) == ' ')
        blanks++;
    int high = hex_digit(peek(decoder, blanks)), low = hex_digit(peek(decoder, blanks + 1));
    if (high < 0 || low < 0)
        return false;
    *octet = (char)(high * 16 + low);
    decoder->at += blanks + 2;
    return true;
}

static bool next_base64(struct decoder *decoder, char *octet)
{
    while (decoder->held < 8) {
        int digit = ascii_base64(peek(decoder, 0));
        if (digit < 0)
            return false;
        decoder->at++;
        decoder->bits = (decoder->bits << 6 | (unsigned)digit) & 0xffff;
        decoder->held += 6;
    }
    decoder->held -= 8;
    *octet = (char)(decoder->bits >> decoder->held & 0xff);
    return true;
}

/* Returns the value of "\303" or "\x0d": up to `most` digits after `skip` characters. */
static char number(struct decoder *decoder, size_t skip, unsigned base, unsigned most)
{
    unsigned value = 0;
    size_t length = 0;
    for (; length < most; length++) {
        int digit = hex_digit(peek(decoder, skip + length));
        if (digit < 0 || (unsigned)digit >= base)
            break;
        value = value * base + (unsigned)digit;
    }
    decoder->at += skip + length;
    return (char)(value & 0xff);
}

static bool next_escaped(struct decoder *decoder, char *octet)
{
    static const char letters[] = "rntabfve";
    static const char octets[] = "\r\n\t\a\b\f\v\033";
    char c = peek(decoder, 0), escaped = peek(decoder, 1);
    if (c != '\\') {
        decoder->at++;
        *octet = c;
        return true;
    }
    if (decoder->at + 1 >= decoder->text.size) { /* cut off: it would be written twice */
        decoder->at++;
        return false;
    }
    if (escaped >= '0' && escaped <= '7') {
        *octet = number(decoder, 1, 8, 3);
        return true;
    }
    if (escaped == 'x' && hex_digit(peek(decoder, 2)) >= 0) {
        *octet = number(decoder, 2, 16, 2);
        return true;
    }
    const char *found = escaped ? strchr(letters, escaped) : NULL;
    *octet = found ? octets[found - letters] : escaped;
    decoder->at += 2;
    return true;
}

bool decoder_next(struct decoder *decoder, char *octet)
{
    if (decoder->left == 0 || decoder->at >= decoder->text.size)
        return false;
    bool found = false;
    switch (decoder->encoding) {
    case ENCODING_TEXT:
        *octet = decoder->text.data[decoder->at++];
        found = true;
        break;
    case ENCODING_HEX:
        found = next_hex(decoder, octet);
        break;
    case ENCODING_BASE64:
        found = next_base64(decoder, octet);
        break;
    case ENCODING_C:
        found = next_escaped(decoder, octet);
        break;
    }
    decoder->left -= found;
    decoder->count += found;
    return found;
}
