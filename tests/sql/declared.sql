-- A vector knows its model: mixing models is an error wherever a value can be traced.
.file a.png picture black cat
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO photos VALUES (1, 'a.png');
CONVERT USING mini OPTIONS (table_name='photos') AS SELECT * FROM photos;
CONVERT USING twin OPTIONS (table_name='photos') AS SELECT * FROM photos;
SELECT id FROM photos WHERE mini_clip <=> embed_text('mini', 'cat') < 1;
SELECT id FROM photos WHERE mini_clip <=> embed_text('twin', 'cat') < 1;
SELECT id FROM photos WHERE cosineDistance(mini_clip, embed_text('twin', 'cat')) < 1;
SELECT id FROM photos ORDER BY L2Distance(p.mini_clip, p.twin_clip);
SELECT id FROM photos p ORDER BY L2Distance(p.mini_clip, p.twin_clip);
SELECT embed_text('mini', 'a') <=> embed_image('twin', 'a.png');
CREATE VIEW v AS SELECT id AS key, mini_clip AS e FROM photos;
SELECT key FROM v WHERE e <=> embed_text('twin', 'cat') < 1;
WITH c AS (SELECT * FROM v) SELECT key FROM (SELECT * FROM c) s WHERE s.e <=> embed_text('twin', 'cat') < 1;
SELECT x.id FROM photos x JOIN photos y ON x.mini_clip <-> y.twin_clip < 1;
SELECT id FROM (CONVERT USING mini AS (SELECT id, image_path FROM photos)) WHERE mini_clip <=> embed_text('twin', 'cat') < 1;
UPDATE photos SET id = id WHERE mini_clip <=> embed_text('twin', 'cat') < 1;
UPDATE photos AS p SET id = id WHERE cosineDistance(p.mini_clip, twin_clip) < 1;
DELETE FROM photos AS p WHERE p.mini_clip <=> embed_text('twin', 'cat') < 1;
DELETE FROM photos WHERE mini_clip <=> embed_text('mini', 'nothing at all') < 0.01;
-- CREATE TABLE AS copies what is known, DROP forgets, RENAME follows
CREATE TABLE copy AS SELECT id, mini_clip AS embedding, id + 1 AS n FROM photos;
SELECT * FROM fovea_columns WHERE tbl = 'copy';
SELECT id, embedding FROM copy;
SEARCH IMAGE text='black cat' USING mini AS (SELECT * FROM copy);
.embedded
SEARCH IMAGE text='black cat' USING twin AS (SELECT * FROM copy);
SELECT id FROM copy WHERE embedding <=> embed_text('twin', 'cat') < 1;
ALTER TABLE copy RENAME TO "copy two";
ALTER TABLE "copy two" RENAME COLUMN embedding TO e;
SELECT tbl, col FROM fovea_columns ORDER BY 1, 2;
ALTER TABLE "copy two" DROP COLUMN e;
CREATE TABLE third AS SELECT twin_clip FROM photos;
DROP TABLE IF EXISTS main.third;
CREATE TABLE IF NOT EXISTS photos AS SELECT 1 AS mini_clip;
CREATE TEMP TABLE photos AS SELECT 5 AS x;
DROP TABLE photos;
SELECT tbl, col FROM fovea_columns ORDER BY 1, 2;
-- the model has changed since
UPDATE fovea_columns SET fingerprint = 'older' WHERE col = 'mini_clip';
SEARCH IMAGE text='black cat' USING mini AS (SELECT * FROM photos);
SELECT id FROM photos WHERE mini_clip <=> embed_text('mini', 'cat') < 1;
-- a column is of one model: converting some rows clears what another state left in the rest
INSERT INTO main.photos VALUES (2, 'a.png', (SELECT mini_clip FROM main.photos), NULL);
CONVERT USING mini OPTIONS (table_name='photos') AS SELECT * FROM photos WHERE id = 2;
SELECT id, mini_clip FROM photos;
SEARCH IMAGE text='black cat' USING mini AS (SELECT id, mini_clip FROM photos);
