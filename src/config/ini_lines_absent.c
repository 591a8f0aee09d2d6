/* ini_lines_absent.c - in a build without inih: reports that settings files cannot be read. */
#include "config/ini_lines.h"

#include "base/catalogue.h"

bool ini_read(struct slice content, const struct ini_sink *sink)
{
    (void)content;
    return sink->error(
        sink->context, 0,
        N_("this smtpseq was built without inih and cannot read files of settings "
           "(Debian: libinih-dev; meson setup -Dinih=enabled); --isolated goes without"));
}
