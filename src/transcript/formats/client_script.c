/* client_script.c - recognises and reads a client's side without marks.
 */
#include "smtp/command.h"
#include "smtp/look.h"
#include "transcript/formats/client_script.h"

/* A comment that a person writes: "# session", "# the second connection". */
static bool is_comment(struct slice line)
{
    return line.size > 0 && line.data[0] == '#';
}

static struct fit client_script_recognise(const struct format *format, struct slice head)
{
    (void)format;
    struct fit fit = {0};
    bool content = false, first = true, mail = false;
    while (head.size > 0) {
        struct slice line = slice_trim(head_line(&head));
        if (content) {
            content = !slice_equal(line, SLICE("."));
            continue;
        }
        if (line.size == 0 || is_comment(line))
            continue;
        /* A script begins with a command and holds no replies. */
        bool command = looks_like_command(line);
        if (looks_like_reply(line) || (first && !command))
            return (struct fit){0};
        first = false;
        fit.commands += command;
        mail = mail || (command && command_scan(NULL, line).command != COMMAND_AUTH);
        content = slice_equal_nocase(line, SLICE("DATA"));
    }
    /* "auth required pam_unix.so": that word alone makes no script. */
    return mail ? fit : (struct fit){0};
}

static bool client_script_read(struct reader *reader, const struct source_line *source)
{
    struct line line = line_of_file(source);
    if (!is_comment(source->text))
        /* An empty line may belong to a message, or separate sessions. */
        line.side = source->text.size > 0 ? SIDE_CLIENT : SIDE_UNMARKED;
    else if (slice_starts_nocase(source->text, SLICE("# session")))
        line.note = NOTE_SESSION;
    reader->sink->line(reader->sink->context, &line);
    return true;
}

const struct format_family client_script_family = {
    .recognise = client_script_recognise,
    .read = client_script_read,
};
