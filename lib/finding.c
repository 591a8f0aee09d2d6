/* finding.c - what a caller may ask of a finding.
 */
#include "outgoing.h"

const char *smtpseq_lint_rule(const smtpseq_lint_finding *finding)
{
    return finding->rule->name;
}

const char *smtpseq_lint_code(const smtpseq_lint_finding *finding)
{
    return finding->rule->code;
}

const char *smtpseq_lint_fault(const smtpseq_lint_finding *finding)
{
    return finding->fault;
}

const char *smtpseq_lint_message(const smtpseq_lint_finding *finding)
{
    return finding->message ? finding->message : "";
}

const char *smtpseq_lint_help(const smtpseq_lint_finding *finding)
{
    return finding->help;
}

const char *smtpseq_lint_json(const smtpseq_lint_finding *finding)
{
    return finding->json;
}

enum smtpseq_lint_severity smtpseq_lint_severity(const smtpseq_lint_finding *finding)
{
    return finding->severity == SEVERITY_ERROR     ? SMTPSEQ_LINT_ERROR
           : finding->severity == SEVERITY_WARNING ? SMTPSEQ_LINT_WARNING
                                                   : SMTPSEQ_LINT_NOTE;
}

uint64_t smtpseq_lint_line(const smtpseq_lint_finding *finding)
{
    return finding->line;
}

uint64_t smtpseq_lint_session(const smtpseq_lint_finding *finding)
{
    return finding->session;
}

unsigned smtpseq_lint_column(const smtpseq_lint_finding *finding)
{
    return finding->column;
}
