/* absent.c - a build without libpcap says so.
 */
#include <stdio.h>

#include "transcript/capture/capture.h"

int capture_read_all(struct reader *reader, struct source *source)
{
    (void)source;
    snprintf(reader->trouble, REMARK_MAX,
             "this smtpseq was built without libpcap and cannot read captures: build it again with "
             "libpcap's header files (Debian: libpcap-dev), or give it the text of "
             "tshark -q -z follow,tcp,ascii,0");
    return -1;
}
