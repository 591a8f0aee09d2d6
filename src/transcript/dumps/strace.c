/* strace.c - the system calls that carry SMTP: read, write, send, recv and their kin.
 *
 *     1082  14:18:15.834963 read(3, "220 mx.example.com ESMTP\r\n", 8192) = 26
 *
 * A connection is a descriptor of a process. Files are read as well, and what came through a socket
 * may be written to standard output: so a connection counts only when both ways have spoken, and
 * descriptors 0 and 1, which together may be a server's socket (inetd), only when no other does.
 * strace cuts long texts (-s): "220 mx.exa"...
 */
#include "smtp/look.h"
#include "transcript/dumps/dump.h"

/* Calls that are begun in one line and end in another (<unfinished ...>), at a time. */
#define CALLS_MAX      64
/* Descriptors are less than that; the key of a connection is made of one and the process. */
#define DESCRIPTOR_MAX UINT64_C(0xfffff)

struct call {
    uint64_t process;
    uint64_t descriptor;
    bool used;
};

struct strace {
    struct call calls[CALLS_MAX];
    bool learning;   /* a first look at the head */
    bool stdio_only; /* no descriptor but 0 and 1 carries SMTP */
};

/* How a call is known by its name. */
struct call_kind {
    const char *name;
    enum { CALL_IN, CALL_OUT, CALL_ANEW } does;
};

static const struct call_kind kinds[] = {
    {"read", CALL_IN},     {"recv", CALL_IN},    {"recvfrom", CALL_IN},  {"recvmsg", CALL_IN},
    {"readv", CALL_IN},    {"write", CALL_OUT},  {"send", CALL_OUT},     {"sendto", CALL_OUT},
    {"sendmsg", CALL_OUT}, {"writev", CALL_OUT}, {"connect", CALL_ANEW}, {"close", CALL_ANEW},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

/* One line taken apart. */
struct traced {
    uint64_t process;
    const struct call_kind *kind;
    bool resumed;
    size_t arguments; /* where they begin */
    uint64_t descriptor;
    size_t texts; /* where the arguments after the descriptor begin */
    bool unfinished;
    bool has_result;
    bool failed;
    uint64_t result; /* octets */
};

static size_t skip_blanks(struct slice line, size_t at)
{
    while (at < line.size && ascii_space(line.data[at]))
        at++;
    return at;
}

/* Skips "1082  14:18:15.834963 ", "[pid  1082] ", "1795443495.8 ". Returns where the call
 * begins. */
static size_t skip_prefix(struct slice line, uint64_t *process)
{
    size_t at = 0, digits;
    *process = 0;
    if (slice_starts(line, SLICE("[pid "))) {
        at = skip_blanks(line, 5);
        *process = take_number(slice_after(line, at), &digits);
        at = skip_blanks(line, at + digits + 1);
    } else {
        uint64_t number = take_number(line, &digits);
        if (digits > 0 && digits < line.size && ascii_space(line.data[digits])) {
            *process = number;
            at = skip_blanks(line, digits);
        }
    }
    while (at < line.size &&
           (ascii_digit(line.data[at]) ||
            (line.data[at] == '+' && at + 1 < line.size && ascii_digit(line.data[at + 1])))) {
        while (at < line.size && !ascii_space(line.data[at]))
            at++; /* a time, -r's difference, -tt, -ttt */
        at = skip_blanks(line, at);
    }
    return at;
}

/* Reads " = 35" at the end of the line, where the additions of -T and -yy may follow. */
static void read_result(struct slice line, struct traced *traced)
{
    size_t digits, at = line.size;
    while (at > 2 && !(line.data[at - 1] == ' ' && line.data[at - 2] == '=' &&
                       (line.data[at - 3] == ' ' || line.data[at - 3] == ')')))
        at--;
    if (at <= 2)
        return;
    struct slice result = slice_after(line, at);
    traced->has_result = true;
    traced->failed = result.size == 0 || !ascii_digit(result.data[0]);
    traced->result = take_number(result, &digits);
}

static const struct call_kind *kind_of(struct slice name)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (slice_equal(name, slice_of(kinds[i].name)))
            return &kinds[i];
    return NULL;
}

/* Returns the offset after the descriptor and what -y adds to it: "3<TCP:[a:1->b:25]>, ". */
static size_t skip_descriptor(struct slice line, size_t at)
{
    if (at < line.size && line.data[at] == '<') {
        size_t end = at;
        while (end < line.size && !slice_starts(slice_after(line, end), SLICE(">,")) &&
               !slice_starts(slice_after(line, end), SLICE(">)")))
            end++;
        at = end + 1;
    }
    return at < line.size ? at : line.size;
}

