-- knn() and near_duplicates(): rows of a vector column as tables.
CREATE TABLE t(id INTEGER PRIMARY KEY, v vector(2), label TEXT);
INSERT INTO t VALUES (1, vector('[1,0]'), 'a'), (2, vector('[0.9,0.1]'), 'b'), (3, vector('[0,1]'), 'a'), (4, NULL, 'a'), (5, vector('[0,0]'), 'b'), (6, vector('[1,0]'), 'c'), (7, vector('[2,0]'), 'c');
SELECT * FROM knn('t', 'v', '[1,0]', 3);
SELECT * FROM knn('t', 'v', '[1,0]', 30);
SELECT * FROM knn('t', 'v', '[1,0]', 30, 'label = ''a'' -- x');
SELECT * FROM knn('main.t', 'v', vector('[1,0]'), 2, 'id > 1');
SELECT t.id, n.rowid, n.distance FROM t, knn('t', 'v', t.v, 2, 'id <> ' || t.id) n WHERE t.label = 'c';
SELECT * FROM knn('t', 'w', '[1,0]', 3);
SELECT * FROM knn('x', 'w', '[1,0]', 3);
SELECT * FROM knn('t', 'v', '[1,0]', -3);
SELECT * FROM knn('t', 'v', '[1,0,2]', 3);
SELECT * FROM knn('t', 'v', NULL, 3);
SELECT * FROM knn('t', 'v', '[1,2]', 3, 'id >');
SELECT * FROM knn('t', 'v', '[1,2]', 3, '1); DROP TABLE t; --');
SELECT * FROM knn('t', 'v', '[1,2]');
SELECT * FROM near_duplicates('t', 'v', 0.01);
SELECT * FROM near_duplicates('t', 'v', 'x');
CREATE VIEW kv AS SELECT * FROM knn('t', 'v', '[1,0]', 3);
SELECT * FROM kv;
-- the same through the engine, with the metric of the index
.open knn.db
CREATE TABLE t(id INTEGER PRIMARY KEY, v vector(2), label TEXT);
INSERT INTO t VALUES (1, vector('[1,0]'), 'a'), (2, vector('[0.9,0.1]'), 'b'), (3, vector('[0,1]'), 'a'), (4, NULL, 'a'), (5, vector('[0,0]'), 'b'), (6, vector('[1,0]'), 'c'), (7, vector('[2,0]'), 'c');
CREATE INDEX l ON t USING hnsw (v vector_l2_ops);
SELECT * FROM knn('t', 'v', '[1,0]', 4);
SELECT * FROM knn('t', 'v', '[1,0]', 2, 'label = ''b''');
SELECT * FROM near_duplicates('t', 'v', 0.2);
SELECT * FROM near_duplicates('t', 'v', -1);
SELECT a.label, b.label, n.distance FROM near_duplicates('t', 'v', 1) n JOIN t a ON a.id = n.a JOIN t b ON b.id = n.b WHERE a.label <> b.label ORDER BY 3, 1, 2;
