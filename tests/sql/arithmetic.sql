-- + - * / of vectors: texts and pictures, columns, numbers.
CREATE TABLE t(id INTEGER PRIMARY KEY, path, v vector(2), w vector(2), n, plain);
INSERT INTO t VALUES (1, 'a.png', '[1,2]', '[3,4]', 2, vector('[1,1]')), (2, 'b.png', '[0,1]', '[1,0]', 3, vector('[2,2]'));
.file a.png picture horse stripes
.file b.png picture horse brown
SELECT vector('[1,2]') + vector('[3,4]') AS a, vector('[1,2]') - '[3,4]' AS b, 2 * vector('[1,2]') AS c, vector('[1,2]') / 2 AS d;
SELECT -vector('[1,2]') AS a, +vector('[1,2]') AS b, vector('[1,2]') * vector('[3,4]') AS c, 0.5 * (vector('[1,2]') + vector('[3,4]')) - vector('[1,1]') AS d;
SELECT id, v + w, v - 2 * w AS x, v * n, plain + v FROM t ORDER BY id;
SELECT id FROM t ORDER BY v + w <-> '[1,1]' LIMIT 1;
SELECT cosineDistance(embed_text('mini', 'horse') + embed_text('mini', 'stripes'), embed_image('mini', 'a.png')) AS d;
SELECT round(cosineDistance(embed_image('mini', 'a.png') - 0.5 * embed_text('mini', 'stripes'), embed_text('mini', 'horse')), 3) AS d;
SELECT path FROM (CONVERT USING mini AS (SELECT path FROM t))
  ORDER BY mini_clip <=> (embed_text('mini', 'horse') + embed_text('mini', 'brown')) LIMIT 1;
SELECT (SELECT v FROM t WHERE id = 1) + vector('[1,1]') AS a;
SELECT avg(v) + vector('[1,1]') AS a, avg(v + w) AS b, length(v + w) AS c FROM t;
SELECT x.v + x.w AS s FROM (SELECT v, w FROM t) x WHERE x.v + '[0,0]' <-> '[1,2]' < 0.1;
CREATE TABLE made AS SELECT id, v + w AS s FROM t;
SELECT * FROM made;
CREATE VIEW seen AS SELECT v + w AS s FROM t;
SELECT * FROM seen;
.bind 1 [5,5]
SELECT v + ? AS a FROM t WHERE id = 1;
.bindn 1 3
SELECT v * ? AS a FROM t WHERE id = 1;
SELECT v + NULL AS a, NULL * v AS b FROM t WHERE id = 1;
-- numbers are SQLite's
SELECT 1 + 2 * 3 - 4 / 2 AS a, -(5) AS b, n + 1 AS c, n * n AS d FROM t;
SELECT count(*) * 2 AS a, '1' + '2' AS b, x'31' + 1 AS c FROM t;
SELECT 1 - ('[1,2]' <-> '[1,2]') AS similarity;
-- mistakes
SELECT v + 1 FROM t;
SELECT 1 - v FROM t;
SELECT 1 / v FROM t;
SELECT v / 0 FROM t;
SELECT v + vector('[1,2,3]') FROM t;
SELECT v + n FROM t;
SELECT v + 'text' FROM t;
SELECT embed_text('mini', 'a') + embed_text('twin', 'b');
SELECT (embed_text('mini', 'a') + embed_text('mini', 'b')) <-> embed_text('twin', 'b');
SELECT 1e38 * vector('[10]');
SELECT vector('[1]') / vector('[0]');
SELECT vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') AS sixty;
SELECT vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') + vector('[1]') AS hundred;
SELECT 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 AS numbers, vector('[1]') + vector('[1]') AS v;
