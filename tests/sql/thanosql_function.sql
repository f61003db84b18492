-- FUNCTION compute.groupby_emb_mean and compute.similarity.
.file pics/cat1.png picture black cat
.file pics/cat2.png picture white cat
.file pics/dog1.jpg picture dog
.file pics/dog2.jpg picture dog house
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT, label TEXT);
INSERT INTO photos(image_path, label) VALUES ('pics/dog1.jpg', 'dog'), ('pics/cat1.png', 'cat'), ('pics/cat2.png', 'cat'), ('pics/dog2.jpg', NULL), (NULL, 'none');
CONVERT USING mini OPTIONS (table_name='photos', result_col='convert_result') AS SELECT * FROM photos;
FUNCTION compute.groupby_emb_mean OPTIONS (label_col='label', emb_col='convert_result', result_col='emb_mean_result') AS SELECT * FROM photos;
CREATE TABLE means AS SELECT * FROM (FUNCTION compute.groupby_emb_mean AS (SELECT * FROM photos));
SELECT tbl, col, model FROM fovea_columns WHERE tbl = 'means';
FUNCTION compute.similarity OPTIONS (emb_col='convert_result', src_table='means', src_emb_col='emb_mean_result', src_label_col='label', top_k=1, result_col='similarity_result') AS SELECT id, convert_result FROM photos;
SELECT id, near FROM (FUNCTION compute.similarity OPTIONS (src_table=means, top_k=5, result_col=near) AS SELECT * FROM photos) WHERE id < 4;
SEARCH IMAGE text='cat' USING mini OPTIONS (emb_col='emb_mean_result') AS SELECT label, emb_mean_result FROM means;
-- labels of any type, vectors as text
FUNCTION compute.groupby_emb_mean OPTIONS (label_col=n, emb_col=v, result_col=m) AS SELECT 2 AS n, '[1, 2]' AS v UNION ALL SELECT 10, '[3, 4]' UNION ALL SELECT 2, '[3, 4]' UNION ALL SELECT 'a', '[0, 1]' UNION ALL SELECT 2.0, '[5, 6]' UNION ALL SELECT '2', '[9, 9]';
FUNCTION compute.groupby_emb_mean OPTIONS (label_col=n, emb_col=v) AS SELECT 2 AS n, NULL AS v;
CREATE TABLE plain AS SELECT 1 AS label, '[1, 0]' AS emb_mean_result UNION ALL SELECT 2.5, '[0, 1]' UNION ALL SELECT 'x', '[1, 1]' UNION ALL SELECT NULL, '[1, 1]';
FUNCTION compute.similarity OPTIONS (emb_col=v, src_table=plain, top_k=2) AS SELECT '[1, 0.1]' AS v UNION ALL SELECT '[0, 1]' UNION ALL SELECT NULL UNION ALL SELECT '[0, 0]';
FUNCTION compute.similarity OPTIONS (emb_col=v, src_table=plain) AS SELECT '[1, 0.1]' AS v;
EXPLAIN FUNCTION compute.groupby_emb_mean AS SELECT * FROM photos;
EXPLAIN FUNCTION compute.similarity OPTIONS (src_table=means) AS SELECT * FROM photos;
-- what is wrong
FUNCTION compute.mean AS SELECT * FROM photos;
FUNCTION compute.similarty OPTIONS (src_table=means) AS SELECT * FROM photos;
FUNCTION preprocess.video_to_df OPTIONS (method='split', interval=10) FROM 'video.mp4';
FUNCTION compute.similarity OPTIONS (src_table=means) FROM 'x';
FUNCTION compute.similarity AS SELECT * FROM photos;
FUNCTION compute.similarity OPTIONS (src_table='nosuch') AS SELECT * FROM photos;
FUNCTION compute.similarity OPTIONS (src_table=means, src_emb_col='emb_mean') AS SELECT * FROM photos;
FUNCTION compute.similarity OPTIONS (src_table=photos) AS SELECT * FROM photos;
FUNCTION compute.similarity OPTIONS (src_table=means, emb_col='convertresult') AS SELECT * FROM photos;
FUNCTION compute.similarity OPTIONS (src_table=means) AS SELECT id FROM photos;
FUNCTION compute.similarity OPTIONS (src_table=plain) AS SELECT * FROM photos;
FUNCTION compute.similarity OPTIONS (src_table=means, top_k=0) AS SELECT * FROM photos;
CONVERT USING twin OPTIONS (table_name='other', result_col='convert_result') AS SELECT image_path FROM photos;
FUNCTION compute.similarity OPTIONS (src_table=means) AS SELECT * FROM other;
FUNCTION compute.groupby_emb_mean OPTIONS (label='label') AS SELECT * FROM photos;
FUNCTION compute.groupby_emb_mean AS SELECT id, convert_result FROM photos;
FUNCTION compute.groupby_emb_mean AS SELECT id, label FROM photos;
FUNCTION compute.groupby_emb_mean OPTIONS (emb_col=v) AS SELECT 'a' AS label, '[1]' AS v UNION ALL SELECT 'a', '[1, 2]';
FUNCTION compute.groupby_emb_mean OPTIONS (emb_col=v) AS SELECT 'a' AS label, 'x' AS v;
