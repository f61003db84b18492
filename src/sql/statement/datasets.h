/* datasets.h - data sets by name: where each one comes from, and how its files get here.
 *
 * The catalogue is $XDG_DATA_HOME/fovea/datasets.json, an object from names to
 *     {"source": "https://…/mnist.zip", "sha256": "…", "data_type": "image"}
 * A source is a file, a folder or a URL (http, https, file); what is an archive is unpacked. The
 * names of the ThanoSQL documents are known without it, but not where they lie: the server that had
 * them is gone.
 */
#ifndef FOVEA_SQL_STATEMENT_DATASETS_H
#define FOVEA_SQL_STATEMENT_DATASETS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/run.h"

#define DATASET_DIR "thanosql-dataset" /* under the working directory, as the documents write it   \
                                        */

struct dataset {
    char name[128];
    char source[LIMIT_PATH_BYTES];  /* "": nobody said */
    char sha256[HASH_SHA256_CHARS]; /* "": not checked */
    char data_type[16];             /* "image" */
};

/* Every data set in the order of names: those of the catalogue and those of the documents. */
NODISCARD enum status datasets_each(
    enum status (*each)(void *user, const struct dataset *d, struct err *e), void *user,
    struct err *e);
/* Enters d, or changes what is there. A path becomes an absolute one. Errors: INVALID (name, hash,
 * type), NOT_FOUND (a path that leads nowhere), and those of writing the file. */
NODISCARD enum status dataset_add(const struct dataset *d, struct err *e);
/* NOT_FOUND when it is not in the catalogue. */
NODISCARD enum status dataset_remove(const char *name, struct err *e);
/* Brings its files to DATASET_DIR/name: fetched (a broken download goes on), checked, unpacked
 * beside, then renamed into place. Errors: NOT_FOUND (with the nearest name), EXISTS unless
 * overwrite, CORRUPT (the hash differs), those of fetch_file and archive_unpack; what was there
 * stays. */
NODISCARD enum status dataset_get(
    const char *name, bool overwrite, const struct run *run, struct err *e);

#endif
