/* result.c - what came of the recordings of a file.
 */
#include "cli/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/string_builder.h"
#include "cli/language.h"
#include "cli/message.h"

void result_say(struct result *result, struct slice text)
{
    if (!octet_buffer_append(&result->said, text))
        result->speechless = true;
}

void result_fail(struct result *result, const char *path)
{
    struct string_builder text;
    result->failed = true;
    if (string_builder_begin(&text))
        message_out_of_memory(text.out, path);
    if (!string_builder_end(&text)) {
        result->speechless = true;
        return;
    }
    result_say(result, (struct slice){text.text, text.size});
    free(text.text);
}

void result_tell_reports(struct result *result, const char *path, const char *text,
                         const char *translation)
{
    for (size_t i = 0; i < result->report_count; i++) {
        struct report report = result->reports[i];
        report.out = report.sections[0].stream;
        report.failed = &result->failed;
        if (report.format->trouble)
            report.format->trouble(&report, path, report.format->translated ? translation : text);
    }
}

static void tell_trouble(struct result *result, const struct reading *reading, bool archive)
{
    struct string_builder text, translation;
    if (string_builder_begin(&text))
        reading_trouble(text.out, reading, archive, NULL);
    if (string_builder_begin(&translation))
        reading_trouble(translation.out, reading, archive, language());
    bool done = string_builder_end(&text);
    if (string_builder_end(&translation) && done) {
        result_tell_reports(result, reading->path, text.text, translation.text);
    } else {
        result->unreported = true;
        result_fail(result, reading->path);
    }
    free(text.text);
    free(translation.text);
}

void result_add(struct result *result, const struct reading *reading, bool archive,
                const struct options *options)
{
    struct string_builder text;
    bool done = string_builder_begin(&text) && reading_remark(text.out, reading, archive, options);
    result->files++;
    result->sessions += reading->recording.sessions;
    result->exchanges += reading->recording.exchanges;
    if (!string_builder_end(&text)) {
        result->speechless = true;
        result_fail(result, reading->path);
        return;
    }
    result->failed = result->failed || !done;
    result_say(result, (struct slice){text.text, text.size});
    if (!done)
        tell_trouble(result, reading, archive);
    free(text.text);
}

bool result_take(struct result *result, struct gathered *of_all)
{
    bool done = !result->gathered || gathered_merge(of_all, result->gathered);
    if (result->gathered)
        gathered_free(result->gathered);
    free(result->gathered);
    result->gathered = NULL;
    return done;
}
