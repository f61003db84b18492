-- encode_text('…') and encode_image('…') take the model of the vector beside them, else the setting, else mini.
.file cat.png picture black cat
.file dog.png picture white dog
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO photos(image_path) VALUES ('cat.png'), ('dog.png');
CREATE TABLE p AS SELECT * FROM (CONVERT USING wide AS (SELECT * FROM photos));
SELECT col, model, dim FROM fovea_columns;
SELECT id, round(cosineDistance(wide_clip, encode_text('black cat')), 3) AS d FROM p ORDER BY id;
SELECT id FROM p ORDER BY cosineDistance(wide_clip, encode_text('white dog')) LIMIT 1;
SELECT id FROM p ORDER BY encode_image('cat.png') <=> wide_clip LIMIT 1;
SELECT id, wide_clip <=> encode_text('black cat') < 0.01 FROM p;
.bind 1 white dog
SELECT id FROM p x ORDER BY cosineDistance(x.wide_clip, encode_text(?)) LIMIT 1;
SELECT id FROM p ORDER BY wide_clip <=> (encode_text('black') + encode_text('cat')) LIMIT 1;
SELECT id FROM p ORDER BY wide_clip <=> encode_text('black') + embed_text('wide', 'cat') LIMIT 1;
SELECT id FROM (SELECT * FROM p) ORDER BY cosineDistance(wide_clip, (SELECT encode_text('white ' || 'dog'))) LIMIT 1;
SELECT id FROM (CONVERT USING twin AS (SELECT * FROM photos)) ORDER BY cosineDistance(twin_clip, encode_text('white dog')) LIMIT 1;
SELECT dotProduct(embed_text('twin', 'cat'), encode_text('cat')) = 1 AS same, dotProduct(encode_text('wide', 'cat'), embed_text('wide', 'cat')) = 1 AS named;
EXPLAIN SELECT id FROM p ORDER BY cosineDistance(wide_clip, encode_text('cat')) LIMIT 10;
EXPLAIN SELECT id FROM p WHERE L2Distance(wide_clip, encode_image('cat.png')) < 1 ORDER BY encode_text('cat') <-> wide_clip LIMIT 1;
SELECT encode_text(NULL) IS NULL, encode_image(NULL) IS NULL, cosineDistance(wide_clip, encode_text(NULL)) IS NULL FROM p LIMIT 1;
-- without a column
SELECT vector_dims(encode_text('cat')) AS mini, encode_text('cat') = embed_text('mini', 'cat') AS same;
SET model = 'wide';
SHOW model;
SELECT vector_dims(encode_text('cat')) AS wide;
SELECT vector_dims(encode_text('cat')) AS twin, encode_text('cat') = embed_text('twin', 'cat') AS same SETTINGS model = 'twin';
SELECT id FROM p ORDER BY cosineDistance(wide_clip, encode_text('white dog')) LIMIT 1 SETTINGS model = 'mini';
BEGIN;
SET LOCAL model = mini;
SELECT vector_dims(encode_image('cat.png')) AS mini;
COMMIT;
SELECT vector_dims(encode_image('cat.png')) AS wide;
SET model = "it's";
SHOW model;
SELECT name, value, fallback, type FROM fovea_settings() WHERE name = 'model';
SELECT encode_text('cat');
RESET model;
SELECT value = '' FROM fovea_settings() WHERE name = 'model';
-- a column of no known model
CREATE TABLE laion(id INTEGER PRIMARY KEY, image_embedding BLOB, v vector(3));
SELECT id FROM laion ORDER BY cosineDistance(image_embedding, encode_text('cat')) LIMIT 1;
INSERT INTO laion(image_embedding) VALUES (NULL), (embed_text('wide', 'cat')), (embed_text('wide', 'dog'));
SELECT id FROM laion ORDER BY cosineDistance(image_embedding, encode_text('dog')) LIMIT 1;
SELECT id FROM laion ORDER BY cosineDistance(v, encode_text('dog')) LIMIT 1;
SELECT id FROM laion ORDER BY cosineDistance(image_embedding, encode_text('dog')) LIMIT 1 SETTINGS model = 'wide';
SET model TO wide;
SELECT id FROM laion ORDER BY cosineDistance(image_embedding, encode_text('dog')) LIMIT 1;
RESET ALL;
SELECT id FROM laion ORDER BY cosineDistance(image_embedding, encode_text('wide', 'dog')) LIMIT 1;
-- wrong
SELECT id FROM p ORDER BY cosineDistance(wide_clip, encode_text('mini', 'cat')) LIMIT 1;
SELECT encode_text();
SELECT encode_text('a', 'b', 'c');
SELECT encode_text(1, 'b');
SELECT encode_image('nosuch.png');
SELECT encode_text('cat') SETTINGS model = 3;
SET model = 3;
CREATE VIEW w AS SELECT encode_text('cat') AS v;
SELECT * FROM w;
CREATE INDEX i ON photos(encode_text(image_path));
.file encode_function.xml <functions><function><type>executable</type><name>encode_text</name><return_type>Array(Float32)</return_type><argument><type>String</type></argument><format>TabSeparated</format><command>while read l; do echo '[1,2,3]'; done</command><execute_direct>0</execute_direct></function></functions>
LOAD FUNCTIONS FROM 'encode_function.xml';
SELECT vector_dims(encode_text('cat')) AS theirs;
INSERT INTO laion(v) VALUES ('[1,2,3]');
SELECT v <=> encode_text('cat') AS d FROM laion WHERE v IS NOT NULL;
.embedded
-- a model that there is none of is refused where it is set
SET model = 'wid';
SET model TO Twine;
SET LOCAL model = nosuch;
SET model = 'openai/clip-vit-base-patch16';
SET model = '';
SHOW model;
SELECT 1 SETTINGS model = 'minni';
SELECT encode_text('cat') SETTINGS ef_search = 3, model = 'lage', exact = 1;
