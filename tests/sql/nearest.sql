-- A SELECT in the order of a distance: NULLs and undefined distances come last, whatever finds the rows.
.open nearest.db
CREATE TABLE t(id INTEGER PRIMARY KEY, v vector(2), label TEXT);
CREATE INDEX tl ON t(label);
INSERT INTO t VALUES (1, vector('[1,0]'), 'a'), (2, vector('[0.9,0.1]'), 'b'), (3, vector('[0,1]'), 'a'), (4, NULL, 'a'), (5, vector('[0,0]'), 'b'), (6, vector('[1,0]'), 'c'), (7, vector('[2,0]'), 'c');
CREATE TABLE u(tid, name);
INSERT INTO u VALUES (1, 'x'), (1, 'y'), (2, 'z'), (6, 'q'), (3, 'p');
CREATE INDEX c ON t USING hnsw (v vector_cosine_ops);
CREATE INDEX l ON t USING hnsw (v vector_l2_ops);
-- every way to write it
SELECT id FROM t ORDER BY cosineDistance(v, '[1,0]') LIMIT 3;
SELECT id, v <=> '[1,0]' AS d FROM t ORDER BY d LIMIT 3;
SELECT id, v <=> '[1,0]' FROM t ORDER BY 2 LIMIT 3;
SELECT id FROM t ORDER BY (('[1,0]' <=> v)) ASC LIMIT 3;
SELECT id, dotProduct(v, '[1,0]') AS s FROM t ORDER BY s DESC LIMIT 2;
SELECT id, cosine_similarity(v, '[1,0]') AS s FROM t ORDER BY s DESC LIMIT 6;
SELECT * FROM t AS x WHERE x.label = 'a' ORDER BY x.v <-> '[1,0]' LIMIT 2;
SELECT *, v <-> '[1,0]' FROM main.t WHERE label <> 'a' ORDER BY L2Distance(t.v, '[1,0]'), id DESC LIMIT 2 OFFSET 1;
-- ties of the last are decided by the further terms
SELECT id FROM t ORDER BY v <=> '[1,0]', id DESC LIMIT 1;
SELECT id FROM t ORDER BY v <=> '[1,0]', label DESC, id DESC LIMIT 2;
-- NULL, zero vectors: cosine has no distance from zeros, L2 has
SELECT id, v <=> '[1,0]' AS d FROM t ORDER BY d, id LIMIT 100;
SELECT id, v <-> '[0,0]' AS d FROM t ORDER BY d, id LIMIT 100;
SELECT id FROM t ORDER BY v <=> '[0,0]', id LIMIT 3;
SELECT id FROM t ORDER BY v <=> NULL, id LIMIT 3;
SELECT id FROM t ORDER BY v <=> '[1,0]' NULLS FIRST, id LIMIT 3;
SELECT id FROM t ORDER BY v <=> '[1,0]' DESC, id LIMIT 3;
SELECT id FROM t ORDER BY v <=> '[1,0]', id;
-- joins, nesting
SELECT name, id FROM u JOIN t ON u.tid = t.id ORDER BY v <-> '[1,0]', name LIMIT 3;
SELECT id, name FROM t LEFT JOIN u ON tid = id ORDER BY v <=> '[1,0]', id, name LIMIT 4;
SELECT id, name FROM u LEFT JOIN t ON tid = id ORDER BY v <=> '[1,0]', id, name LIMIT 4;
SELECT label, (SELECT id FROM t i WHERE i.label = o.label ORDER BY i.v <-> '[0,1]', i.id LIMIT 1) AS nearest FROM t o GROUP BY label ORDER BY label;
SELECT o.id, (SELECT i.v <-> o.v FROM t i WHERE i.id <> o.id ORDER BY 1 LIMIT 1) AS gap FROM t o ORDER BY o.id;
WITH q AS (SELECT v FROM t WHERE id = 3), near AS (SELECT id FROM t ORDER BY v <-> (SELECT v FROM q) LIMIT 2) SELECT * FROM near;
SELECT id FROM t WHERE id IN (SELECT id FROM t ORDER BY v <-> '[2,0]', id LIMIT 2) ORDER BY id;
SELECT id, v <-> '[1,0]' AS d FROM t WHERE d < 0.5 ORDER BY d LIMIT 2;
CREATE TABLE kept AS SELECT id, label FROM t ORDER BY v <-> '[1,0]', id LIMIT 3;
SELECT * FROM kept;
INSERT INTO kept SELECT id, 'again' FROM t ORDER BY v <-> '[0,1]', id LIMIT 1;
SELECT * FROM kept;
-- a view is stored with its NULLs last
CREATE VIEW nv AS SELECT id FROM t ORDER BY v <=> '[1,0]', id LIMIT 4;
SELECT * FROM nv;
-- parameters, and again with others
.bind 1 [1,0]
.bindn 2 2
SELECT id FROM t ORDER BY v <-> ?1, id LIMIT ?2;
.bind 1 [0,1]
.again
.bindn 2 -1
.again
.bindn 2 1000000000
.again
.bindn 2 0
.again
.bindnull 1
.bindn 2 2
.again
.bind 1 [1]
.again
.bind 1 [1,2
.again
.bind 1 [1,0]
.bind 2 x
.again
-- own rows that are not committed
.bind 1 [5,5]
SELECT id FROM t ORDER BY v <-> ?1, id LIMIT 2;
.keep
BEGIN;
INSERT INTO t VALUES (8, vector('[5,5]'), 'new');
DELETE FROM t WHERE id = 7;
.again
ROLLBACK;
.again
-- another table of the same name
DROP TABLE t;
.again
CREATE TABLE t(id INTEGER PRIMARY KEY, v);
INSERT INTO t VALUES (30, '[1,2]'), (31, '[5,4]');
.again
-- many equal vectors: of the last's ties those with the smallest rowids, or whatever a further term says
CREATE TABLE same(id INTEGER PRIMARY KEY, v vector(2));
INSERT INTO same SELECT generate_series, vector('[1,2]') FROM generate_series(1, 2500);
SELECT id FROM same ORDER BY v <-> '[1,2]' LIMIT 3 OFFSET 1;
SELECT id FROM same ORDER BY v <-> '[1,2]', id DESC LIMIT 3;
SELECT id FROM same WHERE id > 2000 ORDER BY L2SquaredDistance(v, '[1,2]') LIMIT 2;
SELECT id FROM same ORDER BY v <-> '[1,2]' NULLS LAST LIMIT 2;
SELECT rowid FROM same ORDER BY v <-> '[1,2]' LIMIT 2;
DROP TABLE same;
