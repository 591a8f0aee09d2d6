/* check_pieces.c - a recording that is read in pieces gives what it gives in one go.
 *
 * Every fixture is written several times behind itself, and read with very small pieces by several threads. What comes out
 * of both ways is printed and compared.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/octet_buffer.h"
#include "base/small_file.h"
#include "check/reading.h"
#include "smtp/look.h"
#include "suite.h"

/* Octets of a recording, at least; of a fixture that is longer than that only the first ones are taken. */
#define ENOUGH ((size_t)10 << 10)
#define PIECE  ((size_t)1 << 10)
#define JOBS   3

static void print_slice(FILE *out, const char *name, struct slice text)
{
    fprintf(out, " %s=", name);
    if (text.size > 0)
        fwrite(text.data, 1, text.size, out);
}

static void print_label(FILE *out, const struct session_label *label)
{
    fprintf(out, " label=%s|%s|%s|%s|%s", label->name, label->id, label->peer, label->client,
            label->time);
}

static void print_finding(void *context, const struct finding *finding)
{
    FILE *out = context;
    fprintf(out, "finding %s severity=%d fault=%d session=%" PRIu64 " line=%" PRIu64 ":%u-%u %s %s",
            finding->rule->name, (int)finding->severity, (int)finding->fault, finding->session,
            finding->line, finding->column, finding->end_column, finding->message, finding->since);
    fprintf(out, " cause=%" PRIu64 " %s origin=%" PRIu64 " %s state=%d shape=%" PRIu64,
            finding->cause.line, finding->cause.message, finding->origin.line,
            finding->origin.message, (int)finding->state, finding->shape);
    fprintf(out, " reply=%" PRIu64 " %d predicted=%d more=%" PRIu64 ",%" PRIu64,
            finding->reply.line, finding->reply.code, finding->predicted, finding->more_followers,
            finding->more_sessions);
    for (size_t i = 0; i < finding->follower_count; i++)
        fprintf(out, " follower=%" PRIu64, finding->followers[i]);
    print_slice(out, "raw", finding->raw);
    print_slice(out, "command", EXCERPT_SLICE(finding->command));
    print_slice(out, "text", EXCERPT_SLICE(finding->reply.text));
    print_slice(out, "recipient", finding->recipient);
    print_slice(out, "forward-path", finding->forward_path);
    print_label(out, &finding->label);
    fputc('\n', out);
}

static void print_session(void *context, uint64_t number, const struct session_outcome *outcome)
{
    FILE *out = context;
    fprintf(out, "session %" PRIu64 " result=%d reason=%d exchanges=%" PRIu64 " line=%" PRIu64,
            number, (int)outcome->result, (int)outcome->reason, outcome->exchanges,
            outcome->first_line);
    fprintf(out, " %" PRIu64 " delivered=%" PRIu64 " refused=%" PRIu64 " at=%" PRIu64,
            outcome->line, outcome->delivered, outcome->recipients_refused, outcome->refusal.line);
    fprintf(out, " waited=%" PRId64 " unused=%" PRIu64 ",%" PRIu64 " error=%" PRIu64 " %s",
            outcome->greeting_waited, outcome->auth_unused, outcome->starttls_unused,
            outcome->error_line, outcome->error_rule ? outcome->error_rule : "");
    fprintf(out, " findings=%" PRIu64 ",%" PRIu64, outcome->findings, outcome->once_findings);
    print_slice(out, "text", refusal_text(&outcome->refusal));
    print_label(out, &outcome->label);
    fputc('\n', out);
}

static void print_comment(void *context, uint64_t line, uint64_t about, struct slice text)
{
    FILE *out = context;
    fprintf(out, "comment %" PRIu64 " about %" PRIu64, line, about);
    print_slice(out, "text", text);
    fputc('\n', out);
}

static void print_remark(void *context, const char *text)
{
    fprintf(context, "remark %s\n", text);
}

