/* archive_config.h - what libarchive's configure would find out: its own list for Linux, without what emscripten lacks, and
 * without the libraries that are not compiled. */
#define __LIBARCHIVE_CONFIG_H_INCLUDED 1
#include "contrib/android/config/linux_host.h"
#undef HAVE_FORK
#undef HAVE_ICONV
#undef HAVE_ICONV_H
#undef HAVE_LIBLZMA
#undef HAVE_LINUX_FIEMAP_H
#undef HAVE_LINUX_FS_H
#undef HAVE_POSIX_SPAWNP
#undef HAVE_SYS_CDEFS_H
#undef HAVE_SYS_XATTR_H
#undef HAVE_VFORK
