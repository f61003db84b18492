-- PREDICT and EVALUATE with words as labels, in ThanoSQL's dialects.
.file diet/1.jpg picture apple pie
.file diet/2.jpg picture soup
.file diet/3.jpg picture sandwich
.file diet/4.jpg picture 사과파이
.file diet/5.jpg picture soup apple
.file diet/broken.jpg nothing
CREATE TABLE diet(image_path TEXT, label TEXT);
INSERT INTO diet VALUES ('diet/1.jpg', 'pie'), ('diet/2.jpg', 'soup'), ('diet/3.jpg', 'sandwich'), ('diet/4.jpg', '사과파이'), ('diet/5.jpg', 'pie'), ('diet/broken.jpg', 'soup'), (NULL, NULL);
-- A: image_path, predicted
PREDICT USING mini OPTIONS (labels=['pie', 'soup', 'sandwich', '사과파이']) AS SELECT * FROM diet;
SELECT A.image_path, A.label, B.predicted FROM diet A LEFT JOIN (SELECT * FROM (PREDICT USING mini OPTIONS (labels=['pie', 'soup', 'sandwich', '사과파이']) AS SELECT * FROM diet)) B ON A.image_path = B.image_path WHERE A.label = B.predicted AND A.label LIKE '사과파이' LIMIT 10;
-- C: q's columns and predict_result, or result_col
PREDICT USING mini OPTIONS (labels=['pie', 'soup'], image_col='image_path', result_col='predict_result') AS SELECT * FROM diet WHERE label = 'soup';
PREDICT USING mini OPTIONS (labels=['pie', 'soup'], column_name='p') AS SELECT rowid AS id, image_path FROM diet LIMIT 2;
SET thanosql_dialect = 'C';
PREDICT USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet LIMIT 2;
RESET thanosql_dialect;
-- names of the other dialect
SELECT * FROM (PREDICT USING mini OPTIONS (labels=['pie', 'soup', 'sandwich', '사과파이']) AS SELECT * FROM diet) WHERE label = predict_result AND label LIKE '사과파이' LIMIT 10;
SELECT predicted FROM (PREDICT USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet LIMIT 1) SETTINGS thanosql_dialect = 'C';
SELECT predicted, predict_result, label FROM (PREDICT USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet LIMIT 1);
SELECT d.label, (SELECT predict_result FROM (PREDICT USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet) p WHERE p.image_path = d.image_path) AS said FROM diet d LIMIT 3;
EVALUATE USING mini OPTIONS (labels=['pie', 'soup']) AS (SELECT image_path, predict_result AS label FROM (PREDICT USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet LIMIT 3));
SELECT d.label, p.predict_result FROM diet d JOIN (PREDICT USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT rowid AS id, * FROM diet) p USING (image_path, label) LIMIT 1;
SELECT * FROM (PREDICT USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet LIMIT 2) ORDER BY label DESC;
-- templates: one, several, and their other name
PREDICT USING mini OPTIONS (labels=['pie', 'soup'], template='a photo of {}') AS SELECT image_path FROM diet LIMIT 1;
PREDICT USING mini OPTIONS (labels=['pie', 'soup'], prompt=['{} on a plate', '{}, {}']) AS SELECT image_path FROM diet LIMIT 1;
-- vectors that are there are used, unless pictures are asked for
CONVERT USING mini OPTIONS (table_name='diet') AS SELECT * FROM diet;
.embedded
PREDICT USING mini OPTIONS (labels=['pie', 'soup', 'sandwich', '사과파이'], batch_size=4, input_size=224) AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=['soup'], emb_col='mini_clip') AS SELECT label, mini_clip FROM diet LIMIT 1;
PREDICT USING mini OPTIONS (labels=['soup', 'pie'], image_col='other') AS SELECT 'diet/2.jpg' AS other, mini_clip FROM diet LIMIT 1;
EXPLAIN PREDICT USING mini OPTIONS (labels=['soup', 'pie']) AS SELECT * FROM diet;
-- EVALUATE: rows metric, score
EVALUATE USING mini OPTIONS (labels=['pie', 'soup', 'sandwich', '사과파이'], label_col='label') AS SELECT * FROM diet;
EVALUATE USING mini OPTIONS (labels=['pie', 'soup', 'sandwich'], target='label', image_col='image_path') AS SELECT * FROM diet;
EVALUATE USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet WHERE label = 'soup';
EVALUATE USING mini OPTIONS (labels=['pie', 'soup']) AS SELECT * FROM diet WHERE 0;
SELECT score FROM (EVALUATE USING mini OPTIONS (labels=['pie', 'soup', 'sandwich', '사과파이']) AS SELECT * FROM diet) WHERE metric = 'Accuracy';
EXPLAIN EVALUATE USING mini OPTIONS (labels=['soup', 'pie']) AS SELECT * FROM diet;
-- what is wrong
PREDICT USING mini AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=[]) AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=['a', 'b', 'a']) AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=[1, 2]) AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=['a'], template='a photo') AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (label=['a']) AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=['a'], image_col='imagepath') AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=['a'], question='what?') AS SELECT * FROM diet;
PREDICT USING twin OPTIONS (labels=['a'], emb_col='mini_clip') AS SELECT * FROM diet;
PREDICT USING mini OPTIONS (labels=['a']) AS SELECT label FROM diet;
SELECT nosuch FROM (PREDICT USING mini OPTIONS (labels=['a']) AS SELECT * FROM diet);
SELECT predicted FROM (PREDICT USING mini OPTIONS (labels=['a'], result_col='p') AS SELECT * FROM diet);
EVALUATE USING mini OPTIONS (label_col='label') AS SELECT * FROM diet;
EVALUATE USING mini OPTIONS (labels=['a']) AS SELECT image_path FROM diet;
EVALUATE USING mini OPTIONS (labels=['a'], label_col='labels') AS SELECT * FROM diet;