static void print_recording(FILE *out, const struct smtpseq_recording *recording)
{
    fprintf(out, "sessions=%" PRIu64 " exchanges=%" PRIu64 " lines=%" PRIu64 " unplaced=%" PRIu64,
            recording->sessions, recording->exchanges, recording->lines, recording->unplaced);
    fprintf(out, " elided=%" PRIu64 " cut=%" PRIu64 " octets=%" PRIu64 " foreign=%" PRIu64,
            recording->elided, recording->cut, recording->octets, recording->foreign_begun);
    for (size_t i = 0; i < PROTOCOLS; i++)
        fprintf(out, ",%" PRIu64, recording->foreign[i]);
    for (size_t i = 0; i < recording->reading_count; i++)
        fprintf(out, " reading=%s,%" PRIu64 ",%" PRIu64, recording->readings[i].format->name,
                recording->readings[i].line, recording->readings[i].sessions);
    fprintf(out, " unread=%" PRIu64 "\n", recording->unread.lines);
}

/* Sets *text to what comes of the file, to be freed. *pieces: how many pieces were read apart. */
static void read_with(int descriptor, unsigned jobs, struct octet_buffer *text, size_t *pieces)
{
    FILE *out = open_memstream(&text->octets, &text->size);
    ck_assert_ptr_nonnull(out);
    const struct smtpseq_callbacks callbacks = {
        .context = out,
        .finding = print_finding,
        .session = print_session,
        .comment = print_comment,
        .remark = print_remark,
    };
    struct smtpseq_recording recording;
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    ck_assert_int_eq(lseek(descriptor, 0, SEEK_SET), 0);
    struct source *source = source_open(descriptor);
    ck_assert(checker && source);
    smtpseq_checker_jobs(checker, jobs);
    checker->piece = PIECE;
    enum smtpseq_status status = smtpseq_check(checker, source, NULL, &recording);
    fprintf(out, "status %d\n", (int)status);
    print_recording(out, &recording);
    *pieces = checker->pieces;
    source_close(source);
    smtpseq_checker_free(checker);
    fclose(out);
}

/* Fails with the first lines that differ. */
static void compare_texts(const char *name, struct slice whole, struct slice apart)
{
    struct slice one = whole, other = apart;
    while (one.size > 0 && other.size > 0) {
        struct slice left = head_line(&one), right = head_line(&other);
        ck_assert_msg(slice_equal(left, right), "%s: in one go\n%.*s\nin pieces\n%.*s", name,
                      (int)slice_head(left, 1500).size, left.data,
                      (int)slice_head(right, 1500).size, right.data);
    }
    ck_assert_uint_eq(whole.size, apart.size);
}

/* Reads the recording in both ways. Returns how many pieces were read apart. */
static size_t compare(const char *name, struct slice text)
{
    FILE *file = tmpfile();
    struct octet_buffer whole = {0}, apart = {0};
    size_t none, pieces;
    ck_assert_ptr_nonnull(file);
    for (size_t written = 0; written < ENOUGH; written += text.size) {
        fwrite(text.data, 1, text.size, file);
        if (text.data[text.size - 1] != '\n')
            fputc('\n', file);
    }
    ck_assert_int_eq(fflush(file), 0);
    read_with(fileno(file), 1, &whole, &none);
    read_with(fileno(file), JOBS, &apart, &pieces);
    ck_assert_uint_eq(none, 0);
    compare_texts(name, octet_buffer_text(&whole), octet_buffer_text(&apart));
    free(whole.octets);
    free(apart.octets);
    fclose(file);
    return pieces;
}

/* What is done with the files of a folder and of those in it. */
struct walk {
    void (*file)(struct walk *walk, const char *path, struct slice text);
    size_t apart;             /* recordings that had pieces */
    struct octet_buffer text; /* of all files */
};

static void walk_folder(struct walk *walk, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    ck_assert_msg(count >= 0, "%s", path);
    for (int i = 0; i < count; i++) {
        char below[4096];
        size_t size;
        snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && entries[i]->d_type == DT_DIR) {
            walk_folder(walk, below);
        } else if (entries[i]->d_name[0] != '.') {
            char *text = small_file(below, 64 << 20, &size);
            ck_assert_msg(text != NULL, "%s", below);
            if (size > 0)
                walk->file(walk, below, slice_head((struct slice){text, size}, ENOUGH));
            free(text);
        }
        free(entries[i]);
    }
    free(entries);
}

