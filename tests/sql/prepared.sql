-- Parameters, running again, tables that change in between.
.file a.png picture black cat
.file b.png picture white dog
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO photos VALUES (1, 'a.png'), (2, 'b.png');
.bind 1 black cat
.bindn 2 5
SEARCH IMAGE text=? USING mini AS (SELECT * FROM photos WHERE id < ?);
.embedded
.bind 1 white dog
.again
.embedded
.bindn 2 2
.again
.bindnull 1
.again
.bind 3 x
.again
.bind 1 black cat
.bind 2 white dog
SEARCH IMAGE texts=[:a, 'cat', :b] USING mini AS (SELECT * FROM photos WHERE image_path <> :a);
.bind 1 a.png
SEARCH IMAGE image=$1 USING mini AS (SELECT * FROM photos WHERE image_path = $1);
.bindn 2 2
.bind 1 cat
SELECT id, $2 AS two FROM (SEARCH IMAGE text=$1 USING mini AS (SELECT * FROM photos WHERE id = $2));
SELECT ?3, ?, ?1 <-> '[1]';
-- the table changes under a prepared statement
.bind 1 cat
SEARCH IMAGE text=? USING mini AS (SELECT * FROM photos);
.keep
ALTER TABLE photos ADD COLUMN label TEXT DEFAULT 'new';
.again
INSERT INTO photos VALUES (3, 'a.png', 'three');
.again
ALTER TABLE photos RENAME COLUMN label TO tag;
.again
DROP TABLE photos;
.again
CREATE TABLE photos(path TEXT);
INSERT INTO photos VALUES ('b.png');
.again
