-- Steps in FROM and JOIN to any depth, correlated, in common table expressions.
.file a.png picture black cat
.file b.png picture white dog
.file c.png picture white cat
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT, album INTEGER);
INSERT INTO photos VALUES (1, 'a.png', 1), (2, 'b.png', 1), (3, 'c.png', 2);
CREATE TABLE albums(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO albums VALUES (1, 'one'), (2, 'two'), (3, 'none');
SELECT id FROM (SEARCH IMAGE text='black cat' USING mini AS (SELECT * FROM photos)) WHERE mini_clip_similarity1 > 0.1 ORDER BY mini_clip_similarity1 DESC LIMIT 2;
SELECT s.id, a.name FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) s JOIN albums a ON a.id = s.album ORDER BY s.mini_clip_similarity1 DESC, s.id;
SELECT a.name, s.id FROM albums a LEFT JOIN (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) AS s ON s.album = a.id AND s.mini_clip_similarity1 > 0.5 ORDER BY 1, 2;
SELECT x.id, y.id FROM (SEARCH IMAGE text='cat' USING mini AS SELECT * FROM photos) x, (SEARCH IMAGE text='dog' USING mini AS SELECT * FROM photos) y WHERE x.mini_clip_similarity1 > 0.5 AND y.mini_clip_similarity1 > 0.5 ORDER BY 1, 2;
SELECT id, d FROM (SELECT id, mini_clip <=> embed_text('mini', 'cat') AS d FROM (CONVERT USING mini AS (SELECT * FROM photos))) ORDER BY d, id;
SEARCH IMAGE text='cat' USING mini AS (CONVERT USING mini AS (SELECT id, image_path FROM photos));
SELECT id, mini_clip_similarity1 AS c, twin_clip_similarity1 AS t FROM (SEARCH IMAGE text='dog' USING twin AS (SELECT * FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) WHERE id > 1));
SELECT name, (SELECT id FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos WHERE album = albums.id)) ORDER BY mini_clip_similarity1 DESC LIMIT 1) AS best FROM albums;
SELECT name, (SELECT id FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM (SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM photos WHERE album = a.id)) WHERE id <> a.id)) LIMIT 1) AS other FROM albums a;
SELECT name FROM albums WHERE EXISTS (SELECT 1 FROM (SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM photos WHERE album = albums.id)) WHERE mini_clip_similarity1 > 0.5);
SELECT name FROM albums WHERE id IN (SELECT album FROM (SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM photos)) WHERE mini_clip_similarity1 > 0.5);
WITH few AS (SELECT * FROM photos WHERE id <= ?1), more AS (SELECT * FROM few) SELECT id FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM more)) s JOIN few USING (id);
.bindn 1 2
.again
WITH found AS (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) SELECT id FROM found WHERE mini_clip_similarity1 > 0.5 UNION ALL SELECT -id FROM found ORDER BY 1;
WITH found AS (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) SELECT id FROM (SEARCH IMAGE text='dog' USING twin AS (WITH few AS (SELECT * FROM found WHERE id > 1) SELECT * FROM few));
WITH photos AS (SELECT 7 AS id, 'a.png' AS image_path) SELECT * FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos));
SELECT id FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos WHERE album = nowhere.id)) ;
SELECT s.id FROM albums a JOIN (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos WHERE album = a.id)) s;
CREATE TABLE best AS SELECT id, mini_clip_similarity1 AS score FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM photos)) ORDER BY score DESC;
SELECT * FROM best;
UPDATE best SET score = (SELECT s.mini_clip_similarity1 FROM (SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM photos)) s WHERE s.id = best.id);
SELECT * FROM best ORDER BY id;
DELETE FROM best WHERE id IN (SELECT id FROM (SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM photos)) WHERE mini_clip_similarity1 > 0.5);
INSERT INTO photos(image_path, album) SELECT image_path, 9 FROM (SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM photos)) WHERE mini_clip_similarity1 < 0.5;
SELECT count(*) FROM photos;
CREATE VIEW nope AS SELECT * FROM (SEARCH IMAGE text='dog' USING mini AS (SELECT * FROM photos));
CREATE TRIGGER nope AFTER INSERT ON photos BEGIN INSERT INTO best SELECT id, 1 FROM (CONVERT USING mini AS (SELECT * FROM photos)); END;
