-- PRINT IMAGE: q's own rows, and which column is pictures.
CREATE TABLE t(id, image_path, picture);
INSERT INTO t VALUES (1, 'a.png', 'b.png'), (2, 'b.png', 'a.png');
.file a.png picture black cat
.file b.png picture red dog
PRINT IMAGE AS SELECT id, image_path FROM t;
PRINT IMAGE AS (SELECT image_path, mini_clip_similarity1 FROM (SEARCH IMAGE text='dog' USING mini AS SELECT * FROM t)
  ORDER BY mini_clip_similarity1 DESC LIMIT 1);
PRINT IMAGE OPTIONS (image_col='picture') AS (SELECT * FROM t);
PRINT IMAGE OPTIONS (image_column="PICTURE") AS (SELECT * FROM t);
PRINT IMAGE AS ((SEARCH IMAGE text='cat' USING mini AS (SELECT image_path AS path FROM t)));
PRINT IMAGE AS SELECT id AS image, image_path AS path FROM t LIMIT 1 FORMAT JSON;
EXPLAIN PRINT IMAGE AS SELECT image_path FROM t;
PRINT IMAGE AS (SELECT id FROM t);
PRINT IMAGE OPTIONS (image_col='pictur') AS (SELECT * FROM t);
PRINT IMAGE OPTIONS (imagecol='picture') AS (SELECT * FROM t);
PRINT VIDEO AS (SELECT * FROM t);
PRINT IMAGE AS (DELETE FROM t);
PRINT AS SELECT 1;
SELECT * FROM (PRINT IMAGE AS SELECT 1);
-- base_dir: what stands before the paths
CREATE TABLE u AS SELECT 'a.png' AS image_path, 1 AS id, 'x' AS "a ""b""" UNION ALL SELECT '/tmp/b.png', 2, 'y' UNION ALL SELECT NULL, 3, 'z' UNION ALL SELECT x'00ff', 4, 'w';
PRINT IMAGE OPTIONS (base_dir='/home/jovyan') AS SELECT * FROM u ORDER BY id DESC;
PRINT IMAGE OPTIONS (image_column='picture', base_dir="it's/") AS (SELECT id, picture, picture FROM t LIMIT 1);
.bindn 1 2
PRINT IMAGE OPTIONS (base_dir='..') AS (SELECT image_path, mini_clip_similarity1 FROM (SEARCH IMAGE text='dog' USING mini AS SELECT * FROM t)
  WHERE id <= ? ORDER BY mini_clip_similarity1 DESC -- the best
  LIMIT 1) FORMAT CSV;
PRINT IMAGE OPTIONS (base_dir='') AS (SELECT id, image_path FROM t LIMIT 1);
PRINT IMAGE OPTIONS (base_dir='d') AS (SEARCH IMAGE text='dog' USING mini OPTIONS (top_k=1) AS SELECT image_path FROM t);
PRINT IMAGE OPTIONS (base_dir='d') AS (WITH x AS (SELECT 'x' AS path UNION ALL SELECT 'y') SELECT path FROM x);
EXPLAIN PRINT IMAGE OPTIONS (base_dir='d') AS SELECT image_path FROM t;
EXPLAIN QUERY PLAN PRINT IMAGE OPTIONS (base_dir='d') AS SELECT image_path FROM t;
EXPLAIN QUERY PLAN PRINT IMAGE AS SELECT image_path FROM t;
PRINT IMAGE OPTIONS (base_dir=5) AS SELECT image_path FROM t;
PRINT IMAGE OPTIONS (base_dir=?) AS SELECT image_path FROM t;
PRINT IMAGE OPTIONS (base_dri='d') AS SELECT image_path FROM t;
PRINT IMAGE OPTIONS (base_dir='d', base_dir='e') AS SELECT image_path FROM t;
PRINT IMAGE OPTIONS (base_dir='d') AS SELECT nosuch FROM t;
