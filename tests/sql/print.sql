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
