-- The LAION guide's own statement.
CREATE TABLE laion
(
    `id` Int64,
    `url` String,
    `caption` String,
    `NSFW` String,
    `similarity` Float32,
    `image_embedding` Array(Float32),
    `text_embedding` Array(Float32)
)
ENGINE = MergeTree
ORDER BY id
SETTINGS index_granularity = 8192;
SELECT name, type FROM pragma_table_xinfo('laion');
SELECT sql FROM sqlite_schema WHERE name IN ('laion', 'laion_order_by') ORDER BY type DESC;
-- A String is no number, and what is not Nullable has its default, also for NULL.
INSERT INTO laion(id, url) VALUES ('7', '0012'), (NULL, NULL);
SELECT id, url, typeof(url), caption, similarity, image_embedding FROM laion ORDER BY id;
SELECT count(*) FROM fovea_columns;
-- Types.
CREATE TABLE types (a Int8, b UInt64, c Int256, d Float64, e FixedString(16), f Bool, g Date, h Date32, i DateTime('UTC'),
  j DateTime64(3), k UUID, l Nullable(String), m LowCardinality(String), n Enum8('int' = 1, 'say "b"' = 2), o Decimal(10, 2),
  p Array(String), q Array(UInt32), r LowCardinality(Nullable(String)), s BFloat16, t Array(BFloat16), u Array(Float64)) ENGINE Memory;
SELECT name, type FROM pragma_table_xinfo('types');
INSERT INTO types(a, c, e, n) VALUES (1, '123456789012345678901234567890', '0012', '1');
SELECT typeof(a), c, typeof(c), e, typeof(n), b, k, j, l, p, t FROM types;
-- A dimension that a CHECK or an index tells.
CREATE TABLE a (v Array(Float32), w Array(Float32) CODEC(NONE), CONSTRAINT c CHECK length(v) = 3,
  INDEX i w TYPE vector_similarity('hnsw', 'L2Distance', 2) GRANULARITY 100, INDEX m v TYPE minmax GRANULARITY 1) ENGINE = MergeTree ORDER BY tuple();
SELECT tbl, col, dim FROM fovea_columns ORDER BY col;
SELECT name, metric, dimensions FROM vector_indexes();
INSERT INTO a VALUES (x'000000', NULL);
-- Columns with more behind them.
CREATE TABLE b (id UInt64 CODEC(Delta, ZSTD), at DateTime DEFAULT now(), n Int32 DEFAULT -1, m Int32 DEFAULT 1 + 1, up String MATERIALIZED upper(name),
  low String ALIAS lower(name), name String DEFAULT 'x' COMMENT 'a name', CONSTRAINT positive CHECK id >= 0) ENGINE = MergeTree() PRIMARY KEY (id, name) ORDER BY (id, name, lower(name)) COMMENT 'b';
INSERT INTO b(id, name) VALUES (1, 'Ab');
SELECT id, n, m, up, low, name FROM b;
SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'b';
INSERT INTO b(id) VALUES (-1);
CREATE TABLE IF NOT EXISTS b (id String) ENGINE = MergeTree ORDER BY id;
CREATE TABLE b (id String) ENGINE = Log;
CREATE OR REPLACE TABLE b (id String) ENGINE = Log;
SELECT name, type FROM pragma_table_xinfo('b');
CREATE TEMP TABLE tmp (id String, v Array(Float32));
SELECT name, type FROM pragma_table_xinfo('tmp');
-- What is refused.
CREATE TABLE x (m Map(String, UInt64)) ENGINE = MergeTree ORDER BY tuple();
CREATE TABLE x (t Tuple(Float32, Float32)) ENGINE = MergeTree ORDER BY tuple();
CREATE TABLE x (a Strng) ENGINE = MergeTree ORDER BY a;
CREATE TABLE x (a String) ENGINE = MergeTre ORDER BY a;
CREATE TABLE x (a String) ENGINE = ReplacingMergeTree ORDER BY a;
CREATE TABLE x (a String, b String TTL d + 1) ENGINE = MergeTree ORDER BY a;
CREATE TABLE x (a String, INDEX i b TYPE vector_similarity('hnsw', 'L2Distance', 3)) ENGINE = MergeTree ORDER BY a;
CREATE TABLE x (a String, INDEX i a TYPE vector_similarity('hnsw', 'L2Distance', 3)) ENGINE = MergeTree ORDER BY a;
CREATE TABLE x (v Array(Float32), CONSTRAINT c CHECK length(v) = 3, INDEX i v TYPE vector_similarity('hnsw', 'L2Distance', 4)) ENGINE = MergeTree ORDER BY tuple();
CREATE TABLE x (v Array(Float32), INDEX i v TYPE vector_similarity('hnsw', 'L2Distance')) ENGINE = MergeTree ORDER BY tuple();
CREATE TABLE x (a String, b String, a Int64) ENGINE = MergeTree ORDER BY a;
CREATE TABLE x (a String) ENGINE = MergeTree ORDER BY a TTL d;
CREATE TABLE x (a String, ) ENGINE = MergeTree;
CREATE TABLE x (a String ENGINE = MergeTree;
CREATE TABLE x (a vector(0));
CREATE TABLE x (a Nullable(Nullable(Nullable(Nullable(Nullable(Nullable(Nullable(Nullable(Nullable(Nullable(String)))))))))));
-- What is SQLite's stays SQLite's.
CREATE TABLE plain (a INTEGER PRIMARY KEY, d Date, u UUID, s STRING, t TEXT DEFAULT 'x', x);
SELECT sql FROM sqlite_schema WHERE name = 'plain';
