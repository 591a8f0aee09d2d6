/* row_cut.c - where in a row the command ends and the reply begins.
 */
#include "transcript/formats/row_cut.h"

#include "smtp/command.h"
#include "smtp/look.h"
#include "smtp/reply.h"

#define LINES_MAX 320

/* Words that programs write for a command. */
static const struct {
    const char *label, *command;
} labels[] = {
    {"hello", "EHLO"},
    {"ehlo", "EHLO"},
    {"helo", "HELO"},
    {"from", "MAIL FROM:..."},
    {"mail from", "MAIL FROM:..."},
    {"sender", "MAIL FROM:..."},
    {"mail", "MAIL FROM:..."},
    {"rcpt to", "RCPT TO:..."},
    {"to", "RCPT TO:..."},
    {"rcpt", "RCPT TO:..."},
    {"recipient", "RCPT TO:..."},
    {"data", "DATA"},
    {"quit", "QUIT"},
    {"reset", "RSET"},
    {"rset", "RSET"},
    {"starttls", "STARTTLS"},
    {"noop", "NOOP"},
};

static bool is_sign(char c)
{
    return !ascii_alphanumeric(c) && !ascii_space(c) && c != '_' && (unsigned char)c < 0x80;
}

/* The command of the label that the text ends with; NULL where it ends with none. *begin: where it begins. A
 * label stands first in the line, or after a sign. */
static const char *label_at_end(struct slice text, size_t *begin)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        struct slice label = slice_of(labels[i].label);
        if (text.size < label.size ||
            !slice_equal_nocase(slice_after(text, text.size - label.size), label))
            continue;
        *begin = text.size - label.size;
        struct slice before = slice_trim(slice_head(text, *begin));
        bool apart = *begin == 0 || !ascii_alphanumeric(text.data[*begin - 1]);
        if (apart && (before.size == 0 || is_sign(before.data[before.size - 1])))
            return labels[i].command;
    }
    return NULL;
}

/* Where the last command in the text begins, at a blank or a quote; its size where there is none. As programs write
 * it: all capitals or all small. */
static size_t last_command(struct slice text)
{
    for (size_t at = text.size; at-- > 0;) {
        size_t verb;
        if (at > 0 && !ascii_space(text.data[at - 1]) && !strchr("\"'`=(", text.data[at - 1]))
            continue;
        struct slice rest = slice_after(text, at);
        if (at > 0 && strchr("\"'`", text.data[at - 1]))
            rest = slice_head(rest, slice_find(rest, text.data[at - 1]));
        if (command_of_verb(rest, &verb) == COMMAND_UNKNOWN || !looks_like_command(rest))
            continue;
        bool capital = rest.data[0] < 'a', same = true;
        for (size_t i = 0; i < verb; i++)
            same = same && (rest.data[i] < 'a') == capital;
        if (same)
            return at;
    }
    return text.size;
}

/* The text without blanks, quotes and = at its end, and without the verb of the command that follows: a
 * column of its own. */
static struct slice front_of(struct slice text)
{
    for (bool verb_gone = false;; verb_gone = true) {
        while (text.size > 0 && (ascii_space(text.data[text.size - 1]) ||
                                 strchr("\"'`=(", text.data[text.size - 1])))
            text.size--;
        size_t word = text.size, verb;
        while (word > 0 && ascii_alphanumeric(text.data[word - 1]))
            word--;
        struct slice last = slice_after(text, word);
        if (verb_gone || command_of_verb(last, &verb) == COMMAND_UNKNOWN || verb != last.size ||
            last.data[0] >= 'a')
            return text;
        text.size = word;
    }
}

/* Returns true if a reply that the command can draw begins here. */
static bool reply_follows(struct slice text, enum command command)
{
    return looks_like_reply(text) && reply_code_valid(reply_code(text)) &&
           (command == COMMAND_UNKNOWN || reply_code_fits(command, reply_code(text)));
}