/* Parses a line. Returns false if it shows none of these calls. */
static bool take_apart(struct slice line, struct traced *traced)
{
    *traced = (struct traced){0};
    size_t at = skip_prefix(line, &traced->process), digits;
    struct slice rest = slice_after(line, at);
    traced->unfinished = slice_ends(rest, SLICE("<unfinished ...>"));
    if (slice_starts(rest, SLICE("<... "))) { /* "<... read resumed>" */
        rest = slice_after(rest, 5);
        size_t name = slice_find(rest, ' ');
        traced->kind = kind_of(slice_head(rest, name));
        size_t end = slice_find(rest, '>');
        traced->resumed = true;
        traced->arguments = traced->texts = at + 5 + end + 1;
    } else {
        size_t name = slice_find(rest, '(');
        traced->kind = kind_of(slice_head(rest, name));
        traced->arguments = at + name + 1;
        traced->descriptor = take_number(slice_after(line, traced->arguments), &digits);
        traced->texts = skip_descriptor(line, traced->arguments + digits);
        if (digits == 0)
            return false;
    }
    if (!traced->kind)
        return false;
    read_result(line, traced);
    return true;
}

/* A call that another line has begun or will end. */
static struct call *find_call(struct strace *strace, uint64_t process)
{
    struct call *free_one = &strace->calls[process % CALLS_MAX];
    for (size_t i = 0; i < CALLS_MAX; i++) {
        if (strace->calls[i].used && strace->calls[i].process == process)
            return &strace->calls[i];
        if (!strace->calls[i].used)
            free_one = &strace->calls[i];
    }
    *free_one = (struct call){.process = process};
    return free_one;
}

/* Where the last line of a shown text begins, and the one before it. */
static struct slice last_line(struct slice shown, struct slice *before)
{
    size_t begin = 0, earlier = 0;
    for (size_t i = 0; i + 1 < shown.size; i++) {
        if (shown.data[i] != '\\')
            continue;
        if (shown.data[i + 1] == 'n') {
            earlier = begin;
            begin = i + 2;
        }
        i++;
    }
    *before = slice_after(slice_head(shown, begin), earlier);
    return slice_after(shown, begin);
}

/* A text that is cut (-s). What it leaves out may have ended its line, and with it a reply of
 * several lines. */
static bool end_cut(struct dump *dump, struct flow *flow, unsigned way, const struct line *at,
                    struct slice shown)
{
    struct stream *stream = &flow->ways[way].stream;
    struct slice before, last = last_line(shown, &before);
    if (last.size < 4 && looks_like_reply(before)) { /* not even the code is there */
        stream->held.size = 0;
        stream->began = false;
        last = before;
    }
    if (stream->began && !flow_take(&dump->flows, flow, way, at, SLICE(LINE_CUT "\n")))
        return false;
    if (last.size < 4 || !looks_like_reply(last) || last.data[3] != '-')
        return true;
    char end[] = "250 " LINE_CUT "\n";
    memcpy(end, last.data, 3);
    return flow_take(&dump->flows, flow, way, at, (struct slice){end, sizeof end - 1});
}

/* The string literals of a call's arguments, at most `left` octets. */
static bool take_texts(struct dump *dump, struct flow *flow, unsigned way,
                       const struct source_line *source, size_t from, uint64_t left, bool vector)
{
    struct slice line = source->text;
    size_t at = from;
    while (at < line.size && left > 0) {
        struct slice mark = vector ? SLICE("iov_base=\"") : SLICE("\"");
        while (at < line.size && !slice_starts(slice_after(line, at), mark))
            at++;
        size_t begin = at + mark.size, end = begin;
        while (end < line.size && line.data[end] != '"')
            end += line.data[end] == '\\' ? 2 : 1;
        if (begin >= line.size)
            return true;
        struct slice shown = slice_head(slice_after(line, begin), end - begin);
        struct line location = dump_at(source, begin);
        struct decoder decoder = {.encoding = ENCODING_C,
                                  .text = shown,
                                  .left = left < SIZE_MAX ? (size_t)left : SIZE_MAX};
        if (!flow_decode(&dump->flows, flow, way, &location, &decoder))
            return false;
        left -= decoder.count;
        if (left > 0 && slice_starts(slice_after(line, end), SLICE("\"...")) &&
            !end_cut(dump, flow, way, &location, shown))
            return false;
        at = end + 1;
        if (!vector)
            return true;
    }
    return true;
}

/* One more, because 0 means no key. */
static uint64_t key_of(uint64_t process, uint64_t descriptor)
{
    return (process * (DESCRIPTOR_MAX + 1) + (descriptor & DESCRIPTOR_MAX)) + 1;
}

