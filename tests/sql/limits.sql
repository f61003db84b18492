-- LIMIT n BY of ClickHouse; OFFSET before LIMIT, FETCH and LIMIT ALL of PostgreSQL.
CREATE TABLE p (id INTEGER PRIMARY KEY, site String, label String, score Float32, v Array(Float32));
INSERT INTO p VALUES (1, 'a', 'cat', 0.9, [1, 0]), (2, 'a', 'dog', 0.8, [0.9, 0.1]), (3, 'a', 'cat', 0.7, [0, 1]), (4, 'b', 'cat', 0.6, [0.5, 0.5]), (5, 'b', 'dog', 0.5, NULL), (6, 'c', 'cow', 0.4, [0.1, 0.9]);
SELECT id, site FROM p ORDER BY id LIMIT 1 BY site;
SELECT id, site FROM p ORDER BY id DESC LIMIT 2 BY site;
SELECT id, site FROM p ORDER BY id LIMIT 1 OFFSET 1 BY site;
SELECT id, site FROM p ORDER BY id LIMIT 1, 2 BY site;
SELECT id FROM p ORDER BY id LIMIT 1 BY site, label;
SELECT id FROM p ORDER BY id LIMIT 0 BY site;
SELECT id FROM p ORDER BY id LIMIT 1 + 1 BY site;
-- with an outer LIMIT
SELECT id, site FROM p ORDER BY score DESC LIMIT 1 BY site LIMIT 2;
SELECT id, site FROM p ORDER BY score DESC LIMIT 2 BY site LIMIT 2 OFFSET 1;
SELECT id, site FROM p ORDER BY score DESC LIMIT 2 BY site OFFSET 1 LIMIT 2;
SELECT id, site FROM p ORDER BY score DESC LIMIT 1, 2 BY site LIMIT 1, 1;
-- keys: a name of the result, its number, an expression, a column that is not selected
SELECT id, upper(site) AS s FROM p ORDER BY id LIMIT 1 BY s;
SELECT id, site FROM p ORDER BY id LIMIT 1 BY 2;
SELECT id FROM p ORDER BY id LIMIT 2 BY id % 2;
SELECT p.id FROM p ORDER BY p.id LIMIT 1 BY p.label;
SELECT * FROM p WHERE v IS NOT NULL ORDER BY id LIMIT 1 BY label;
-- groups, windows, joins, nesting
SELECT site, label, count() AS n FROM p GROUP BY site, label ORDER BY site, n DESC, label LIMIT 1 BY site;
SELECT id, sum(score) OVER (PARTITION BY site) AS s FROM p ORDER BY id LIMIT 1 BY site;
SELECT id, row_number() OVER w AS n FROM p WINDOW w AS (ORDER BY id DESC) ORDER BY n LIMIT 1 BY site;
SELECT a.id, b.id FROM p a JOIN p b ON a.site = b.site AND a.id < b.id ORDER BY a.id, b.id LIMIT 1 BY a.id;
SELECT count() FROM (SELECT id FROM p ORDER BY id LIMIT 1 BY site);
SELECT id FROM p WHERE id IN (SELECT id FROM p ORDER BY id DESC LIMIT 1 BY site) ORDER BY id;
WITH best AS (SELECT id, site FROM p ORDER BY score DESC LIMIT 1 BY site) SELECT * FROM best ORDER BY id;
WITH 1 AS one SELECT id FROM p ORDER BY id LIMIT one BY site;
SELECT id, (SELECT q.id FROM p q WHERE q.site = p.site ORDER BY q.id DESC LIMIT 1 BY q.label LIMIT 1) AS last FROM p ORDER BY id;
CREATE TABLE firsts AS SELECT id, site FROM p ORDER BY id LIMIT 1 BY site;
SELECT * FROM firsts ORDER BY id;
INSERT INTO firsts SELECT id, site FROM p ORDER BY id DESC LIMIT 1 BY site;
SELECT count() FROM firsts;
CREATE VIEW last AS SELECT id, site FROM p ORDER BY id DESC LIMIT 1 BY site;
SELECT id FROM last ORDER BY id;
WITH q AS (SELECT id, site FROM p WHERE id > 1) SELECT id FROM q ORDER BY id LIMIT 1 BY site;
SELECT id, (SELECT q.* FROM p q WHERE q.site = p.site LIMIT 1 BY q.label LIMIT 1) FROM p;
SELECT id FROM p ORDER BY label COLLATE NOCASE DESC, id LIMIT 1 BY label;
.bindn 1 1
.bindn 2 2
SELECT id FROM p ORDER BY id LIMIT ? BY site LIMIT ?;
.bindn 1 1
.bind 2 1
SELECT id FROM p ORDER BY id LIMIT $2 OFFSET $1 BY site;
SELECT id FROM p ORDER BY id LIMIT 1 BY site FORMAT CSV;
SELECT id FROM p LIMIT 1 BY site SETTINGS max_threads = 1;
-- the nearest: NULL distances last, exact over rows
SELECT id, site FROM p ORDER BY L2Distance(v, [0, 1]) LIMIT 1 BY site LIMIT 2;
SELECT id, site, label FROM p ORDER BY L2Distance(v, [0, 1]) LIMIT 1 BY label;
SELECT id, v <-> '[0,1]' AS d FROM p ORDER BY d LIMIT 2 BY site;
EXPLAIN SELECT id FROM p ORDER BY L2Distance(v, [0, 1]) LIMIT 1 BY site;
SELECT DISTINCT ON (site) id FROM p ORDER BY site, v <-> '[0,1]';
SELECT DISTINCT ON (site) id, site FROM p WHERE site = 'b' ORDER BY site, v <-> '[0,1]';
-- bad
SELECT id FROM p LIMIT -1 BY site;
SELECT id FROM p LIMIT 'a' BY site;
SELECT id FROM p LIMIT 1.5 BY site;
SELECT id FROM p LIMIT id BY site;
SELECT id FROM p LIMIT 1 BY nosuch;
SELECT id FROM p LIMIT 1 BY;
SELECT id FROM p LIMIT BY site;
SELECT id FROM p LIMIT 1 BY site LIMIT 1 BY label;
SELECT DISTINCT site FROM p LIMIT 1 BY site;
SELECT DISTINCT ON (site) site FROM p LIMIT 1 BY site;
SELECT id FROM p LIMIT 1 BY site UNION ALL SELECT 1;
SELECT id FROM p UNION ALL SELECT id FROM p LIMIT 1 BY site;
SELECT * FROM p LIMIT 1 BY 2;
DELETE FROM p LIMIT 1 BY site;
-- OFFSET first
SELECT id FROM p ORDER BY id OFFSET 1 LIMIT 2;
SELECT id FROM p ORDER BY id OFFSET 4;
SELECT id FROM p ORDER BY id OFFSET 4 ROWS;
SELECT id FROM p ORDER BY id OFFSET 1 ROW FETCH NEXT 2 ROWS ONLY;
SELECT id FROM p ORDER BY id OFFSET 1 FETCH FIRST ROW ONLY;
SELECT id FROM p ORDER BY id LIMIT 2 OFFSET 3 ROWS;
SELECT id FROM p ORDER BY id LIMIT ALL OFFSET 4;
SELECT id FROM p ORDER BY id OFFSET 4 LIMIT ALL;
SELECT id FROM p ORDER BY id FETCH FIRST 2 ROWS ONLY;
SELECT id FROM p ORDER BY id FETCH NEXT ROW ONLY;
SELECT id FROM p OFFSET (1 + 2) LIMIT 1;
SELECT id FROM (SELECT id FROM p ORDER BY id OFFSET 2 LIMIT 2) ORDER BY id DESC OFFSET 1;
SELECT (SELECT id FROM p ORDER BY id OFFSET 5 LIMIT 1) AS last;
.bindn 1 1
.bindn 2 2
SELECT id FROM p ORDER BY id OFFSET ? LIMIT ?;
SELECT id FROM p ORDER BY v <-> '[0,1]' OFFSET 1 LIMIT 2;
SELECT id FROM p ORDER BY v <-> '[0,1]' LIMIT 2 OFFSET 1;
EXPLAIN SELECT id FROM p ORDER BY v <-> '[0,1]' OFFSET 1 LIMIT 2;
EXPLAIN SELECT id FROM p ORDER BY v <-> '[0,1]' OFFSET 4;
SELECT id FROM p ORDER BY v <-> '[0,1]' OFFSET 4;
SELECT offset.id FROM p offset WHERE v <-> '[0,1]' < 0.1 ORDER BY id LIMIT 1;
SELECT id FROM p OFFSET 1 LIMIT 2 OFFSET 3;
SELECT id FROM p OFFSET;
SELECT id FROM p OFFSET 1 LIMIT;
SELECT id FROM p FETCH FIRST 2 ROWS WITH TIES;
