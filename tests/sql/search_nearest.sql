-- A SEARCH of which only the best are wanted takes its rows from the vector engine: the same rows as all of it, sorted.
CREATE TABLE photos(id INTEGER PRIMARY KEY, words TEXT, label TEXT, mini_clip vector(16));
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<40) INSERT INTO photos SELECT i, 'w'||(i%7)||' w'||(i%11)||' w'||(i%13), char(97+i%3), NULL FROM c;
UPDATE photos SET mini_clip = embed_text('mini', words) WHERE id % 9 <> 4;
SELECT id, words, mini_clip_similarity1 AS s FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos)) ORDER BY s DESC, id LIMIT 4;
SELECT id, words, mini_clip_similarity1 AS s FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos)) ORDER BY +mini_clip_similarity1 DESC, id LIMIT 4;
SELECT id, label FROM (SEARCH IMAGE text='w3 w5' USING mini AS SELECT * FROM photos WHERE label = 'a') AS x ORDER BY x.mini_clip_similarity1 DESC, id LIMIT 4;
SELECT id, label FROM (SEARCH IMAGE text='w3 w5' USING mini AS SELECT * FROM photos WHERE label = 'a') AS x ORDER BY +x.mini_clip_similarity1 DESC, id LIMIT 4;
.bind 1 w1 w2
.bindn 2 3
SELECT id, words FROM (SEARCH IMAGE texts=['w3', ?1] USING mini AS (SELECT * FROM photos WHERE id > ?2)) ORDER BY mini_clip_similarity2 DESC, id LIMIT ?2;
.bind 1 w5
.bindn 2 2
.again
SELECT label, (SELECT id FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos p WHERE p.label = l.label)) ORDER BY mini_clip_similarity1 DESC, id LIMIT 1) AS best FROM (SELECT DISTINCT label FROM photos) l;
-- how: without an index and with few rows, by reading them
EXPLAIN SELECT id, words, mini_clip_similarity1 AS s FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos)) ORDER BY s DESC, id LIMIT 4;
EXPLAIN SELECT id FROM (SEARCH IMAGE text='w3 w5' USING mini AS SELECT * FROM photos WHERE label = 'a') AS x ORDER BY x.mini_clip_similarity1 DESC, id LIMIT 4;
EXPLAIN SELECT id, words FROM (SEARCH IMAGE texts=['w3', ?1] USING mini AS (SELECT * FROM photos WHERE id > ?2)) ORDER BY mini_clip_similarity2 DESC, id LIMIT ?2;
EXPLAIN SELECT id FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos)) WHERE label = 'a' ORDER BY mini_clip_similarity1 DESC, id LIMIT 4;
EXPLAIN SELECT id FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos LIMIT 10)) ORDER BY mini_clip_similarity1 DESC, id LIMIT 4;
EXPLAIN SELECT id FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos)) ORDER BY mini_clip_similarity1, id LIMIT 4;
EXPLAIN SELECT label, (SELECT id FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos p WHERE p.label = l.label)) ORDER BY mini_clip_similarity1 DESC, id LIMIT 1) AS best FROM (SELECT DISTINCT label FROM photos) l;
-- through an index
.open search.db
CREATE TABLE photos(id INTEGER PRIMARY KEY, words TEXT, label TEXT, mini_clip vector(16));
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<60) INSERT INTO photos SELECT i, 'w'||(i%7)||' w'||(i%11)||' w'||(i%13), char(97+i%3), NULL FROM c;
UPDATE photos SET mini_clip = embed_text('mini', words) WHERE id % 9 <> 4;
CREATE INDEX i ON photos USING hnsw (mini_clip vector_cosine_ops);
SET exact = 1;
SELECT id, words, mini_clip_similarity1 AS s FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos)) ORDER BY s DESC, id LIMIT 4;
SELECT id, words, mini_clip_similarity1 AS s FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos)) ORDER BY +mini_clip_similarity1 DESC, id LIMIT 4;
SELECT id, label FROM (SEARCH IMAGE text='w3 w5' USING mini AS SELECT * FROM photos WHERE label = 'a') AS x ORDER BY x.mini_clip_similarity1 DESC, id LIMIT 4;
SELECT id, label FROM (SEARCH IMAGE text='w3 w5' USING mini AS SELECT * FROM photos WHERE label = 'a') AS x ORDER BY +x.mini_clip_similarity1 DESC, id LIMIT 4;
.bind 1 w1 w2
.bindn 2 3
SELECT id, words FROM (SEARCH IMAGE texts=['w3', ?1] USING mini AS (SELECT * FROM photos WHERE id > ?2)) ORDER BY mini_clip_similarity2 DESC, id LIMIT ?2;
.bind 1 w5
.bindn 2 2
.again
SELECT label, (SELECT id FROM (SEARCH IMAGE text='w3 w5' USING mini AS (SELECT * FROM photos p WHERE p.label = l.label)) ORDER BY mini_clip_similarity1 DESC, id LIMIT 1) AS best FROM (SELECT DISTINCT label FROM photos) l;
-- dialect C cuts the rows itself: its top_k best come from the engine too
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT id, words, mini_clip FROM photos;
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT id, words, mini_clip FROM photos LIMIT 1000;
SELECT id, search_result FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT * FROM photos WHERE label = 'a');
SELECT id, search_result FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT * FROM photos WHERE label = 'a' LIMIT 1000);
SELECT count(*), count(search_result) FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5') AS SELECT * FROM photos);
SELECT count(*), count(search_result) FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=55) AS SELECT * FROM photos);
SELECT id FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT * FROM photos) ORDER BY search_result, id LIMIT 2;
SELECT id FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT * FROM photos) ORDER BY search_result DESC, id LIMIT 9;
SELECT label, (SELECT id FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=1) AS (SELECT * FROM photos p WHERE p.label = l.label))) AS best FROM (SELECT DISTINCT label FROM photos) l;
.bind 1 w1 w2
SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input=?1, top_k=2) AS SELECT id, words, mini_clip FROM photos;
.bind 1 w5
.again
SELECT id, mini_clip_similarity1 FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=2) AS SELECT * FROM photos);
EXPLAIN SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT id, words, mini_clip FROM photos;
EXPLAIN SELECT id FROM (SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=4) AS SELECT * FROM photos WHERE label = 'a');
EXPLAIN SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5', top_k=None) AS SELECT id, words, mini_clip FROM photos;
EXPLAIN SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='w3 w5') AS SELECT id, words, mini_clip FROM photos LIMIT 50;
