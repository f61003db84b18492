-- pgvector's operators, rewritten to functions wherever an expression can stand.
CREATE TABLE items(id INTEGER PRIMARY KEY, embedding BLOB);
INSERT INTO items VALUES (1, vector('[1,0,0]')), (2, vector('[0,1,0]')), (3, vector('[3,3,3]')), (4, NULL), (5, vector('[0,0,0]'));
SELECT id, embedding FROM items;
SELECT id, embedding <-> '[1,0,0]' AS l2, embedding <=> '[1,0,0]' AS cosine, embedding <#> '[1,0,0]' AS ip, embedding <+> '[1,0,0]' AS l1 FROM items;
SELECT id FROM items WHERE embedding IS NOT NULL ORDER BY embedding <-> '[3,1,2]' LIMIT 2;
SELECT id FROM items ORDER BY embedding <=> '[1,1,0]' NULLS LAST, id;
SELECT '[1,2]' <-> '[4,6]';
SELECT '[1,2]'<->'[4,6]', 1 - ('[1,0]' <=> '[1,0]') AS similarity;
-- tighter than comparison, looser than + and ||
SELECT '[1,' || '2]' <-> '[4,6]' = 5, '[1,2]' <-> '[4,6]' < 6 AND 1;
SELECT count(*) FROM items a JOIN items b ON a.embedding <-> b.embedding < 2 AND a.id < b.id;
SELECT id, (SELECT min(a.embedding <-> b.embedding) FROM items b WHERE b.id <> a.id) AS nearest FROM items a;
SELECT id % 2 AS odd, round(avg(embedding <+> '[0,0,0]'), 3) AS mean FROM items GROUP BY id % 2 HAVING avg(embedding <+> '[0,0,0]') > 1;
SELECT CASE WHEN embedding <-> '[1,0,0]' < 1 THEN 'near' ELSE 'far' END AS how FROM items WHERE id < 3;
WITH near AS (SELECT id FROM items WHERE embedding <-> '[1,0,0]' < 1.5) SELECT group_concat(id) AS ids FROM near;
UPDATE items SET embedding = vector('[9,9,9]') WHERE embedding <-> '[3,3,3]' = 0 RETURNING id, embedding <-> '[9,9,8]' AS d;
DELETE FROM items WHERE embedding <-> '[9,9,9]' = 0;
INSERT INTO items(id, embedding) SELECT 7, vector('[1,1,1]') WHERE '[1]' <-> '[2]' = 1;
CREATE VIEW nearest AS SELECT id, embedding <-> '[1,0,0]' AS d FROM items WHERE embedding <-> '[1,0,0]' < 2;
SELECT * FROM nearest;
CREATE INDEX by_distance ON items(embedding <-> vector('[1,0,0]'));
CREATE TABLE log(id, d);
CREATE TRIGGER watch AFTER INSERT ON items WHEN new.embedding <-> '[0,0,0]' > 1 BEGIN
  INSERT INTO log SELECT new.id, new.embedding <=> '[1,0,0]'; -- a ; inside
END;
INSERT INTO items VALUES (8, vector('[2,0,0]')), (9, vector('[0.1,0,0]'));
SELECT * FROM log;
SELECT name, sql FROM sqlite_schema WHERE name IN ('nearest', 'by_distance', 'watch');
SELECT id FROM items WHERE embedding <-> ?1 < :most ORDER BY 1;
.bind 1 [1,0,0]
.bindn 2 1.5
.again
SELECT 1 # a comment of ours <-> '[2]'
 , '[1]' <-> /* /* nested */ */ '[3]' AS d;
SELECT ('[1]' <-> '[2]') <-> '[3]';
SELECT '[1,2,3]' <-> '[1,2]';
SELECT x'0102' <-> '[1]';
SELECT x'000080ff' <-> '[1]';
SELECT embedding <-> '[1]' FROM items WHERE id = 4;
-- compound selects
WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x + 1 FROM c WHERE x < 3) SELECT x, '[1]' <-> '[3]' AS d FROM c;
SELECT '[1]' <-> '[2]' UNION ALL SELECT '[1]' <-> '[3]' EXCEPT SELECT 5 INTERSECT SELECT 2;
