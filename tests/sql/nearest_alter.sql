-- A table with vector indexes is altered: names follow, and what has no column any more goes.
.open alter.db
CREATE TABLE photos(id INTEGER PRIMARY KEY, label TEXT, e vector(2), f vector(2));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
 INSERT INTO photos SELECT i, 'p' || i, vector('[' || i || ',1]'), vector('[1,' || i || ']') FROM n;
CREATE INDEX near ON photos USING hnsw (e vector_l2_ops);
CREATE INDEX far ON photos USING hnsw (f vector_l2_ops);
SELECT id FROM photos ORDER BY e <-> '[7.2,1]' LIMIT 3;
-- a column's name
ALTER TABLE photos RENAME COLUMN e TO embedding;
SELECT name, tbl, col, state, rows, tail, has_graph FROM vector_indexes() ORDER BY name;
SELECT id FROM photos ORDER BY embedding <-> '[7.2,1]' LIMIT 3;
-- another column's, and one more
ALTER TABLE photos RENAME COLUMN label TO title;
ALTER TABLE photos ADD COLUMN taken TEXT;
SELECT id, title FROM photos WHERE taken IS NULL ORDER BY embedding <-> '[7.2,1]' LIMIT 2;
-- the table's
ALTER TABLE photos RENAME TO "my pictures";
INSERT INTO "my pictures"(id, embedding) VALUES (9000, vector('[7.3,1]'));
DELETE FROM "my pictures" WHERE id = 7;
SELECT name, tbl, col, state, rows, tail, dead FROM vector_indexes() ORDER BY name;
SELECT id FROM "my pictures" ORDER BY embedding <-> '[7.2,1]' LIMIT 3;
SELECT id FROM "my pictures" ORDER BY f <-> '[1,100.2]' LIMIT 2;
-- a column with an index goes, and its index with it; the other stays
ALTER TABLE "my pictures" DROP COLUMN embedding;
SELECT name, tbl, col, state FROM vector_indexes() ORDER BY name;
SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name;
SELECT col FROM fovea_columns ORDER BY col;
SELECT id FROM "my pictures" ORDER BY f <-> '[1,100.2]' LIMIT 2;
SELECT id FROM "my pictures" ORDER BY embedding <-> '[7.2,1]' LIMIT 3;
INSERT INTO "my pictures"(id, f) VALUES (9001, vector('[1,100.1]'));
SELECT id FROM "my pictures" ORDER BY f <-> '[1,100.2]' LIMIT 2;
-- in a transaction that is taken back
BEGIN;
ALTER TABLE "my pictures" DROP COLUMN f;
SELECT count(*) FROM vector_indexes();
ROLLBACK;
SELECT name, col, state, has_graph FROM vector_indexes();
SELECT id FROM "my pictures" ORDER BY f <-> '[1,100.2]' LIMIT 2;
-- a column without an index
ALTER TABLE "my pictures" DROP COLUMN title;
SELECT id FROM "my pictures" ORDER BY f <-> '[1,100.2]' LIMIT 2;
-- a dropped table's index is doctor's to sweep
DROP TABLE "my pictures";
SELECT name, state, doubt FROM vector_indexes();
