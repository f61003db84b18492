CREATE TABLE t(id INTEGER PRIMARY KEY, image TEXT, model, text, search, "using", convert, options);
INSERT INTO t(image, model, text, search) VALUES ('a', 1, 'x;y', NULL), ('b', 2.5, 'it''s', x'00ff') RETURNING id, image;
SELECT image, model, text, search, "using", convert, options FROM t ORDER BY id;
CREATE TABLE search(image, convert);
INSERT INTO search VALUES (1, 2);
SELECT * FROM (search);
SELECT image.convert FROM (search image);
SELECT (convert), (search.image) FROM search;
SELECT image AS "text", convert AS using_ FROM search AS convert;
CREATE TABLE log(what TEXT);
CREATE TRIGGER note AFTER INSERT ON t WHEN new.id > 0 BEGIN
  INSERT INTO log VALUES ('one; ' || new.id);
  INSERT INTO log SELECT 'two' WHERE CASE WHEN new.id > 2 THEN 1 ELSE 0 END;
END;
INSERT INTO t(id) VALUES (9); SELECT * FROM log;
CREATE VIEW v AS SELECT id, image FROM t WHERE image IS NOT NULL;
SELECT * FROM v;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT sum(i) FROM n;
SELECT id, row_number() OVER (ORDER BY id DESC) AS r, count(*) FILTER (WHERE id > 1) OVER w AS c FROM t WINDOW w AS (ORDER BY id) ORDER BY id;
SELECT over, filter, window FROM (SELECT 1 AS over, 2 AS filter, 3 AS window);
SELECT '{"a":[1,2]}' -> 'a' ->> 1, 1 << 2, 5 & 3, 1 <> 2, 1 == 1, ~1, 'a' || 'b';
SELECT [image], `model` FROM t WHERE id = 1;
EXPLAIN QUERY PLAN SELECT * FROM t WHERE id = 1;
BEGIN; INSERT INTO search VALUES (3, 4); ROLLBACK;
SELECT count(*) FROM search;
PRAGMA user_version = 7;
PRAGMA user_version;
UPDATE t SET model = 5 WHERE id = 1 RETURNING id, model;
DELETE FROM t WHERE id = 9 RETURNING id;
INSERT INTO t(id, text) VALUES (1, 'new') ON CONFLICT(id) DO UPDATE SET text = excluded.text RETURNING text;
SELECT '한국어' AS 이름, "日本" FROM (SELECT '語' AS "日本");
VALUES (1, 'a'), (2, 'b');
;; -- nothing here
SELECT 1 /* comment ; */ AS a -- and ; here
;
