/* explain.c - the command line of smtpseq explain.
 */
#include "cli/explain.h"

#include <unistd.h>

#include "cli/message.h"
#include "cli/screen.h"
#include "cli/servers.h"
#include "explain/explain.h"

static const char usage[] =
    "usage: smtpseq explain [--format=text|markdown|html|json] CODE|RULE...\n\nSays what a reply "
    "code (251, 5.7.1), a whole reply (\"503 5.5.1 Error: need MAIL\") or a\nrule (nested-mail, "
    "SQ002) means, when one sees it and what to do; of two also what tells\nthem apart, of more a "
    "comparison.\n";

/* The width of a page of text: that of the terminal, within reason. */
static int text_width(void)
{
    unsigned width = screen_width(STDOUT_FILENO);
    return width < 40 ? 80 : width < 100 ? (int)width : 100;
}

static bool parse_format(const char *name, enum writer_format *format)
{
    static const char *const names[] = {[WRITE_TEXT] = "text",
                                        [WRITE_MARKDOWN] = "markdown",
                                        [WRITE_HTML] = "html",
                                        [WRITE_JSON] = "json",
                                        NULL};
    for (int i = 0; names[i]; i++)
        if (strcmp(name, names[i]) == 0) {
            *format = (enum writer_format)i;
            return true;
        }
    return message_unknown("format", name, names, NULL);
}

/* Reads the options and moves the topics to the front. Returns PARSED_RUN and sets *count. */
static enum parsed parse(int argc, char *argv[], struct page *page, size_t *count)
{
    *count = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return PARSED_DONE;
        }
        const char *value = strncmp(argv[i], "--format=", 9) == 0 ? argv[i] + 9 : NULL;
        if (strcmp(argv[i], "--format") == 0 && i + 1 < argc)
            value = argv[++i];
        if (value && !parse_format(value, &page->format))
            return PARSED_WRONG;
        if (!value && argv[i][0] == '-') {
            message("explain has no option %s; see smtpseq explain --help", argv[i]);
            return PARSED_WRONG;
        }
        if (!value)
            argv[(*count)++] = argv[i];
    }
    if (*count > 0)
        return PARSED_RUN;
    fputs(usage, stderr);
    return PARSED_WRONG;
}

enum cli_status command_explain(int argc, char *argv[])
{
    char error[256];
    size_t count;
    struct page page = {.width = text_width()};
    enum parsed parsed = parse(argc, argv, &page, &count);
    if (parsed != PARSED_RUN)
        return parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    const char *topics[TOPICS_MAX + 1] = {0};
    for (size_t i = 0; i < count && i <= TOPICS_MAX; i++) {
        const char *meant = explain_meant(argv[i]);
        if (meant)
            message("there is no rule '%s': explaining %s", argv[i], meant);
        topics[i] = meant ? meant : argv[i];
    }
    if (explain(stdout, topics, count, &page, error, sizeof error) != 0) {
        message("%s", error);
        return CLI_FAILED;
    }
    for (size_t i = 0; i < count && page.format == WRITE_TEXT; i++) {
        const struct rule *rule = rule_by_name(topics[i]);
        if (rule && !print_servers_of_rule(rule))
            return CLI_FAILED;
    }
    return CLI_CLEAN;
}
