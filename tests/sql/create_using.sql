-- CREATE TABLE … USING model FROM files.
.file pics/cat.png picture black cat
.file pics/more/dog.jpg picture white dog
.file pics/more/notes.txt picture of nothing
.file pics/.hidden/x.png picture x
.file pics/broken.png nothing
CREATE TABLE a USING mini FROM 'pics';
SELECT * FROM a;
SELECT * FROM fovea_columns;
SELECT sql FROM sqlite_schema WHERE name = 'a';
CREATE TABLE a USING mini FROM 'pics';
CREATE TABLE IF NOT EXISTS a USING mini OPTIONS (overwrite=True, path_type='folder', data_type='image', file_type=['.JPG', 'txt'], batch_size=4) FROM "pics";
SELECT * FROM a;
CREATE TABLE one USING mini OPTIONS (path_type='file') FROM 'pics/cat.png';
SELECT * FROM one;
CREATE TABLE none USING mini OPTIONS (file_type=['.gif']) FROM 'pics';
SELECT count(*) FROM none;
CREATE TABLE b USING mini OPTIONS (path_type='file') FROM 'pics';
CREATE TABLE b USING mini FROM 'pics/cat.png';
CREATE TABLE b USING mini FROM 'it''s';
SELECT path FROM picture_files('pics');
SELECT path FROM picture_files('pics', '["png"]') WHERE path LIKE '%cat%';
SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM one);
CREATE TABLE IF NOT EXISTS one USING mini FROM 'pics';
CREATE TEMP TABLE two USING mini FROM 'pics';
CREATE TABLE main.two USING mini FROM 'pics';
CREATE TABLE two USING mini OPTIONS (overwrite=True, path_type='file') FROM 'pics/cat.png';
.again
SELECT * FROM two;
