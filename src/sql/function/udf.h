/* udf.h - functions of the user's own, run as programs: ClickHouse's executable UDFs, declared in
 * its XML (clickhouse.com/docs, "Executable user defined functions").
 *
 *   <functions><function>
 *     <type>executable</type>            one run a call; executable_pool: it is kept running
 *     <name>encode_text</name> <return_type>Array(Float32)</return_type>
 *     <argument><type>String</type><name>text</name></argument>     … in order
 *     <format>TabSeparated</format>      a line a row, both ways
 *     <command>encode_text.py</command>  in user_scripts/ beside the XML, beside it above, or with
 * it <execute_direct>1</execute_direct> 0: by /bin/sh -c <send_chunk_header>0</send_chunk_header>
 * 1: a line with the rows' count first <command_read_timeout>10000</command_read_timeout> ms;
 * command_write_timeout too <command_termination_timeout>10</command_termination_timeout> s from
 * SIGTERM to SIGKILL <max_command_execution_time>10</max_command_execution_time>   s; of a pool
 *   </function></functions>
 *
 *     LOAD FUNCTIONS FROM 'DIR/…_function.xml'
 *
 * Such a function goes before one of ours of its name. It can't be called from views, triggers or
 * indexes. What it prints on stderr is told with its failure.
 */
#ifndef FOVEA_SQL_FUNCTION_UDF_H
#define FOVEA_SQL_FUNCTION_UDF_H

#include <stdbool.h>

#include "base/buf.h"
#include "sql/session.h"

enum { UDF_ARGS_MAX = 16 };

enum udf_type { UDF_STRING, UDF_INT, UDF_FLOAT, UDF_VECTOR };

/* One declared function; texts are its own. */
struct udf {
    struct udf *next;
    char *name;
    char **argv; /* of the program, ended by NULL */
    char *file;  /* the XML, for messages */
    bool pool, chunk_header;
    enum udf_type returns;
    char *returns_text;
    bool nullable;
    enum udf_type args[UDF_ARGS_MAX];
    int arg_count;
    int read_ms, write_ms, kill_ms, run_ms;
    struct udf_process *process; /* of a pool, while it runs */
};

/* Declares the functions of every file the pattern names; *count of them. No statement may run:
 * SQLite changes no function under one. Errors: NOT_FOUND (no
 * file; the script), CORRUPT, INVALID (names file, line and value), UNSUPPORTED (type, format). */
NODISCARD enum status sql_udf_load(
    struct sql_session *s, const char *pattern, int *count, struct err *e);
/* The session has one of that name (bytes long, no case). */
bool sql_udf_has(const struct sql_session *s, const char *name, int bytes);

/* --- inside this folder ----------------------------------------------------------------------- */

/* Reads the functions of a file to a list. udf_close each. */
NODISCARD enum status udf_read(const char *path, struct udf **list, struct err *e);
void udf_close(struct udf *u);

/* One row through the program: line without its end in, the answer's line without its end out.
 * Errors: TIMEOUT, CANCELLED, INVALID (too few or too many lines, exit status; with the end of what
 * it wrote to stderr), LIMIT, IO. The program is gone after one. */
NODISCARD enum status udf_process_call(
    struct udf *u, const struct run *run, const struct buf *line, struct buf *out, struct err *e);
void udf_process_close(struct udf *u);

#endif
