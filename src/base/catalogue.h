/* catalogue.h - texts in another language: the catalogues (.mo) that gettext's msgfmt compiles.
 *
 * They are read here and not by libintl, which wants a locale of the language to be installed: glibc from
 * 2.39 on ignores LANGUAGE where there is only C.UTF-8. Nothing here is global, so a library stays English.
 */
#ifndef SMTPSEQ_BASE_CATALOGUE_H
#define SMTPSEQ_BASE_CATALOGUE_H

#include <stdint.h>

/* Marks a text that is translated where it is printed. Those of .def files are in po/texts.py. */
#define N_(text) (text)
/* The same of a text that counts, as two initialisers: for one, for many. */
#define NN_(one, many) \
    {                  \
        one, many      \
    }

struct catalogue;

/* Reads a catalogue whole. Returns NULL and sets errno on error: EINVAL if it is not one. */
struct catalogue *catalogue_read(const char *path);
void catalogue_free(struct catalogue *catalogue);

/* Returns the name of its language, as a page of HTML has it: "id"; "en" for NULL. */
const char *catalogue_language(const struct catalogue *catalogue);

/* Return the text in the language of the catalogue, as long-lived as that; the text itself where the
 * catalogue is NULL (English) or lacks it. `context` tells texts apart that are one in English. */
const char *translate(const struct catalogue *catalogue, const char *text)
    __attribute__((format_arg(2), returns_nonnull));
const char *translate_in(const struct catalogue *catalogue, const char *context, const char *text)
    __attribute__((format_arg(3), returns_nonnull));

/* The same for a text that counts: `one` for a number of 1, else `many`, as English has it; other
 * languages have other forms. */
const char *translate_count(const struct catalogue *catalogue, const char *one, const char *many,
                            uint64_t number)
    __attribute__((format_arg(2), format_arg(3), returns_nonnull));

#endif
