/* cases.c - the section SECTION_CASES is a list of events, each with a text. The summary reads the events of a recording
 * and links the texts of each session, then follows the links.
 */
#include "report/cases.h"

#include <errno.h>
#include <stdlib.h>

#include "base/disk_array.h"

enum case_event_kind {
    CASE_EVENT_BEGIN,
    CASE_EVENT_EXCHANGE,
    CASE_EVENT_TEXT,
    CASE_EVENT_FILE,
    CASE_EVENT_TROUBLE
};

struct case_event {
    uint32_t kind, text; /* enum case_event_kind, enum case_text */
    uint64_t session;
    uint64_t
        value; /* EXCHANGE: its line; TEXT: 1 if it fails the case; FILE: how many sessions it has */
    uint64_t size; /* of the text that follows */
};

struct cases {
    const struct report *report;
    const struct case_writer *writer;
    FILE *from;
    struct disk_array *index; /* struct session_case, by the session */
    struct disk_array *next;  /* where the next part of a text is, by the place of the part */
    uint64_t offset;          /* of the next event */
    uint64_t recording;       /* that is read, from 1 */
    uint64_t highest;         /* session of it that has been seen */
    uint64_t failing;         /* sessions of it */
    uint64_t number;          /* of cases and troubles */
    bool failed;
};

static void add_event(const struct report *report, const struct case_event *event)
{
    fwrite(event, sizeof *event, 1, report_item(report, SECTION_CASES));
}

/* The same with a text that was built. */
static void add_built(const struct report *report, struct case_event event,
                      struct string_builder *written)
{
    if (string_builder_end(written)) {
        event.size = written->size;
        add_event(report, &event);
        fwrite(written->text, 1, written->size, report_item(report, SECTION_CASES));
    } else {
        report_fail(report);
    }
    free(written->text);
}

void cases_begin(struct report *report, const char *file)
{
    const struct case_event event = {.kind = CASE_EVENT_BEGIN};
    (void)file;
    add_event(report, &event);
}

void cases_exchange(const struct report *report, uint64_t session, const struct exchange *exchange,
                    const struct verdict *verdict)
{
    const struct case_event event = {
        .kind = CASE_EVENT_EXCHANGE, .session = session, .value = exchange->location.line};
    (void)verdict;
    if (exchange->number == 0)
        add_event(report, &event);
}

bool case_fails(const struct report *report, const struct finding *finding)
{
    return (int)finding->severity >= report->options.fail_on;
}

void cases_add(const struct report *report, uint64_t session, enum case_text text, bool fails,
               struct string_builder *written)
{
    add_built(report,
              (struct case_event){
                  .kind = CASE_EVENT_TEXT, .text = text, .session = session, .value = fails},
              written);
}

void cases_add_file(const struct report *report, uint64_t sessions, struct string_builder *path)
{
    add_built(report, (struct case_event){.kind = CASE_EVENT_FILE, .value = sessions}, path);
}

void cases_add_trouble(const struct report *report, struct string_builder *written)
{
    add_built(report, (struct case_event){.kind = CASE_EVENT_TROUBLE}, written);
}

/* An array could not be read or written: the report is not whole. */
static void fail_section(struct cases *cases, unsigned section)
{
    struct report_section *part = &cases->report->sections[section];
    if (part->error == 0)
        part->error = errno;
    cases->failed = true;
}

/* Returns the case of a session; one of an earlier recording is emptied. NULL when it cannot be read. */
static struct session_case *case_at(struct cases *cases, uint64_t session)
{
    struct session_case *of = disk_array_at(cases->index, session);
    if (!of)
        fail_section(cases, SECTION_INDEX);
    else if (of->recording != cases->recording)
        *of = (struct session_case){.recording = cases->recording};
    return of;
}

/* Events are larger than an element, so that no two have the same. */
static uint64_t *next_of(struct cases *cases, uint64_t offset)
{
    uint64_t *next = disk_array_at(cases->next, offset / sizeof(struct case_event));
    if (!next)
        fail_section(cases, SECTION_NEXT);
    return next;
}

/* Adds the text at cases->offset to its case. */
static void link_text(struct cases *cases, struct session_case *of, const struct case_event *event)
{
    uint64_t *last = &of->ends[event->text];
    uint64_t *next = *last > 0 ? next_of(cases, *last) : &of->texts[event->text];
    if (next)
        *next = cases->offset;
    *last = cases->offset;
    if (event->value > 0 && of->failures++ == 0)
        cases->failing++;
}

