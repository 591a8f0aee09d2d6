/* fuzz_check.c - the whole of smtpseq check, replay or forwards, from the command line to the
 * reports, in every format of a report at once. No report may pass on what could harm who reads it.
 *
 * First octet FUZZ_CHOICE + bits: which command and options; anything else belongs to the recording.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "cli/run.h"
#include "report/escape.h"
#include "report/formats.h"
#include "target.h"

#define PATH_ROOM     64
#define ARGUMENTS_MAX (OUTPUTS_MAX + 16)

/* The files of a run: the recording, and one for each report. */
struct files {
    int recording;
    size_t count;
    const struct report_format *formats[OUTPUTS_MAX];
    int reports[OUTPUTS_MAX];
};

/* Files in memory, made once and emptied for each run. */
static struct files *files_for(struct slice recording)
{
    static struct files files;
    if (files.count == 0) {
        files.recording = memfd_create("recording", 0);
        demand(files.recording >= 0);
        for (; report_format_at(files.count) && files.count < OUTPUTS_MAX; files.count++) {
            files.formats[files.count] = report_format_at(files.count);
            files.reports[files.count] = memfd_create("report", 0);
            demand(files.reports[files.count] >= 0);
        }
    }
    demand(ftruncate(files.recording, 0) == 0);
    demand(pwrite(files.recording, recording.data, recording.size, 0) == (ssize_t)recording.size);
    return &files;
}

/* Returns true if a character has no place in what people and programs read: controls, and those that turn
 * the direction of writing. */
static bool is_harmful(uint32_t character)
{
    return (character < 0x20 && character != '\n' && character != '\t') ||
           (character >= 0x7f && character < 0xa0) ||
           (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* All of a report is UTF-8 that does no harm; `color`: the escapes of colors are its own. */
static void look_at_report(int descriptor, bool color, bool escaped)
{
    off_t end = lseek(descriptor, 0, SEEK_END);
    demand(end >= 0);
    if (end == 0)
        return;
    char *text = mmap(NULL, (size_t)end, PROT_READ, MAP_SHARED, descriptor, 0);
    demand(text != MAP_FAILED);
    struct slice rest = {text, (size_t)end};
    while (rest.size > 0) {
        uint32_t character;
        size_t length = utf8_decode(rest, &character);
        demand(length > 0);
        bool turns = character >= 0x2000;
        demand(!is_harmful(character) || (color && character == 0x1b) || (escaped && turns));
        rest = slice_after(rest, length);
    }
    munmap(text, (size_t)end);
}

static void run_command(enum cli_command command, int argc, char *argv[])
{
    FILE *said = stderr;
    FILE *nowhere = fopen("/dev/null", "w");
    int first = 0;
    struct options options;
    demand(nowhere);
    stderr = nowhere; /* remarks */
    demand(options_parse(&options, command, argc, argv, &first) == PARSED_RUN);
    run(&options, argv + first, (size_t)(argc - first));
    options_free(&options);
    stderr = said;
    fclose(nowhere);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice recording = {(const char *)data, size};
    int chosen = fuzz_choice(&recording, 64);
    unsigned choice = chosen < 0 ? 0 : (unsigned)chosen;
    const struct files *files = files_for(recording);
    enum cli_command command = choice & 1 ? CLI_REPLAY : choice & 2 ? CLI_FORWARDS : CLI_CHECK;
    bool color = choice & 4;
    char room[ARGUMENTS_MAX][PATH_ROOM];
    static char name[] = "check", isolated[] = "--isolated", always[] = "--color=always",
                never[] = "--color=never", servers[] = "--server=all", secrets[] = "--show-secrets",
                verbose[] = "--verbose";
    char *argv[ARGUMENTS_MAX + 1] = {name, color ? always : never, isolated};
    int argc = 3;
    if ((choice & 8) && command != CLI_FORWARDS)
        argv[argc++] = servers;
    if (choice & 16)
        argv[argc++] = secrets;
    if (choice & 32)
        argv[argc++] = verbose;
    for (size_t i = 0; i < files->count; i++) {
        const struct report_format *format = files->formats[i];
        demand(ftruncate(files->reports[i], 0) == 0);
        if (!report_fits(format, command_subject(command)))
            continue;
        snprintf(room[argc], PATH_ROOM, "--output=%s:/proc/self/fd/%d", format->name,
                 files->reports[i]);
        argv[argc] = room[argc];
        argc++;
    }
    snprintf(room[argc], PATH_ROOM, "/proc/self/fd/%d", files->recording);
    argv[argc] = room[argc];
    argc++;
    run_command(command, argc, argv);
    for (size_t i = 0; i < files->count; i++)
        look_at_report(files->reports[i], color,
                       files->formats[i] == report_format_by_name("ndjson"));
    return 0;
}
