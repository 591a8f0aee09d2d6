/* location.h - where a finding is, in the words of CI systems: paths from the working folder on, columns
 * in characters.
 */
#ifndef SMTPSEQ_LOCATION_H
#define SMTPSEQ_LOCATION_H

#include "rules/finding.h"

/* The path of a file as seen from the working folder ("logs/a.txt" for "./logs//a.txt", and for
 * "/home/me/logs/a.txt" in /home/me); absolute where it is outside. To be freed; NULL when out of memory. */
char *location_path(const char *file);

/* Such a path as a URI: "logs/a%20b.txt", "file:///var/log/a.txt". To be freed; NULL when out of memory. */
char *location_uri(const char *path);

/* Part of a line. Line and columns count from 1, the end is one past the last. */
struct region {
    uint64_t line;
    uint32_t column, end_column;
};

/* The part of a line that a finding is about, never empty. Columns are in UTF-16 code units, which is
 * what editors and SARIF's receivers count; octets that are no UTF-8 count as one each. */
struct region location_region(const struct finding *finding);

#endif
