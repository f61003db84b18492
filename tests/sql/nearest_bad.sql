-- What is asked of the engine that it can't or mustn't answer: each as over rows.
.open bad.db
-- A quoted type is SQLite's own: anything goes in.
CREATE TABLE one(id INTEGER PRIMARY KEY, v "vector(1)");
CREATE INDEX one_i ON one USING hnsw (v vector_l2_ops);
-- no row, one row, equal rows
SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 3;
SELECT count(*) FROM (SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 1000000000);
INSERT INTO one VALUES (1, vector('[3]'));
SELECT id, v <-> '[1]' FROM one ORDER BY 2 LIMIT 3;
INSERT INTO one SELECT value, vector('[3]') FROM json_each('[2,3,4,5,6,7,8,9]');
SELECT id, v <-> '[1]' AS d FROM one ORDER BY d, id DESC LIMIT 3;
-- NaN, infinity, another dimension: in the query
SELECT id FROM one ORDER BY v <-> x'0000c07f' LIMIT 2;
SELECT id FROM one ORDER BY v <-> x'0000807f' LIMIT 2;
SELECT id FROM one ORDER BY v <=> x'0000c07f' LIMIT 2;
SELECT id FROM one ORDER BY v <-> '[1,2]' LIMIT 2;
SELECT id FROM one ORDER BY v <-> x'00' LIMIT 2;
SELECT id FROM one ORDER BY v <-> 5 LIMIT 2;
SELECT id FROM one ORDER BY v <-> 'vector' LIMIT 2;
-- ... and in a row
INSERT INTO one VALUES (20, x'0000c07f');
SELECT id FROM one ORDER BY v <-> '[1]', id LIMIT 2;
UPDATE one SET v = vector('[1,2]') WHERE id = 20;
SELECT id FROM one ORDER BY v <-> '[1]', id LIMIT 2;
UPDATE one SET v = 'no vector' WHERE id = 20;
SELECT id FROM one ORDER BY v <-> '[1]', id LIMIT 2;
UPDATE one SET v = '[2]' WHERE id = 20;
SELECT id FROM one ORDER BY v <-> '[1]', id LIMIT 2;
DELETE FROM one WHERE id = 20;
SELECT id FROM one ORDER BY v <-> '[1]', id LIMIT 2;
CREATE INDEX none ON one USING hnsw (id);
-- LIMIT
SELECT count(*) FROM (SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 9);
SELECT count(*) FROM (SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 10);
SELECT count(*) FROM (SELECT id FROM one ORDER BY v <-> '[1]' LIMIT -5 OFFSET 3);
SELECT count(*) FROM (SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 9223372036854775807 OFFSET 9223372036854775807);
SELECT count(*) FROM (SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 2 OFFSET 100);
SELECT id FROM one ORDER BY v <-> '[1]' LIMIT NULL;
SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 1.5;
SELECT count(*) FROM (SELECT id FROM one ORDER BY v <-> '[1]' LIMIT 2.0);
SELECT id FROM one ORDER BY v <-> '[1]' LIMIT id;
-- 4096 dimensions, and more
CREATE TABLE wide(id INTEGER PRIMARY KEY, v);
INSERT INTO wide VALUES (1, zeroblob(16384)), (2, CAST(x'0000803f' || zeroblob(16380) AS BLOB));
CREATE INDEX wide_i ON wide USING hnsw (v vector_l2_ops);
SELECT name, dimensions, rows FROM vector_indexes() WHERE tbl = 'wide';
SELECT id, v <-> zeroblob(16384) AS d FROM wide ORDER BY d LIMIT 1;
SELECT id, v <=> zeroblob(16384) AS d FROM wide ORDER BY d, id LIMIT 1;
INSERT INTO wide VALUES (3, zeroblob(16388));
SELECT id FROM wide ORDER BY v <-> zeroblob(16384) LIMIT 1;
-- another model's vectors
CREATE TABLE fovea_columns(tbl TEXT, col TEXT, model TEXT, fingerprint TEXT, dim INTEGER, metric TEXT, PRIMARY KEY(tbl, col));
CREATE TABLE photos(id INTEGER PRIMARY KEY, mini_clip);
INSERT INTO fovea_columns VALUES ('photos', 'mini_clip', 'twin', 'twin0', 16, 'cosine');
INSERT INTO photos VALUES (1, embed_text('twin', 'cat'));
SELECT id FROM photos ORDER BY mini_clip <=> embed_text('mini', 'cat') LIMIT 1;
SELECT id FROM photos ORDER BY cosineDistance(mini_clip, embed_text('mini', 'cat')) LIMIT 1;
SELECT id FROM photos ORDER BY cosineDistance(mini_clip, embed_text('twin', 'cat')) LIMIT 1;
