-- What ClickHouse asks about tables.
CREATE TABLE laion (`id` Int64, `url` String, n Int32 DEFAULT 7, up String MATERIALIZED upper(url), v Array(Float32) CODEC(NONE)) -- with a comment
ENGINE = MergeTree ORDER BY id SETTINGS index_granularity = 8192;
CREATE TABLE plain (a INTEGER PRIMARY KEY, b);
CREATE VIEW seen AS SELECT url FROM laion;
SHOW TABLES;
SHOW TABLES LIKE 'l%';
SHOW TABLES NOT LIKE 'l%';
SHOW CREATE TABLE laion;
SHOW CREATE plain;
SHOW CREATE TABLE seen;
DESCRIBE TABLE laion;
DESC plain;
EXISTS TABLE laion;
EXISTS laoin;
SHOW CREATE TABLE laoin;
DESCRIBE;
SHOW TABLES LIKE;
SELECT n FROM (SELECT 1 AS n) WHERE EXISTS (SELECT 1);
-- Once a table is altered, SQLite's text of it counts; names follow.
ALTER TABLE laion RENAME TO pairs;
SHOW CREATE TABLE pairs;
SELECT tbl FROM fovea_tables;
DROP TABLE IF EXISTS pairs;
SELECT tbl FROM fovea_tables;
-- FORMAT behind them.
SHOW TABLES LIKE 'p%' FORMAT JSONEachRow;
SHOW CREATE plain FORMAT TSV;
DESCRIBE TABLE plain FORMAT JSON;
DESC plain FORMAT CSV;
EXISTS TABLE plain FORMAT Vertical;
SHOW TABLES FORMAT Jsno;
