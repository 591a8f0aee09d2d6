/* export.c - the command line of smtpseq export.
 */
#include "cli/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/keyed_table.h"
#include "base/string_builder.h"
#include "cli/libraries.h"
#include "cli/message.h"
#include "cli/sandbox.h"
#include "export/anonymize.h"
#include "export/minimize.h"
#include "report/json_value.h"
#include "transcript/source/members.h"

/* A finding of the rule to be minimised: what is left has to draw one like it. */
struct sought {
    const struct rule *rule; /* NULL: the session does not draw it */
    bool caused;             /* an earlier line explains it */
    int code;                /* of the reply */
    enum session_state state;
};

/* What is known of a session at its end. */
struct known_session {
    struct keyed keyed; /* by its number */
    uint64_t last_line; /* of those that its findings name; 0: it has none */
    struct session_label label;
    struct sought sought; /* its first finding of the rule to be minimised */
};

struct exporter {
    const char *as;
    struct session_filter filter;
    const struct rule *minimize; /* NULL: nothing is minimised */
    bool only_findings, anonymize, show_secrets;
    const char *path;
    const struct format *input_format;

    struct transcript transcript;
    struct keyed_table sessions; /* of struct known_session */
    bool no_memory;
};

/* Returns what is known of a session; NULL: nothing. */
static struct known_session *session_numbered(struct exporter *exporter, uint64_t number)
{
    return (struct known_session *)keyed_table_find(&exporter->sessions, number);
}

/* Returns the session, that may be new; NULL when out of memory. */
static struct known_session *know_session(struct exporter *exporter, uint64_t number)
{
    struct known_session *session = session_numbered(exporter, number);
    if (session)
        return session;
    session = calloc(1, sizeof *session);
    if (session)
        session->keyed.key = number;
    if (session && keyed_table_add(&exporter->sessions, &session->keyed))
        return session;
    exporter->no_memory = true;
    free(session);
    return NULL;
}

static void on_line(void *context, uint64_t session, const struct line *line, bool content)
{
    struct exporter *exporter = context;
    if (!transcript_add(&exporter->transcript, session, line, content))
        exporter->no_memory = true;
}

static struct sought sought_of(const struct finding *finding)
{
    return (struct sought){
        .rule = finding->rule,
        .caused = finding->cause.line > 0,
        .code = finding->reply.line > 0 ? finding->reply.code : 0,
        .state = finding->has_state ? finding->state : STATE_CONNECT,
    };
}

static void on_finding(void *context, const struct finding *finding)
{
    struct exporter *exporter = context;
    struct known_session *session = know_session(exporter, finding->session);
    if (!session)
        return;
    uint64_t last = finding->line;
    if (finding->reply.line > last)
        last = finding->reply.line;
    if (last > session->last_line)
        session->last_line = last;
    if (finding->rule == exporter->minimize && !session->sought.rule)
        session->sought = sought_of(finding);
}

static void on_session(void *context, uint64_t number, const struct session_outcome *outcome)
{
    struct exporter *exporter = context;
    struct known_session *session = know_session(exporter, number);
    if (session)
        session->label = outcome->label;
}

/* Returns true if a session is to be written. */
static bool is_wanted(struct exporter *exporter, uint64_t number)
{
    static const struct session_label nameless;
    const struct known_session *known = session_numbered(exporter, number);
    if (number == 0 ||
        !filter_wants_session(&exporter->filter, number, known ? &known->label : &nameless))
        return false;
    if (exporter->minimize)
        return known && known->sought.rule;
    return !exporter->only_findings || (known && known->last_line > 0);
}

struct rule_test {
    struct sought sought;
    bool found;
};

static void look_for_rule(void *context, const struct finding *finding)
{
    struct rule_test *test = context;
    const struct sought *sought = &test->sought, found = sought_of(finding);
    test->found = test->found || (found.rule == sought->rule && found.caused == sought->caused &&
                                  found.code == sought->code && found.state == sought->state);
}

