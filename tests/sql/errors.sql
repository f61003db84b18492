-- What is wrong is said with its place: SQLite's statements and ours.
SELEC 1;
SELECT 1 +;
SELECT
  a,
  nosuch FROM (SELECT 1 AS a);
SELECT * FROM nosuch;
SELECT * FROM main.nosuch;
SELECT nosuch(1);
SELECT '가나', nosuch;
CREATE TABLE t(a); CREATE TABLE t(a);
INSERT INTO t VALUES (1, 2);
CREATE TABLE u(a UNIQUE); INSERT INTO u VALUES (1), (1);
-- headers
SEARCH;
SEARCH TABLES text='x' USING mini AS SELECT 1;
SEARCH IMAGE text='x' USING mini;
SEARCH IMAGE text='x' USING AS SELECT 1;
SEARCH IMAGE text='x' AS SELECT 1;
SEARCH IMAGE text 'x' USING mini AS SELECT 1;
SEARCH IMAGE txt='x' USING mini AS SELECT 1;
SEARCH IMAGE text=[] USING mini AS SELECT 1;
SEARCH IMAGE text=[1, 2] USING mini AS SELECT 1;
SEARCH IMAGE USING mini AS SELECT 1;
SEARCH IMAGE text='x' USING nosuch AS SELECT 1;
SEARCH IMAGE text='x' USING 5 AS SELECT 1;
CONVERT mini AS SELECT 1;
CONVERT USING mini OPTIONS () AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (image_col 'a') AS SELECT 1 AS image_path;
CREATE TABLE x USING mini OPTIONS (path_type='folder');
-- options
SEARCH IMAGE text='x' USING mini OPTIONS (top_k=3) AS SELECT 1 AS path;
CONVERT USING mini OPTIONS (imgcol='a') AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (image_col='a', image_col='b') AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (image_col='nosuch') AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (image_col=3) AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (batch_size='many') AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (batch_size=0) AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (batch_size=1.5) AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (batch_size=-1) AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (batch_size=?) AS SELECT 1 AS image_path;
CONVERT USING mini OPTIONS (overwrite=maybe) AS SELECT 1 AS image_path;
CONVERT USING mini AS SELECT 1 AS n;
CREATE TABLE x USING mini OPTIONS (path_type='tree') FROM '.';
CREATE TABLE x USING mini OPTIONS (data_type='audio') FROM '.';
CREATE TABLE x USING mini OPTIONS (file_type=5) FROM '.';
CREATE TABLE x USING mini OPTIONS (file_type=[]) FROM '.';
CREATE TABLE t USING mini FROM '.';
CREATE TABLE x USING mini FROM 'nosuch';
CREATE TABLE x USING mini OPTIONS (path_type='file') FROM '.';
-- the query inside
SEARCH IMAGE text='x' USING mini AS (SELECT nosuch FROM t);
SEARCH IMAGE text='x' USING mini AS (SELECT * FROM nosuch);
SEARCH IMAGE text='x' USING mini AS (DELETE FROM t);
SEARCH IMAGE text='x' USING mini AS (SELECT * FROM t WHERE);
SEARCH IMAGE text='x' USING mini AS (SELECT a FROM t);
SELECT nosuch FROM (SEARCH IMAGE text='x' USING mini AS (SELECT a AS path FROM t));
SELECT * FROM (SEARCH IMAGE text='x' USING mini AS
  (SELECT a AS path, 한국 FROM t));
SELECT 1 <=>;
SELECT a <=> nosuch FROM t;
SELECT '[1]' <=> '[1,2]';
SELECT 1; SELECT 2 <-> ;
-- running
SEARCH IMAGE image='nosuch.png' USING mini AS (SELECT 'a.png' AS path);
.file bad.png not a picture
SEARCH IMAGE image='bad.png' USING mini AS (SELECT 'a.png' AS path);
SELECT 'after all that';