static void compare_file(struct walk *walk, const char *path, struct slice text)
{
    walk->apart += compare(path, text) > 0;
}

static const struct {
    const char *name;
    bool cut; /* it has recordings that can be cut */
} folders[] = {{"formats", true}, {"rules", true}, {"reports", true}, {"fuzz", false}};

START_TEST(test_repeated)
{
    struct walk walk = {.file = compare_file};
    char path[4096];
    snprintf(path, sizeof path, FIXTURES "/%s", folders[_i].name);
    walk_folder(&walk, path);
    ck_assert(walk.apart > 0 || !folders[_i].cut);
}
END_TEST

/* Sessions in which nothing is wrong, so that there are places for cuts. */
static const char tidy[] = "S: 220 mx.example.com ESMTP\n"
                           "C: EHLO client.example.org\nS: 250 mx.example.com\n"
                           "C: NOOP\nS: 250 ok\nC: QUIT\nS: 221 bye\n";

static void append_transcript(struct walk *walk, const char *path, struct slice text)
{
    (void)path;
    if (!slice_contains(text, SLICE("\nC: ")) || !slice_contains(text, SLICE("\nS: ")))
        return;
    ck_assert(octet_buffer_append(&walk->text, text));
    if (text.data[text.size - 1] != '\n')
        ck_assert(octet_buffer_append(&walk->text, SLICE("\n")));
    for (int i = 0; i < 8; i++)
        ck_assert(octet_buffer_append(&walk->text, slice_of(tidy)));
}

/* Sessions of all kinds, with all faults, one behind the other. */
START_TEST(test_joined)
{
    struct walk walk = {.file = append_transcript};
    walk_folder(&walk, FIXTURES "/rules");
    ck_assert_uint_gt(compare("all transcripts", octet_buffer_text(&walk.text)), 0);
    octet_buffer_free(&walk.text);
}
END_TEST

/* What a piece takes for another protocol in the sessions before its cut is nobody's. */
START_TEST(test_other_protocols)
{
    struct octet_buffer text = {0};
    for (int i = 0; i < 300; i++) {
        ck_assert(
            octet_buffer_append(&text, SLICE("S: 220 mx.example.com ready\n"
                                             "C: EHLO client.example.org\nS: 250 mx.example.com\n"
                                             "C: QUIT\nS: 221 bye\n")));
        if (i > 20 && i % 3 == 0)
            ck_assert(octet_buffer_append(&text, SLICE("S: +OK POP3 server ready\n")));
    }
    ck_assert_uint_gt(compare("other protocols", octet_buffer_text(&text)), 0);
    octet_buffer_free(&text);
}
END_TEST

/* A cut is looked for behind messages in which there is none. */
START_TEST(test_long_messages)
{
    struct octet_buffer text = {0};
    for (int i = 0; i < 5000; i++) {
        ck_assert(octet_buffer_append(&text, slice_of(tidy)));
        if (i != 200)
            continue;
        ck_assert(octet_buffer_append(&text, SLICE("S: 220 mx.example.com ESMTP\n"
                                                   "C: EHLO client.example.org\nS: 250 ok\n"
                                                   "C: RCPT TO:<a@example.com>\nS: 503 MAIL first\n"
                                                   "C: MAIL FROM:<a@example.com>\nS: 250 ok\n"
                                                   "C: RCPT TO:<a@example.com>\nS: 250 ok\n"
                                                   "C: DATA\nS: 354 go\n")));
        for (int line = 0; line < 8000; line++)
            ck_assert(
                octet_buffer_append(&text, SLICE("C: A line of a message, one of many that are "
                                                 "alike, and none of them ends it.\n")));
        ck_assert(octet_buffer_append(&text, SLICE("C: .\nS: 250 queued\nC: QUIT\nS: 221 bye\n")));
    }
    ck_assert_uint_gt(compare("long messages", octet_buffer_text(&text)), 100);
    octet_buffer_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pieces");
    TCase *cases = tcase_create("pieces");
    tcase_add_loop_test(cases, test_repeated, 0, ROWS(folders));
    tcase_add_test(cases, test_joined);
    tcase_add_test(cases, test_other_protocols);
    tcase_add_test(cases, test_long_messages);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
