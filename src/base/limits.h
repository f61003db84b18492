/* limits.h - bounds on whatever input can make large. Passing one is a clear error that names it.
 */
#ifndef FOVEA_BASE_LIMITS_H
#define FOVEA_BASE_LIMITS_H

#define LIMIT_PICTURE_PIXELS ((uint64_t)256 << 20) /* width x height of one decoded picture */
#define LIMIT_PICTURE_SIDE 65535
#define LIMIT_PICTURE_FILE_BYTES ((size_t)1 << 30)
#define LIMIT_VECTOR_DIM 4096
#define LIMIT_QUERY_BYTES ((size_t)1 << 16)        /* text given to a tokenizer */
#define LIMIT_SQL_BYTES ((size_t)64 << 20)         /* one statement: a picture as x'…' is in it */
#define LIMIT_SQL_TOKENS (1 << 22)                 /* words and signs of one statement */
#define LIMIT_SQL_DEPTH 90                         /* nested brackets; SQLite stops at 99 */
#define LIMIT_SEARCH_K 1000000
#define LIMIT_JSON_BYTES ((size_t)64 << 20)        /* tokenizer.json of large vocabularies */
#define LIMIT_JSON_DEPTH 64
#define LIMIT_TENSORS 65536                        /* in one weight file */
#define LIMIT_TENSOR_RANK 8
#define LIMIT_VOCAB 1048576
#define LIMIT_CONTEXT 8192                         /* tokens of one text */
#define LIMIT_PATH_BYTES 4096
#define LIMIT_DIR_DEPTH 256
#define LIMIT_TABLE_COLUMNS 2000                   /* SQLite's own */
#define LIMIT_TABLE_FILES 100000                   /* that one statement reads */
#define LIMIT_TABLE_SAMPLE_BYTES ((uint64_t)16 << 20) /* types of csv and JSON come from it */
#define LIMIT_TABLE_RECORD_BYTES ((size_t)64 << 20)   /* one row of text */
#define LIMIT_TABLE_DOCUMENT_BYTES ((size_t)256 << 20) /* a JSON object of columns */
#define LIMIT_TABLE_PAGE_BYTES ((size_t)256 << 20)    /* a page of Parquet, decompressed */
#define LIMIT_TABLE_FOOTER_BYTES ((size_t)64 << 20)   /* of a Parquet file */
#define LIMIT_ARCHIVE_BYTES ((uint64_t)256 << 30)  /* unpacked */
#define LIMIT_ARCHIVE_FILES ((uint64_t)20 << 20)
#define LIMIT_XML_BYTES ((size_t)4 << 20)
#define LIMIT_XML_DEPTH 64
#define LIMIT_UDF_LINE_BYTES ((size_t)64 << 20)    /* what a user's function prints for a row */

#endif
