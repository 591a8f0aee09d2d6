/* live.c - a few lines must do where the format is known. */
#include "check/live.h"

#include "smtp/scan.h"

/* The least commands and replies of a known format, and where its marks must be learnt. A recording of one side
 * alone is not known for one before it ends, or before there is as much as of any other. */
#define KNOWN_LEAST  1
#define LEARNT_LEAST 3

/* Of a recording that ends, the rest would say more: what is there does only where it is a whole session of a known
 * format. */
static bool is_whole(const struct recognition *recognition, struct slice head)
{
    return !recognition->inferred && scan_reply(head, SLICE("221")) < head.size;
}

bool live_awaits_more(const struct source *source, const struct recognition *recognition,
                      struct slice head)
{
    const struct fit *fit = &recognition->fit;
    unsigned least = recognition->inferred ? LEARNT_LEAST : KNOWN_LEAST;
    if (!source_is_live(source))
        return false;
    if (recognition->format && recognition->format->family->read_all)
        return false;
    if (source_ends(source) && !is_whole(recognition, head))
        return true;
    return !recognition->format || fit->commands < least || fit->replies < least;
}
