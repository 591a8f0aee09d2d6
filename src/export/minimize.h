/* minimize.h - the shortest part of a session that still has a property (delta debugging: Zeller and
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input").
 */
#ifndef SMTPSEQ_EXPORT_MINIMIZE_H
#define SMTPSEQ_EXPORT_MINIMIZE_H

#include "export/transcript.h"

/* Returns true if the lines that are wanted still have the property. */
typedef bool minimize_test(void *context, const struct said_session *session, const bool wanted[]);

/* Clears wanted[] of lines that the property does not need: first whole exchanges, then single lines. All
 * wanted lines have it at first. Returns false when out of memory. */
bool minimize(const struct said_session *session, bool wanted[], minimize_test *test,
              void *context);

#endif
