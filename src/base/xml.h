/* xml.h - the door of expat: a small, bounded XML file as a tree of elements with their texts.
 *
 * Attributes, comments and processing instructions are dropped; nothing is fetched, and expat
 * bounds what entities may grow to. A node lives as long as its document.
 */
#ifndef FOVEA_BASE_XML_H
#define FOVEA_BASE_XML_H

#include "base/err.h"

struct xml_doc;
struct xml_node;

/* Errors: those of file_read, CORRUPT (with the line), LIMIT (LIMIT_XML_BYTES, LIMIT_XML_DEPTH). */
NODISCARD enum status xml_read_file(const char *path, struct xml_doc **out, struct err *e);
void xml_close(struct xml_doc *d);
const struct xml_node *xml_root(const struct xml_doc *d);
/* Its own text without blanks at both ends. */
const char *xml_text(const struct xml_node *n);
/* The first child (after == NULL) or the next one of that name (NULL: any); NULL behind the last.
 */
const struct xml_node *xml_child(
    const struct xml_node *n, const char *name, const struct xml_node *after);
int xml_line(const struct xml_node *n);

#endif
