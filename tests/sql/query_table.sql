-- CREATE VIRTUAL TABLE temp.r USING fovea('…'): a statement's rows as a table.
.file a.png picture black cat
.file b.png picture white dog
CREATE TABLE p(id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO p VALUES (1, 'a.png'), (2, 'b.png');
CREATE VIRTUAL TABLE temp.r USING fovea('SEARCH IMAGE text=''black cat'' USING mini AS SELECT * FROM p');
SELECT name, type FROM pragma_table_info('r');
SELECT id, image_path FROM r ORDER BY mini_clip_similarity1 DESC;
SELECT count(*) FROM r x JOIN r y ON x.id = y.id;
INSERT INTO p VALUES (3, 'a.png');
SELECT id FROM r ORDER BY id;
CREATE VIRTUAL TABLE temp.two USING fovea("SELECT 1 AS a, 2 AS a, 'x,y' AS c");
SELECT * FROM two;
-- Names and places
CREATE VIRTUAL TABLE main.r USING fovea('SELECT 1');
CREATE VIRTUAL TABLE temp.bad USING fovea('SEARCH IMAGE');
CREATE VIRTUAL TABLE temp.bad USING fovea();
CREATE VIRTUAL TABLE temp.bad USING fovea('DELETE FROM p');
CREATE VIRTUAL TABLE temp.bad USING fovea('DELETE FROM p RETURNING id');
CREATE VIRTUAL TABLE temp.bad USING fovea('SELECT 1; SELECT 2');
CREATE VIRTUAL TABLE temp.bad USING fovea('SELECT ?1');
CREATE VIRTUAL TABLE temp.bad USING fovea('SELECT * FROM nowhere');
SELECT * FROM fovea;
-- A temporary view may name it
CREATE TEMP VIEW v AS SELECT * FROM r;
SELECT count(*) FROM v;
ALTER TABLE p ADD COLUMN more TEXT;
SELECT count(*) FROM r;
DROP TABLE r;
SELECT count(*) FROM p;
