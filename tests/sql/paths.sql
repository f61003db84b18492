-- Paths that lead nowhere: the error names the path and lies there.
.file data/a.csv id,name
.file pics/note.txt no picture
.file pics/cat.png picture black cat
CREATE TABLE t(id INTEGER, name TEXT);
COPY c FROM 'nosuch.csv';
COPY c FROM 'data/*.tsv';
COPY c
FROM 'data/nosuch/';
COPY t (id, name) FROM 'nosuch.csv' WITH (FORMAT csv);
INSERT INTO t FROM INFILE 'data/a.csv', 'data/b.csv';
INSERT INTO t FROM INFILE 'data/b*.csv' FORMAT CSV;
COPY c FROM 'data';
COPY t OPTIONS (if_exists='append') FROM 'data';
COPY p FROM 'pics';
-- CREATE TABLE … USING
CREATE TABLE v USING mini FROM 'nosuch';
CREATE TABLE v USING mini
  FROM 'nosuch/*.png';
CREATE TABLE v USING mini OPTIONS (path_type='file') FROM 'nosuch.png';
CREATE TABLE v USING mini OPTIONS (path_type='file') FROM 'pics';
CREATE TABLE v USING mini FROM 'pics/cat.png';
CREATE TABLE v USING mini OPTIONS (path_type='glob', file_type=['.jpg']) FROM 'pics/*';
-- a folder without pictures: no table is made, and none replaced
CREATE TABLE v USING mini FROM 'data';
CREATE TABLE v USING mini OPTIONS (file_type=['.jpg']) FROM 'pics';
CREATE TABLE v USING mini FROM 'pics';
CREATE TABLE v USING mini OPTIONS (overwrite=True) FROM 'data';
SELECT count(*) FROM v;
COPY p OPTIONS (overwrite=True) FROM 'data';
SELECT count(*) FROM p;
SELECT count(*) FROM picture_files('data');
SELECT name FROM sqlite_schema WHERE name NOT LIKE 'fovea%' ORDER BY name;
