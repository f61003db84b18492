-- Each form of a statement, and where our statements may stand.
.file a.png picture black cat
.file b.png picture red dog
CREATE TABLE t(id INTEGER PRIMARY KEY, image_path, label);
INSERT INTO t VALUES (1, 'a.png', 'cat'), (2, 'b.png', 'dog');
-- a statement of ours without brackets behind AS
CREATE TABLE a AS CONVERT USING mini AS SELECT * FROM t;
SELECT * FROM a;
SELECT tbl, col, model, dim FROM fovea_columns;
CREATE TABLE IF NOT EXISTS b AS (PREDICT USING mini OPTIONS (labels=['cat', 'dog'], result_col='p') AS SELECT * FROM t);
SELECT * FROM b;
CREATE TEMP TABLE c AS
SEARCH IMAGE text='dog' USING mini OPTIONS (top_k=1) AS CONVERT USING mini AS SELECT image_path FROM t;
SELECT image_path FROM c;
CREATE TABLE d AS (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='cat') AS (SELECT id, image_path FROM t))
SELECT * FROM d
PRINT IMAGE AS SEARCH IMAGE text='dog' USING mini OPTIONS (result_col='s') AS SELECT * FROM t;
EVALUATE USING mini OPTIONS (labels=['cat', 'dog']) AS SEARCH IMAGE text='x' USING mini AS SELECT * FROM t;
SELECT label FROM (FUNCTION compute.groupby_emb_mean AS CONVERT USING mini OPTIONS (result_col='convert_result') AS SELECT * FROM t);
CREATE TABLE e AS LIST TABLE;
CREATE TABLE e2 AS (LIST TABLE);
SELECT * FROM e2;
-- names stay names
CREATE TABLE g AS SELECT 1 AS search, 2 AS convert;
CREATE TABLE h AS SELECT search, convert AS predict FROM g;
CREATE TABLE i AS convert;
CREATE TABLE i AS CONVERT USING mini OPTIONS (table_name='a') AS SELECT * FROM t;
CREATE TABLE i AS CONVERT USING mini AS SELECT nosuch FROM t;
CREATE VIEW v AS CONVERT USING mini AS SELECT * FROM t;
INSERT INTO t CONVERT USING mini AS SELECT * FROM t;
SELECT * FROM CONVERT USING mini AS SELECT * FROM t;
EXPLAIN CREATE TABLE i AS CONVERT USING mini AS SELECT * FROM t;
CREATE TABLE i AS CONVERT;
CREATE TABLE i AS (CONVERT USING mini AS SELECT * FROM t;
CREATE TABLE i AS SEARCH IMAGE;
PRINT IMAGE AS PRINT IMAGE AS SELECT * FROM t;
-- what isn't here
LIST THANOSQL TUTORIAL;
TRANSFORM USING x AS SELECT 1;
PREPROCESS IMAGE USING x OPTIONS (a=1) FROM 'y';
SELECT 1 AS one
PREPROCESS TEXT USING x FROM 'y';
GENERATE USING GPT OPTIONS (task='x', text_col='label', result_col='y') AS SELECT * FROM t;
FUNCTION preprocess.video_to_df OPTIONS (method='split', interval=10) FROM 'x.mp4';
FUNCTION compute.nosuch AS SELECT 1;
PRINT AUDIO AS SELECT 1;
SEARCH VIDEO USING xclip OPTIONS (search_by='text', search_input='x') AS SELECT 1;
GET THANOSQL MODL clip;
GET MODEL clip;
GET DATASET diet;
GET;
SEARCH IMAGE;
SEARCH IMAGE USING mini OPTIONS (search_by='text' search_input='x') AS SELECT * FROM t;
SEARCH IMAGE texts=['a' 'b'] USING mini AS SELECT * FROM t;
DELETE MODEL wied;
GET THANOSQL MODEL mini OPTIONS (model_name='one') AS two;
GET THANOSQL MODEL mini OPTIONS (model_name='one', overwrite=True) AS ONE;
