-- SEARCH IMAGE in ThanoSQL's dialects A, B and C.
.file pics/cat.png picture black cat
.file pics/dog.jpg picture white dog
.file pics/house.png picture house
.file pics/broken.png nothing
CREATE TABLE photos(photo_id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO photos(image_path) VALUES ('pics/cat.png'), ('pics/dog.jpg'), ('pics/house.png'), ('pics/broken.png'), (NULL);
CREATE TABLE fovea_model_names(name TEXT PRIMARY KEY COLLATE NOCASE, class_name TEXT, source TEXT, updated TEXT);
INSERT INTO fovea_model_names VALUES ('tutorial_search_clip', 'CLIPEn', 'mini', ''), ('my_image_search_model', 'SimCLR', 'mini', '');
-- A: all rows in q's order; the vector column is found by the model's name
CONVERT USING tutorial_search_clip OPTIONS (image_col="image_path", table_name="photos", batch_size=128) AS SELECT * FROM photos;
SEARCH IMAGE text="black cat" USING tutorial_search_clip AS SELECT * FROM photos;
SEARCH IMAGE texts=['black cat', 'white dog'] USING tutorial_search_clip AS SELECT photo_id, tutorial_search_clip_clipen FROM photos;
SELECT image_path, tutorial_search_clip_clipen_similarity1 FROM (SEARCH IMAGE text="white dog" USING tutorial_search_clip AS SELECT * FROM photos) ORDER BY tutorial_search_clip_clipen_similarity1 DESC LIMIT 2;
.embedded
-- CLIP's other name finds the same columns
SELECT image_path, tutorial_search_clip_clip_similarity1 FROM (SEARCH IMAGE text='house' USING tutorial_search_clip AS SELECT * FROM photos) WHERE tutorial_search_clip_clip_similarity1 > 0.5;
SELECT image_path, search_result FROM (SEARCH IMAGE text='house' USING tutorial_search_clip AS SELECT * FROM photos) s WHERE s.search_result > 0.5;
-- A with SimCLR, by picture; PRINT's rows are q's
CONVERT USING my_image_search_model OPTIONS (table_name= "mnist_test", image_col="image_path") AS SELECT * FROM photos WHERE photo_id < 4;
SEARCH IMAGE images='pics/dog.jpg' USING my_image_search_model AS SELECT image_path, my_image_search_model_simclr FROM mnist_test;
PRINT IMAGE AS (SELECT image_path, my_image_search_model_simclr_similarity1 FROM (SEARCH IMAGE images='pics/dog.jpg' USING my_image_search_model AS SELECT * FROM mnist_test) ORDER BY my_image_search_model_simclr_similarity1 DESC LIMIT 2);
-- without vectors: pictures
SEARCH IMAGE image=['pics/cat.png'] USING mini AS SELECT image_path FROM photos WHERE photo_id < 3;
SEARCH IMAGE text=cat USING mini AS SELECT 'pics/cat.png' AS image;
SEARCH IMAGE text='cat' USING mini OPTIONS (image_col=file) AS SELECT 'nosuch.png' AS path, 'pics/cat.png' AS file;
SEARCH IMAGE text='cat' AS SELECT 'pics/cat.png' AS path;
-- B: column_name, emb_col; neither sorted nor cut
CONVERT USING mini OPTIONS (image_col="image_path", convert_type="image", table_name="unsplash", column_name="convert_result") AS SELECT * FROM photos WHERE photo_id < 4;
SEARCH IMAGE text="house" USING mini OPTIONS (emb_col="convert_result", column_name="search_result") AS SELECT * FROM unsplash;
SEARCH IMAGE texts=["house", "dog"] USING mini OPTIONS (emb_col="convert_result", column_name="r") AS SELECT photo_id, convert_result FROM unsplash;
SEARCH IMAGE image="pics/house.png" USING mini OPTIONS (emb_col="convert_result") AS SELECT photo_id, convert_result FROM unsplash;
SELECT mini_clip_similarity1 FROM (SEARCH IMAGE image="pics/house.png" USING mini OPTIONS (emb_col="convert_result") AS SELECT photo_id, convert_result FROM unsplash) WHERE photo_id = 3;
SEARCH IMAGE USING mini OPTIONS (search_input_type="image", search_input="pics/house.png", emb_col="convert_result", column_name="search_result") AS SELECT photo_id, convert_result FROM unsplash;
-- C: sorted, cut at top_k
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='house', emb_col='convert_result', result_col='search_result') AS SELECT * FROM unsplash;
SEARCH IMAGE USING mini OPTIONS (search_by='image', search_input='pics/dog.jpg', top_k=2) AS SELECT photo_id, image_path, convert_result FROM unsplash;
SEARCH IMAGE USING mini OPTIONS (search_by='image', search_input='pics/dog.jpg', top_k=None) AS SELECT photo_id, image_path FROM photos;
SELECT photo_id, search_result FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='black', top_k=1) AS SELECT * FROM unsplash);
PRINT IMAGE AS (SELECT image_path, search_result FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='black cat', emb_col='convert_result', result_col='search_result', top_k=2) AS SELECT * FROM unsplash));
SELECT image_path, mini_clip_similarity1 FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='black cat', top_k=1) AS SELECT * FROM unsplash);
SELECT u.photo_id, s.score FROM unsplash u JOIN (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='black cat', result_col='score', top_k=2) AS (SELECT photo_id, convert_result FROM unsplash)) s USING (photo_id) ORDER BY s.score DESC;
CREATE TABLE kept AS SELECT * FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='dog', top_k=2) AS SELECT photo_id, convert_result FROM unsplash);
SELECT photo_id, search_result FROM kept;
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='white', top_k=1) AS (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='dog', top_k=2, result_col='first') AS SELECT photo_id, convert_result FROM unsplash);
.bind 1 black cat
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input=?, top_k=1) AS SELECT photo_id, convert_result FROM unsplash;
.bind 1 house
.again
-- more inputs, sorted by the best of them
SEARCH IMAGE texts=['dog', 'house'] USING mini OPTIONS (top_k=2) AS SELECT photo_id, convert_result FROM unsplash;
SELECT photo_id FROM (SEARCH IMAGE texts=['dog', 'house'] USING mini OPTIONS (top_k=2) AS SELECT photo_id, convert_result FROM unsplash) ORDER BY mini_clip_similarity2 DESC LIMIT 1;
EXPLAIN SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='house', top_k=3) AS SELECT * FROM unsplash;
-- the session's dialect, where the text doesn't tell
SET thanosql_dialect = 'B';
SEARCH IMAGE text='house' USING mini AS SELECT photo_id, convert_result FROM unsplash WHERE photo_id = 3;
RESET thanosql_dialect;
-- texts are searched as pictures are
CREATE TABLE titles AS SELECT 1 AS id, 'black cat' AS text UNION ALL SELECT 2, 'white dog' UNION ALL SELECT 3, NULL;
SEARCH IMAGE USING mini OPTIONS (search_by='image', search_input='pics/dog.jpg') AS (CONVERT USING mini OPTIONS (convert_type='text') AS SELECT * FROM titles);
