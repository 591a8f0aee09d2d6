/* cause.c - finds the earlier line that explains a rule, and words it. */
#include "rules/case.h"

#include <inttypes.h>
#include <stdio.h>

struct cause cause_at(const struct event *event, const struct cause_text *text)
{
    if (!event->happened)
        return NO_CAUSE;
    return (struct cause){
        .number = event->number,
        .at = &event->copy,
        .text = text,
        .verb = command_verb(event->command),
        .code = event->code,
        .reply = event_refusal(event),
    };
}

/* A text of limited size. */
struct limited_text {
    char *out;
    size_t size, used;
};

/* Appends; what does not fit is cut off. */
static void append(struct limited_text *text, struct slice more)
{
    size_t room = text->size - 1 - text->used;
    size_t taken = more.size < room ? more.size : room;
    if (taken > 0)
        memcpy(text->out + text->used, more.data, taken);
    text->used += taken;
    text->out[text->used] = '\0';
}

static void append_number(struct limited_text *text, uint64_t number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, number);
    append(text, slice_of(digits));
}

static void append_reply(struct limited_text *text, const struct cause *cause)
{
    append_number(text, (uint64_t)cause->code);
    if (cause->reply.size > 0)
        append(text, SLICE(" "));
    append(text, cause->reply);
}

/* Writes a template. Nothing is allocated: a finding has its cause also when out of memory. */
static void expand(char *out, size_t size, const char *template, const struct cause *cause)
{
    struct limited_text text = {out, size, 0};
    for (struct slice rest = slice_of(template); rest.size > 0;) {
        size_t at = slice_find(rest, '{');
        append(&text, slice_head(rest, at));
        rest = slice_after(rest, at);
        if (slice_starts(rest, SLICE("{verb}")))
            append(&text, slice_of(cause->verb));
        else if (slice_starts(rest, SLICE("{code}")))
            append_number(&text, (uint64_t)cause->code);
        else if (slice_starts(rest, SLICE("{line}")))
            append_number(&text, cause->at->line);
        else if (slice_starts(rest, SLICE("{reply}")))
            append_reply(&text, cause);
        else if (slice_starts(rest, SLICE("{origin}")))
            append_number(&text, cause->origin->copy.line);
        rest = slice_after(rest, slice_find(rest, '}') + 1);
    }
}

static void write_line(struct earlier_line *line, const struct cause *cause)
{
    line->number = cause->number;
    if (!cause->at)
        return;
    line->line = cause->at->line;
    line->at = copy_line(cause->at);
    expand(line->message, sizeof line->message, cause->text->here, cause);
}

/* The same in the language of the finding's words. */
static void write_words(struct finding_words *words, const struct cause *cause,
                        const struct cause *origin, const struct catalogue *language)
{
    expand(words->cause, sizeof words->cause, translate(language, cause->text->here), cause);
    if (cause->text->since)
        expand(words->since, sizeof words->since, translate(language, cause->text->since), cause);
    if (origin)
        expand(words->origin, sizeof words->origin, translate(language, origin->text->here),
               origin);
}

void cause_write(struct finding *finding, const struct cause *cause,
                 const struct catalogue *language)
{
    static const struct cause_text began = {N_("{verb} began the transaction here"), NULL};
    finding->detail = cause->detail;
    write_line(&finding->cause, cause);
    if (cause->at && cause->text->since)
        expand(finding->since, sizeof finding->since, cause->text->since, cause);
    struct cause origin = NO_CAUSE;
    if (cause->origin) {
        origin = cause_at(cause->origin, &began);
        write_line(&finding->origin, &origin);
    }
    if (finding->words && cause->at)
        write_words(finding->words, cause, origin.at ? &origin : NULL, language);
}

/* Texts that several causes share. */
static const struct cause_text refused = {
    N_("{verb} was refused here: {reply}"),
    N_("since {verb} was refused at line {line} ({code})"),
};
static const struct cause_text accepted = {
    N_("{verb} was accepted here"),
    N_("since {verb} was accepted at line {line}"),
};

