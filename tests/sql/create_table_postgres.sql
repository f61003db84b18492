-- pgvector's own examples.
CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3));
SELECT sql FROM sqlite_schema WHERE name = 'items';
INSERT INTO items (embedding) VALUES ('[1,2,3]'), ('[4,5,6]');
SELECT id, embedding FROM items ORDER BY id;
SELECT tbl, col, dim FROM fovea_columns;
CREATE TABLE halves (embedding halfvec(3));
INSERT INTO halves VALUES ('[1,2,3]'), ('[0.1,0.2,65504]');
COPY halves FROM '[{"embedding": [0.1, 1e-7, 3]}]' (FORMAT JSON);
SELECT vector_text(embedding) AS embedding FROM halves;
INSERT INTO halves VALUES ('[1,2,70000]');
INSERT INTO halves VALUES ('[1,2]');
-- Types.
CREATE TABLE types (
  a smallserial PRIMARY KEY, b bigint, c integer NOT NULL, d text, e varchar(20), f character varying(20), g char(3), h timestamptz DEFAULT now(),
  i timestamp(3) with time zone, j timestamp without time zone, k date, l jsonb DEFAULT '{}'::jsonb, m uuid DEFAULT gen_random_uuid(), n boolean DEFAULT true,
  o double precision, p real[], q bytea, r numeric(10,2) CHECK (r > 0), s text[], t integer[], u double precision[], v interval, w vector, x float8 DEFAULT 1.5 * 2
) WITH (fillfactor=70);
SELECT name, type FROM pragma_table_xinfo('types');
INSERT INTO types (c, d, e, l, p, s) VALUES (1, '0012', '0012', '5', '[1,2]', '["a"]');
SELECT a, c, d, e, l, typeof(l), n, length(m), p, s, x FROM types;
CREATE TABLE ident (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1) PRIMARY KEY, g int GENERATED ALWAYS AS (id * 2) STORED, v vector(2) NOT NULL);
INSERT INTO ident (v) VALUES ('[1,2]') RETURNING id, g;
INSERT INTO ident (v) VALUES (NULL);
CREATE TABLE keyed (id bigint, title text COLLATE "C", w text COLLATE NOCASE UNIQUE, e vector(2), PRIMARY KEY (id), CONSTRAINT dims CHECK (vector_dims(e) = 2));
SELECT sql FROM sqlite_schema WHERE name = 'keyed';
-- What is refused.
CREATE TABLE x (id serial, v vector(3));
CREATE TABLE x (v vector(3), w vektor(3));
CREATE TABLE x (v vector(5000));
CREATE TABLE x (v vector(a));
CREATE TABLE x (v vector(3)) PARTITION BY RANGE (v);
-- Vectors that are given as text become BLOBs; another length is refused, with its place.
INSERT INTO items (embedding) VALUES ('[1,2,3]'), ('[1,2]');
INSERT INTO items (id, embedding) VALUES (10, 'red');
INSERT INTO items (id, embedding) VALUES (10, 5);
INSERT INTO items (id, embedding) VALUES (10, x'0000');
INSERT INTO items (id, embedding) VALUES (10, '[1,nan,3]');
INSERT INTO items (id, embedding) VALUES (10, NULL), (11, vector('[7,8,9]'));
INSERT INTO items (embedding) SELECT vector_text(embedding) FROM items WHERE id = 11;
INSERT INTO items (id, embedding) VALUES (10, '[1,1,1]') ON CONFLICT (id) DO UPDATE SET embedding = EXCLUDED.embedding RETURNING id, embedding;
INSERT INTO items (id, embedding) VALUES (10, '[1,1,1]') ON CONFLICT (id) DO UPDATE SET embedding = '[2,2,2]' RETURNING id, embedding;
WITH n(v) AS (SELECT '[3,3,3]') INSERT INTO items (embedding) SELECT v FROM n RETURNING id, embedding;
UPDATE items SET embedding = '[1,2,3]' WHERE id = 1;
UPDATE items SET id = 20, embedding = '[1,2]' WHERE id = 1;
REPLACE INTO items VALUES (2, '[9,9,9]');
.bind 1 [5,5,5]
INSERT INTO items (id, embedding) VALUES (30, ?);
.bind 1 [6,6]
INSERT INTO items (id, embedding) VALUES (31, ?);
SELECT id, embedding, typeof(embedding) FROM items ORDER BY id;
SELECT id FROM items ORDER BY embedding <-> '[3,1,2]' LIMIT 3;
-- A dimension that nobody declared is the first vector's.
CREATE TABLE open_dim (id integer, v Array(Float32));
SELECT count(*) FROM fovea_columns WHERE tbl = 'open_dim';
INSERT INTO open_dim VALUES (1, '[1,2,3,4]');
SELECT col, dim FROM fovea_columns WHERE tbl = 'open_dim';
INSERT INTO open_dim VALUES (2, '[1,2,3]');
INSERT INTO open_dim DEFAULT VALUES;
-- Columns that are added.
CREATE TABLE grown (id integer PRIMARY KEY, title text);
INSERT INTO grown VALUES (1, 'a');
ALTER TABLE grown ADD COLUMN embedding vector(3);
ALTER TABLE grown ADD COLUMN IF NOT EXISTS embedding vector(3);
ALTER TABLE grown ADD COLUMN embedding vector(3);
ALTER TABLE grown ADD tags Array(String) DEFAULT '[]' AFTER title;
ALTER TABLE grown ADD COLUMN note TEXT;
UPDATE grown SET embedding = '[1,2,3]';
UPDATE grown SET embedding = '[1,2]';
SELECT id, embedding, tags FROM grown;
SELECT col, dim FROM fovea_columns WHERE tbl = 'grown';
ALTER TABLE grown ADD COLUMN m Map(String, String);
ALTER TABLE gone ADD COLUMN v vector(3);
ALTER TABLE grown ADD COLUMN v vector(3), ADD COLUMN w vector(3);
