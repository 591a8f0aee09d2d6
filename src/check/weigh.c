/* weigh.c - reads by way of trial. */
#include "check/weigh.h"

#include "check/conversation.h"

struct attempt {
    struct conversations conversations;
    struct secrets secrets; /* nothing of it is shown, but what looks for secrets needs a place */
    uint64_t sessions;
    unsigned commands;
    bool no_memory;
};

static uint64_t count_session(void *context)
{
    struct attempt *attempt = context;
    return ++attempt->sessions;
}

static void count_exchange(void *context, uint64_t session, const struct exchange *exchange,
                           const struct verdict *verdict)
{
    struct attempt *attempt = context;
    bool found = command_is_hello(exchange->command) || exchange->command == COMMAND_MAIL ||
                 exchange->command == COMMAND_RCPT;
    attempt->commands += found && exchange->reply_count > 0;
    (void)session;
    (void)verdict;
}

static void drop_finding(void *context, struct finding *finding)
{
    (void)context;
    finding_free(finding);
}

static void take_line(void *context, const struct line *line)
{
    struct attempt *attempt = context;
    attempt->no_memory = attempt->no_memory || !conversations_line(&attempt->conversations, line);
}

bool weigh(struct slice text, const struct recognition *recognition, struct weight *weight)
{
    struct attempt attempt = {.no_memory = false};
    struct line_sink sink = {take_line, &attempt};
    struct reader reader;
    *weight = (struct weight){.commands = 0};
    if (!recognition->format || recognition->format->family->read_all)
        return true;
    attempt.conversations.sink = (struct conversation_sink){
        .context = &attempt,
        .begin = count_session,
        .exchange = count_exchange,
        .finding = drop_finding,
    };
    attempt.conversations.reading = "";
    attempt.conversations.secrets = &attempt.secrets;
    attempt.conversations.options.echoes = recognition->inferred;
    bool done = reader_open(&reader, recognition, text, &sink);
    struct source_line line = {.ended = true};
    for (struct slice rest = text; done && rest.size > 0;) {
        line.number++;
        line.text = slice_head(rest, slice_find(rest, '\n'));
        rest = slice_after(rest, line.text.size + 1);
        line.cr = line.text.size > 0 && line.text.data[line.text.size - 1] == '\r';
        line.text.size -= line.cr;
        done = reader_read(&reader, &line);
    }
    bool in_message = conversations_in_message(&attempt.conversations);
    done = done && reader_finish(&reader);
    reader_close(&reader);
    done = conversations_finish(&attempt.conversations) && done && !attempt.no_memory;
    *weight = (struct weight){attempt.conversations.doubt, attempt.commands, in_message};
    conversations_free(&attempt.conversations);
    secrets_free(&attempt.secrets);
    return done;
}
