-- ThanoSQL's COPY makes the table: types of csv and JSON are found in the file.
.write mnist.csv image_path,filename,label,weight,new\nmnist/1.jpg,1.jpg,7,0.5,true\nmnist/2.jpg,2.jpg,,1e3,false\n
COPY mnist_train FROM "mnist.csv";
DESCRIBE mnist_train;
SELECT * FROM mnist_train;
COPY mnist_train FROM 'mnist.csv';
COPY mnist_train OPTIONS (if_exists='append', chunksize=1000) FROM 'mnist.csv';
SELECT count(*) FROM mnist_train;
COPY mnist_train OPTIONS (overwrite=True) FROM 'mnist.csv';
SELECT count(*) FROM mnist_train;
COPY mnist_train OPTIONS (if_exists='replace') FROM '[{"a": 1, "b": "x; y"}, {"b": null, "c": [1, 2.5]}]';
SELECT a, b, vector_text(c) AS c FROM mnist_train;
SELECT tbl, col, dim FROM fovea_columns;
COPY records FROM '{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}';
COPY lines FROM 'lines.jsonl';
.write lines.jsonl {"id": 1, "name": "\xea\xb3\xa0\xec\x96\x91\xec\x9d\xb4", "tags": ["a", "b"]}\n{"id": 2, "name": null}\n
COPY lines FROM 'lines.jsonl';
SELECT id, name, tags FROM lines;
.golden table/types_full_v2_zstd.parquet types.parquet
COPY types FROM 'types.parquet';
SELECT count(*) FROM types;
.golden table/vectors_v1.parquet vectors.parquet
COPY vectors FROM 'vectors.parquet';
SELECT col, dim FROM fovea_columns WHERE tbl = 'vectors' ORDER BY col;
.golden table/wide_f2.npy emb_1.npy
COPY emb FROM 'emb_*.npy';
SELECT col, dim FROM fovea_columns WHERE tbl = 'emb';
-- A folder gives a row for each picture.
.file pictures/a.jpg picture a red square
.file pictures/more/b.png picture a cat
.file pictures/notes.txt none
COPY shots FROM 'pictures';
SELECT * FROM shots;
COPY shots OPTIONS (if_exists='append') FROM 'pictures/more';
SELECT count(*) FROM shots;
-- PostgreSQL's: the table is there.
CREATE TABLE pg (id bigint PRIMARY KEY, name text, embedding vector(2));
.write pg.csv id;name;embedding\n1;NIL;"[1,2]"\n2;"NIL";NIL\n
COPY pg FROM 'pg.csv' WITH (FORMAT csv, HEADER, DELIMITER ';', NULL 'NIL', ENCODING 'UTF8');
SELECT id, name, vector_text(embedding) AS e FROM pg;
.write pg.tsv 3\tthree\n4\t\\N\n
COPY pg (id, name) FROM 'pg.tsv';
.write bare.csv 5,five,"[3,4]"\n
COPY pg FROM 'bare.csv' CSV;
COPY pg (id, name, embedding) FROM 'pg.csv' (FORMAT csv, HEADER true, DELIMITER ';', NULL 'NIL');
SELECT id, name, vector_text(embedding) AS e FROM pg;
COPY pg FROM STDIN;
COPY pg FROM PROGRAM 'ls';
COPY pg TO 'out.csv';
COPY pg FROM 'pg.csv' WITH (FORMAT binary);
COPY pg FROM 'pg.csv' WITH (FORMAT csv, QUOTE '''');
COPY pg FROM 'pg.csv' WITH (FORMAT csv, HEADING);
COPY none FROM 'pg.csv' WITH (FORMAT csv);
COPY pg (id, nam) FROM 'pg.tsv';
-- What is refused.
COPY x FROM 'model.pkl';
COPY x FROM 'table.xlsx';
COPY x FROM 'nothing.csv';
COPY x FROM nothing;
COPY x FROM;
COPY x OPTIONS (if_exists='maybe') FROM 'mnist.csv';
COPY x OPTIONS (if_exist='append') FROM 'mnist.csv';
COPY x OPTIONS (if_exists='append', overwrite=True) FROM 'mnist.csv';
COPY x FROM '[{"a": 1}, {"a": ]';
.write korean.csv name\n\xb0\xed\xbe\xe7\xc0\xcc\n
COPY x FROM 'korean.csv';
.write ragged.csv a,b\n1,2\n3,4,5\n
COPY x FROM 'ragged.csv';
.write empty.csv 
COPY x FROM 'empty.csv';
.write arrays.json [{"v": [1, 2]}, {"v": [1, 2, 3]}]
COPY arrays FROM 'arrays.json';
SELECT v, typeof(v) FROM arrays;
EXISTS TABLE x;
