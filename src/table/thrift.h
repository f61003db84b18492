/* thrift.h - reading Thrift's compact protocol, in which Parquet writes its footer and page heads.
 *
 * A struct is fields until a stop: (delta of the id << 4 | type), zigzag varint id when the delta
 * is 0. Numbers are varints, signed ones zigzag; binary is a length and bytes; a list is
 * (count << 4 | type), count 15: a varint follows; booleans of fields are their type.
 * Errors are sticky: bad is set, and everything reads as 0 or as a stop from then on.
 */
#ifndef FOVEA_TABLE_THRIFT_H
#define FOVEA_TABLE_THRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum thrift_type {
    THRIFT_STOP,
    THRIFT_TRUE,
    THRIFT_FALSE,
    THRIFT_BYTE,
    THRIFT_I16,
    THRIFT_I32,
    THRIFT_I64,
    THRIFT_DOUBLE,
    THRIFT_BINARY,
    THRIFT_LIST,
    THRIFT_SET,
    THRIFT_MAP,
    THRIFT_STRUCT
};

struct thrift {
    const uint8_t *p, *end;
    bool bad;
    int depth;
};

struct thrift_field {
    int id;
    enum thrift_type type;
};

struct thrift_bytes {
    const uint8_t *data;
    size_t bytes;
};

/* The next field of the struct; false at its end. f starts zeroed. */
bool thrift_next(struct thrift *t, struct thrift_field *f);
void thrift_skip(struct thrift *t, enum thrift_type type);
/* The field's value, whatever its width; a value of another type is skipped and gives 0. */
int64_t thrift_int(struct thrift *t, const struct thrift_field *f);
bool thrift_bool(struct thrift *t, const struct thrift_field *f);
struct thrift_bytes thrift_binary(struct thrift *t, const struct thrift_field *f);
/* How many elements follow, each a struct; another kind of field is skipped: 0. */
size_t thrift_structs(struct thrift *t, const struct thrift_field *f);
uint64_t thrift_varint(struct thrift *t);
int64_t thrift_zigzag(struct thrift *t);

#endif
