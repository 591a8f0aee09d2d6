/* sarif.h - the parts that sarif.c puts together. For src/report only.
 *
 * Values are new references; NULL when out of memory.
 */
#ifndef SMTPSEQ_SARIF_H
#define SMTPSEQ_SARIF_H

#include "base/string_builder.h"
#include "report/json_value.h"
#include "report/copied_sessions.h"

/* Steps of a session shown with a finding, the fault included. A further finding of the session shows
 * only the steps since the one before, but at least SARIF_STEPS_LEAST and its cause: so a report grows
 * with the session, not with session times findings. */
#define SARIF_STEPS_MAX   50
#define SARIF_STEPS_LEAST 12

/* Writes text of a recording into a message, with brackets and braces escaped: they would begin
 * a link (SARIF 3.11.6) or a placeholder (3.11.5). */
void sarif_escape(FILE *out, struct slice text);

/* Return {"text": ...}: of a text that was built, which is ended and freed; of a text of a
 * recording. */
json_t *sarif_message(struct string_builder *written);
json_t *sarif_text(struct slice text);

/* Returns the URI of a file, relative if it is below the working folder. */
json_t *sarif_artifact(const char *file);

/* Returns a location in a file: {"physicalLocation": ...}. It takes over `region`. */
json_t *sarif_location(const char *file, json_t *region);

/* tool.driver.rules: the whole registry, in its order, so that an index into it is always right. */
json_t *sarif_rules(void);

/* codeFlows: the session up to the fault, as steps. `fault`: the location of the fault,
 * borrowed. */
json_t *sarif_flow(struct copied_sessions *copied, const struct finding *finding, json_t *fault);

#endif
