/* session_object.h - what became of a session, and what a file was read as (report/objects.c), as structs
 * again.
 */
#ifndef SMTPSEQ_MERGE_SESSION_OBJECT_H
#define SMTPSEQ_MERGE_SESSION_OBJECT_H

#include "merge/object.h"
#include "smtpseq.h"

/* Read an object; object->wrong is set where something is wrong. */
void outcome_read(struct object *object, struct session_outcome *outcome);
void recording_read(struct object *object, struct smtpseq_recording *recording);

#endif
