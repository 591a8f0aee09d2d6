/* location.h - where a finding is, as CI systems expect it: paths relative to the working folder,
 * columns in characters.
 */
#ifndef SMTPSEQ_LOCATION_H
#define SMTPSEQ_LOCATION_H

#include "rules/finding.h"

/* Returns the path of a file relative to the working folder ("logs/a.txt" for "./logs//a.txt",
 * and for "/home/me/logs/a.txt" in /home/me); absolute if it is outside. A member of an archive
 * stays below it: "a.tar!../../b" becomes "a.tar!b". Owned by the caller; NULL when out of memory. */
char *location_path(const char *file);

/* Returns "archive!member". The member's name is not to be trusted: it becomes a path below the archive,
 * whatever it says. Owned by the caller; NULL when out of memory. */
char *location_member(const char *archive, const char *member);

/* Returns such a path as a URI: "logs/a%20b.txt", "file:///var/log/a.txt". Owned by the caller;
 * NULL when out of memory. */
char *location_uri(const char *path);

/* Part of a line. Line and columns count from 1; end_column is one past the last. */
struct region {
    uint64_t line;
    uint32_t column, end_column;
};

/* Returns the part of a line that a finding is about, never empty. Columns are in UTF-16 code
 * units, as in editors and SARIF; an octet that is not valid UTF-8 counts as one. */
struct region location_region(const struct finding *finding);

/* The same for an earlier line that explains it. */
struct region location_earlier(const struct earlier_line *earlier);

#endif
