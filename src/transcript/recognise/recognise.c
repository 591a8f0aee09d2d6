/* recognise.c - which format a recording is in.
 */
#include "transcript/recognise/recognise.h"

#include <stdlib.h>

#include "transcript/formats/marked.h"
#include "transcript/recognise/infer.h"
#include "transcript/recognise/log_prefix.h"

/* So many lines in the form of a dump say what it is, even if none of them is of SMTP. */
#define FORM_ALONE 8

/* The row of the table that fits best. False when out of memory. */
static bool find_row(struct slice head, struct recognition *recognition)
{
    const struct format *shape = NULL;
    unsigned most_form = FORM_ALONE;
    uint64_t most = 0;
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        struct fit found = smtpseq_formats[i].family->recognise(&smtpseq_formats[i], head);
        if (found.no_memory)
            return false;
        uint64_t fits = (uint64_t)found.commands + found.replies;
        fits += fits > 0 ? found.form : 0;
        if (found.form > most_form) {
            most_form = found.form;
            shape = &smtpseq_formats[i];
        }
        if (!smtpseq_formats[i].last_resort)
            fits *= 2;
        if (fits > most) {
            most = fits;
            recognition->format = &smtpseq_formats[i];
            recognition->fit = found;
        }
    }
    /* A dump whose beginning is about other things: the session may come later. */
    if (!recognition->format)
        recognition->format = shape;
    return true;
}

static uint64_t weight(const struct recognition *recognition)
{
    return (uint64_t)recognition->fit.commands + recognition->fit.replies;
}

/* Behind what stands before every line: a row that fits there, and better than without. */
static bool find_behind_prefix(struct slice head, struct recognition *recognition)
{
    struct recognition behind = {.prefixed = true};
    if (!log_prefix_learn(head, &behind.prefix))
        return true;
    char *room = malloc(head.size + 1);
    if (!room)
        return false;
    struct slice rest = {room, log_prefix_strip(&behind.prefix, head, room)};
    bool done = find_row(rest, &behind);
    if (done && weight(&behind) > weight(recognition) + weight(recognition) / 4 &&
        marked_is_sure(behind.format, rest))
        *recognition = behind;
    free(room);
    return done;
}

/* Whether learnt marks explain so much more that the row cannot be meant. A row that has both sides
 * may leave out what a log says twice. */
static bool beats(unsigned explained, const struct recognition *row)
{
    uint64_t known = weight(row);
    if (row->fit.commands >= 2 && row->fit.replies >= 2)
        return explained > known * 2;
    return explained > known + known / 4;
}

/* Marks that are learnt, when they explain clearly more than the row that fits best. */
static bool find_by_inference(struct slice head, struct recognition *recognition)
{
    struct inference *inference = malloc(sizeof *inference);
    bool done = inference && infer(head, inference);
    unsigned explained = done ? inference->fit.commands + inference->fit.replies : 0;
    if (done && inference->confidence > 0 && beats(explained, recognition)) {
        recognition->confidence = inference->confidence;
        memcpy(recognition->learnt, inference->description, sizeof recognition->learnt);
        if (inference->confidence >= INFERENCE_LEAST) {
            recognition->format = &inferred_format;
            recognition->inferred = true;
            recognition->prefixed = false;
            recognition->fit = inference->fit;
        }
    }
    free(inference);
    return done;
}

bool format_recognise(struct slice head, struct recognition *recognition)
{
    *recognition = (struct recognition){0};
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        const struct format *format = &smtpseq_formats[i];
        if (format->family->is_sure && format->family->is_sure(format, head, &recognition->fit)) {
            recognition->format = format;
            return true;
        }
    }
    recognition->fit = (struct fit){0};
    return find_row(head, recognition) && find_behind_prefix(head, recognition) &&
           find_by_inference(head, recognition);
}

bool format_fit(const struct format *format, struct slice head, struct recognition *recognition)
{
    struct recognition behind = {.format = format, .prefixed = true};
    *recognition = (struct recognition){.format = format};
    if (format == &inferred_format) {
        struct inference *inference = malloc(sizeof *inference);
        bool done = inference && infer(head, inference);
        if (done) {
            recognition->inferred = true;
            recognition->fit = inference->fit;
            recognition->confidence = inference->confidence;
            memcpy(recognition->learnt, inference->description, sizeof recognition->learnt);
            if (inference->confidence < INFERENCE_LEAST)
                recognition->format = NULL;
        }
        free(inference);
        return done;
    }
    recognition->fit = format->family->recognise(format, head);
    if (recognition->fit.no_memory)
        return false;
    if (!log_prefix_learn(head, &behind.prefix))
        return true;
    char *room = malloc(head.size + 1);
    if (!room)
        return false;
    behind.fit = format->family->recognise(
        format, (struct slice){room, log_prefix_strip(&behind.prefix, head, room)});
    if (weight(&behind) > weight(recognition) + weight(recognition) / 4)
        *recognition = behind;
    free(room);
    return !behind.fit.no_memory;
}
