-- pgvector's sparsevec: a text, casts, distances
CREATE TABLE items (id bigserial PRIMARY KEY, embedding sparsevec(5));
INSERT INTO items (embedding) VALUES ('{1:1,3:2,5:3}/5'), ('{1:4,3:5,5:6}/5'), ('{2:1}/5'), (NULL);
SELECT id, embedding, typeof(embedding) FROM items;
DESCRIBE items;
SELECT id, embedding <-> '{1:3,3:1,5:2}/5' AS d FROM items ORDER BY embedding <-> '{1:3,3:1,5:2}/5' LIMIT 3;
SELECT id FROM items ORDER BY embedding <-> '{1:3,3:1,5:2}/5' LIMIT 5;
SELECT id, embedding <#> '{1:3,3:1,5:2}/5' AS ip, embedding <=> '{1:3,3:1,5:2}/5' AS cosine, embedding <+> '{1:3,3:1,5:2}/5' AS l1 FROM items ORDER BY id;
SELECT id FROM items WHERE embedding <-> '{2:1}/5' < 1;
SELECT a.id, b.id FROM items a JOIN items b ON a.id < b.id ORDER BY a.embedding <=> b.embedding, a.id LIMIT 1;
SELECT l2_distance('{1:1}/3', '{2:1}/3'), inner_product('{1:2}/3', '{1:3}/3'), cosine_distance('{1:2}/3', '{1:3}/3'), l1_distance('{1:2}/3', '{1:3}/3'), LinfDistance('{1:2}/3', '{3:5}/3');
SELECT l2_norm('{1:3,2:4}/9'::sparsevec), l2_normalize('{1:3,2:4}/9'), cosine_distance('{}/3', '{1:1}/3'), l2_norm(embedding) FROM items WHERE id = 3;
-- casts
SELECT '[0, 1.5, 0, -2]'::vector::sparsevec, '{2:1.5,4:-2}/4'::sparsevec::vector, '[1,0]'::sparsevec(2), ' { 4 : -2 , 2 : 1.5 , 1 : 0 } / 4 '::sparsevec AS sorted, CAST('{1:1}/2' AS sparsevec(2)), '{1:1,2:2}/2'::vector(2), '{3:0}/3'::sparsevec;
SELECT embedding::vector <-> '[3,0,1,0,2]' AS d FROM items WHERE id = 1;
SELECT '{1000000000:1}/1000000000'::sparsevec <-> '{1:1}/1000000000' AS far;
UPDATE items SET embedding = '{5:9}/5' WHERE id = 3;
CREATE TABLE copied AS SELECT * FROM items;
SELECT embedding FROM copied WHERE id = 3;
ALTER TABLE items ADD COLUMN more sparsevec;
UPDATE items SET more = '{1:1}/9' WHERE id = 1;
-- files
.write s.csv id,embedding\n10,"{1:1,2:2}/5"\n11,{3:3}/5\n
COPY items (id, embedding) FROM 's.csv' WITH (FORMAT csv, HEADER);
SELECT id, embedding FROM items WHERE id > 9;
.write bad.csv 12,{1:1}/6\n
COPY items (id, embedding) FROM 'bad.csv' WITH (FORMAT csv);
-- bad
INSERT INTO items (embedding) VALUES ('{1:1}/6');
INSERT INTO items (embedding) VALUES ('[1,2,3,4,5]');
INSERT INTO items (embedding) VALUES ('{1:a}/5');
CREATE TABLE x (v sparsevec(0));
CREATE TABLE x (v sparsevec(2000000000));
CREATE INDEX ON items USING hnsw (embedding sparsevec_l2_ops);
CREATE INDEX ON items USING hnsw (embedding);
ALTER TABLE items ADD INDEX i embedding TYPE vector_similarity('hnsw', 'L2Distance');
SELECT '{1:1}/3'::sparsevec(4);
SELECT '{1:1}/3'::sparsevec <-> '{1:1}/4';
SELECT '{1:1}/3'::sparsevec <-> '[1,0,0]'::vector;
SELECT '{4:1}/3'::sparsevec;
SELECT '{1:1,1:2}/3'::sparsevec;
SELECT '{0:1}/3'::sparsevec;
SELECT '{1:x}/3'::sparsevec;
SELECT '{1:1e99}/3'::sparsevec;
SELECT '{1 1}/3'::sparsevec;
SELECT '{1:1/3'::sparsevec;
SELECT '{1:1}'::sparsevec;
SELECT '{1:1}/'::sparsevec;
SELECT '{1:1}/3x'::sparsevec;
SELECT '{99999999999999999999:1}/3'::sparsevec;
SELECT '{1:1}/5000'::sparsevec::vector;
SELECT length(('{' || (SELECT string_agg(value || ':1', ',') FROM generate_series(1, 16000) AS value) || '}/20000')::sparsevec);
SELECT ('{' || (SELECT string_agg(value || ':1', ',') FROM generate_series(1, 16001) AS value) || '}/20000')::sparsevec;
