-- What is wrong with a SEARCH or a CONVERT, and where.
.file pics/cat.png picture black cat
.file bad.png not a picture
CREATE TABLE t(image_path TEXT, text TEXT);
INSERT INTO t VALUES ('pics/cat.png', 'cat');
-- media
SEARCH AUDIO USING mini AS SELECT * FROM t;
SEARCH VIDEO text='x' USING mini AS SELECT * FROM t;
SEARCH TEXT USING mini OPTIONS (search_by='text', search_input='x') AS SELECT * FROM t;
SEARCH IMAGE USING mini OPTIONS (search_by='audio', search_input='x.wav') AS SELECT * FROM t;
SEARCH IMAGE USING mini OPTIONS (search_by='video', search_input='x.mp4') AS SELECT * FROM t;
-- what is looked for
SEARCH IMAGE image='a black cat' USING mini AS SELECT * FROM t;
SEARCH IMAGE images=['pics/cat.png', 'nosuch.png'] USING mini AS SELECT * FROM t;
SEARCH IMAGE USING mini OPTIONS (search_by='image', search_input='a black cat') AS SELECT * FROM t;
SEARCH IMAGE image='bad.png' USING mini AS SELECT * FROM t;
SEARCH IMAGE image='.' USING mini AS SELECT * FROM t;
SEARCH IMAGE USING mini AS SELECT * FROM t;
SEARCH IMAGE USING mini OPTIONS (search_by='text') AS SELECT * FROM t;
SEARCH IMAGE USING mini OPTIONS (search_input='cat') AS SELECT * FROM t;
SEARCH IMAGE USING mini OPTIONS (search_by='words', search_input='cat') AS SELECT * FROM t;
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input=['cat', 'dog']) AS SELECT * FROM t;
SEARCH IMAGE text='cat' USING mini OPTIONS (search_by='text', search_input='cat') AS SELECT * FROM t;
SEARCH IMAGE txt='cat' USING mini AS SELECT * FROM t;
SEARCH IMAGE text=5 USING mini AS SELECT * FROM t;
.bindnull 1
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input=?) AS SELECT * FROM t;
-- options
SEARCH IMAGE text='x' USING mini OPTIONS (topk=3) AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (column='x') AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (top_k=0) AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (top_k='many') AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (top_k=1.5) AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (top_k=?) AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (result_col='a', column_name='b') AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (result_col=5) AS SELECT * FROM t;
-- vectors
SEARCH IMAGE text='x' USING mini OPTIONS (emb_col='convert_results') AS SELECT *, NULL AS convert_result FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (emb_col='text') AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (emb_col='v') AS SELECT '[1, 2]' AS v;
SEARCH IMAGE text='x' USING mini OPTIONS (emb_col='v') AS SELECT 5 AS v;
SEARCH IMAGE text='x' USING twin OPTIONS (emb_col='convert_result') AS (CONVERT USING mini OPTIONS (result_col='convert_result') AS SELECT * FROM t);
SEARCH IMAGE text='x' USING wide AS SELECT * FROM (CONVERT USING mini OPTIONS (result_col='wide_clip') AS SELECT image_path FROM t);
SEARCH IMAGE text='x' USING mini AS SELECT text FROM t;
SEARCH IMAGE text='x' USING no_such_model AS SELECT * FROM t;
SEARCH IMAGE text='x' USING tutorial_search_clip AS SELECT * FROM t;
SEARCH IMAGE images='x' USING tutorial_search_simclr AS SELECT * FROM t;
SEARCH KEYWORD USING sbert_ko OPTIONS (text_col='text') AS SELECT * FROM t;
-- CONVERT
CONVERT USING mini OPTIONS (convert_type='audio') AS SELECT * FROM t;
CONVERT USING mini OPTIONS (convert_type='text', text_col='txt') AS SELECT * FROM t;
CONVERT USING mini OPTIONS (convert_type='text') AS SELECT image_path FROM t;
CONVERT USING mini OPTIONS (image_col='image') AS SELECT * FROM t;
CONVERT USING mini OPTIONS (batch_size=0) AS SELECT * FROM t;
CONVERT USING mini OPTIONS (column_nam='x') AS SELECT * FROM t;
CONVERT USING mini OPTIONS (table_name='sqlite_x') AS SELECT * FROM t;
SELECT * FROM (CONVERT USING mini OPTIONS (table_name='x') AS SELECT * FROM t);
SELECT nosuch FROM (CONVERT USING mini AS SELECT * FROM t);
CONVERT USING mini AS SELECT * FROM nosuch;
-- CREATE TABLE … USING … FROM
CREATE TABLE x USING mini OPTIONS (data_type='audio') FROM 'pics';
CREATE TABLE x USING mini OPTIONS (data_type='video') FROM 'pics';
CREATE TABLE x USING mini OPTIONS (data_type='text') FROM 'pics';
CREATE TABLE x USING mini OPTIONS (path_type='glob') FROM 'pics/*.gif';
CREATE TABLE x USING mini FROM 'pics/*.gif';
CREATE TABLE x USING mini OPTIONS (path_type='glob') FROM 'pics/*.png';
SELECT * FROM x;
CREATE TABLE y USING mini FROM 'pics/c?t.*';
SELECT * FROM y;
-- options of the documents for what isn't here
PREDICT USING mini OPTIONS (question='Is there a cat?', result_col='predict_result') AS SELECT * FROM t;
SEARCH IMAGE text='x' USING mini OPTIONS (text_col='text') AS SELECT * FROM t;
PRINT IMAGE OPTIONS (video_col='v') AS SELECT * FROM t;
PRINT IMAGE OPTIONS (audio_col='v') AS SELECT * FROM t;
PREDICT USING mini OPTIONS (task='sentiment') AS SELECT * FROM t;
