-- A database that can't be written is still searched.
.file a.png picture black cat
.open lib.db
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO photos VALUES (1, 'a.png');
CONVERT USING mini OPTIONS (table_name='photos') AS SELECT * FROM photos;
.open lib.db ro
SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos);
SELECT id FROM photos WHERE mini_clip <=> embed_text('mini', 'black cat') < 0.1;
CONVERT USING mini AS SELECT id, image_path FROM photos;
CONVERT USING twin OPTIONS (table_name='photos') AS SELECT * FROM photos;
CREATE TABLE t USING mini OPTIONS (path_type='file') FROM 'a.png';
CREATE TABLE t AS SELECT 1;
INSERT INTO photos(id) VALUES (2);
