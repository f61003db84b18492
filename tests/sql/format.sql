-- FORMAT name at a statement's end, with SETTINGS in either order; a word only there.
SELECT 1 AS a FORMAT JSON;
SELECT 1 AS a FORMAT jsoneachrow;
SELECT 1 AS a FORMAT TSV;
SELECT 1 AS a FORMAT Null;
SELECT 1 AS a ORDER BY 1 DESC FORMAT Vertical -- and a comment
;
SELECT count(*) FORMAT PrettyCompact SETTINGS ef_search = 50;
SELECT count(*) SETTINGS ef_search = 50, exact = 1 FORMAT CSV;
SELECT '[1,2]' <-> '[1,3]' AS d FORMAT TabSeparated;
WITH x AS (SELECT 2 AS n) SELECT n FROM x FORMAT JSONCompact;
VALUES (1), (2) FORMAT CSVWithNames;
SHOW ef_search FORMAT JSON;
EXPLAIN QUERY PLAN SELECT 1 FORMAT Pretty;
CREATE TABLE p(path);
INSERT INTO p VALUES (CAST('picture black cat' AS BLOB));
SEARCH IMAGE text='cat' USING mini AS SELECT * FROM p FORMAT NDJSON;
SELECT mini_clip_similarity1 FROM (SEARCH IMAGE text='cat' USING mini AS SELECT * FROM p) FORMAT JSON SETTINGS ef_search = 9;
-- names
CREATE TABLE format(csv, format, json);
INSERT INTO format VALUES (1, 2, 3);
SELECT * FROM format csv;
SELECT * FROM p JOIN format json;
SELECT format FROM format;
SELECT 1 AS format;
SELECT 1 format;
SELECT csv format FROM format format CSV;
ALTER TABLE format ADD COLUMN format2 TEXT;
ALTER TABLE p ADD format JSON;
CREATE TABLE q(format json);
SELECT (SELECT csv FROM format json);
-- mistakes
SELECT 1 FORMAT Jsn;
SELECT 1 FORMAT Parquet;
SELECT 1 FORMAT;
SELECT 1 FORMAT JSON CSV;
SELECT 1 FORMAT JSON SETTINGS nosuch = 1;
INSERT INTO p VALUES (1) FORMAT JSON;
-- (list model) is a table called list where there is one
SELECT * FROM (list model) WHERE name = 'mini';
CREATE TABLE list(a);
INSERT INTO list VALUES ('a row of a table');
SELECT * FROM (list model);
SELECT model.a FROM (list model);
