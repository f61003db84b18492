-- The pictures that a table's vectors were made from are its pictures by default.
.file a.png picture black cat
.file b.png picture red dog
.file c.png picture blue bird
CREATE TABLE t(id INTEGER PRIMARY KEY, image_path, pic, label);
INSERT INTO t VALUES (1, 'a.png', 'b.png', 'dog'), (2, 'b.png', 'c.png', 'bird');
PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'bird'], result_col='p') AS SELECT * FROM t;
CONVERT USING mini OPTIONS (table_name='t', image_col='pic') AS SELECT * FROM t FORMAT Null;
SELECT col, model, picture FROM fovea_columns;
PREDICT USING twin OPTIONS (labels=['cat', 'dog', 'bird'], result_col='p') AS SELECT id, label, image_path, pic FROM t;
PREDICT USING twin OPTIONS (labels=['cat', 'dog', 'bird']) AS SELECT image_path, pic FROM t;
PRINT IMAGE AS SELECT id, image_path, pic FROM t;
PRINT IMAGE AS (SELECT id, image_path, pic AS p FROM (SEARCH IMAGE text='dog' USING mini AS SELECT * FROM t) WHERE id = 1);
EXPLAIN CONVERT USING twin AS SELECT image_path, pic AS x FROM t;
EXPLAIN SEARCH IMAGE text='dog' USING twin AS SELECT image_path, pic FROM t;
EXPLAIN SEARCH KEYWORD USING twin AS SELECT image_path, pic FROM (SELECT * FROM t);
-- what is named goes before; what q hasn't can't be it
EXPLAIN CONVERT USING twin OPTIONS (image_col='image_path') AS SELECT image_path, pic FROM t;
PRINT IMAGE OPTIONS (image_col='image_path') AS SELECT id, image_path, pic FROM t LIMIT 1;
PRINT IMAGE AS SELECT image_path FROM t LIMIT 1;
PRINT IMAGE AS SELECT pic || '' AS pic FROM t;
-- of two the model's own
CONVERT USING twin OPTIONS (table_name='t', image_col='image_path') AS SELECT * FROM t FORMAT Null;
EXPLAIN CONVERT USING twin OPTIONS (result_col='r') AS SELECT pic, image_path FROM t;
EXPLAIN CONVERT USING mini OPTIONS (result_col='r') AS SELECT image_path, pic FROM t;
EXPLAIN CONVERT USING wide AS SELECT image_path, pic FROM t;
-- a table made of it, of a step, of files
CREATE TABLE copy AS SELECT pic AS shown, mini_clip AS v, id FROM t;
CREATE TABLE alone AS SELECT mini_clip AS v, id FROM t;
CREATE TABLE made AS SELECT id, label, pic AS picture, convert_result FROM (CONVERT USING mini OPTIONS (image_col='pic') AS SELECT * FROM t);
CREATE TABLE files USING mini FROM '.';
CREATE TABLE used USING mini OPTIONS (image_col='pic') AS SELECT pic, id FROM t;
CONVERT USING mini OPTIONS (table_name='fresh', image_col='p') AS SELECT id, pic AS p FROM t FORMAT Null;
CONVERT USING mini OPTIONS (table_name='words', convert_type='text', text_col='label') AS SELECT label, pic FROM t FORMAT Null;
CREATE TABLE means AS SELECT * FROM (FUNCTION compute.groupby_emb_mean OPTIONS (emb_col='mini_clip') AS SELECT * FROM t);
SELECT tbl, col, model, picture FROM fovea_columns ORDER BY tbl, col;
EXPLAIN CONVERT USING twin AS SELECT * FROM copy;
PRINT IMAGE AS SELECT id, picture FROM made WHERE id = 1;
CREATE VIEW w AS SELECT id, picture AS of FROM made;
PRINT IMAGE AS SELECT * FROM w WHERE id = 1;
-- the table's rows by picture, of a query that isn't a plain scan
CREATE TABLE joined(id INTEGER PRIMARY KEY, file);
INSERT INTO joined SELECT id, pic FROM t;
CONVERT USING mini OPTIONS (table_name='joined', image_col='file') AS SELECT file FROM joined JOIN t USING (id) FORMAT Null;
SELECT tbl, col, picture FROM fovea_columns WHERE tbl = 'joined';
-- it follows renaming and dropping
ALTER TABLE made RENAME COLUMN picture TO p;
ALTER TABLE made RENAME TO remade;
SELECT tbl, col, picture FROM fovea_columns WHERE tbl = 'remade';
PRINT IMAGE AS SELECT id, p FROM remade WHERE id = 1;
DROP VIEW w;
ALTER TABLE remade DROP COLUMN p;
SELECT tbl, col, picture FROM fovea_columns WHERE tbl = 'remade';
PRINT IMAGE AS SELECT id FROM remade;
-- a catalogue of before is read, and gets the column when it is written
.open old.db
CREATE TABLE t(id INTEGER PRIMARY KEY, pic, v BLOB);
INSERT INTO t VALUES (1, 'b.png', NULL);
CREATE TABLE fovea_columns(tbl TEXT NOT NULL COLLATE NOCASE, col TEXT NOT NULL COLLATE NOCASE, model TEXT, fingerprint TEXT, dim INTEGER NOT NULL, metric TEXT NOT NULL, PRIMARY KEY(tbl, col));
INSERT INTO fovea_columns VALUES ('t', 'v', 'twin', 'twin0', 16, 'cosine');
SEARCH IMAGE text='x' USING mini OPTIONS (emb_col='v') AS SELECT * FROM t;
PRINT IMAGE AS SELECT * FROM t;
ALTER TABLE t RENAME COLUMN v TO w;
.open old.db ro
SEARCH IMAGE text='x' USING mini OPTIONS (emb_col='w') AS SELECT * FROM t;
PRINT IMAGE AS SELECT * FROM t;
.open old.db
CONVERT USING mini OPTIONS (table_name='t', image_col='pic') AS SELECT * FROM t FORMAT Null;
SELECT tbl, col, model, picture FROM fovea_columns ORDER BY col;
PRINT IMAGE AS SELECT id, pic FROM t;