static const struct cause_text after_helo = {
    N_("HELO asks for no extensions; EHLO does"),
    NULL,
};

struct cause cause_none(const struct judgement *judgement)
{
    (void)judgement;
    return NO_CAUSE;
}

/* Returns the texts for what ended the last transaction, if no new one was refused. */
static const struct cause_text *text_of_end(const struct event *state)
{
    static const struct cause_text ended = {
        N_("{verb} ended the transaction here"),
        N_("since {verb} ended the transaction at line {line}"),
    };
    static const struct cause_text message_ended = {
        N_("the message, and with it the transaction, ended here"),
        N_("since the message, and with it the transaction, ended at line {line}"),
    };
    static const struct cause_text chunks_ended = {
        N_("the last chunk ended the transaction here"),
        N_("since the last chunk ended the transaction at line {line}"),
    };
    static const struct cause_text connected = {
        N_("no EHLO and no MAIL since the greeting"),
        N_("with no EHLO and no MAIL since the greeting at line {line}"),
    };
    static const struct cause_text secured = {
        N_("STARTTLS began the session anew here"),
        N_("since STARTTLS began the session anew at line {line}"),
    };
    static const struct cause_text no_mail = {
        N_("no MAIL since this {verb}"),
        N_("with no MAIL since the {verb} at line {line}"),
    };
    switch (state->command) {
    case COMMAND_END_OF_DATA:
        return &message_ended;
    case COMMAND_BDAT_LAST:
    case COMMAND_BURL_LAST:
        return &chunks_ended;
    case COMMAND_CONNECT:
        return &connected;
    case COMMAND_STARTTLS:
        return &secured;
    default:
        return state->in_transaction ? &ended : &no_mail;
    }
}

struct cause cause_no_transaction(const struct judgement *judgement)
{
    static const struct cause_text out_of_order = {
        N_("{verb} was out of order here"),
        N_("since {verb} was out of order at line {line}"),
    };
    const struct event *history = judgement->session->history;
    const struct event *mail = &history[EVENT_BEGIN_REFUSED], *state = &history[EVENT_STATE];
    if (mail->happened)
        return cause_at(mail, mail->code > 0 ? &refused : &out_of_order);
    return cause_at(state, text_of_end(state));
}

struct cause cause_no_hello(const struct judgement *judgement)
{
    static const struct cause_text connected = {
        N_("no EHLO or HELO since the greeting"),
        N_("with no EHLO or HELO since the greeting at line {line}"),
    };
    static const struct cause_text anew = {
        N_("the session began anew here; no EHLO since"),
        N_("since the session began anew at line {line} and no EHLO followed"),
    };
    const struct event *history = judgement->session->history;
    const struct event *hello = &history[EVENT_HELLO_REFUSED], *start = &history[EVENT_START];
    if (hello->happened && hello->code > 0)
        return cause_at(hello, &refused);
    return cause_at(start, start->command == COMMAND_CONNECT ? &connected : &anew);
}

/* What keeps the transaction open: best named is the refusal after which the client gave the old
 * message up without RSET. */
struct cause cause_transaction(const struct judgement *judgement)
{
    static const struct cause_text goes_on = {
        N_("{verb} was refused here, which does not end the transaction: {reply}"),
        N_("since {verb} was refused at line {line} ({code}), which does not end the transaction "
           "of "
           "line {origin}"),
    };
    const struct event *history = judgement->session->history;
    const struct event *begin = &history[EVENT_BEGIN], *refusal = &history[EVENT_REFUSED];
    if (!refusal->happened || refusal->code == 0)
        return cause_at(begin, &accepted);
    struct cause cause = cause_at(refusal, &goes_on);
    cause.origin = begin;
    return cause;
}

struct cause cause_begin(const struct judgement *judgement)
{
    return cause_at(&judgement->session->history[EVENT_BEGIN], &accepted);
}

