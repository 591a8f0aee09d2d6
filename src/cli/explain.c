/* explain.c - the command line of smtpseq explain.
 */
#include "cli/explain.h"

#include <unistd.h>

#include "cli/language.h"
#include "cli/message.h"
#include "cli/screen.h"
#include "cli/servers.h"
#include "explain/explain.h"

/* The width of a page of text: that of the terminal, within reason. */
static int text_width(void)
{
    unsigned width = screen_width(STDOUT_FILENO);
    return width < 40 ? 80 : width < 100 ? (int)width : 100;
}

static enum writer_format format_of(const char *name)
{
    static const char *const names[] = {[WRITE_TEXT] = "text",
                                        [WRITE_MARKDOWN] = "markdown",
                                        [WRITE_HTML] = "html",
                                        [WRITE_JSON] = "json"};
    int i = WRITE_TEXT;
    while (strcmp(name, names[i]) != 0)
        i++;
    return (enum writer_format)i;
}

/* Reads the options. Returns PARSED_RUN: the topics begin at argv[optind]. */
static enum parsed parse(int argc, char *argv[], struct page *page)
{
    struct option_reader reader;
    int key;
    option_reader_begin(&reader, CLI_EXPLAIN);
    while ((key = option_next(&reader, argc, argv)) != OPTION_END) {
        if (key == OPTION_HELP || key == OPTION_WRONG)
            return key == OPTION_HELP ? PARSED_DONE : PARSED_WRONG;
        page->format = format_of(optarg);
    }
    if (optind < argc)
        return PARSED_RUN;
    print_help(CLI_EXPLAIN, stderr);
    return PARSED_WRONG;
}

enum cli_status command_explain(int argc, char *argv[])
{
    char error[256];
    struct page page = {.width = text_width()};
    enum parsed parsed = parse(argc, argv, &page);
    if (parsed != PARSED_RUN)
        return parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    size_t count = (size_t)(argc - optind);
    argv += optind;
    page.language = language();
    const char *topics[TOPICS_MAX + 1] = {0};
    for (size_t i = 0; i < count && i <= TOPICS_MAX; i++) {
        const char *meant = explain_meant(argv[i]);
        if (meant)
            message("there is no rule '%s': explaining %s", argv[i], meant);
        topics[i] = meant ? meant : argv[i];
    }
    if (explain(stdout, topics, count, &page, error, sizeof error) != 0) {
        message_made(error);
        return CLI_FAILED;
    }
    for (size_t i = 0; i < count && page.format == WRITE_TEXT; i++) {
        const struct rule *rule = rule_by_name(topics[i]);
        if (rule && !print_servers_of_rule(rule))
            return CLI_FAILED;
    }
    return CLI_CLEAN;
}
