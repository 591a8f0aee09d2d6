/* credentials.c - tells a password from what a log shows in its place.
 */
#include "rules/credentials.h"

#include "base/phrases.h"

bool is_base64(struct slice text)
{
    if (text.size == 0 || text.size % 4 != 0)
        return false;
    size_t digits = text.size;
    while (digits > text.size - 2 && text.data[digits - 1] == '=')
        digits--;
    for (size_t i = 0; i < digits; i++)
        if (ascii_base64(text.data[i]) < 0)
            return false;
    return true;
}

/* The value of a digit of base64 in either alphabet, or -1. */
static int digit_value(char c)
{
    return c == '-' ? 62 : c == '_' ? 63 : ascii_base64(c);
}

bool material_decode(struct slice text, struct material *material)
{
    material->size = 0;
    while (text.size > 0 && text.data[text.size - 1] == '=')
        text.size--;
    for (size_t i = 0; i < text.size; i++)
        if (digit_value(text.data[i]) < 0)
            return false;
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < text.size && material->size < MATERIAL_MAX; i++) {
        bits = (bits << 6 | (unsigned)digit_value(text.data[i])) & 0xfff;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        material->octets[material->size++] = (char)(unsigned char)(bits >> held & 0xff);
    }
    return material->size > 0;
}

/* Undoes base64; what is none stays as it is. */
static void decode(struct slice text, struct material *material)
{
    if (is_base64(text) && material_decode(text, material))
        return;
    text = slice_head(text, MATERIAL_MAX);
    material->size = text.size;
    if (text.size > 0)
        memcpy(material->octets, text.data, text.size);
}

/* What logs write where they leave something out: one octet again and again, words in brackets or
 * slashes and stars (nodemailer), "PROVIDED_BUT_REMOVED" (swaks). */
bool is_placeholder(struct slice text)
{
    static const char *const words[] = {"redacted", "hidden",  "masked", "removed",
                                        "filtered", "omitted", "elided"};
    static const char *const pairs[] = {"[]", "<>", "()", "**", "//", "{}"};
    text = slice_trim(text);
    size_t same = 1;
    while (same < text.size && text.data[same] == text.data[0])
        same++;
    if (same >= text.size)
        return true;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (text.data[0] == pairs[i][0] && text.data[text.size - 1] == pairs[i][1])
            return true;
    return MENTIONS(text, words);
}

/* Returns true if it is text: valid UTF-8 without control characters. What merely looks like base64
 * ("REDACTED", "password") decodes to anything but that. */
bool is_plain_text(struct slice text)
{
    for (size_t i = 0; i < text.size;) {
        unsigned char c = (unsigned char)text.data[i];
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xc2) || c > 0xf4 || more >= text.size - i)
            return false;
        for (size_t k = 1; k <= more; k++)
            if (((unsigned char)text.data[i + k] & 0xc0) != 0x80)
                return false;
        i += more + 1;
    }
    return text.size > 0;
}

bool looks_like_secret(struct slice word)
{
    bool small = false, capital = false, digit = false;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        small = small || (c >= 'a' && c <= 'z');
        capital = capital || (c >= 'A' && c <= 'Z');
        digit = digit || ascii_digit(c);
        if (digit_value(c) < 0 && !(c == '=' && i >= word.size - 2) && !strchr("!#$%&*.^~", c))
            return false;
    }
    bool padded = word.size > 0 && word.data[word.size - 1] == '=';
    return word.size >= SECRET_LOOK && ((small && capital && digit) || padded);
}

/* https://www.iana.org/assignments/sasl-mechanisms, and what was never registered. */
static const char *const mechanisms[] = {
    "ANONYMOUS",
    "CRAM-MD5",
    "DIGEST-MD5",
    "ECDH-X25519-CHALLENGE",
    "ECDSA-NIST256P-CHALLENGE",
    "EAP-AES128",
    "EAP-AES128-PLUS",
    "EXTERNAL",
    "GS2-KRB5",
    "GS2-KRB5-PLUS",
    "GSS-SPNEGO",
    "GSSAPI",
    "KERBEROS_V4",
    "KERBEROS_V5",
    "LOGIN",
    "MSN",
    "NMAS-SAMBA-AUTH",
    "NMAS_AUTHEN",
    "NMAS_LOGIN",
    "NTLM",
    "OAUTH10A",
    "OAUTHBEARER",
    "OPENID20",
    "OTP",
    "PLAIN",
    "PLAIN-CLIENTTOKEN",
    "SAML20",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-224",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-384",
    "SCRAM-SHA-512",
    "SCRAM-SHA-512-PLUS",
    "SCRAM-SHA3-512",
    "SECURID",
    "SKEY",
    "SPNEGO",
    "SXOVER-PLUS",
    "XOAUTH",
    "XOAUTH2",
    "XYMCOOKIE",
};

struct slice mechanism_prefix(struct slice word)
{
    struct slice longest = {word.data, 0};
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        struct slice name = slice_of(mechanisms[i]);
        if (name.size > longest.size && slice_starts_nocase(word, name))
            longest.size = name.size;
    }
    return longest;
}

bool mechanism_is_known(struct slice word)
{
    return word.size > 0 && mechanism_prefix(word).size == word.size;
}

enum mechanism mechanism_in(struct slice argument)
{
    struct slice word = slice_word(argument);
    if (slice_equal_nocase(word, SLICE("PLAIN")))
        return MECHANISM_PLAIN;
    if (slice_equal_nocase(word, SLICE("LOGIN")))
        return MECHANISM_LOGIN;
    if (slice_equal_nocase(word, SLICE("XOAUTH2")) ||
        slice_equal_nocase(word, SLICE("OAUTHBEARER")))
        return MECHANISM_BEARER;
    return MECHANISM_OTHER;
}

/* RFC 4616 2: [authzid] NUL authcid NUL passwd. */
static bool plain_has_password(struct slice message)
{
    size_t first = slice_find(message, '\0');
    if (first == message.size)
        return false;
    struct slice rest = slice_after(message, first + 1);
    size_t second = slice_find(rest, '\0');
    if (second == rest.size)
        return false;
    struct slice password = slice_after(rest, second + 1);
    return slice_find(password, '\0') == password.size && !is_placeholder(password);
}

/* "auth=Bearer TOKEN" up to a ^A (RFC 7628 3.1). */
static bool has_token(struct slice message)
{
    struct slice mark = SLICE("auth=bearer ");
    struct slice token = slice_after(message, slice_find_nocase(message, mark) + mark.size);
    return token.size > 0 && !is_placeholder(slice_head(token, slice_find(token, '\001')));
}

bool holds_credentials(enum mechanism mechanism, struct slice text, bool password)
{
    struct material material;
    text = slice_trim(text);
    if (text.size == 0 || mechanism == MECHANISM_OTHER)
        return false;
    decode(text, &material);
    struct slice message = {material.octets, material.size};
    if (mechanism == MECHANISM_PLAIN)
        return plain_has_password(message);
    if (mechanism == MECHANISM_BEARER)
        return has_token(message);
    return password && is_base64(text) && is_plain_text(message) && !is_placeholder(message);
}

int asks_for_password(struct slice challenge)
{
    struct material material;
    challenge = slice_trim(challenge);
    decode(challenge, &material);
    struct slice text = {material.octets, material.size};
    if (slice_contains_nocase(text, SLICE("pass")))
        return 1;
    bool name =
        slice_contains_nocase(text, SLICE("user")) || slice_contains_nocase(text, SLICE("login"));
    return name ? 0 : -1;
}
