/* paths.h - paths that do not depend on the working folder.
 */
#ifndef SMTPSEQ_PATHS_H
#define SMTPSEQ_PATHS_H

/* The path from the root: links in its folder resolved, the name itself left as it is. Owned by the
 * caller; NULL when out of memory. A folder that does not exist stays as it is. */
char *path_from_root(const char *path);

/* The folder of such a path, without a slash at its end but for the root. Owned by the caller; NULL
 * when out of memory. */
char *path_folder(const char *from_root);

/* Such a path as it is reached from a folder: "a/b.log", "../b.log". Owned by the caller; NULL when out of memory. */
char *path_relative(const char *from_root, const char *folder);

/* The same from the current folder, where that is short: below it, or in a folder above it; else the
 * path as it is. */
char *path_shown(const char *from_root);

#endif