static const struct cause_text alone = {
    N_("{verb} was accepted here; no RCPT since"),
    N_("since {verb} was accepted at line {line} and no RCPT followed"),
};

struct cause cause_begin_alone(const struct judgement *judgement)
{
    return cause_at(&judgement->session->history[EVENT_BEGIN], &alone);
}

struct cause cause_abandoned(const struct judgement *judgement)
{
    static const struct cause_text began = {
        N_("{verb} began the transaction here"),
        N_("since {verb} began the transaction at line {line}"),
    };
    return cause_at(&judgement->session->history[EVENT_BEGIN], &began);
}

/* The last refusal of a recipient, or else MAIL. */
struct cause cause_no_recipient(const struct judgement *judgement)
{
    const struct event *history = judgement->session->history;
    if (history[EVENT_RCPT_REFUSED].happened)
        return cause_at(&history[EVENT_RCPT_REFUSED], &refused);
    return cause_at(&history[EVENT_BEGIN], &alone);
}

struct cause cause_chunks(const struct judgement *judgement)
{
    static const struct cause_text began = {
        N_("the chunks began here"),
        N_("since the chunks began at line {line}"),
    };
    return cause_at(&judgement->session->history[EVENT_STATE], &began);
}

struct cause cause_last_chunk(const struct judgement *judgement)
{
    static const struct cause_text sent = {
        N_("BDAT LAST was sent here"),
        N_("since BDAT LAST was sent at line {line}"),
    };
    return cause_at(&judgement->session->history[EVENT_STATE], &sent);
}

struct cause cause_login(const struct judgement *judgement)
{
    static const struct cause_text succeeded = {
        N_("AUTH succeeded here"),
        N_("since AUTH succeeded at line {line}"),
    };
    return cause_at(&judgement->session->history[EVENT_AUTH], &succeeded);
}

struct cause cause_starttls(const struct judgement *judgement)
{
    return cause_at(&judgement->session->history[EVENT_STARTTLS], &accepted);
}

struct cause cause_quit(const struct judgement *judgement)
{
    static const struct cause_text sent = {
        N_("QUIT was sent here"),
        N_("since QUIT was sent at line {line}"),
    };
    return cause_at(&judgement->session->history[EVENT_CLOSING], &sent);
}

struct cause cause_closed(const struct judgement *judgement)
{
    static const struct cause_text closed = {
        N_("the server said here that it closes the connection ({code})"),
        N_("since the server said at line {line} that it closes the connection ({code})"),
    };
    return cause_at(&judgement->session->history[EVENT_CLOSING], &closed);
}

struct cause cause_rejection(const struct judgement *judgement)
{
    static const struct cause_text greeted = {
        N_("the greeting was {code}"),
        N_("since the greeting at line {line} was {code}"),
    };
    return cause_at(&judgement->session->history[EVENT_STATE], &greeted);
}

struct cause cause_refused_data(const struct judgement *judgement)
{
    static const struct cause_text unanswered = {
        N_("{verb} was not accepted here"),
        N_("since {verb} was not accepted at line {line}"),
    };
    const struct event *data = judgement->sights & SIGHT(MESSAGE_LINE)
                                   ? &judgement->judge->seen[SEEN_REFUSED_DATA]
                                   : &judgement->session->history[EVENT_DATA_REFUSED];
    return cause_at(data, data->code > 0 ? &refused : &unanswered);
}

struct cause cause_offer(const struct judgement *judgement)
{
    static const struct cause_text listed = {
        N_("the reply to this {verb} does not offer it"),
        NULL,
    };
    const struct session *session = judgement->session;
    return cause_at(&session->history[EVENT_HELLO],
                    session->offer == OFFER_NONE ? &after_helo : &listed);
}

struct cause cause_starttls_offer(const struct judgement *judgement)
{
    static const struct cause_text offered = {
        N_("the reply to this {verb} offers STARTTLS"),
        NULL,
    };
    const struct session *session = judgement->session;
    return session_offers(session, EXTENSION_STARTTLS)
               ? cause_at(&session->history[EVENT_HELLO], &offered)
               : NO_CAUSE;
}

