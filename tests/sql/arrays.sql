-- [1, 2] is an array where it can't be a name; E'…' has escapes; comments nest and begin with #.
SELECT [1, 2.5, -3] AS a;
SELECT [] AS a, ['it''s', 'b"c', NULL] AS b, [[1, 2], [3]] AS c, [+1] AS d;
SELECT cosineDistance([1, 0], [0, 1]) AS d, L2Distance([1, 2], '[1,3]') AS e;
SELECT [1, 2] <-> [1, 3] AS d, ARRAY[1, 2] <-> ARRAY[1, 5] AS e;
SELECT [a, a + 1, [a], 'x', .5, 0x10] AS v FROM (SELECT 2 AS a);
SELECT [1, 2];
SELECT json_array_length([1, 2, 3]) AS n;
CREATE TABLE t(id INTEGER PRIMARY KEY, v, [2020], [a b], array);
INSERT INTO t VALUES (1, vector([1, 2]), 'year', 'name', 'word'), (2, vector([3, 4]), 'y', 'n', 'w');
SELECT id FROM t ORDER BY L2Distance(v, [3, 5]) LIMIT 1;
SELECT id FROM t WHERE v <-> [1, 2] < 0.5;
EXPLAIN SELECT id FROM t ORDER BY v <-> [3, 5] LIMIT 1;
-- SQLite's names
SELECT [2020], [a b], [id] AS [the id] FROM t LIMIT 1;
SELECT array FROM t LIMIT 1;
SELECT array [x] FROM t LIMIT 1;
-- strings with escapes
SELECT E'a\tb\'c\\d' AS s, e'x;y' AS t, 'a\tb' AS u;
SELECT E'\\' || 'x' <> 'y' AS s, '[1]' <-> E'[1]' AS d;
SELECT '\' AS backslash;
CREATE TABLE e(e);
INSERT INTO e VALUES ('column');
SELECT E'alias' FROM e;
-- comments
SELECT 1 # to the end; of the line
 + 1 AS two;
SELECT /* a /* nested */ comment; */ 1 AS one;
SELECT /* a /* not nested */ 2 AS two;
SELECT '#', "/*" FROM (SELECT 3 AS "/*") -- #
;
SELECT 1 <#> 2;
SELECT '[1]' <#> '[2]' AS p # <#>
;
-- mistakes
SELECT [1, 2;
SELECT 1];
SELECT [1 2];
SELECT 1 /* open
;
