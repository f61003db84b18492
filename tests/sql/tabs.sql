-- TabSeparated's backslashes; PostgreSQL's bytea as text
CREATE TABLE t (id Int64, name String, note Nullable(String), v Array(Float32)) ENGINE = MergeTree ORDER BY id;
.write t.tsv 1\ta\\tb\tplain\t[1, 0]\n2\tline\\nbreak\t\\N\t[0,1]\n3\tback\\\\slash\t\t[0.5,0.5]\n4\t"quoted"\tit\\'s\t[1,1]\n5\t\tNULL\t[2,2]\n
INSERT INTO t FROM INFILE 't.tsv' FORMAT TabSeparated;
SELECT id, replace(replace(name, char(9), '<tab>'), char(10), '<lf>') AS name, note, v FROM t ORDER BY id;
SELECT id, hex(name) FROM t WHERE id < 4 ORDER BY id;
DELETE FROM t;
INSERT INTO t FROM INFILE 't.tsv';
SELECT count(), count(note), sum(length(name)) FROM t;
SELECT c1, replace(c2, char(9), '<tab>') AS c2, c3 FROM file('t.tsv', 'TSV') LIMIT 2;
SELECT count() FROM file('t.tsv') WHERE c3 IS NULL;
INSERT INTO t FORMAT TSV
6	in\tline	\N	[3,3]

SELECT replace(name, char(9), '<tab>') AS name, note FROM t WHERE id = 6;
.write odd.tsv 7\t\\x41\\d\\b\\0\\\\N\tlast\n8\ta\\\nb\tx\\\ty\n
SELECT c1, hex(c2), replace(c3, char(9), '<tab>') FROM file('odd.tsv', 'TabSeparated');
.write names.tsv id\tna\\tme\n1\tx\n
SELECT * FROM file('names.tsv', 'TSVWithNames');
.write one.tsv a\n\nb\n
CREATE TABLE one (name String) ENGINE = Memory;
INSERT INTO one FROM INFILE 'one.tsv';
SELECT count(), max(name) FROM one;
.write crlf.tsv 1\ta\x0d\n2\tb\\r\x0d\n
SELECT c1, hex(c2) FROM file('crlf.tsv', 'TSV');
CREATE TABLE pg (id int PRIMARY KEY, name text);
.write pg.txt 1\ta\\tb\n2\t\\N\n3\t\n4\t"x"\n
COPY pg FROM 'pg.txt' WITH (FORMAT text);
SELECT id, replace(name, char(9), '<tab>') AS name, name IS NULL AS none FROM pg ORDER BY id;
COPY pg FROM 'pg.txt' (FORMAT csv, DELIMITER '	', NULL '\N');
-- bytea
CREATE TABLE b (id int PRIMARY KEY, data bytea);
.write b.csv id,data\n1,\\x0001ff\n2,\\xDEADbeef\n3,plain\n4,\n5,\\x\n6,"\\x20"\n
COPY b FROM 'b.csv' WITH (FORMAT csv, HEADER);
SELECT id, data, typeof(data), length(data) FROM b ORDER BY id;
.write b.txt 7\t\\\\x0102\n8\t\\N\n
COPY b FROM 'b.txt' WITH (FORMAT text);
SELECT id, data FROM b WHERE id > 6 ORDER BY id;
.write b.json [{"id": 9, "data": "\\\\xff"}]
INSERT INTO b FROM INFILE 'b.json';
SELECT data FROM b WHERE id = 9;
.write bad.csv 10,\\x01\n11,\\x0\n
COPY b FROM 'bad.csv' WITH (FORMAT csv);
.write bad.csv 10,\\x0g\n
COPY b FROM 'bad.csv' WITH (FORMAT csv);
SELECT count(*) FROM b;
CREATE TABLE p (id INTEGER PRIMARY KEY, data BLOB);
COPY p FROM 'b.csv' WITH (FORMAT csv, HEADER);
SELECT typeof(data), data FROM p WHERE id = 1;
