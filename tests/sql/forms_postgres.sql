-- PostgreSQL's expressions and clauses, written as SQLite's.
CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, n INTEGER, at TEXT, v vector(3));
INSERT INTO t(name, n, at, v) VALUES ('Äpfel', 10, '2024-01-31', '[1,2,3]'), ('birne', 20, '2024-02-10 12:00:00', '[4,5,6]'), ('BIRNE', 30, NULL, '[1,1,1]'), (NULL, 5, '2023-12-31', '[0,0,1]');
-- casts
SELECT '[1,2,3]'::vector(3), '[1,2,3]'::vector, '{1,2}'::real[], '{1,2}'::double precision[], '{1,"a b",NULL}'::text[], '[0.1,2]'::halfvec(2);
SELECT '12'::int + 1, -'3'::bigint, '7'::smallint, 2.5::integer, 3.5::int8, '1.5'::float8, '1.5'::real, '2'::double precision, '1.255'::numeric(10,2), '1.7'::numeric, 1.7::numeric(3);
SELECT 12::text || 'x', 'abcdef'::varchar(3), 'abc'::character varying, 'x'::char, v::text, v::vector(3)::text FROM t WHERE id = 1;
SELECT 'yes'::boolean, 'f'::bool, 0::boolean, '2024-01-31 10:00:00'::date, '2024-01-31'::timestamp, '2024-01-31 10:00:00+02'::timestamp with time zone, '2024-01-31T10:00:00Z'::timestamptz;
SELECT '{"a": [1]}'::json, '{"a": [1]}'::jsonb ->> 'a', '\x0102'::bytea, 't'::regclass, '1 day 2 hours'::interval;
SELECT CAST('[1,2]' AS vector(2)), CAST(v AS halfvec(3)), CAST('{1,2}' AS real[]), CAST('12' AS integer) FROM t WHERE id = 1;
SELECT 'abc'::int;
SELECT 99999::smallint;
SELECT '[1,2,3]'::vector(2);
SELECT CAST('[1,2,3]' AS vector(2));
SELECT '[1e6]'::halfvec;
SELECT '{1:2}/3'::sparsevec(3);
SELECT 'maybe'::boolean;
SELECT '2024-13-01'::date;
SELECT 1::nosuch;
SELECT id::text, n::text::int + 1 AS m FROM t WHERE n::int = 10;
SELECT $1::vector <-> '[1,1]', $2::int + 1, :name::text;
.bind 1 [1,2]
.bind 2 41
.bind 3 x
.again
-- ILIKE
SELECT id FROM t WHERE name ILIKE 'ä%';
SELECT id FROM t WHERE name ILIKE 'BIRNE' ORDER BY id;
SELECT id FROM t WHERE name NOT ILIKE '%E';
SELECT 'a%b' ILIKE 'A\%B', 'a%b' ILIKE 'Ax%B' ESCAPE 'x', 'axb' ILIKE 'A\%B', NULL ILIKE 'a', 'ΣΊΣΥΦΟΣ' ILIKE 'σίσυφος';
SELECT ilike FROM (SELECT 1 AS ilike);
-- DISTINCT ON: the first row of each
SELECT DISTINCT ON (lower(name)) name, id FROM t ORDER BY lower(name), id DESC;
SELECT DISTINCT ON (n / 20) n / 20 AS part, * FROM t ORDER BY part, n DESC LIMIT 2;
SELECT DISTINCT ON (1) n > 9 AS big, id FROM t ORDER BY 1 DESC, id LIMIT 5 OFFSET 1;
SELECT DISTINCT ON (a.n / 20) a.id, b.id FROM t a JOIN t b ON b.n >= a.n ORDER BY a.n / 20, b.n DESC, a.id;
SELECT x FROM (SELECT DISTINCT ON (n > 9) id AS x FROM t ORDER BY n > 9, v <-> '[1,1,1]') ORDER BY x;
SELECT DISTINCT ON (k) k, count(*) FROM (SELECT n / 20 AS k, id % 2 AS p FROM t) GROUP BY k, p ORDER BY k, count(*) DESC;
SELECT DISTINCT ON (n) nosuch FROM t;
SELECT DISTINCT ON (n) id FROM t UNION SELECT 1;
-- arrays
SELECT ARRAY[1, 2.5, -3], ARRAY['a', 'it''s', NULL, true], ARRAY[id, n], ARRAY[]::int[], ARRAY[[1, 2], [3, 4]] FROM t WHERE id = 1;
SELECT id FROM t WHERE id = ANY(ARRAY[1, 3]) OR id = ANY('{4}'::int[]) ORDER BY id;
SELECT v <-> ARRAY[1, 1, 1]::vector AS d FROM t WHERE id < 3;
SELECT id FROM t ORDER BY v <-> ARRAY[1, 1, 1]::vector LIMIT 2;
-- time
SELECT DATE '2024-01-31' + INTERVAL '1 month', at::date - INTERVAL '1 day', INTERVAL '2 hours' + TIMESTAMP '2024-01-01', '2024-01-01'::timestamp + '90 minutes'::interval, INTERVAL '1 year 2 mons -3 days 04:05:06' FROM t WHERE id = 1;
SELECT id FROM t WHERE at > '2024-02-11'::date - INTERVAL '5 days';
SELECT extract(year FROM at), EXTRACT(EPOCH FROM at::timestamp), extract('month' FROM at) FROM t WHERE id = 2;
SELECT DATE '2024-02-30';
SELECT INTERVAL '3 fortnights';
-- functions with words in them
SELECT substring('hello' FROM 2 FOR 3), substring('hello' FROM 3), substring('hello' FOR 2), trim(BOTH 'x' FROM 'xxaxx'), trim(LEADING FROM '  a '), trim(TRAILING 'x' FROM 'ax'), trim('x' FROM 'xax'), position('l' IN 'hello'), left('abc', 1), right('abc', 1);
SELECT string_agg(name, ', ' ORDER BY n DESC), string_agg(name, ', ' ORDER BY name NULLS FIRST), array_agg(id ORDER BY n DESC, id), array_agg(name ORDER BY name DESC NULLS LAST), group_concat(id ORDER BY id DESC) FROM t;
SELECT n > 9 AS big, string_agg(id, '' ORDER BY id DESC) FILTER (WHERE id <> 2) FROM t GROUP BY 1;
SELECT max(n ORDER BY id) FROM t;
-- clauses
SELECT id FROM t ORDER BY id LIMIT ALL OFFSET 3;
SELECT id FROM t ORDER BY id FETCH FIRST 2 ROWS ONLY;
SELECT id FROM t ORDER BY id FETCH NEXT ROW ONLY;
SELECT id FROM t ORDER BY v <-> '[1,1,1]' FETCH FIRST 1 ROW ONLY;
SELECT id FROM t WHERE id = 1 FOR UPDATE;
SELECT id FROM t WHERE id IN (SELECT id FROM t WHERE n > 9 FOR SHARE) ORDER BY id DESC FOR NO KEY UPDATE OF t SKIP LOCKED;
SELECT fetch, final, "interval" FROM (SELECT 1 AS fetch, 2 AS final, 3 AS interval);
SELECT TRUE, FALSE, 1 IS DISTINCT FROM NULL, NULL IS NOT DISTINCT FROM NULL;
SELECT i, i * i AS square FROM generate_series(1, 3) AS i;
SELECT g.k FROM generate_series(2, 6, 2) AS g(k) WHERE g.k > 2;
SELECT t.id, s FROM t, generate_series(1, 2) AS s WHERE t.id < 3 ORDER BY 1, 2;
-- regular expressions
SELECT name ~ '^b', name ~* '^B.*E$', name !~ 'r', name !~* 'R' FROM t ORDER BY id;
SELECT 'abc' ~ 'b', 'abc' ~ '^b', 'abc' ~ 'c$', 'abc' ~ '^abc$', '' ~ '^$', 'abc' ~ '', 'a.c' ~ '^a\.c$', 'abc' ~ 'a.c', 'ac' ~ 'ab?c', 'abbbc' ~ '^ab+c$', 'ac' ~ '^ab*c$';
SELECT 'x12' ~ '^[a-z]\d+$', 'x-y' ~ '[^\w]', 'a]b' ~ '[]]', 'a-b' ~ '[a-]', 'Größe' ~ '^[[:alpha:]]+$', 'tab	x' ~ '\s', '12' ~ '^[[:digit:]]{2}$', 'é' ~* 'É', 'Z' ~* '[a-z]';
SELECT 'abab' ~ '^(ab){2}$', 'ababab' ~ '^(ab){2}$', 'ab' ~ '^(ab){0,1}$', '' ~ '^(ab){0,1}$', 'aaa' ~ '^a{2,}$', 'a' ~ '^a{2,}$', 'cat' ~ '^(cat|dog|bird)$', 'bird' ~ '^(?:cat|dog|bird)$', 'bir' ~ '^(cat|dog|bird)$', 'xyz' ~ '(a|)z', 'aab' ~ '^(a*)*b$', 'abc' ~ 'a{0}bc';
SELECT regexp_like('abc', 'b+'), NULL ~ 'a', 'a' ~ NULL;
SELECT (SELECT replace(hex(zeroblob(15000)), '00', 'a')) ~ '^(a|a)*(a|a)*(a|a)*b$' AS quickly;
SELECT 'a' ~ '(';
SELECT 'a' ~ 'a)';
SELECT 'a' ~ '[a';
SELECT 'a' ~ '*a';
SELECT 'a' ~ '(a)\1';
SELECT 'a' ~ '(?=a)';
SELECT 'a' ~ 'a{3,2}';
SELECT 'a' ~ '[z-a]';
SELECT 'a' ~ '((a{200}){200}){200}';
SELECT 'a' ~ '[[:nosuch:]]';
-- one statement, many forms
INSERT INTO t(name, n, v) VALUES ('Kiwi', '40'::int, '[7,7,7]'::vector) ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING id, name ILIKE 'k%' AS k, v <-> '[7,7,8]'::vector AS d;
UPDATE t SET n = n + '1'::int, v = ARRAY[1, 0, 0]::vector WHERE name ILIKE 'kiwi' RETURNING id, n, v;
DELETE FROM t WHERE name ILIKE 'KIWI' RETURNING id::text;
CREATE TABLE copied AS SELECT id, v::vector(3) AS v FROM t WHERE n::int > 9;
SELECT count(*), min(v::text) FROM copied;
CREATE VIEW near AS SELECT id, v <-> '[1,1,1]'::vector AS d FROM t WHERE name ILIKE '%e%';
SELECT * FROM near ORDER BY d;
-- sessions and transactions
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE EXTENSION postgis;
SET search_path = public, "$user";
SET SESSION client_min_messages TO 'warning';
SET statement_timeout = 0;
SET TIME ZONE 'UTC';
SET nosuch_setting = 1;
SHOW search_path;
SHOW server_version_nosuch;
START TRANSACTION ISOLATION LEVEL READ COMMITTED;
TRUNCATE TABLE copied;
SELECT count(*) FROM copied;
ROLLBACK WORK;
SELECT count(*) FROM copied;
BEGIN TRANSACTION READ ONLY;
COMMIT;
TRUNCATE ONLY copied RESTART IDENTITY CASCADE;
SELECT count(*) FROM copied;
TRUNCATE copied, nosuch;
