-- ClickHouse's expressions and clauses, written as SQLite's.
CREATE TABLE laion (`id` Int64, `url` String, `similarity` Float32, `image_embedding` Array(Float32)) ENGINE = MergeTree ORDER BY id;
INSERT INTO laion VALUES (1, 'a.jpg', 0.3, [1, 0, 0]), (2, 'b.jpg', 0.2, [0, 1, 0]), (3, 'c.jpg', 0.4, [0.9, 0.1, 0]);
-- WITH expression AS name
WITH [1, 0, 0] AS reference_vec SELECT id, cosineDistance(image_embedding, reference_vec) AS d FROM laion ORDER BY cosineDistance(image_embedding, reference_vec) LIMIT 2;
EXPLAIN WITH [1, 0, 0] AS reference_vec SELECT id FROM laion ORDER BY L2Distance(image_embedding, reference_vec) LIMIT 2;
WITH (SELECT image_embedding FROM laion WHERE id = 2) AS ref, 0.5 AS most SELECT id, round(L2Distance(image_embedding, ref), 3) AS d FROM laion WHERE d > most ORDER BY d;
WITH vector('[0,1,0]') AS ref SELECT id FROM laion ORDER BY L2Distance(image_embedding, ref) LIMIT 1;
SELECT * FROM (WITH 2 AS two SELECT id * two AS twice, two FROM laion) ORDER BY twice DESC;
WITH [1, 0, 0] AS id SELECT id, laion.id FROM laion LIMIT 1;
WITH ids AS (SELECT id FROM laion) SELECT count() FROM ids;
WITH 1 AS x SELECT y;
-- a parameter, as the guide has it
SET param_target = [1, 0, 0];
SELECT url FROM laion ORDER BY cosineDistance(image_embedding, {target:Array(Float32)}) LIMIT 1;
-- an alias in WHERE; clauses
SELECT id, similarity * 10 AS s FROM laion WHERE s > 2.5 ORDER BY s DESC;
SELECT id FROM laion FINAL ORDER BY id LIMIT 1;
SELECT laion.id FROM laion FINAL WHERE laion.id > 1 ORDER BY id;
SELECT id FROM laion PREWHERE similarity > 0.25 ORDER BY id;
SELECT id FROM laion PREWHERE similarity > 0.25 WHERE id > 1;
SELECT id FROM laion FINAL PREWHERE laion.id == 3;
SELECT id FROM laion ORDER BY id LIMIT 1 BY url;
SELECT id FROM laion WHERE id == 1;
SELECT id FROM laion ORDER BY id LIMIT 2, 1;
SELECT final FROM (SELECT 1 AS final) final;
-- lists
SELECT [1, 2, 3], [0.5, -1e3, +2], ['a', 'it''s', NULL], [], [[1], [2]], [id, id + 1], [16777217], ['[', ']'] FROM laion WHERE id = 1;
SELECT [id], "url", [url, id] FROM laion WHERE id = 1;
SELECT L2Distance(image_embedding, [id, 0, 0]) FROM laion ORDER BY 1 LIMIT 1;
SELECT L2Distance([1, 2], [1, ?]);
.bindn 1 4
.again
SELECT [1, 2;
SELECT [1, 2,];
-- casts
SELECT '12'::UInt8, 300::Int16, '1.5'::Float64, 12::String, [1, 2]::Array(Float32), '[1,2]'::Array(Float32), '2024-01-31'::Date, '2024-01-31'::DateTime;
SELECT CAST('[1, 2]' AS Array(Float32)), CAST([1, 2] AS Array(Float64));
SELECT 1::Tuple(Int8);
-- functions with parameters of their own
SELECT quantile(0.5)(similarity), quantile(0.9)(id) FROM laion;
SELECT id % 2 AS odd, quantile(1)(id) FROM laion GROUP BY odd ORDER BY odd;
SELECT uniqUpTo(3)(id) FROM laion;
-- time
SELECT toDate('2024-01-31') + INTERVAL 1 MONTH, toDateTime('2024-01-31') - INTERVAL 2 HOUR, INTERVAL 1 WEEK + toDate('2024-01-01');
SELECT count() FROM laion;
SELECT 1 FORMAT Null;
TRUNCATE TABLE laion;
SELECT count() FROM laion;
TRUNCATE TABLE IF EXISTS nosuch;
-- FINAL behind nothing is no clause
FINAL;
FINAL SELECT 1;
