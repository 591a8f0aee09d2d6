/* recognise.c - which format a recording is in, and the life of its reader.
 */
#include "dialogue/command.h"
#include "transcript/format.h"

struct slice head_line(struct slice *head)
{
    size_t size = 0;
    while (size < head->size && head->data[size] != '\n' && head->data[size] != '\r')
        size++;
    struct slice line = slice_head(*head, size);
    size_t end = size < head->size ? size + 1 : size;
    if (end < head->size && head->data[size] == '\r' && head->data[end] == '\n')
        end++;
    *head = slice_after(*head, end);
    return line;
}

bool looks_like_reply(struct slice line)
{
    if (line.size < 3)
        return false;
    char separator = line.size > 3 ? line.data[3] : ' ';
    return line.data[0] >= '2' && line.data[0] <= '5' && ascii_digit(line.data[1]) &&
           ascii_digit(line.data[2]) && (separator == ' ' || separator == '-');
}

bool looks_like_verb(struct slice line)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct slice verb = slice_of(command_verb((enum command)i));
        if (!slice_starts_nocase(line, verb) || i == COMMAND_CONNECT || i == COMMAND_UNKNOWN)
            continue;
        if (line.size == verb.size || ascii_space(line.data[verb.size]))
            return true;
    }
    return false;
}

bool looks_like_command(struct slice line)
{
    if (!looks_like_verb(line))
        return false;
    /* Few lines are looked at, so a scanner for each will do; it keeps the verbs in one place. */
    struct command_scanner *scanner = command_scanner_new();
    if (!scanner)
        return false;
    struct command_line command = command_scan(scanner, line);
    command_scanner_free(scanner);
    return command.command != COMMAND_END_OF_DATA && command_looks_real(&command);
}

const struct format *format_recognise(struct slice head, struct fit *fit)
{
    const struct format *best = NULL;
    unsigned most = 0;
    *fit = (struct fit){0};
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        struct fit found = smtpseq_formats[i].family->recognise(&smtpseq_formats[i], head);
        if (found.commands + found.replies > most) {
            most = found.commands + found.replies;
            best = &smtpseq_formats[i];
            *fit = found;
        }
    }
    return best;
}

bool reader_open(struct reader *reader, const struct format *format, struct slice head,
                 const struct line_sink *sink)
{
    *reader = (struct reader){.format = format, .sink = sink};
    return !format->family->open || format->family->open(reader, head);
}

bool reader_finish(struct reader *reader)
{
    const struct format_family *family = reader->format->family;
    return !family->finish || family->finish(reader);
}

void reader_close(struct reader *reader)
{
    if (reader->state && reader->format->family->close)
        reader->format->family->close(reader);
    *reader = (struct reader){0};
}
