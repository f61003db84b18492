-- ThanoSQL's statements inside each other, in joins, with parameters, and where they write.
.file pics/cat.png picture black cat
.file pics/dog.jpg picture white dog
.file pics/house.png picture house
CREATE TABLE t(id INTEGER PRIMARY KEY, image_path TEXT, label TEXT);
INSERT INTO t(image_path, label) VALUES ('pics/cat.png', 'cat'), ('pics/dog.jpg', 'dog'), ('pics/house.png', 'dog');
CONVERT USING mini OPTIONS (table_name='t') AS SELECT * FROM t;
-- a step that is the query of a step
EVALUATE USING mini OPTIONS (labels=['cat', 'dog']) AS (SEARCH IMAGE text='cat' USING mini AS (CONVERT USING mini AS SELECT image_path, label FROM t));
SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog', 'house'], top_n=1) AS (PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house']) AS SELECT * FROM t);
SELECT predict_result, n FROM (SELECT predict_result, count(*) AS n FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house']) AS SELECT * FROM t) GROUP BY 1);
-- joins, without and with alias
SELECT a.id, b.predicted, c.search_result FROM t a JOIN (PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house']) AS SELECT * FROM t) b ON a.image_path = b.image_path JOIN (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='cat', top_k=2) AS SELECT id, mini_clip FROM t) c ON c.id = a.id ORDER BY a.id;
SELECT a.predicted, b.predict_result FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog']) AS SELECT image_path FROM t) a JOIN (PREDICT USING mini OPTIONS (labels=['house', 'white']) AS SELECT image_path FROM t) b USING (image_path);
WITH p AS (PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house']) AS SELECT * FROM t) SELECT predicted FROM p;
-- rows from around
SELECT id, (SELECT score FROM (EVALUATE USING mini OPTIONS (labels=['cat', 'dog']) AS (SELECT * FROM t b WHERE b.id <= a.id)) WHERE metric = 'Accuracy') AS so_far FROM t a;
SELECT id, (SELECT keyword FROM (SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog'], top_n=1) AS (SELECT * FROM t b WHERE b.id = a.id))) AS k FROM t a;
-- parameters
.bind 1 cat
.bindn 2 1
SELECT id, search_result FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input=?1) AS (SELECT id, mini_clip FROM t WHERE id > ?2));
.bind 1 white dog
.bindn 2 0
.again
.bindn 1 2
PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house'], result_col='p') AS SELECT id, mini_clip FROM t WHERE id >= ?;
-- where they write
CREATE TABLE said AS SELECT * FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house']) AS SELECT * FROM t);
INSERT INTO said SELECT * FROM (PREDICT USING mini OPTIONS (labels=['black', 'white']) AS SELECT * FROM t);
SELECT * FROM said;
INSERT INTO said(predicted) SELECT search_result FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='cat', top_k=1) AS SELECT mini_clip FROM t) RETURNING predicted;
UPDATE t SET label = (SELECT predict_result FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog', 'house']) AS (SELECT * FROM t)) p WHERE p.id = t.id) WHERE id = 3;
SELECT id, label FROM t;
-- plans
EXPLAIN SELECT predict_result FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog']) AS SELECT * FROM t);
EXPLAIN QUERY PLAN PREDICT USING mini OPTIONS (labels=['cat', 'dog']) AS SELECT * FROM t;
-- not in views and triggers
CREATE VIEW v AS SELECT * FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog']) AS SELECT * FROM t);
CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO said SELECT * FROM (FUNCTION compute.groupby_emb_mean AS SELECT * FROM t); END;
-- a table that changes under a prepared statement
.keep
SELECT count(*) FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog']) AS SELECT * FROM t);
ALTER TABLE t ADD COLUMN more TEXT;
.again
