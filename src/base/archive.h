/* archive.h - the door of libarchive: a tar (packed in any of its ways), zip or 7z file, or a
 * folder, laid out in another folder. Data sets come this way.
 *
 * Only folders and regular files are made. A name that is absolute or climbs out with .. is an
 * error; links, devices and the like are left out. Owners, modes and times are not taken over.
 */
#ifndef FOVEA_BASE_ARCHIVE_H
#define FOVEA_BASE_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/run.h"

struct archive_unpack {
    const char *source; /* a file that archive_is, or a folder */
    const char *dir;    /* there, or made */
    const char *what;   /* for progress: "unpacking" */
};

/* The file begins like one of the formats read here. false also for what can't be read. */
bool archive_is(const char *path);
/* What lies in dir already stays, files of the same name are replaced. Errors: NOT_FOUND, CORRUPT
 * (names the archive and the entry), LIMIT (LIMIT_ARCHIVE_BYTES, LIMIT_ARCHIVE_FILES), CANCELLED,
 * DISK_FULL, DENIED, IO; dir is then half full. */
NODISCARD enum status archive_unpack(
    const struct archive_unpack *u, const struct run *run, struct err *e);

#endif
