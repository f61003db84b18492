-- EXPLAIN says of each SELECT in the order of a distance how its rows are found, or why over rows.
CREATE TABLE t(id INTEGER PRIMARY KEY, v vector(2), w BLOB, label TEXT);
CREATE TABLE u(tid, name);
CREATE VIEW tv AS SELECT * FROM t;
EXPLAIN SELECT id FROM t WHERE label = 'a' ORDER BY v <-> '[1,0]' LIMIT 2;
.bind 1 [1,2]
EXPLAIN SELECT id FROM t ORDER BY L2Distance(v, ?) LIMIT 2 OFFSET 3;
EXPLAIN SELECT id FROM t ORDER BY v <-> NULL LIMIT 2;
EXPLAIN SELECT id FROM t ORDER BY v <-> '[1,0]' LIMIT 0;
EXPLAIN SELECT id FROM t ORDER BY v <-> '[1,0]' LIMIT -1;
EXPLAIN SELECT (SELECT id FROM t WHERE id > tid ORDER BY v <-> '[1,0]' LIMIT 1) FROM u;
EXPLAIN SELECT id FROM t ORDER BY v <-> '[1,0]';
EXPLAIN SELECT id FROM t ORDER BY v <-> '[1,0]' DESC LIMIT 2;
EXPLAIN SELECT id FROM t ORDER BY dotProduct(v, '[1,0]') LIMIT 2;
EXPLAIN SELECT id FROM t ORDER BY v <-> '[1,0]' NULLS FIRST LIMIT 2;
EXPLAIN SELECT DISTINCT id FROM t ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT count(*) FROM t GROUP BY label ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT count(*), v <-> '[1,0]' AS d FROM t ORDER BY d LIMIT 2;
EXPLAIN SELECT id, row_number() OVER (ORDER BY id) FROM t ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT id, v <-> '[1,0]' AS d FROM t UNION ALL SELECT 1, 2 ORDER BY d LIMIT 2;
EXPLAIN SELECT id FROM t ORDER BY v <-> w LIMIT 2;
EXPLAIN SELECT id FROM t ORDER BY '[1,2]' <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT id FROM t WHERE random() > 0 ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT id FROM t, picture_files('x') ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT id FROM u LEFT JOIN t ON tid = id ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT id FROM u RIGHT JOIN t ON tid = id ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT id FROM (SELECT * FROM t) ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN SELECT id FROM tv ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN WITH t AS (SELECT * FROM main.t) SELECT id FROM t ORDER BY v <-> '[1,0]' LIMIT 2;
EXPLAIN QUERY PLAN SELECT id FROM t WHERE label = 'a' ORDER BY v <-> '[1,0]' LIMIT 2;
-- an order by something that is no distance is SQLite's
EXPLAIN QUERY PLAN SELECT id FROM t ORDER BY id + cosineDistance(v, '[1,0]') LIMIT 2;
