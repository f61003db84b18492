-- EXPLAIN of ours shows the steps; EXPLAIN QUERY PLAN is SQLite's.
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT, mini_clip BLOB);
EXPLAIN SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos);
EXPLAIN SELECT id FROM (SEARCH IMAGE images=['a', 'b'] USING twin AS (SELECT * FROM (CONVERT USING mini AS (SELECT id, image_path FROM photos)))) WHERE id = ?;
EXPLAIN CONVERT USING mini OPTIONS (table_name='photos') AS SELECT * FROM photos;
SELECT count(*) AS columns FROM pragma_table_info('photos');
EXPLAIN SELECT id FROM photos ORDER BY mini_clip <=> '[1]';
EXPLAIN QUERY PLAN SELECT id FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) s JOIN photos p USING (id);
EXPLAIN QUERY PLAN SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos);
