-- A statement ends at ; and before a line that begins another statement, where it can't go on.
.file a.png picture black cat
.file b.png picture red dog
CREATE TABLE t(id INTEGER PRIMARY KEY, image_path, v)
INSERT INTO t VALUES (1, 'a.png', vector('[1,0]')), (2, 'b.png', vector('[0,1]'))
SELECT id FROM t
SELECT count(*) AS n FROM t;
SELECT 1 AS a
 -- a comment in between
SELECT 2 AS b
UPDATE t SET id = id
DELETE FROM t WHERE id = 9
WITH x AS (SELECT 3 AS c) SELECT c FROM x
VALUES (4)
BEGIN
SELECT 5 AS e
COMMIT
DROP TABLE IF EXISTS nosuch
EXPLAIN QUERY PLAN SELECT 6;
ALTER TABLE t ADD INDEX i v TYPE vector_similarity('hnsw', 'L2Distance', 2)
ALTER TABLE t MATERIALIZE INDEX i
SELECT id FROM t ORDER BY L2Distance(v, '[0,1]') LIMIT 1;
SET ef_search = 50
SHOW ef_search
SET param_x = [1,
  2]
SELECT vector_text({x:Array(Float32)}) AS x
SEARCH IMAGE text='cat' USING mini AS SELECT image_path FROM t
SELECT id FROM t
SEARCH IMAGE text='dog' USING mini AS SELECT image_path FROM t
CONVERT USING mini AS SELECT image_path FROM t
PRINT IMAGE AS (SELECT image_path FROM t)
LIST TABLE
SELECT '[1]' <-> '[2]' AS d
SELECT 1 AS a FORMAT JSON
SELECT 2 AS b SETTINGS ef_search = 9
SELECT 3 AS c FORMAT CSV;
-- one statement
SELECT id
FROM t
WHERE id = 1
UNION
SELECT 9;
INSERT INTO t
SELECT 7, 'c.png', NULL;
SELECT id FROM t
BEGIN;
SELECT id FROM t AS
search;
EXPLAIN QUERY PLAN
SELECT 1;
CREATE VIEW w AS
SELECT 1 AS one;
SELECT *
FROM (
SELECT 1 AS inside
);
UPDATE t
SET image_path = 'x'
WHERE id = 7;
-- an error is that of the statement it is in
SELECT nosuch FROM t
SELECT 8 AS h
SELECT 1 +
SELECT 2;
SELECT a b c d
FROM t;
SELECT 1
SELEC 2;
SELECT 1
SELECT 2 2;