static void note_session(struct cases *cases, const struct case_event *event)
{
    struct session_case *of = case_at(cases, event->session);
    if (!of)
        return;
    if (event->session > cases->highest)
        cases->highest = event->session;
    if (event->kind == CASE_EVENT_TEXT)
        link_text(cases, of, event);
    else if (of->first_line == 0)
        of->first_line = event->value;
}

/* Reads the text of an event; NULL when out of memory. */
static char *read_text(struct cases *cases, const struct case_event *event, struct slice *text)
{
    char *octets = malloc(event->size + 1);
    if (!octets)
        report_fail(cases->report);
    *text = (struct slice){octets, octets ? fread(octets, 1, event->size, cases->from) : 0};
    return octets;
}

static void write_suite(struct cases *cases, const struct case_event *event)
{
    struct slice path;
    uint64_t count = event->value > cases->highest ? event->value : cases->highest;
    char *octets = read_text(cases, event, &path);
    if (octets && count > 0) {
        if (cases->writer->suite)
            cases->writer->suite(cases, path, count, cases->failing);
        for (uint64_t i = 1; i <= count && !cases->failed; i++) {
            const struct session_case *of = case_at(cases, i);
            cases->number++;
            if (of)
                cases->writer->one(cases, path, i, of);
        }
        if (cases->writer->suite_end)
            cases->writer->suite_end(cases);
    }
    free(octets);
}

static void write_trouble(struct cases *cases, const struct case_event *event)
{
    struct slice text;
    char *octets = read_text(cases, event, &text);
    cases->number++;
    if (octets)
        cases->writer->trouble(cases, text);
    free(octets);
}

static void take_event(struct cases *cases, const struct case_event *event)
{
    switch ((enum case_event_kind)event->kind) {
    case CASE_EVENT_BEGIN:
        cases->recording++;
        cases->highest = cases->failing = 0;
        break;
    case CASE_EVENT_EXCHANGE:
    case CASE_EVENT_TEXT:
        note_session(cases, event);
        break;
    case CASE_EVENT_FILE:
        write_suite(cases, event);
        break;
    case CASE_EVENT_TROUBLE:
        write_trouble(cases, event);
        break;
    }
}

uint64_t cases_write(const struct report *report, const struct case_writer *writer)
{
    struct cases cases = {
        .report = report,
        .writer = writer,
        .from = report_section_read(report, SECTION_CASES),
        .index = disk_array_new(fileno(report->sections[SECTION_INDEX].stream),
                                sizeof(struct session_case)),
        .next = disk_array_new(fileno(report->sections[SECTION_NEXT].stream), sizeof cases.offset),
    };
    struct case_event event;
    if (!cases.index || !cases.next)
        report_fail(report);
    while (cases.index && cases.next && !cases.failed &&
           fread(&event, sizeof event, 1, cases.from) == 1) {
        take_event(&cases, &event);
        cases.offset += sizeof event + event.size;
        if (fseek(cases.from, (long)cases.offset, SEEK_SET) != 0)
            fail_section(&cases, SECTION_CASES);
    }
    disk_array_free(cases.index);
    disk_array_free(cases.next);
    return cases.number;
}

FILE *cases_out(const struct cases *cases)
{
    return cases->report->out;
}

uint64_t cases_number(const struct cases *cases)
{
    return cases->number;
}

/* Copies octets at the place where the section is read. */
static void copy_octets(struct cases *cases, uint64_t size)
{
    char block[4096];
    size_t got = 1;
    while (size > 0 && got > 0) {
        got = fread(block, 1, size < sizeof block ? (size_t)size : sizeof block, cases->from);
        fwrite(block, 1, got, cases->report->out);
        size -= got;
    }
}

void case_copy(struct cases *cases, const struct session_case *session, enum case_text text)
{
    uint64_t offset = session->texts[text];
    struct case_event event;
    while (offset > 0 && fseek(cases->from, (long)offset, SEEK_SET) == 0 &&
           fread(&event, sizeof event, 1, cases->from) == 1) {
        copy_octets(cases, event.size);
        const uint64_t *next = next_of(cases, offset);
        offset = next ? *next : 0;
    }
}
