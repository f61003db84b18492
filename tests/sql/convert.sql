-- CONVERT: the vectors of a query's pictures; with table_name they are kept.
.file pics/cat.png picture black cat
.file pics/dog.png picture white dog
.file pics/broken.png nothing
CREATE TABLE photos(image_path TEXT, label TEXT);
INSERT INTO photos VALUES ('pics/dog.png', 'dog'), ('pics/broken.png', '?'), ('pics/cat.png', 'cat');
CONVERT USING mini AS (SELECT * FROM photos);
.embedded
CONVERT USING mini OPTIONS (image_col='p', result_col='vec', batch_size=2) AS (SELECT image_path AS p FROM photos);
SELECT name FROM pragma_table_info('photos');
-- into the table it reads: by row, none is dropped
CONVERT USING mini OPTIONS (table_name='photos', image_col="image_path", batch_size=128) AS SELECT * FROM photos WHERE label <> 'cat';
.embedded
SELECT * FROM photos;
SELECT * FROM fovea_columns;
-- again: the column is replaced, not added; the query's own column gives way
CONVERT USING mini OPTIONS (table_name=photos) AS SELECT * FROM photos;
SELECT count(*) AS columns FROM pragma_table_info('photos');
SEARCH IMAGE text='black cat' USING mini AS SELECT * FROM photos;
.embedded
SELECT image_path, mini_clip_similarity1 FROM (SEARCH IMAGE text='black cat' USING mini AS SELECT * FROM photos) ORDER BY mini_clip_similarity1 DESC LIMIT 5;
-- two models side by side
CONVERT USING twin OPTIONS (table_name='photos') AS SELECT * FROM photos;
SELECT tbl, col, model, dim FROM fovea_columns;
SEARCH IMAGE text='black cat' USING twin AS SELECT label, mini_clip, twin_clip FROM photos WHERE label = 'cat';
-- duplicates of a picture, a view, a table without rowids: by path
CREATE TABLE w(image_path TEXT PRIMARY KEY, n) WITHOUT ROWID;
INSERT INTO w VALUES ('pics/cat.png', 1), ('pics/dog.png', 2);
CONVERT USING mini OPTIONS (table_name='w') AS SELECT * FROM w;
SELECT * FROM w;
CREATE TABLE twice(image_path, n); INSERT INTO twice VALUES ('pics/cat.png', 1), ('pics/cat.png', 2), ('pics/dog.png', 3);
CONVERT USING mini OPTIONS (table_name='twice', result_col='e') AS SELECT DISTINCT image_path FROM twice;
SELECT n, e IS NOT NULL FROM twice;
-- a new table; another table
CONVERT USING mini OPTIONS (table_name='kept') AS SELECT label, image_path FROM photos ORDER BY label;
SELECT * FROM kept;
CONVERT USING mini OPTIONS (table_name='kept') AS SELECT image_path FROM photos;
CONVERT USING mini OPTIONS (table_name='kept', overwrite=True) AS SELECT image_path FROM photos LIMIT 1;
SELECT * FROM kept;
SELECT sql FROM sqlite_schema WHERE name = 'kept';
-- as a query, it is one: kept by SQLite's own means
CREATE TABLE made AS SELECT * FROM (CONVERT USING mini AS (SELECT * FROM twice));
SELECT tbl, col, model FROM fovea_columns WHERE tbl = 'made';
INSERT INTO made SELECT * FROM (CONVERT USING mini AS (SELECT image_path, n + 10 AS n, e FROM made));
SELECT n, vector_dims(mini_clip) FROM made;
SELECT * FROM (CONVERT USING mini OPTIONS (table_name='photos') AS (SELECT * FROM photos));
-- in a transaction that is taken back
BEGIN;
CONVERT USING mini OPTIONS (table_name='gone') AS SELECT image_path FROM photos;
ROLLBACK;
SELECT count(*) FROM sqlite_schema WHERE name = 'gone';
CONVERT USING mini OPTIONS (table_name='twice', image_col='p') AS SELECT DISTINCT image_path AS p FROM twice;
CREATE TEMP TABLE passing AS SELECT image_path FROM photos;
CONVERT USING mini OPTIONS (table_name='passing') AS SELECT * FROM passing;
SELECT count(mini_clip) FROM passing;
SELECT count(*) FROM fovea_columns WHERE tbl = 'passing';
