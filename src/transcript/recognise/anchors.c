/* anchors.c - replies and commands anywhere in a line.
 */
#include "transcript/recognise/anchors.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/format.h"
#include "transcript/formats/mark.h"

#define ANCHORS_A_LINE (ANCHORS_MAX / ANCHORED_LINES_MAX)

static bool letter(char c)
{
    return ascii_upper(c) >= 'A' && ascii_upper(c) <= 'Z';
}

/* The codes of RFC 5321 4.2.3 and of the extensions' RFCs; of the refusals whole tens. */
static bool code_is_known(int code)
{
    static const short known[] = {211, 214, 220, 221, 235, 250, 251, 252, 253, 334,
                                  354, 421, 432, 450, 451, 452, 453, 454, 455};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] == code)
            return true;
    return (code >= 500 && code <= 504) || (code >= 521 && code <= 559 && code / 10 != 54);
}

/* "250-", "250 ", or a code and the end of what is shown: "250\r\n'". */
static bool reply_at(struct slice text, struct anchor *anchor)
{
    int code = reply_code(text);
    if (!reply_code_valid(code))
        return false;
    char next = text.size > 3 ? text.data[3] : ' ';
    if (next == '\0' || !strchr(" -\\<'\"`\t", next))
        return false;
    if (next == '-' && text.size > 4 && ascii_digit(text.data[4]) && text.size > 5 &&
        ascii_digit(text.data[5]))
        return false; /* a date, a range */
    if (!code_is_known(code))
        return false;
    anchor->code = code;
    anchor->more = next == '-';
    anchor->strong = anchor->code == 220 || anchor->code == 250 || anchor->code == 354;
    return true;
}

/* The commands that are looked for. */
static const struct {
    enum command command;
    const char *then; /* what must follow the blank; NULL: nothing */
    bool strong;
} verbs[] = {
    {COMMAND_EHLO, "", true},      {COMMAND_HELO, "", true},       {COMMAND_LHLO, "", true},
    {COMMAND_MAIL, "FROM:", true}, {COMMAND_RCPT, "TO:", true},    {COMMAND_AUTH, "", false},
    {COMMAND_BDAT, "", false},     {COMMAND_VRFY, "", false},      {COMMAND_EXPN, "", false},
    {COMMAND_DATA, NULL, false},   {COMMAND_QUIT, NULL, false},    {COMMAND_RSET, NULL, false},
    {COMMAND_NOOP, NULL, false},   {COMMAND_STARTTLS, NULL, true},
};

/* Returns true if what follows a verb without an argument can be the log's: no words. */
static bool only_tail(struct slice rest)
{
    unsigned letters = 0;
    if (rest.size > 24 || (rest.size > 0 && (letter(rest.data[0]) || ascii_digit(rest.data[0]))))
        return false;
    if (rest.size > 0 && (rest.data[0] == ':' || rest.data[0] == '=' || rest.data[0] == '-'))
        return false;
    for (size_t i = 0; i < rest.size; i++)
        letters += letter(rest.data[i]);
    return letters <= 8;
}

/* What the log leaves of the command decides, so that any end of the verb will do. */
static bool command_at(struct slice text, struct anchor *anchor)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        struct slice name = slice_of(command_verb(verbs[i].command));
        if (!slice_starts_nocase(text, name))
            continue;
        /* As programs write it: all capitals or all small. */
        bool capital = text.data[0] == name.data[0];
        for (size_t c = 0; c < name.size; c++)
            if ((text.data[c] == name.data[c]) != capital)
                return false;
        struct slice rest = slice_after(text, name.size);
        bool hello = command_is_hello(verbs[i].command);
        anchor->verb_size = (uint16_t)name.size;
        anchor->strong = verbs[i].strong;
        anchor->bare_verb = verbs[i].then == NULL;
        if (anchor->bare_verb || (hello && slice_trim(rest).size == 0))
            return only_tail(rest);
        if (rest.size < 2 || rest.data[0] != ' ')
            return false;
        rest = slice_after(rest, 1);
        if (verbs[i].then[0])
            return slice_starts_nocase(rest, slice_of(verbs[i].then));
        /* People's phones are called "_" and "-iPad", and logs hide names as "***". */
        return letter(rest.data[0]) || ascii_digit(rest.data[0]) || rest.data[0] == '[' ||
               (hello && strchr("_-*<", rest.data[0]));
    }
    return false;
}

/* Returns true if a payload can begin at `at`: not in the middle of a word or a number. */
static bool may_begin(struct slice line, size_t at, bool code)
{
    if (at == 0)
        return true;
    char before = line.data[at - 1];
    if (letter(before) || ascii_digit(before) || (before && strchr("._-+/@", before)) ||
        (code && before == '='))
        /* "b'250", and escapes: "\t250" */
        return at > 1 && line.data[at - 2] == '\\' && strchr("tnr", before);
    return before != ':' || at < 2 || !ascii_digit(line.data[at - 2]);
}

/* Returns true if the line has one. Only the kind that comes first counts: a verb after a code is the
 * text of a reply, a code after a verb that of an error. */
static bool find_in_line(struct anchors *anchors, struct slice line, uint32_t number)
{
    size_t most = line.size < ANCHOR_FRONT_MAX ? line.size : ANCHOR_FRONT_MAX;
    unsigned found = 0;
    bool reply = false, sure_command = false;
    for (size_t at = 0; at < most && found < ANCHORS_A_LINE; at++) {
        char c = ascii_upper(line.data[at]);
        bool digit = c >= '2' && c <= '5';
        if (!digit && (c == '\0' || !strchr("EHLMRABDQNSV", c)))
            continue;
        if (!may_begin(line, at, digit))
            continue;
        struct anchor anchor = {.line = line, .at = at, .number = number};
        struct slice text = slice_after(line, at);
        if (digit ? sure_command || !reply_at(text, &anchor) : reply || !command_at(text, &anchor))
            continue;
        reply = reply || anchor.code != 0;
        sure_command = sure_command || (anchor.code == 0 && anchor.strong);
        anchors->list[anchors->count++] = anchor;
        found++;
    }
    return found > 0;
}

bool anchors_in_line(struct slice line)
{
    struct anchor list[ANCHORS_A_LINE];
    struct anchors anchors = {.list = list};
    return find_in_line(&anchors, line, 0);
}

bool anchors_find(struct anchors *anchors, struct slice head)
{
    const char *begin = head.data;
    size_t rest = 0;
    *anchors = (struct anchors){.list = calloc(ANCHORS_MAX, sizeof *anchors->list)};
    if (!anchors->list)
        return false;
    while (head.size > 0 && rest < SAMPLE_REST) {
        struct slice line = head_line(&head);
        if (anchors->anchored == ANCHORED_LINES_MAX)
            rest++;
        else
            anchors->anchored += find_in_line(anchors, line, anchors->lines);
        anchors->lines++;
    }
    anchors->sample = (struct slice){begin, begin ? (size_t)(head.data - begin) : 0};
    return true;
}

long anchors_left_out(const struct anchors *anchors, bool (*is_read)(void *context, size_t first),
                      void *context)
{
    long cost = 0;
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < anchors->count; i++) {
        const struct anchor *anchor = &anchors->list[i];
        if (anchor->number != last && !is_read(context, i))
            cost += anchor->strong ? COST_LEFT_OUT : COST_WEAK_LEFT_OUT;
        last = anchor->number;
    }
    return cost;
}

void anchors_free(struct anchors *anchors)
{
    free(anchors->list);
    *anchors = (struct anchors){0};
}
