-- pgvector as its users write it: tables, rows, searches, indexes.
CREATE EXTENSION vector;
CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3));
INSERT INTO items (embedding) VALUES ('[1,2,3]'), ('[4,5,6]');
SELECT * FROM items ORDER BY embedding <-> '[3,1,2]' LIMIT 5;
ALTER TABLE items ADD COLUMN category_id bigint;
INSERT INTO items (embedding, category_id) VALUES ('[7,8,9]', 123), (NULL, 456);
INSERT INTO items (id, embedding) VALUES (1, '[1,2,4]'), (2, '[4,5,7]') ON CONFLICT (id) DO UPDATE SET embedding = EXCLUDED.embedding;
UPDATE items SET embedding = '[1,2,3]' WHERE id = 1;
DELETE FROM items WHERE id = 4;
SELECT * FROM items;
-- the nearest
SELECT * FROM items ORDER BY embedding <-> '[3,1,2]' LIMIT 1;
SELECT * FROM items WHERE id != 1 ORDER BY embedding <-> (SELECT embedding FROM items WHERE id = 1) LIMIT 5;
SELECT * FROM items WHERE embedding <-> '[3,1,2]' < 5;
SELECT id FROM items ORDER BY embedding <=> '[3,1,2]' LIMIT 2;
SELECT id FROM items ORDER BY embedding <#> '[3,1,2]' LIMIT 2;
SELECT id FROM items ORDER BY embedding <+> '[3,1,2]' LIMIT 2;
-- distances
SELECT embedding <-> '[3,1,2]' AS distance FROM items;
SELECT (embedding <#> '[3,1,2]') * -1 AS inner_product FROM items;
SELECT 1 - (embedding <=> '[3,1,2]') AS cosine_similarity FROM items;
SELECT id FROM items WHERE embedding <=> '[3,1,2]' < 0.1 ORDER BY embedding <=> '[3,1,2]' LIMIT 5;
-- aggregates
SELECT AVG(embedding) FROM items;
SELECT category_id, AVG(embedding) FROM items GROUP BY category_id ORDER BY category_id NULLS FIRST;
SELECT SUM(embedding), count(embedding) FROM items;
-- indexes
CREATE INDEX ON items USING hnsw (embedding vector_l2_ops);
CREATE INDEX ON items USING hnsw (embedding vector_ip_ops);
CREATE INDEX ON items USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX ON items USING hnsw (embedding vector_l1_ops);
CREATE INDEX CONCURRENTLY later ON items USING ivfflat (embedding vector_l2_ops) WITH (lists = 100);
SELECT name, metric FROM vector_indexes() ORDER BY name;
SET hnsw.ef_search = 100;
BEGIN;
SET LOCAL hnsw.ef_search = 200;
SELECT id FROM items ORDER BY embedding <-> '[3,1,2]' LIMIT 5;
COMMIT;
SET ivfflat.probes = 10;
SET hnsw.iterative_scan = strict_order;
SET maintenance_work_mem = '8GB';
SET max_parallel_maintenance_workers = 7;
REINDEX INDEX CONCURRENTLY later;
DROP INDEX later;
-- half precision
CREATE TABLE halves (id bigserial PRIMARY KEY, embedding halfvec(3));
INSERT INTO halves (embedding) VALUES ('[1,2,3]'), ('[0.1,0.2,0.3]');
SELECT id, embedding <-> '[1,2,4]'::halfvec AS d FROM halves ORDER BY d;
SELECT id FROM items ORDER BY embedding::halfvec(3) <-> '[3,1,2]'::halfvec(3) LIMIT 2;
-- bits, and a second look at the best of them
SELECT binary_quantize(embedding)::bit(3) FROM items;
SELECT id FROM items ORDER BY binary_quantize(embedding)::bit(3) <~> binary_quantize('[1,-2,3]') LIMIT 2;
SELECT * FROM (SELECT * FROM items ORDER BY binary_quantize(embedding)::bit(3) <~> binary_quantize('[1,-2,3]'::vector), id LIMIT 20) ORDER BY embedding <=> '[1,-2,3]' LIMIT 5;
SELECT '101' <~> '111', '1100' <%> '1010';
-- parts of a vector
SELECT id FROM items ORDER BY subvector(embedding, 1, 2)::vector(2) <=> subvector('[1,2,3]'::vector, 1, 2) LIMIT 2;
-- casts both ways
SELECT embedding::real[], embedding::text, '{1,2,3}'::real[]::vector(3), ARRAY[1,2,3]::vector(3), '[1,2,3]'::vector(3) = '[1,2,3]'::vector FROM items WHERE id = 1;
-- what does not fit
INSERT INTO items (embedding) VALUES ('[1,2]');
SELECT embedding <-> '[1,2]' FROM items;
SELECT '[1,2,3]'::vector <-> '[1,2]'::vector;
INSERT INTO items (embedding) VALUES ('[]');
INSERT INTO items (embedding) VALUES ('[1,x,3]');
CREATE TABLE sparse (embedding sparsevec(5));
SELECT '{1:1,3:2}/5'::sparsevec <-> '{1:1}/5';
-- hybrid
SELECT i.id, i.embedding <=> q.e AS d FROM items i, (SELECT '[1,2,3]'::vector AS e) q ORDER BY d LIMIT 2;
SELECT c.category_id, n.id FROM (SELECT DISTINCT category_id FROM items WHERE category_id IS NOT NULL) c, (SELECT id, category_id FROM items ORDER BY embedding <-> '[3,1,2]' LIMIT 9) n WHERE n.category_id = c.category_id;
PREPARE nosuch AS SELECT 1;
