/* sql_harness.h - what the harnesses of SQL share: a database in memory with a table of each kind,
 * bounds, and a folder of their own with a few files to read.
 *
 * The process moves into that folder: paths given to a harness must be absolute. It and all in it
 * go when the process ends. Statements that name an address on a network are left out
 * (sql_fuzz_leaves).
 */
#ifndef FOVEA_TESTS_FUZZ_SQL_HARNESS_H
#define FOVEA_TESTS_FUZZ_SQL_HARNESS_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit/sql_fake_model.h"
#include "base/file.h"
#include "sql/session.h"

enum { SQL_FUZZ_HEAP_BYTES = 64 << 20, SQL_FUZZ_VALUE_BYTES = 1 << 20 };

/* c and p are what CREATE TABLE makes of ClickHouse's and PostgreSQL's types. */
static const char SQL_FUZZ_SCHEMA[] =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, path TEXT, e BLOB, mini_clip BLOB, image_path TEXT,"
    " label TEXT, v BLOB);"
    "INSERT INTO t(id, path, e, label) VALUES(1, 'cat.png', vector('[1,2]'), 'cat'),"
    " (2, CAST('picture cat' AS BLOB), NULL, 'dog');"
    "CREATE VIEW w AS SELECT id, v FROM t;"
    "CREATE TABLE c(id INTEGER \"UInt64\" DEFAULT 0 NOT NULL ON CONFLICT REPLACE,"
    " v BLOB \"Array(Float32)\" CHECK(\"v\" IS NULL OR typeof(\"v\")='blob' AND length(\"v\")=8),"
    " s TEXT \"LowCardinality(String)\" DEFAULT 'x' NOT NULL ON CONFLICT REPLACE);"
    "INSERT INTO c(id, v) VALUES(1, vector('[1,2]')), (2, vector('[3,4]'));"
    "CREATE TABLE p(id INTEGER PRIMARY KEY,"
    " e BLOB \"vector(2)\" CHECK(\"e\" IS NULL OR typeof(\"e\")='blob' AND length(\"e\")=8));"
    "INSERT INTO p VALUES(1, vector('[1,2]')), (2, NULL);"
    "CREATE TABLE fovea_columns(tbl TEXT NOT NULL COLLATE NOCASE, col TEXT NOT NULL COLLATE NOCASE,"
    " model TEXT, fingerprint TEXT, dim INTEGER NOT NULL, metric TEXT NOT NULL,"
    " PRIMARY KEY(tbl, col));"
    "INSERT INTO fovea_columns VALUES('t', 'e', 'twin', 'twin0', 16, 'cosine'),"
    " ('t', 'v', '', '', 2, 'l2'), ('c', 'v', NULL, NULL, 2, 'cosine'),"
    " ('p', 'e', NULL, NULL, 2, 'cosine');";

static char sql_fuzz_folder[32];

static void sql_fuzz_leave_folder(void)
{
    if (chdir("/") == 0 && file_remove_tree(sql_fuzz_folder, NULL) != ST_OK)
        fprintf(stderr, "%s stays\n", sql_fuzz_folder);
}

static void sql_fuzz_enter_folder(void)
{
    static const struct {
        const char *name, *text;
    } FILES[] = {{"cat.png", "picture black cat"}, {"dog.jpg", "picture dog"},
        {"t.csv", "id,path,label\n7,cat.png,cat\n8,dog.jpg,\n"}, {"t.tsv", "9\tcat.png\n"},
        {"t.jsonl", "{\"id\": 10, \"v\": [1, 2]}\n{\"id\": 11}\n"}};
    static bool there;
    struct err e = ERR_INIT;
    if (there) return;
    there = true;
    snprintf(sql_fuzz_folder, sizeof sql_fuzz_folder, "%s/fovea-fuzz-XXXXXX",
        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(sql_fuzz_folder) == NULL || chdir(sql_fuzz_folder) != 0) abort();
    setenv("XDG_DATA_HOME", sql_fuzz_folder, 1);
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        if (file_write_atomic(FILES[i].name, FILES[i].text, strlen(FILES[i].text), &e) != ST_OK)
            abort();
    atexit(sql_fuzz_leave_folder);
}

/* path: a file of the folder, or ":memory:". */
static struct sql_session *sql_fuzz_open_at(const char *path)
{
    struct sql_session *s;
    struct err e = ERR_INIT;
    sql_fuzz_enter_folder();
    sqlite3_hard_heap_limit64(SQL_FUZZ_HEAP_BYTES);
    if (sql_session_open(path, &(struct store_options){.create = true}, &s, &e) != ST_OK) abort();
    sqlite3 *db = store_sqlite(sql_session_store(s));
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SQL_FUZZ_VALUE_BYTES);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0); /* VACUUM INTO attaches too */
    sql_session_run(s)->threads = 1;
    return s;
}

static inline struct sql_session *sql_fuzz_open(void)
{
    struct sql_session *s = sql_fuzz_open_at(":memory:");
    if (store_exec(sql_session_store(s), SQL_FUZZ_SCHEMA, NULL) != ST_OK) abort();
    return s;
}

static bool sql_fuzz_leaves(const char *at, size_t bytes)
{
    return memmem(at, bytes, "://", 3) != NULL;
}

#endif