/* Returns true if these lines of a session draw the rule. */
static bool draws_rule(void *context, const struct said_session *session, const bool wanted[])
{
    struct rule_test test = {.sought = *(const struct sought *)context};
    struct smtpseq_callbacks callbacks = {.context = &test, .finding = look_for_rule};
    struct string_builder text;
    struct smtpseq_recording recording;
    if (string_builder_begin(&text))
        transcript_write(text.out, session, wanted);
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    if (string_builder_end(&text) && checker) {
        struct slice left = {text.text, text.size};
        struct source *source = source_of_text(&left);
        if (source)
            smtpseq_check(checker, source, format_by_name("transcript"), &recording);
        source_close(source);
    }
    smtpseq_checker_free(checker);
    free(text.text);
    return test.found;
}

/* Blanks what reading has found out to be a secret. */
static bool blank_secrets(struct exporter *exporter, struct smtpseq_checker *checker)
{
    bool done = true;
    for (size_t s = 0; s < exporter->transcript.count && !exporter->show_secrets; s++) {
        struct said_session *session = &exporter->transcript.sessions[s];
        for (size_t i = 0; i < session->count && done; i++) {
            struct slice text = said_text(session, &session->lines[i]);
            struct slice left = smtpseq_redact(checker, text);
            done = left.data == text.data || said_set(session, &session->lines[i], left);
        }
    }
    return done;
}

static void write_ndjson(const struct said_session *session, const bool wanted[])
{
    for (size_t i = 0; i < session->count; i++) {
        const struct said_line *line = &session->lines[i];
        if (wanted && !wanted[i])
            continue;
        json_t *object = json_pack("{s:I, s:s, s:o}", "session", (json_int_t)session->number,
                                   "side", line->side == SIDE_SERVER ? "S" : "C", "text",
                                   json_shown(said_text(session, line)));
        if (object)
            json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
        json_decref(object);
        putchar('\n');
    }
}

static void write_session(const struct exporter *exporter, const struct said_session *session,
                          const bool wanted[])
{
    if (strcmp(exporter->as, "client-script") == 0)
        transcript_write_client(stdout, session, wanted);
    else if (strcmp(exporter->as, "ndjson") == 0)
        write_ndjson(session, wanted);
    else
        transcript_write(stdout, session, wanted);
}

/* Writes one session, or the part of it that is asked for. */
static bool export_session(struct exporter *exporter, const struct said_session *session)
{
    bool *wanted = calloc(session->count + 1, sizeof *wanted);
    struct known_session *known = session_numbered(exporter, session->number);
    if (!wanted)
        return false;
    for (size_t i = 0; i < session->count; i++)
        wanted[i] = !exporter->only_findings || exporter->minimize ||
                    session->lines[i].number <= known->last_line;
    bool done = true;
    if (exporter->minimize && draws_rule(&known->sought, session, wanted))
        done = minimize(session, wanted, draws_rule, &known->sought);
    write_session(exporter, session, wanted);
    free(wanted);
    return done;
}

/* Writes what was read. Returns false when out of memory. */
static bool write_sessions(struct exporter *exporter, size_t *written)
{
    if (exporter->anonymize && !anonymize(&exporter->transcript))
        return false;
    for (size_t s = 0; s < exporter->transcript.count; s++) {
        const struct said_session *session = &exporter->transcript.sessions[s];
        if (!is_wanted(exporter, session->number))
            continue;
        if ((*written)++ > 0 && strcmp(exporter->as, "transcript") == 0)
            putchar('\n');
        if (!export_session(exporter, session))
            return false;
        if (exporter->minimize) /* one is enough */
            break;
    }
    return true;
}

