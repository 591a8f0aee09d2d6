/* sarif.h - the parts that sarif.c puts together. For src/report only.
 *
 * Values are new references; NULL when out of memory.
 */
#ifndef SMTPSEQ_SARIF_H
#define SMTPSEQ_SARIF_H

#include "base/string_builder.h"
#include "report/json_value.h"
#include "report/kept.h"

/* Steps of a session that are shown with a finding, the fault included. */
#define SARIF_STEPS_MAX 50

/* Text of a recording within a message: brackets would make a link of it (SARIF 3.11.6), braces a
 * placeholder (3.11.5). */
void sarif_escape(FILE *out, struct slice text);

/* {"text": ...}: of what has been written, which is ended and freed; or of a text of a recording. */
json_t *sarif_message(struct string_builder *written);
json_t *sarif_text(struct slice text);

/* A file: its URI, relative to the working folder where it lies below it. */
json_t *sarif_artifact(const char *file);

/* A place in a file: {"physicalLocation": ...}. `region`: becomes the location's. */
json_t *sarif_location(const char *file, json_t *region);

/* tool.driver.rules: the whole registry, in its order, so that an index into it is always right. */
json_t *sarif_rules(void);

/* codeFlows: the session up to the fault, as steps. `fault`: the place of the fault, borrowed. */
json_t *sarif_flow(const struct kept *kept, const struct finding *finding, json_t *fault);

#endif
