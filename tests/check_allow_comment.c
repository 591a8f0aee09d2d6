/* check_allow_comment.c - "# smtpseq: allow ..." in transcripts: its line and its meaning.
 */
#include "config/allow_comment.h"

#include <inttypes.h>
#include <unistd.h>

#include "recorded.h"
#include "suite.h"

static const struct {
    struct slice text;
    int rule; /* -1: wrong */
    const char *error;
} rows[] = {
    {OCTETS("allow nested-mail: known bug"), RULE_nested_mail, NULL},
    {OCTETS("  allow\tSQ002 :  known: bug "), RULE_nested_mail, NULL},
    {OCTETS("allow nested-mail"), -1, "a reason is missing; write # smtpseq: allow RULE: REASON"},
    {OCTETS("allow nested-mail: "), -1, "a reason is missing; write # smtpseq: allow RULE: REASON"},
    {OCTETS("allow : x"), -1, "the rule is missing; write # smtpseq: allow RULE: REASON"},
    {OCTETS("allow"), -1, "the rule is missing; write # smtpseq: allow RULE: REASON"},
    {OCTETS("allow nestd-mail: x"), -1,
     "rule 'nestd-mail' is not known; did you mean 'nested-mail'?"},
    {OCTETS("allow nested-mail, auth-twice: x"), -1,
     "rule 'nested-mail, auth-twice' is not known; did you mean 'nested-mail'?"},
    {OCTETS("ignore nested-mail: x"), -1,
     "'ignore' is not known; write # smtpseq: allow RULE: REASON"},
    {OCTETS(""), -1, "'' is not known; write # smtpseq: allow RULE: REASON"},
    {OCTETS("allow nested-mail\0: x"), -1,
     "rule 'nested-mail' is not known; did you mean 'nested-mail'?"},
};

START_TEST(test_parse)
{
    enum rule_id rule = RULE_COUNT;
    char room[200];
    const char *error = allow_comment_parse(rows[_i].text, &rule, room, sizeof room);
    if (rows[_i].rule >= 0) {
        ck_assert_ptr_null(error);
        ck_assert_int_eq(rule, rows[_i].rule);
    } else {
        ck_assert_str_eq(error, rows[_i].error);
    }
}
END_TEST

static const struct {
    const char *name, *text, *comments; /* "line about text", each */
} transcripts[] = {
    {"above a command", "S: 220 mx\n# smtpseq: allow a: b\nC: MAIL\n", "2 3 allow a: b\n"},
    {"two, with a blank line and a note",
     "S: 220 mx\n#smtpseq:x\n\n# smtpseq: y\n# note\nC: NOOP\n", "2 6 x\n4 6 y\n"},
    {"above a reply", "S: 220 mx\nC: NOOP\n# smtpseq: x\nS: 250 ok\n", "3 4 x\n"},
    {"at the end", "S: 220 mx\nC: NOOP\n# smtpseq: x\n", "3 0 x\n"},
    {"the client says it", "S: 220 mx\nC: # smtpseq: x\nC: NOOP\n", ""},
    {"inside a note", "S: 220 mx\n# see # smtpseq: x\nC: NOOP\n", ""},
    {"another format",
     " -> # smtpseq: x\n<-  220 mx\n -> EHLO a\n<-  250 mx\n# smtpseq: x\n -> QUIT\n", ""},
};

static void print_comment(void *context, uint64_t line, uint64_t about, struct slice text)
{
    fprintf(context, "%" PRIu64 " %" PRIu64 " %.*s\n", line, about, (int)text.size, text.data);
}

static char *comments_of(struct slice recording)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct smtpseq_callbacks callbacks = {.context = out, .comment = print_comment};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    struct smtpseq_recording read;
    int descriptor = recorded_descriptor(recording);
    struct source *source = source_open(descriptor);
    ck_assert_int_eq(smtpseq_check(checker, source, NULL, &read), SMTPSEQ_OK);
    smtpseq_checker_free(checker);
    source_close(source);
    close(descriptor);
    fclose(out);
    return text;
}

START_TEST(test_about)
{
    char *found = comments_of(slice_of(transcripts[_i].text));
    ck_assert_msg(strcmp(found, transcripts[_i].comments) == 0, "%s: %s", transcripts[_i].name,
                  found);
    free(found);
}
END_TEST

/* More comments than are stored for a line: none is lost, the first ones allow nothing. */
START_TEST(test_many)
{
    char text[4096] = "S: 220 mx\nC: EHLO a\nS: 250 mx\n", *end = text + strlen(text);
    for (int i = 0; i < SMTPSEQ_COMMENTS_MAX + 2; i++)
        end = stpcpy(end, "# smtpseq: x\n");
    strcpy(end, "C: QUIT\nS: 221 bye\n");
    char *found = comments_of(slice_of(text));
    char expected[4096] = "", *to = expected;
    for (int i = 0; i < SMTPSEQ_COMMENTS_MAX + 2; i++)
        to += sprintf(to, "%d %d x\n", i + 4,
                      i < SMTPSEQ_COMMENTS_MAX ? 0 : SMTPSEQ_COMMENTS_MAX + 6);
    ck_assert_str_eq(found, expected);
    free(found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("allow_comment");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_parse, 0, ROWS(rows));
    tcase_add_loop_test(all, test_about, 0, ROWS(transcripts));
    tcase_add_test(all, test_many);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
