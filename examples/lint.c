/* lint.c - checks a recording on standard input: cc lint.c $(pkg-config --cflags --libs smtpseq) -o lint
 */
#include <smtpseq.h>
#include <stdio.h>

static const char *const severities[] = {"note", "warning", "error"};

/* Prints a finding as compilers do, and counts the errors. */
static void print(void *context, const smtpseq_lint_finding *finding)
{
    unsigned *errors = context;
    enum smtpseq_lint_severity severity = smtpseq_lint_severity(finding);
    *errors += severity == SMTPSEQ_LINT_ERROR;
    printf("-:%llu:%u: %s: %s [%s]\n", (unsigned long long)smtpseq_lint_line(finding),
           smtpseq_lint_column(finding), severities[severity], smtpseq_lint_message(finding),
           smtpseq_lint_rule(finding));
}

int main(void)
{
    char room[4096];
    size_t size;
    unsigned errors = 0;
    smtpseq_lint *lint = smtpseq_lint_new();
    if (!lint) {
        fputs("lint: out of memory\n", stderr);
        return 2;
    }
    smtpseq_lint_on_finding(lint, print, &errors);
    while ((size = fread(room, 1, sizeof room, stdin)) > 0)
        smtpseq_lint_feed(lint, room, size);
    int result = smtpseq_lint_finish(lint);
    smtpseq_lint_free(lint);
    if (result == SMTPSEQ_LINT_NO_SESSION)
        fputs("lint: no SMTP session found\n", stderr);
    return result != SMTPSEQ_LINT_DONE ? 2 : errors > 0;
}
