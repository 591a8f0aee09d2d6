/* fuzz_read.c - recognises a recording and reads it to the end, in a row of the table of formats or
 * by its content; then once more in pieces of one octet, which must give the same lines.
 *
 * First octet FUZZ_CHOICE + n: row n of the table; anything else belongs to the recording.
 */
#include "target.h"
#include "transcript/recognise/recognise.h"

/* A sum over all that the reader passes on. */
struct sum {
    uint64_t lines, value;
};

static void add_octets(struct sum *sum, struct slice octets)
{
    for (size_t i = 0; i < octets.size; i++)
        sum->value = (sum->value ^ (uint8_t)octets.data[i]) * UINT64_C(0x100000001b3);
    sum->value = (sum->value ^ octets.size) * UINT64_C(0x100000001b3);
}

static void take_line(void *context, const struct line *line)
{
    struct sum *sum = context;
    demand(line->side <= SIDE_NOTE && line->note <= NOTE_FOREIGN);
    demand(line->number > 0);
    if (line->side == SIDE_CLIENT || line->side == SIDE_SERVER)
        demand(line->column > 0);
    sum->lines++;
    sum->value += line->side * 7 + line->note * 31 + line->number * 101 + line->column * 1009;
    add_octets(sum, line->payload);
    add_octets(sum, line->raw);
}

static void read_lines(struct reader *reader, struct source *source, struct slice head,
                       const struct recognition *recognition, const struct line_sink *sink)
{
    char trouble[REMARK_MAX] = "";
    bool opened = reader_open(reader, recognition, head, sink);
    demand(opened);
    if (recognition->format->family->read_all) {
        reader->trouble = trouble;
        recognition->format->family->read_all(reader, source);
    } else {
        struct source_line line;
        while (source_next(source, &line) > 0)
            demand(reader_read(reader, &line));
    }
    demand(reader_finish(reader));
    reader_close(reader);
}

static struct sum read_recording(struct slice recording, const struct format *format, size_t step)
{
    struct octets_origin octets = {recording, step};
    struct source *source = fuzz_source(&octets);
    struct slice head = source_head(source);
    struct recognition recognition;
    struct sum sum = {0};
    struct line_sink sink = {take_line, &sum};
    struct reader reader;
    demand(format ? format_fit(format, head, &recognition) : format_recognise(head, &recognition));
    if (recognition.format)
        read_lines(&reader, source, head, &recognition, &sink);
    source_close(source);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice recording = {(const char *)data, size};
    int row = fuzz_choice(&recording, (int)smtpseq_format_count);
    const struct format *format = row < 0 ? NULL : &smtpseq_formats[row];
    struct sum whole = read_recording(recording, format, SIZE_MAX);
    struct sum pieces = read_recording(recording, format, 1);
    demand(whole.lines == pieces.lines && whole.value == pieces.value);
    return 0;
}
