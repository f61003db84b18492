-- The nearest name of a step's columns, as any dialect calls them; models; views.
CREATE TABLE photos(id, image_path, embedding);
SELECT search_reslt FROM (SEARCH IMAGE text='x' USING mini AS SELECT image_path FROM photos);
SELECT image_path FROM (SEARCH IMAGE text='x' USING mini AS SELECT image_path FROM photos) WHERE serch_result > 0;
SELECT mini_clip_similarity FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='x') AS SELECT image_path FROM photos);
SELECT tutorial_search_clip_clipn FROM (CONVERT USING mini AS SELECT image_path FROM photos);
SELECT convert_reslt FROM (CONVERT USING mini AS SELECT image_path FROM photos);
SELECT predict_reslt FROM (PREDICT USING mini OPTIONS (labels=['a', 'b']) AS SELECT image_path FROM photos);
SELECT predictd FROM (PREDICT USING mini OPTIONS (labels=['a', 'b'], result_col='p') AS SELECT image_path FROM photos);
SELECT image_pth FROM (SEARCH IMAGE text='x' USING mini AS SELECT image_path FROM photos);
SELECT keywrd FROM (SEARCH KEYWORD USING mini AS SELECT image_path FROM photos);
SELECT search_reslt FROM (CONVERT USING mini AS SELECT * FROM (SEARCH IMAGE text='x' USING mini AS SELECT image_path FROM photos));
-- models
SET model = 'MINI';
SET model = 'Mnii';
SEARCH IMAGE text='x' USING MINI AS SELECT image_path FROM photos;
SELECT embed_text('Mini', 'x');
-- a view runs no model
CREATE VIEW v AS CONVERT USING mini AS SELECT image_path FROM photos;
CREATE VIEW v AS (SEARCH IMAGE text='x' USING mini AS SELECT image_path FROM photos);
CREATE TEMP VIEW v(a, b) AS PREDICT USING mini OPTIONS (labels=['a']) AS SELECT image_path FROM photos;
CREATE VIEW IF NOT EXISTS main.v AS SELECT * FROM (SEARCH IMAGE text='x' USING mini AS SELECT image_path FROM photos);
CREATE VIEW v AS SELECT convert FROM (SELECT 1 AS convert);
SELECT * FROM v;
