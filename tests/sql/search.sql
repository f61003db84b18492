-- SEARCH IMAGE: all rows of the query, in its order, with a similarity for each input.
.file pics/cat.png picture black cat
.file pics/dog.png picture white dog
.file pics/both.png picture black dog
.file pics/broken.png nothing of the kind
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT, label TEXT COLLATE NOCASE, taken DATE);
INSERT INTO photos VALUES (1, 'pics/dog.png', 'Dog', 2020), (2, 'pics/cat.png', 'cat', 2021), (3, 'pics/broken.png', '?', NULL), (4, NULL, '?', NULL), (5, 'pics/both.png', 'dog', 2022), (6, 'pics/nosuch.png', '?', NULL);
SEARCH IMAGE text='black cat' USING mini AS (SELECT * FROM photos);
.embedded
SEARCH IMAGE text="black cat" USING mini AS SELECT id, image_path FROM photos WHERE id < 3 ORDER BY id DESC;
.embedded
SEARCH IMAGE texts=['black cat', "white dog"] USING mini AS (SELECT id, image_path AS path FROM photos);
SEARCH IMAGE image='pics/dog.png' USING mini AS (SELECT id, image_path FROM photos);
SEARCH IMAGE images=['pics/dog.png', 'pics/cat.png'] USING MINI AS (SELECT id, image_path FROM photos);
SEARCH IMAGE images=['pics/dog.png', 'pics/cat.png'] USING "mini" AS (SELECT id, image_path FROM photos);
SEARCH IMAGE text=cat USING mini AS (SELECT id, image_path FROM photos);
SEARCH IMAGE text='it\'s a "cat"' USING mini AS (SELECT id, image_path FROM photos LIMIT 1);
SEARCH IMAGE text="the cat''s" USING mini AS (SELECT id, image_path FROM photos LIMIT 1);
search image text = '검은 고양이' using mini as (select id, image_path from photos limit 1);
SEARCH IMAGE text='' USING mini AS (SELECT id, image_path FROM photos LIMIT 1);
-- a picture's bytes in place of its path
CREATE TABLE blobs AS SELECT 1 AS id, CAST('picture black cat' AS BLOB) AS image_path;
SEARCH IMAGE text='cat' USING mini AS (SELECT id, image_path FROM blobs);
-- no rows, no pictures
SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos WHERE 0);
-- columns with one name, collation, type
SELECT * FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT 1 AS a, 2 AS a, 3 AS path));
SELECT id, typeof(taken) FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) WHERE label = 'DOG' ORDER BY id;
-- vectors that are there are used
CREATE TABLE v (id, mini_clip);
INSERT INTO v SELECT id, embed_image('mini', image_path) AS mini_clip FROM photos WHERE id IN (1, 2);
.embedded
SEARCH IMAGE text='black cat' USING mini AS (SELECT * FROM v);
.embedded
INSERT INTO v VALUES (3, NULL), (4, vector('[1,2]'));
SEARCH IMAGE text='black cat' USING mini AS (SELECT * FROM v WHERE id < 4);
SEARCH IMAGE text='black cat' USING mini AS (SELECT * FROM v);
SEARCH IMAGE text='black cat' USING mini AS (SELECT id, mini_clip, 'nothing' AS mini_clip FROM v WHERE id = 1);
