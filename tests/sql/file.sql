-- Rows of files without a table.
.write a.csv id,name,v\n1,one,"[1,2]"\n2,two,"[3,4]"\n3,,\n
SELECT * FROM file('a.csv');
SELECT count(*) AS n FROM file('a.csv', CSV);
SELECT f.rowid, f.name, g.v FROM file('a.csv') f JOIN file('b.jsonl') g USING (id) ORDER BY f.id DESC;
.write b.jsonl {"id": 1, "v": [9, 9, 9]}\n{"id": 3, "v": null}\n
SELECT f.rowid, f.name, g.v FROM file('a.csv') f JOIN file('b.jsonl') g USING (id) ORDER BY f.id DESC;
SELECT id, name FROM file('a.csv') ORDER BY L2Distance(v, '[3,3]') LIMIT 1;
CREATE TABLE kept AS SELECT id, name FROM file('a.csv');
SELECT * FROM kept WHERE id = 2;
CREATE TABLE typed (id Int64, v Array(Float32)) ENGINE = MergeTree ORDER BY id;
INSERT INTO typed SELECT id, v FROM file('a.csv');
SELECT id, v FROM typed;
SELECT a FROM file('[{"a": 1}, {"a": 2}]') WHERE a > 1;
.golden table/types_full_v1_zstd.parquet t.parquet
SELECT count(*) AS n FROM file('t.parquet');
SELECT * FROM file('a.csv', 'TSV') LIMIT 1;
.write a.csv other\n7\n
SELECT * FROM file('a.csv');
SELECT * FROM file('nothing.csv');
SELECT * FROM file('a.csv', CVS);
SELECT * FROM file('a.csv', CSV, 'id Int64');
SELECT nothing_here FROM file('a.csv');
SELECT * FROM file(a);
.write bad.csv a\n1\n2\nx\n
SELECT sum(a) FROM file('bad.csv');
CREATE VIEW v AS SELECT * FROM file('a.csv');
