-- The guide's csv: no header, its index first, arrays as quoted text, missing values empty.
CREATE TABLE laion (`id` Int64, `url` String, `caption` String, `NSFW` String, `similarity` Float32,
  `image_embedding` Array(Float32), `text_embedding` Array(Float32)) ENGINE = MergeTree ORDER BY id;
.write part_1.csv 0,https://x/a.jpg,"a, ""cat""",UNLIKELY,0.31,"[0.5, -0.25]","[1,2,3]"\n1,https://x/b.jpg,,,,"[1e-3,2]",\\N\n
.write part_2.csv 0,https://x/c.jpg,\xea\xb3\xa0\xec\x96\x91\xec\x9d\xb4,\\N,0.5,"[3,4]","[4,5,6]"\n
INSERT INTO laion FROM INFILE 'part_*.csv';
SELECT id, url, caption, NSFW, similarity, vector_text(image_embedding) i, vector_text(text_embedding) t FROM laion;
SELECT tbl, col, dim FROM fovea_columns ORDER BY col;
-- With a header columns go by name; what the table lacks is left out.
.write names.csv text_embedding,extra,url,id\n"[7,8,9]",x,https://x/d.jpg,9\n
INSERT INTO laion FROM INFILE 'names.csv' FORMAT CSVWithNames;
INSERT INTO laion (id, url) FROM INFILE 'ids.tsv';
.write ids.tsv 10\thttps://x/e.jpg\n11\thttps://x/f.jpg\n
INSERT INTO laion (id, url) FROM INFILE 'ids.tsv' SETTINGS input_format_csv_empty_as_default = 1 FORMAT TabSeparated;
.write rows.jsonl {"id":12,"url":"https://x/g.jpg","image_embedding":[9,9]}\n{"id":13,"caption":"no url","unknown":{"a":1}}\n
INSERT INTO laion FROM INFILE 'rows.jsonl';
SELECT id, url, caption, vector_text(image_embedding) i, vector_text(text_embedding) t FROM laion WHERE id > 8;
-- Files beside each other, paired by number: names first, then the vector columns that are left.
CREATE TABLE side (caption String, image_embedding Array(Float32), text_embedding Array(Float32)) ENGINE = MergeTree ORDER BY tuple();
.write m_1.csv caption\none\ntwo\n
.write m_0.csv caption\nzero\n
.write img_emb_0.npy \x93NUMPY\x01\x00\x3c\x00{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2), }\n\x00\x3c\x00\x40
.write img_emb_1.npy \x93NUMPY\x01\x00\x3c\x00{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }\n\x00\x3c\x00\x40\x00\x38\x00\x34
.write text_emb_0.npy \x93NUMPY\x01\x00\x3c\x00{'descr': '<f2', 'fortran_order': False, 'shape': (1, 1), }\n\x00\x3c
.write text_emb_1.npy \x93NUMPY\x01\x00\x3c\x00{'descr': '<f2', 'fortran_order': False, 'shape': (2, 1), }\n\x00\x38\x00\x34
INSERT INTO side FROM INFILE 'm_*.csv', 'img_emb_*.npy', 'text_emb_*.npy';
SELECT caption, vector_text(image_embedding) i, vector_text(text_embedding) t FROM side;
.golden table/vectors_v1.parquet v.parquet
CREATE TABLE v (other Int64);
INSERT INTO v FROM INFILE 'v.parquet';
.write short_0.csv caption\nzero\none\n
INSERT INTO side FROM INFILE 'short_0.csv', 'img_emb_0.npy';
INSERT INTO side FROM INFILE 'm_*.csv', 'img_emb_0.npy';
INSERT INTO side FROM INFILE 'img_emb_0.npy', 'text_emb_0.npy', 'img_emb_0.npy';
-- Compressed.
.write zip.csv.gz \x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\x4e\x2c\x28\xc9\xcc\xcf\xe3\x4a\x2b\xca\xcf\x55\x48\xaf\xca\x2c\xe0\x02\x00\xf6\x5c\x41\xa4\x12\x00\x00\x00
.write bad.csv.gz \x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4e
INSERT INTO side FROM INFILE 'zip.csv.gz';
SELECT caption FROM side WHERE caption LIKE '%gzip';
DELETE FROM side WHERE caption LIKE '%gzip';
INSERT INTO side FROM INFILE 'bad.csv.gz';
INSERT INTO side FROM INFILE 'zip.csv.gz' COMPRESSION 'lzma';
-- What is wrong is told with its file, row and column; nothing of it stays.
SELECT count(*) FROM side;
.write ragged.csv a,b\n1,2\n3\n
INSERT INTO laion (id, url) FROM INFILE 'ragged.csv';
.write wrong.csv 1,u,c,n,0.1,"[1,2]","[1,2,3]"\n2,u,c,n,0.1,"[1,2,3]","[1,2,3]"\n
INSERT INTO laion FROM INFILE 'wrong.csv';
.write word.csv 1,u,c,n,high,"[1,2]","[1,2,3]"\n
INSERT INTO laion FROM INFILE 'word.csv';
.write open.csv 1,"u,c
INSERT INTO laion (id, url) FROM INFILE 'open.csv';
.write latin.csv 1,caf\xe9\n
INSERT INTO laion (id, url) FROM INFILE 'latin.csv';
.write nan.npy \x93NUMPY\x01\x00\x3c\x00{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2), }\n\x00\x3c\x00\x7e
INSERT INTO side (image_embedding) FROM INFILE 'nan.npy';
INSERT INTO side (text_embedding) FROM INFILE 'img_emb_0.npy';
INSERT INTO side (caption) FROM INFILE 'img_emb_0.npy';
INSERT INTO laion FROM INFILE 'nothing_*.csv';
INSERT INTO laion FROM INFILE 'part_1.csv' FORMAT CVS;
INSERT INTO laion FROM INFILE 'part_1.csv' SETTINGS input_format_csv_detect_heading = 1;
INSERT INTO laion FROM INFILE 'names.csv' FORMAT Parquet;
INSERT INTO lion FROM INFILE 'part_1.csv';
INSERT INTO laion (id, uri) FROM INFILE 'part_1.csv';
INSERT INTO laion FROM INFILE;
INSERT INTO laion FROM INFILE part;
CREATE TABLE keyed (id INTEGER PRIMARY KEY, url TEXT);
.write twice.csv 1,a\n2,b\n1,c\n
INSERT INTO keyed FROM INFILE 'twice.csv';
SELECT count(*) FROM keyed;
SELECT count(*) FROM laion;
SELECT count(*) FROM side;
-- A full disk leaves the table as it was, and so does the end of the caller's transaction.
.open full.db
CREATE TABLE t (id integer, name text);
INSERT INTO t VALUES (0, 'before');
.write many.csv 1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n2,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n
PRAGMA max_page_count = 1;
COPY fresh FROM 'many.csv';
EXISTS TABLE fresh;
PRAGMA max_page_count = 1000;
BEGIN;
INSERT INTO t FROM INFILE 'many.csv';
SELECT count(*) FROM t;
ROLLBACK;
SELECT count(*) FROM t;
PRAGMA journal_mode;
-- Rows behind the statement, up to an empty line.
CREATE TABLE rows (id Int64, name String, v Array(Float32)) ENGINE = Memory;
INSERT INTO rows FORMAT CSV
1,"one; two","[1,2]"
2,two,"[3,4]"

INSERT INTO rows (name, id) FORMAT TSV
three	3

INSERT INTO rows FORMAT JSONEachRow {"id": 4, "v": [5, 6]}
{"id": 5, "name": "five"};

INSERT INTO rows (id, name, v) FORMAT Values (6, 'six', '[7,8]'), (7, 'seven', NULL);
SELECT id, name, vector_text(v) AS v FROM rows;
INSERT INTO rows FORMAT CSV
1,one,"[1,2,3]"

INSERT INTO rows FORMAT JSONEachRows
{"id": 1}

INSERT INTO rows FORMAT Parquet
x

INSERT INTO row FORMAT CSV
1

INSERT INTO rows FORMAT CSV
