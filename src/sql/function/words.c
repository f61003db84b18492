/* words.c - fovea_words(): the words of the language, for programs that complete what is typed.
 *
 *     SELECT word FROM fovea_words() WHERE kind = 'option' AND statement = 'SEARCH IMAGE';
 *
 * kind is statement (what one begins with), keyword or option; options come from the statements'
 * own tables, so that a new one is offered without a word here.
 */
#include <string.h>

#include "sql/function/words.h"
#include "sql/internal.h"
#include "sql/listing.h"
#include "sql/statement/statement.h"

/* What statements begin with that have no row in the table of kinds. */
static const char *const OPENINGS[] = {
    "ALTER TABLE",
    "ANALYZE",
    "ATTACH",
    "BEGIN",
    "BUILD MODEL",
    "COMMIT",
    "COPY",
    "CREATE INDEX",
    "CREATE TABLE",
    "CREATE TRIGGER",
    "CREATE VIEW",
    "DELETE FROM",
    "DELETE MODEL",
    "DETACH",
    "DROP INDEX",
    "DROP TABLE",
    "DROP VIEW",
    "EXPLAIN",
    "EXPLAIN QUERY PLAN",
    "FIT MODEL",
    "GET THANOSQL DATASET",
    "GET THANOSQL MODEL",
    "INSERT INTO",
    "PRAGMA",
    "PRINT IMAGE",
    "REINDEX",
    "RELEASE",
    "REPLACE INTO",
    "RESET",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "UPDATE",
    "UPLOAD MODEL",
    "VACUUM",
    "VALUES",
    "WITH",
};

/* Words of ours inside statements. */
static const char *const OURS[] = {
    "FORMAT",
    "ILIKE",
    "IMAGE",
    "INFILE",
    "KEYWORD",
    "MODEL",
    "OPTIONS",
    "SETTINGS",
};

static enum status add(
    struct listing *l, const char *kind, const char *word, const char *statement, struct err *e)
{
    enum status st = listing_add_text(l, kind, e);
    if (st == ST_OK) st = listing_add_text(l, word, e);
    return st == ST_OK ? listing_add_text(l, statement, e) : st;
}

static enum status add_all(
    struct listing *l, const char *kind, const char *const *words, size_t count, struct err *e)
{
    enum status st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < count; i++) st = add(l, kind, words[i], NULL, e);
    return st;
}

static enum status add_keywords(struct listing *l, struct err *e)
{
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < sqlite3_keyword_count(); i++) {
        const char *at;
        char word[40];
        int bytes;
        bool fits = sqlite3_keyword_name(i, &at, &bytes) == SQLITE_OK && bytes < (int)sizeof word;
        if (!fits) continue;
        memcpy(word, at, (size_t)bytes);
        word[bytes] = '\0';
        st = add(l, "keyword", word, NULL, e);
    }
    return st;
}

static enum status add_statement(struct listing *l, const struct sql_statement *k, struct err *e)
{
    bool whole = strstr(k->name, " USING") == NULL; /* CREATE TABLE t USING … */
    enum status st = whole ? add(l, "statement", k->name, NULL, e) : ST_OK;
    for (int i = 0; st == ST_OK && i < k->option_count; i++)
        st = add(l, "option", k->options[i].name, k->name, e);
    return st;
}

static enum status open_words(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)s, (void)args, (void)count;
    struct listing *l;
    enum status st = listing_open(3, &l, e);
    if (st != ST_OK) return st;
    *cursor = l;
    for (int i = 0; st == ST_OK && sql_statement_at(i) != NULL; i++)
        st = add_statement(l, sql_statement_at(i), e);
    if (st == ST_OK)
        st = add_all(l, "statement", OPENINGS, sizeof OPENINGS / sizeof OPENINGS[0], e);
    if (st == ST_OK) st = add_all(l, "keyword", OURS, sizeof OURS / sizeof OURS[0], e);
    return st == ST_OK ? add_keywords(l, e) : st;
}

enum status sql_words_add(struct sql_session *s, struct err *e)
{
    static const struct sql_tabfn WORDS = {.name = "fovea_words",
        .columns = "kind TEXT, word TEXT, statement TEXT",
        .args = "",
        .open = open_words,
        .next = listing_next,
        .column = listing_column,
        .close = listing_close};
    return sql_tabfn_add(s, &WORDS, e);
}