static bool octets_of_call(struct dump *dump, const struct source_line *source,
                           const struct traced *traced)
{
    const struct strace *strace = dump->state;
    bool stdio = traced->descriptor <= 2;
    if (traced->failed || (traced->has_result && traced->result == 0) ||
        (stdio && !strace->learning && !strace->stdio_only))
        return true;
    unsigned way = traced->kind->does == CALL_OUT;
    uint64_t descriptor = stdio ? 0 : traced->descriptor;
    dump->flows.exact = !stdio; /* what is typed may be sent with other line ends */
    struct slice name = slice_of(traced->kind->name);
    bool vector = name.data[name.size - 1] == 'v' || slice_equal(name, SLICE("sendmsg")) ||
                  slice_equal(name, SLICE("recvmsg"));
    struct flow *flow = flow_find(&dump->flows, key_of(traced->process, descriptor));
    return flow && take_texts(dump, flow, way, source, traced->texts,
                              traced->has_result ? traced->result : UINT64_MAX, vector);
}

/* connect, close: the descriptor is another connection from now on. */
static bool restart(struct dump *dump, const struct source_line *source,
                    const struct traced *traced)
{
    struct line at = dump_at(source, 0);
    struct flow *flow = flow_find(&dump->flows, key_of(traced->process, traced->descriptor));
    bool spoke = flow && (flow->ways[0].spoke || flow->ways[1].spoke);
    return flow && (!spoke || flow_restart(&dump->flows, flow, &at));
}

/* Returns true for other lines of strace: other calls, signals, exits. */
static bool is_strace(struct slice line)
{
    uint64_t process;
    struct slice rest = slice_after(line, skip_prefix(line, &process));
    size_t name = 0;
    while (name < rest.size && (ascii_digit(rest.data[name]) || rest.data[name] == '_' ||
                                (rest.data[name] >= 'a' && rest.data[name] <= 'z')))
        name++;
    struct traced traced = {0};
    read_result(line, &traced);
    bool called = name > 0 && name < rest.size && rest.data[name] == '(';
    return (called && (traced.has_result || slice_ends(rest, SLICE("<unfinished ...>")))) ||
           slice_starts(rest, SLICE("<... ")) || slice_starts(rest, SLICE("+++ ")) ||
           slice_starts(rest, SLICE("--- "));
}

static bool strace_line(struct dump *dump, const struct source_line *source)
{
    struct strace *strace = dump->state;
    struct traced traced;
    bool call_read = take_apart(source->text, &traced);
    if (!call_read && !is_strace(source->text))
        return dump_unplaced(dump, source);
    dump_heading(dump, source);
    if (!call_read)
        return true;
    if (traced.resumed) {
        struct call *call = find_call(strace, traced.process);
        bool begun = call->used;
        traced.descriptor = call->descriptor;
        call->used = false;
        if (!begun || traced.kind->does == CALL_OUT) /* its text stood where it began */
            return true;
    } else if (traced.unfinished) {
        struct call *call = find_call(strace, traced.process);
        call->descriptor = traced.descriptor;
        call->used = true;
        if (traced.kind->does == CALL_IN)
            return true;
    }
    if (traced.kind->does == CALL_ANEW)
        return restart(dump, source, &traced);
    return octets_of_call(dump, source, &traced);
}

/* Replies that came through standard input and output, and through other descriptors. */
struct carriers {
    unsigned stdio, others;
};

static void count_replies(void *context, const struct line *line)
{
    struct carriers *carriers = context;
    if (line->session == FLOW_NONE || line->side != SIDE_SERVER || !looks_like_reply(line->payload))
        return;
    bool stdio = ((line->session - 1) & DESCRIPTOR_MAX) == 0;
    carriers->stdio += stdio;
    carriers->others += !stdio;
}

/* Reads the head once to see whether a socket carries SMTP. */
static void strace_learn(struct dump *dump, struct slice head)
{
    struct strace *strace = dump->state;
    struct carriers carriers = {0};
    struct line_sink sink = {count_replies, &carriers};
    struct strace first = {.learning = true};
    struct dump look = {.format = dump->format, .state = &first};
    look.flows.sink = &sink;
    look.flows.both_ways = true;
    struct source_line line = {0};
    bool going = true;
    while (going && head.size > 0) {
        size_t size = slice_find(head, '\n');
        line.text = slice_head(head, size);
        line.number++;
        head = slice_after(head, size + 1);
        going = strace_line(&look, &line);
    }
    flows_free(&look.flows);
    strace->stdio_only = carriers.stdio > 0 && carriers.others == 0;
}

const struct dump_format strace_format = {
    .state_size = sizeof(struct strace),
    .both_ways = true,
    .learn = strace_learn,
    .exact = true,
    .line = strace_line,
};
