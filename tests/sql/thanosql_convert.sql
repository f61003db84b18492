-- CONVERT in ThanoSQL's dialects A, B and C, with each of its options.
.file pics/cat.png picture black cat
.file pics/dog.jpg picture white dog
CREATE TABLE fovea_model_names(name TEXT PRIMARY KEY COLLATE NOCASE, class_name TEXT, source TEXT, updated TEXT);
INSERT INTO fovea_model_names VALUES ('tutorial_search_clip', 'CLIPEn', 'mini', ''), ('my_model', 'SimCLR', 'mini', '');
CREATE TABLE t(id INTEGER PRIMARY KEY, image_path TEXT, text TEXT);
INSERT INTO t(image_path, text) VALUES ('pics/cat.png', 'house'), ('pics/dog.jpg', NULL);
-- names by model and base model
SELECT tutorial_search_clip_clipen IS NULL FROM (CONVERT USING tutorial_search_clip AS SELECT * FROM t);
SELECT my_model_simclr IS NULL FROM (CONVERT USING my_model AS SELECT * FROM t);
CONVERT USING my_model OPTIONS (image_col='image_path', batch_size=1) AS SELECT id, image_path FROM t;
-- B and C
CONVERT USING mini OPTIONS (image_col="image_path", column_name="v") AS SELECT id, image_path FROM t;
CONVERT USING mini OPTIONS (image_col='image_path', convert_type='image', result_col='convert_result') AS SELECT id, image_path FROM t;
CONVERT USING mini OPTIONS (convert_type='image') AS SELECT id, image_path FROM t;
SET thanosql_dialect = 'C';
CONVERT USING mini AS SELECT id, image_path FROM t;
SELECT id, mini_clip FROM (CONVERT USING mini AS SELECT id, image_path FROM t);
RESET thanosql_dialect;
CONVERT USING mini AS SELECT id, image_path FROM t SETTINGS thanosql_dialect = 'C';
SELECT id, convert_result FROM (CONVERT USING mini AS SELECT id, image_path FROM t);
-- texts
CONVERT USING mini OPTIONS (convert_type='text') AS SELECT id, text FROM t;
CONVERT USING mini OPTIONS (convert_type='text', text_col='words', column_name='w') AS SELECT 'black cat' AS words UNION ALL SELECT 7;
CONVERT USING mini OPTIONS (convert_type='text', table_name='t', result_col='text_vector') AS SELECT * FROM t;
SELECT id, text_vector FROM t;
-- picture columns
CONVERT USING mini AS SELECT 'pics/dog.jpg' AS path, 'pics/cat.png' AS image;
CONVERT USING mini AS SELECT 'pics/dog.jpg' AS path;
CONVERT USING mini OPTIONS (image_column='where') AS SELECT 'pics/dog.jpg' AS "where";
-- table_name: the same table, as one column, by rowid or by picture; absent; another
CREATE TABLE u AS SELECT * FROM t;
CONVERT USING mini OPTIONS (table_name='u') AS SELECT image_path FROM u WHERE id = 1;
SELECT id, mini_clip FROM u;
CONVERT USING mini OPTIONS (table_name='u') AS SELECT DISTINCT image_path FROM u;
SELECT id, mini_clip FROM u;
CONVERT USING mini OPTIONS (table_name='new', result_col='convert_result') AS SELECT id, image_path FROM t;
SELECT * FROM new;
CONVERT USING mini OPTIONS (table_name='new') AS SELECT id, image_path FROM t;
CONVERT USING mini OPTIONS (table_name='new', overwrite=True) AS SELECT id FROM (SELECT id, image_path FROM t WHERE id = 2);
CONVERT USING mini OPTIONS (table_name='new', overwrite=True) AS SELECT image_path FROM t WHERE id = 2;
SELECT * FROM new;
SELECT tbl, col, model, dim FROM fovea_columns ORDER BY tbl, col;
-- CREATE TABLE AS keeps vectors too
CREATE TABLE made AS SELECT * FROM ( CONVERT USING mini OPTIONS (result_col='convert_result') AS SELECT id, image_path FROM t );
SELECT count(*), count(convert_result) FROM made;
SELECT model FROM fovea_columns WHERE tbl = 'made';
-- CREATE TABLE … USING … AS is a CONVERT that is kept
CREATE TABLE z USING mini OPTIONS (image_col='p') AS (SELECT id, image_path AS p FROM t);
SELECT * FROM z;
CREATE TABLE z USING mini AS SELECT * FROM t;
CREATE TABLE z USING mini OPTIONS (overwrite=True) AS SELECT id, image_path FROM t WHERE id = 2;
SELECT * FROM z;
SEARCH IMAGE OPTIONS (search_by=text, search_input=dog, top_k=1) AS SELECT *, 1 AS search_result FROM z;
SEARCH IMAGE text='dog' OPTIONS (top_k=1) AS SELECT * FROM z;
