-- WHERE, ORDER BY and LIMIT behind a step that is a statement, its query in brackets.
.file pics/cat.png picture black cat
.file pics/dog.jpg picture white dog
.file pics/house.png picture house
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT);
INSERT INTO photos(image_path) VALUES ('pics/cat.png'), ('pics/dog.jpg'), ('pics/house.png');
SEARCH IMAGE text='a white dog' USING mini AS (SELECT * FROM photos) ORDER BY mini_clip_similarity1 DESC LIMIT 1;
SEARCH IMAGE text='a white dog' USING mini AS (SELECT * FROM photos) WHERE id > 1 ORDER BY id DESC;
SEARCH IMAGE text='a white dog' USING mini AS (SELECT * FROM photos) WHERE search_result > 0.99;
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='a house', top_k=3) AS (SELECT id FROM (SELECT * FROM photos)) LIMIT 0;
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='a house', top_k=2) AS (SELECT id, image_path FROM photos) ORDER BY id LIMIT 1 OFFSET 0 FORMAT JSONEachRow;
SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog', 'house'], top_n=1) AS (SELECT * FROM photos) ORDER BY id DESC FETCH FIRST 1 ROWS ONLY;
CONVERT USING mini AS (SELECT id, image_path FROM photos) WHERE vector_dims(mini_clip) = 1;
PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house']) AS (SELECT * FROM photos) WHERE predicted = 'dog';
LIST TABLE WHERE table_name LIKE 'p%';
LIST THANOSQL DATASET ORDER BY name DESC LIMIT 1;
CREATE TABLE best AS SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos) ORDER BY mini_clip_similarity1 DESC LIMIT 1;
SELECT image_path FROM best;
EXPLAIN SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos) ORDER BY id;
-- two statements without a semicolon
SEARCH IMAGE text='a cat' USING mini AS (SELECT id, image_path FROM photos) LIMIT 1
SELECT count(*) FROM photos WHERE id > 1;
-- without brackets the clauses are the query's own
SEARCH IMAGE text='a cat' USING mini AS SELECT id, image_path FROM photos ORDER BY id DESC LIMIT 1;
-- places are those of the text as written, before and while it runs
SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos) WHERE nosuch = 1;
SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos)
ORDER BY id LIMIT 1 2;
SEARCH IMAGE image='nosuch.png' USING mini AS (SELECT * FROM photos) LIMIT 1;
SELECT * FROM (SEARCH IMAGE image='nosuch.png' USING mini AS (SELECT * FROM photos)) LIMIT 1;
-- what needs its own SELECT
SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos) GROUP BY id;
SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos) JOIN photos;
CONVERT USING mini AS SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos) LIMIT 1;
CONVERT USING mini OPTIONS (table_name='photos') AS (SELECT * FROM photos) LIMIT 1;
SEARCH IMAGE text='a cat' USING mini AS (SELECT * FROM photos LIMIT 1;
LIST TABLE WHERE;
