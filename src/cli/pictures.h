/* pictures.h - the pictures of a result: in the terminal, as a contact sheet, as lines of paths. */
#ifndef FOVEA_CLI_PICTURES_H
#define FOVEA_CLI_PICTURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { PICTURES_KEPT_MAX = 1000, PICTURES_BELOW_MAX = 20 };

/* The paths of a result's pictures, in its order. */
struct pictures {
    struct buf paths; /* each with its NUL; the first PICTURES_KEPT_MAX */
    int64_t count;    /* of them all */
    bool any;         /* one is named like a picture */
};

struct cli;
struct fovea_stmt;

void pictures_clear(struct pictures *p);
/* path NULL or "": a row whose picture has no path (NULL, or the bytes themselves). */
void pictures_add(struct pictures *p, const char *path);
/* The path in a column of the current row; NULL: it holds none. */
const char *pictures_path(const struct fovea_stmt *s, int column);

/* The column of a statement that holds pictures: the one it says, else the first named image_path,
 * image or path. -1: none. */
int pictures_column(const struct fovea_stmt *s);

/* Draws the pictures of c->pictures onto a contact sheet. Gives an enum cli_exit. */
int pictures_draw_sheet(struct cli *c, const char *file);
/* Below drawn rows: the first PICTURES_BELOW_MAX of them as one sheet, where the terminal can and
 * names say that they are pictures. */
void pictures_show_below(struct cli *c);
/* PRINT IMAGE: steps through s. On a terminal each row is a line `path (640×480)` and, where it
 * can, the picture; elsewhere a line with the path, escaped as in tsv. False: the engine failed,
 * and that is said. */
bool pictures_print(struct cli *c, struct fovea_stmt *s, int column, int64_t *rows);

#endif
