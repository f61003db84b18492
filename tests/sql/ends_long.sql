-- Statements longer than the part of a text that is read first, without semicolons.
CREATE TABLE t(a INTEGER, b TEXT)
INSERT INTO t
SELECT 1, 'one'
UNION ALL
SELECT 2, 'two'
UNION ALL
SELECT 3, 'n3'
UNION ALL
SELECT 4, 'n4'
UNION ALL
SELECT 5, 'n5'
UNION ALL
SELECT 6, 'n6'
UNION ALL
SELECT 7, 'n7'
UNION ALL
SELECT 8, 'n8'
UNION ALL
SELECT 9, 'n9'
UNION ALL
SELECT 10, 'n10'
UNION ALL
SELECT 11, 'n11'
UNION ALL
SELECT 12, 'n12'
UNION ALL
SELECT 13, 'n13'
UNION ALL
SELECT 14, 'n14'
UNION ALL
SELECT 15, 'n15'
UNION ALL
SELECT 16, 'n16'
UNION ALL
SELECT 17, 'n17'
UNION ALL
SELECT 18, 'n18'
UNION ALL
SELECT 19, 'n19'
UNION ALL
SELECT 20, 'n20'
UNION ALL
SELECT 21, 'n21'
UNION ALL
SELECT 22, 'n22'
UNION ALL
SELECT 23, 'n23'
UNION ALL
SELECT 24, 'n24'
UNION ALL
SELECT 25, 'n25'
UNION ALL
SELECT 26, 'n26'
UNION ALL
SELECT 27, 'n27'
UNION ALL
SELECT 28, 'n28'
UNION ALL
SELECT 29, 'n29'
UNION ALL
SELECT 30, 'thirty'
SELECT count(*) AS rows, sum(a) AS sum FROM t
DELETE FROM t WHERE a IN (100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179)
SELECT sum(CASE a WHEN 0 THEN 0 WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 3 WHEN 4 THEN 4 WHEN 5 THEN 5 WHEN 6 THEN 6 WHEN 7 THEN 7 WHEN 8 THEN 8 WHEN 9 THEN 9 WHEN 10 THEN 10 WHEN 11 THEN 11 WHEN 12 THEN 12 WHEN 13 THEN 13 WHEN 14 THEN 14 WHEN 15 THEN 15 WHEN 16 THEN 16 WHEN 17 THEN 17 WHEN 18 THEN 18 WHEN 19 THEN 19 WHEN 20 THEN 20 WHEN 21 THEN 21 WHEN 22 THEN 22 WHEN 23 THEN 23 WHEN 24 THEN 24 WHEN 25 THEN 25 WHEN 26 THEN 26 WHEN 27 THEN 27 WHEN 28 THEN 28 WHEN 29 THEN 29 ELSE 0
END) AS cases
FROM t
UPDATE t SET b =
 replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(b, 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm'), 'n', 'm')
 WHERE a = 5
WITH x AS (
SELECT 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 AS s
), y AS (
SELECT s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s AS s FROM x
)
SELECT * FROM y
EXPLAIN ANALYZE
SELECT a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a AS s FROM t WHERE a = 1
SELECT a FROM t WHERE a < 3 AND a NOT IN (100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169) ORDER BY a FORMAT CSV
SELECT a FROM t WHERE a < 3 AND a NOT IN (100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169) SETTINGS ef_search = 5
SELECT [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39] <-> [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39] AS d
CREATE TABLE u AS
SELECT 0 AS c0, 1 AS c1, 2 AS c2, 3 AS c3, 4 AS c4, 5 AS c5, 6 AS c6, 7 AS c7, 8 AS c8, 9 AS c9, 10 AS c10, 11 AS c11, 12 AS c12, 13 AS c13, 14 AS c14, 15 AS c15, 16 AS c16, 17 AS c17, 18 AS c18, 19 AS c19, 20 AS c20, 21 AS c21, 22 AS c22, 23 AS c23, 24 AS c24, 25 AS c25, 26 AS c26, 27 AS c27, 28 AS c28, 29 AS c29
INSERT INTO u (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29)
SELECT 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
SELECT count(*) AS rows FROM u
SELECT c29 FROM u AS
search;
CREATE TRIGGER g AFTER INSERT ON t BEGIN
UPDATE t SET b = 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' || 'x' WHERE a = new.a;
DELETE FROM t WHERE a = 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1;
END;
INSERT INTO t VALUES (50, 'fifty')
SELECT length(b) AS b FROM t WHERE a = 50
SELECT 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1
+
SELECT 2;
SELECT 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 AS one
SELECT nosuch, 0 AS c0, 1 AS c1, 2 AS c2, 3 AS c3, 4 AS c4, 5 AS c5, 6 AS c6, 7 AS c7, 8 AS c8, 9 AS c9, 10 AS c10, 11 AS c11, 12 AS c12, 13 AS c13, 14 AS c14, 15 AS c15, 16 AS c16, 17 AS c17, 18 AS c18, 19 AS c19, 20 AS c20, 21 AS c21, 22 AS c22, 23 AS c23, 24 AS c24, 25 AS c25, 26 AS c26, 27 AS c27, 28 AS c28, 29 AS c29, 30 AS c30, 31 AS c31, 32 AS c32, 33 AS c33, 34 AS c34, 35 AS c35, 36 AS c36, 37 AS c37, 38 AS c38, 39 AS c39 FROM t
SELECT 3 AS three;
SELECT 4 AS four
SELECT (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1;
-- FORMAT and SETTINGS that there are none of are those of the last
SELECT 5 AS five
SELECT 6 AS six
SELECT 7 AS seven FORMAT Nosuch;
SELECT 8 AS eight
SELECT 9 AS nine SETTINGS nosuch = 1;
SELECT 10 AS ten
SELECT 11 AS eleven SETTINGS model = 'nosuch' FORMAT CVS;
SELECT 12 12 FORMAT Nosuch;
SEARCH IMAGE text='cat' USING mini AS SELECT 1 FORMAT Nosuch;
LIST TABLE
LIST TABLE FORMAT Jsno;
