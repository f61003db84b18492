-- EXPLAIN ANALYZE runs the statement and shows what its steps and it did; * are times and SQLite's own counts.
.file a.png picture black cat
.file b.png picture white dog
.file c.png picture black cat
.file bad.png no
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO photos(image_path) VALUES ('a.png'), ('b.png'), ('c.png'), ('bad.png'), (NULL);
EXPLAIN ANALYZE SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos);
EXPLAIN ANALYZE SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos);
EXPLAIN ANALYZE SELECT id FROM (SEARCH IMAGE text='cat' USING twin AS (SELECT * FROM (CONVERT USING wide AS (SELECT * FROM photos WHERE id < 3)))) s ORDER BY id DESC LIMIT 1;
-- what is written is written, and its table is there
EXPLAIN ANALYZE CONVERT USING mini OPTIONS (table_name='photos') AS SELECT * FROM photos;
SELECT id, mini_clip IS NULL AS none FROM photos;
EXPLAIN ANALYZE CREATE TABLE made USING mini OPTIONS (path_type='file') FROM '*.png';
EXPLAIN ANALYZE INSERT INTO photos(image_path) SELECT image_path FROM photos WHERE id < 3;
EXPLAIN ANALYZE DELETE FROM photos WHERE id > 5;
EXPLAIN ANALYZE UPDATE photos SET image_path = image_path WHERE id = 1;
EXPLAIN ANALYZE CREATE TABLE copy AS SELECT * FROM photos;
SELECT count(*) FROM photos;
SELECT col FROM fovea_columns ORDER BY tbl, col;
EXPLAIN ANALYZE SET exact = 1;
SHOW exact;
RESET exact;
-- nearest neighbours
EXPLAIN ANALYZE SELECT id FROM photos ORDER BY mini_clip <=> embed_text('mini', 'dog') LIMIT 1;
CREATE TABLE v(id INTEGER PRIMARY KEY, e vector(4), label);
INSERT INTO v SELECT s, vector('[' || s || ',1,' || (s * 7 % 100) || ',2]'), s % 3 FROM (SELECT generate_series AS s FROM generate_series(1, 2000));
.bind 1 [5,1,35,2]
EXPLAIN ANALYZE SELECT id FROM v ORDER BY e <-> ? LIMIT 3;
.bind 1 [5,1,35,2]
.bindn 2 2
EXPLAIN ANALYZE SELECT id FROM v ORDER BY e <-> :q LIMIT :n;
EXPLAIN ANALYZE SELECT (SELECT id FROM photos WHERE id > l ORDER BY mini_clip <=> embed_text('mini', 'dog') LIMIT 1) FROM (SELECT 0 AS l UNION ALL SELECT 1);
EXPLAIN ANALYZE SELECT id FROM v ORDER BY e <-> '[5,1,35,2]' DESC LIMIT 3;
CREATE INDEX v_e ON v USING hnsw (e vector_l2_ops);
EXPLAIN ANALYZE SELECT id FROM v ORDER BY e <-> '[5,1,35,2]' LIMIT 3;
EXPLAIN ANALYZE SELECT id FROM v ORDER BY L2Distance(e, [5,1,35,2]) LIMIT 3 SETTINGS exact = 1;
-- SQLite's own, with what functions embedded
EXPLAIN ANALYZE SELECT * FROM photos a JOIN photos b USING (image_path) ORDER BY a.id + b.id;
EXPLAIN ANALYZE SELECT embed_text('twin', image_path) FROM photos;
EXPLAIN ANALYZE VALUES (1), (2) FORMAT JSON;
EXPLAIN (ANALYZE, BUFFERS) SELECT 1;
EXPLAIN (VERBOSE, ANALYZE ON)
SELECT 1 FORMAT TabSeparated;
-- SQLite's EXPLAIN of its ANALYZE
EXPLAIN QUERY PLAN SELECT 1;
CREATE TABLE sel(a);
EXPLAIN ANALYZE nosuch;
EXPLAIN ANALYZE main.nosuch;
-- a second run counts anew
.bind 1 cat
EXPLAIN ANALYZE SEARCH IMAGE text=? USING mini AS (SELECT * FROM photos WHERE id < 3);
.bind 1 dog
.again
.bind 1 dog
.again
-- wrong
EXPLAIN ANALYZE SELECT nosuch FROM photos;
  EXPLAIN  ANALYZE
SELECT 1 +;
EXPLAIN ANALYZE EXPLAIN SELECT 1;
EXPLAIN ANALYZE EXPLAIN ANALYZE SELECT 1;
EXPLAIN ANALYZE SELECT embed_text('nosuch', 'a');
EXPLAIN ANALYZE SELECT {x:Int64};
EXPLAIN (ANALYZE OFF) SELECT 1;
EXPLAIN ANALYZE INSERT INTO photos(id) VALUES (1);
EXPLAIN ANALYZE SEARCH IMAGE text='a' USING nosuch AS (SELECT * FROM photos);
