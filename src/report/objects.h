/* objects.h - findings, exchanges and the rest as JSON objects. Keys are never changed, only added:
 * ndjson has an object a line, json the same objects in a document.
 *
 * Every function returns a new reference; NULL when out of memory.
 */
#ifndef SMTPSEQ_OBJECTS_H
#define SMTPSEQ_OBJECTS_H

#include "report/json_value.h"

json_t *finding_object(const struct report *report, const char *file,
                       const struct finding *finding);
json_t *exchange_object(const struct report *report, const char *file, uint64_t session,
                        const struct exchange *exchange, const struct verdict *verdict);
json_t *file_object(const struct report *report, const char *file,
                    const struct smtpseq_recording *recording);
json_t *trouble_object(const char *file, const char *text);
json_t *summary_object(const struct report *report, const struct report_totals *totals);
/* The servers of the run and how they were measured. */
json_t *servers_value(const struct report *report);
json_t *session_object(const char *file, uint64_t number, const struct session_outcome *outcome);
json_t *reply_time_object(enum command command, const struct reply_time *time);
json_t *statistics_object(enum statistics_by by, const struct statistics_row *row);
json_t *chain_object(const struct forward_chain *chain);
json_t *forward_object(const char *file, const struct finding *finding);

#endif
