/* html_page.c - the escaping of text, the beginning and end of every page, and the page of the rules.
 */
#include "html_style.h"
#include "report/escape.h"
#include "report/html.h"

static void write_text(FILE *out, struct slice text, const char *before, const char *after)
{
    while (text.size > 0) {
        uint32_t character = 0;
        size_t size = utf8_decode(text, &character);
        const char *entity = markup_entity(character);
        if (size == 0)
            fputs("\xef\xbf\xbd", out);
        else if (entity)
            fputs(entity, out);
        else if (character == '\t')
            putc(' ', out);
        else if (!printable_character(character))
            fprintf(out, character < 0x80 ? "%s\\x%02x%s" : "%s\\u{%x}%s", before,
                    (unsigned)character, after);
        else
            fwrite(text.data, 1, size, out);
        text = slice_after(text, size > 0 ? size : 1);
    }
}

void html_text(FILE *out, struct slice text)
{
    write_text(out, text, "<span class=\"x\">", "</span>");
}

void html_plain(FILE *out, struct slice text)
{
    write_text(out, text, "", "");
}

void html_head(FILE *out, const char *language, const char *title)
{
    fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n", language);
    fputs("<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src '" HTML_STYLE_HASH "'; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
          out);
    html_plain(out, slice_of(title));
    fputs(" - smtpseq</title>\n<style>", out);
    fwrite(html_style, 1, sizeof html_style, out);
    fputs("</style>\n</head>\n<body>\n", out);
}

void html_end(FILE *out)
{
    fputs("</main>\n<footer>smtpseq " SMTPSEQ_VERSION "</footer>\n</body>\n</html>\n", out);
}

static void print_field(FILE *out, const char *name, const char *text)
{
    if (!text || !text[0])
        return;
    fprintf(out, "<dt>%s</dt><dd>", name);
    html_text(out, slice_of(text));
    fputs("</dd>\n", out);
}

static void print_dialogue(FILE *out, const char *name, const char *text)
{
    if (!text || !text[0])
        return;
    fprintf(out, "<dt>%s</dt><dd><pre>", name);
    struct slice rest = slice_of(text);
    while (rest.size > 0) {
        size_t line = slice_find(rest, '\n');
        html_text(out, slice_head(rest, line));
        putc('\n', out);
        rest = slice_after(rest, line + 1);
    }
    fputs("</pre></dd>\n", out);
}

/* A rule with all that is said of it. */
static void print_rule(FILE *out, const struct rule *rule, const struct catalogue *language)
{
    const char *severity = severity_name(rule->severity);
    fprintf(out, "<section class=\"rule\" id=\"%s\">\n<h2><code>%s</code></h2>\n<p>", rule->name,
            rule->name);
    html_text(out, slice_of(translate(language, rule->title)));
    fprintf(out, "</p>\n<p class=\"meta\">%s, <span class=\"severity %s\">%s</span>, ", rule->code,
            severity, severity);
    fprintf(out, translate(language, "fault of the %s"),
            translate(language, fault_name(rule->fault)));
    fputs("</p>\n<dl>\n", out);
    print_field(out, translate(language, "what"), translate(language, rule->what));
    print_field(out, translate(language, "when"), translate(language, rule->when));
    print_field(out, translate(language, "fix"), translate(language, rule->fix));
    print_field(out, "smtpseq", translate(language, rule->did));
    print_field(out, translate(language, "see"), rule->rfc);
    print_dialogue(out, translate(language, "draws it"), rule->before);
    print_dialogue(out, translate(language, "put right"), rule->after);
    fputs("</dl>\n</section>\n", out);
}

void html_rules(FILE *out, const struct catalogue *language)
{
    const char *heading = translate(language, "Rules");
    html_head(out, catalogue_language(language), heading);
    fprintf(out, "<header>\n<h1>%s</h1>\n</header>\n<main>\n", heading);
    fputs("<ul class=\"files\">\n", out);
    for (size_t i = 0; i < smtpseq_rule_count; i++) {
        fprintf(out, "<li><a href=\"#%s\"><code>%s</code></a> ", smtpseq_rules[i].name,
                smtpseq_rules[i].name);
        html_text(out, slice_of(translate(language, smtpseq_rules[i].title)));
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        print_rule(out, &smtpseq_rules[i], language);
    html_end(out);
}