/* The reply up to its quote, or to the next column. */
static struct slice reply_of(struct slice rest, struct slice joint)
{
    char last = joint.data[joint.size - 1];
    if (last == '"' || last == '\'' || last == '`' || last == '\t')
        rest = slice_head(rest, slice_find(rest, last));
    return rest;
}

bool row_cut(struct slice line, struct slice joint, struct row_cut *cut)
{
    char last = joint.data[joint.size - 1];
    bool columns = last == '"' || last == '\'' || last == '`' || last == '\t';
    const char *found = line.data;
    for (size_t at = 0; at < line.size; at = (size_t)(found - line.data) + 1) {
        found = memmem(line.data + at, line.size - at, joint.data, joint.size);
        if (!found)
            return false;
        struct slice text = slice_head(line, (size_t)(found - line.data));
        struct slice rest = slice_after(line, text.size + joint.size);
        if (!reply_follows(rest, COMMAND_UNKNOWN))
            continue;
        bool empty = last == '\t' && text.size > 0 && text.data[text.size - 1] == '\t';
        size_t begin = empty ? text.size : last_command(text);
        const char *command = NULL;
        if (begin == text.size && !empty)
            command = label_at_end(text, &begin);
        *cut = (struct row_cut){.front = front_of(slice_head(text, begin)),
                                .command = command ? slice_of(command) : slice_after(text, begin),
                                .reply = reply_of(rest, joint)};
        if (cut->command.size > 0 || columns)
            return true;
    }
    return false;
}

/* What stands between a command and the reply after it in a line; empty where it has no such pair. *code: of
 * the reply. */
static struct slice joint_in(struct slice line, int *code)
{
    for (size_t at = 1; at + 3 <= line.size; at++) {
        char before = line.data[at - 1];
        if (line.data[at] < '2' || line.data[at] > '5' || ascii_alphanumeric(before) ||
            strchr("._-+/@", before))
            continue;
        struct slice left = slice_head(line, at), rest = slice_after(line, at);
        size_t begin = last_command(left), verb;
        *code = reply_code(rest);
        if (begin < left.size) {
            struct slice command = slice_after(left, begin);
            enum command which = command_of_verb(command, &verb);
            if (reply_follows(rest, which))
                return slice_after(command, verb);
        }
        size_t end = at;
        while (end > 0 && (is_sign(line.data[end - 1]) || ascii_space(line.data[end - 1])))
            end--;
        if (end < at && label_at_end(slice_head(line, end), &begin) &&
            reply_follows(rest, COMMAND_UNKNOWN))
            return slice_after(left, end);
    }
    return SLICE("");
}

bool row_cut_learn(struct slice head, char joint[ROW_JOINT_MAX])
{
    struct slice common = SLICE("");
    unsigned rows = 0, commands = 0, taken = 0;
    for (unsigned lines = 0; head.size > 0 && lines < LINES_MAX; lines++) {
        struct slice line = slice_head(head_line(&head), 1000);
        int code = 0;
        struct slice found = joint_in(line, &code);
        commands += found.size > 0 || last_command(line) < line.size;
        if (found.size == 0)
            continue;
        taken += code < 400;
        size_t same = 0;
        while (same < found.size && same < common.size &&
               found.data[found.size - 1 - same] == common.data[common.size - 1 - same])
            same++;
        common = slice_after(found, rows++ > 0 ? found.size - same : 0);
    }
    /* What the commands end with is not between. */
    while (common.size > 0 && (ascii_alphanumeric(common.data[0]) || common.data[0] == '>'))
        common = slice_after(common, 1);
    /* A log of refusals alone does not show the sessions. */
    if (rows < 2 || taken == 0 || rows * 2 < commands || common.size == 0 ||
        common.size >= ROW_JOINT_MAX || slice_equal(common, SLICE(" ")))
        return false;
    memcpy(joint, common.data, common.size);
    joint[common.size] = '\0';
    return true;
}
