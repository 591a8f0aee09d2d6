/* dump.h - the family of dumps: octets with a direction.
 *
 * A dump has headings with the connection, the direction and perhaps a length, each followed by
 * encoded octets. A format of the family reads its lines and passes the octets on to a flow
 * (flow.h), which finds the client and splits the octets into lines, in the same way for all.
 */
#ifndef SMTPSEQ_TRANSCRIPT_DUMPS_DUMP_H
#define SMTPSEQ_TRANSCRIPT_DUMPS_DUMP_H

#include "transcript/dumps/flow.h"
#include "transcript/formats/format.h"

struct dump {
    struct flows flows;
    const struct dump_format *format;
    void *state; /* the format's own, of its state_size, all zero at first */
};

/* The detail of a row of this family. */
struct dump_format {
    size_t state_size;
    int mode;       /* where formats share a reader: which of them */
    bool both_ways; /* only connections in which both ways spoke are sessions */
    bool exact;     /* every octet is there, CR as well */
    bool wire;      /* they are the packets of a network: nothing in it was inside TLS */
    /* Looks at the beginning of the dump first. NULL: no need. */
    void (*learn)(struct dump *dump, struct slice head);
    /* Takes a line of the file. False when out of memory. */
    bool (*line)(struct dump *dump, const struct source_line *line);
    /* The dump has ended. NULL: nothing is left. */
    bool (*finish)(struct dump *dump);
};

extern const struct format_family dump_family; /* detail: a struct dump_format */

/* Returns the location of the octet at `column` (from 0) of a line of the file. */
struct line dump_at(const struct source_line *source, size_t column);

/* Take a line of the dump itself, such as a heading; a line that does not belong to the dump. */
bool dump_heading(struct dump *dump, const struct source_line *source);
bool dump_unplaced(struct dump *dump, const struct source_line *source);

/* Takes octets in hex, at most `most`, from `column` on; `half`: as in struct decoder. Sets
 * *count to the number of octets. */
bool dump_hex(struct dump *dump, struct flow *flow, unsigned way, const struct source_line *source,
              size_t column, size_t most, unsigned half, size_t *count);

/* Text that is not encoded, so that only the next heading shows where it ends. The last line ends
 * before the heading belong to the dump. */
struct dump_text {
    struct flow *flow; /* NULL: outside */
    unsigned way;
    unsigned breaks; /* line ends whose meaning is not known yet */
    bool dotted;     /* the CR before a line end is shown as "." */
    bool dot;        /* a "." before the line end is held back for that */
    struct line at;  /* of the last line */
};

bool dump_text_line(struct dump *dump, struct dump_text *text, const struct source_line *source,
                    size_t column);
/* Ends the text; `own`: how many line ends the dump has added. */
bool dump_text_end(struct dump *dump, struct dump_text *text, unsigned own);

/* Returns the value of the digits at the head of a text, and sets *length to their number (0:
 * none). */
uint64_t take_number(struct slice text, size_t *length);

extern const struct dump_format curl_trace_format, curl_trace_ascii_format;
extern const struct dump_format tshark_ascii_format, tshark_hex_format, tshark_raw_format,
    tshark_yaml_format;
extern const struct dump_format tcpdump_format, tcpdump_hex_format, tcpdump_headings_format;
extern const struct dump_format tcpflow_console_format, ngrep_format;
extern const struct dump_format socat_format;
extern const struct dump_format netcat_format;
extern const struct dump_format strace_format;

#endif