struct cause cause_of_wait(const struct event *sent)
{
    static const struct cause_text waits = {
        N_("the client has to wait for the reply to {verb}"),
        NULL,
    };
    return cause_at(sent, &waits);
}

struct cause cause_of_silence(const struct event *refusal)
{
    static const struct cause_text last = {N_("{verb} was refused here: {reply}"), NULL};
    return cause_at(refusal, &last);
}

struct cause cause_silent(const struct judgement *judgement)
{
    static const struct cause_text silent = {N_("no reply to {verb} had come"), NULL};
    return cause_at(&judgement->judge->seen[SEEN_UNANSWERED], &silent);
}

struct cause cause_sync_point(const struct judgement *judgement)
{
    return cause_of_wait(&judgement->judge->seen[SEEN_SYNC]);
}

struct cause cause_sent_starttls(const struct judgement *judgement)
{
    return cause_of_wait(&judgement->judge->seen[SEEN_STARTTLS]);
}

/* Why a client that should have used an extension has not: it was refused, it was offered and not used,
 * HELO asks for no extensions, or the reply to EHLO does not offer it. */
static struct cause cause_of_unused(const struct session *session, enum event_kind refusal,
                                    enum extension extension, const struct cause_text *offered,
                                    const struct cause_text *missing)
{
    static const struct cause_text refusal_text = {N_("{verb} was refused here: {reply}"), NULL};
    const struct event *refused_here = &session->history[refusal];
    const struct event *hello = &session->history[EVENT_HELLO];
    if (refused_here->happened && refused_here->code > 0)
        return cause_at(refused_here, &refusal_text);
    if (session->offer == OFFER_UNKNOWN)
        return NO_CAUSE;
    return cause_at(hello, session->offer == OFFER_NONE         ? &after_helo
                           : session_offers(session, extension) ? offered
                                                                : missing);
}

struct cause cause_no_login(const struct judgement *judgement)
{
    static const struct cause_text offered = {
        N_("the reply to this {verb} offers AUTH, which was not used"),
        NULL,
    };
    static const struct cause_text after_tls = {
        N_("the reply to this {verb} offers STARTTLS, which was not used, and no AUTH before it"),
        NULL,
    };
    static const struct cause_text missing = {
        N_("the reply to this {verb} does not offer AUTH"),
        NULL,
    };
    const struct session *session = judgement->session;
    return cause_of_unused(session, EVENT_AUTH_REFUSED, EXTENSION_AUTH, &offered,
                           session_offers(session, EXTENSION_STARTTLS) ? &after_tls : &missing);
}

struct cause cause_no_tls(const struct judgement *judgement)
{
    static const struct cause_text offered = {
        N_("the reply to this {verb} offers STARTTLS, which was not used"),
        NULL,
    };
    static const struct cause_text missing = {
        N_("the reply to this {verb} does not offer STARTTLS"),
        NULL,
    };
    return cause_of_unused(judgement->session, EVENT_STARTTLS_REFUSED, EXTENSION_STARTTLS, &offered,
                           &missing);
}

/* After the last reply that could be for no other command. */
struct cause cause_misfit(const struct judgement *judgement)
{
    static const struct cause_text doubtful = {
        N_("up to this command every reply fits"),
        NULL,
    };
    const struct judge *judge = judgement->judge;
    const struct event *from = judge->seen[SEEN_AFTER_CERTAIN].happened
                                   ? &judge->seen[SEEN_AFTER_CERTAIN]
                                   : &judge->seen[SEEN_CERTAIN];
    if (is_habit(judge, judgement->exchange))
        return NO_CAUSE;
    return from->number < judgement->exchange->number ? cause_at(from, &doubtful) : NO_CAUSE;
}

struct cause cause_order(const struct judgement *judgement)
{
    return judgement->order_cause;
}