/* Reads one recording and writes it. */
static bool export_source(struct exporter *exporter, struct source *source)
{
    struct smtpseq_callbacks callbacks = {
        .context = exporter,
        .show_secrets = exporter->show_secrets,
        .finding = on_finding,
        .session = on_session,
        .line = on_line,
    };
    struct smtpseq_recording recording = {0};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    enum smtpseq_status status =
        checker ? smtpseq_check(checker, source, exporter->input_format, &recording)
                : SMTPSEQ_NO_MEMORY;
    int error = errno;
    size_t written = 0;
    bool done = status == SMTPSEQ_OK && !exporter->no_memory && blank_secrets(exporter, checker) &&
                write_sessions(exporter, &written);
    smtpseq_checker_free(checker);
    if (status == SMTPSEQ_NO_SESSION)
        message_at(stderr, exporter->path, 0, N_("no SMTP session found"));
    else if (status == SMTPSEQ_READ_ERROR)
        message_at(stderr, exporter->path, 0,
                   recording.trouble[0] ? recording.trouble : error_text(error));
    else if (!done)
        message_out_of_memory(stderr, exporter->path);
    else if (written == 0)
        message_at(stderr, exporter->path, 0,
                   exporter->minimize ? N_("no session is asked for: none draws the rule")
                                      : N_("no session is asked for"));
    return done && written > 0;
}

static void forget(struct exporter *exporter)
{
    transcript_free(&exporter->transcript);
    for (size_t i = 0; i < exporter->sessions.capacity; i++)
        free(exporter->sessions.slots[i]);
    keyed_table_clear(&exporter->sessions);
}

static enum cli_status export_file(struct exporter *exporter)
{
    bool is_stdin = strcmp(exporter->path, "-") == 0;
    int descriptor = is_stdin ? dup(STDIN_FILENO) : open(exporter->path, O_RDONLY | O_CLOEXEC);
    struct members *members = descriptor >= 0 ? members_open(descriptor) : NULL;
    enum cli_status status = CLI_CLEAN;
    int got;
    if (!members)
        message_at(stderr, exporter->path, 0, error_text(errno));
    while (members && (got = members_next(members)) != 0) {
        if (got < 0)
            message_at(stderr, exporter->path, 0, members_trouble(members));
        if (got < 0 || !export_source(exporter, members_source(members)))
            status = CLI_FAILED;
        forget(exporter);
    }
    bool opened = members != NULL;
    members_close(members);
    if (descriptor >= 0)
        close(descriptor);
    return opened ? status : CLI_FAILED;
}

static bool take_option(struct exporter *exporter, int key, char *value)
{
    switch (key) {
    case KEY_AS:
        exporter->as = value;
        return true;
    case KEY_SESSION:
        exporter->filter.active = true;
        exporter->filter.session = value;
        return true;
    case KEY_ONLY_FINDINGS:
        return exporter->only_findings = true;
    case KEY_ANONYMIZE:
        return exporter->anonymize = true;
    case KEY_SECRETS:
        return exporter->show_secrets = true;
    case KEY_MINIMIZE:
        return parse_rule(value, &exporter->minimize);
    case KEY_INPUT:
        return parse_input_format(value, &exporter->input_format);
    default:
        return false;
    }
}

enum cli_status command_export(int argc, char *argv[])
{
    struct exporter exporter = {.as = "transcript"};
    struct option_reader reader;
    option_reader_begin(&reader, CLI_EXPORT);
    int key;
    while ((key = option_next(&reader, argc, argv)) != OPTION_END) {
        if (key == OPTION_HELP)
            return CLI_CLEAN;
        if (key == OPTION_WRONG || !take_option(&exporter, key, optarg))
            return CLI_FAILED;
    }
    if (argc - optind > 1 || (argc == optind && isatty(STDIN_FILENO))) {
        message("export takes one file; see smtpseq export --help");
        return CLI_FAILED;
    }
    exporter.path = optind < argc ? argv[optind] : "-";
    char *operands[] = {(char *)exporter.path};
    libraries_load(operands, 1);
    sandbox_enter(operands, 1);
    return export_file(&exporter);
}
