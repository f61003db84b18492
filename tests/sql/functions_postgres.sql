-- Functions of PostgreSQL and pgvector that are supported: this file is the list. SQLite's own keep their meaning.
CREATE TABLE t(id bigserial PRIMARY KEY, name text, at timestamp, v vector(3));
INSERT INTO t(name, at, v) VALUES ('one', '2024-01-31 10:20:30', '[1,2,3]'), ('two', '2024-02-29', '[4,5,6]'), ('two', NULL, '[0,0,0]');
-- pgvector
SELECT vector_dims(v), vector_norm(v), l2_norm(v), l2_normalize(v), subvector(v, 2, 2), subvector(v, 0, 2) FROM t WHERE id = 1;
SELECT l2_distance(v, '[1,1,1]'), l1_distance(v, '[1,1,1]'), cosine_distance(v, '[1,1,1]'), inner_product(v, '[1,1,1]'), negative_inner_product(v, '[1,1,1]') FROM t WHERE id = 1;
SELECT id FROM t ORDER BY l2_distance(v, '[4,5,7]') LIMIT 1;
SELECT vector_add(v, '[1,1,1]'), vector_sub(v, '[1,1,1]'), vector_mul(v, '[2,2,2]'), vector_concat(v, '[9]') FROM t WHERE id = 1;
SELECT binary_quantize('[1,-2,0.5]'), hamming_distance('1010', '1001'), jaccard_distance('1010', '1001');
SELECT avg(v), sum(v), avg(id), sum(id), length(v), length(name) FROM t WHERE id < 3;
SELECT vector_avg(v), vector_sum(v), avg(v) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t WHERE id = 1;
SELECT id, avg(v) OVER (ORDER BY id ROWS 1 PRECEDING) AS mean FROM t;
SELECT avg(v) FROM t WHERE id > 9;
SELECT avg(x) FROM (SELECT '[1,2]'::vector AS x UNION ALL SELECT '[1]'::vector);
SELECT vector_avg(x) FROM (SELECT '[1,2]' AS x UNION ALL SELECT '[1]');
SELECT subvector('[1,2]', 3, 1);
SELECT hamming_distance('101', '1');
SELECT vector_add('[3e38]', '[3e38]');
-- text
SELECT left('Größe', 3), right('Größe', 2), left('abc', -1), right('abc', -1), lpad('7', 3, '0'), rpad('ab', 5, 'xy'), lpad('abcd', 2), repeat('ab', 3), reverse('añb');
SELECT split_part('a,b,c', ',', 2), split_part('a,b,c', ',', -1), split_part('abc', ',', 2), strpos('Größe', 'e'), initcap('hello wORLD'), btrim('xxaxx', 'x'), btrim('  a '), starts_with('abc', 'ab');
SELECT concat('a', NULL, 1), concat_ws('-', 'a', NULL, 'b'), md5('abc'), chr(233), ascii('é'), char_length('Größe'), character_length('ab'), octet_length('Größe');
SELECT split_part('a', ',', 0);
SELECT lpad('x', 2000000000);
-- choice
SELECT greatest(1, NULL, 3), least('b', 'a'), coalesce(NULL, 2), nullif(1, 1);
-- time
SELECT now() > '2024-01-01', clock_timestamp() > '2024-01-01', date_trunc('month', at), date_trunc('week', at), date_trunc('hour', at) FROM t WHERE id = 1;
SELECT date_part('year', at), date_part('dow', at), date_part('doy', at), date_part('week', at), date_part('quarter', at), date_part('epoch', at), date_part('second', '2024-01-01 00:00:01.25') FROM t WHERE id = 1;
SELECT to_char(at, 'YYYY-MM-DD HH24:MI:SS'), to_char(at, 'FMDay, DD Mon YYYY HH12 AM'), to_char(at, 'Month|DY|Q|IW|DDD "of" YY') FROM t WHERE id = 1;
SELECT date_add('2024-01-31', '1 month'), date_subtract('2024-03-01 00:00:00', '1 day 30 minutes'), to_timestamp(1e9);
SELECT date_trunc('fortnight', now());
SELECT date_trunc('day', 'yesterday');
SELECT date_add('2024-01-31', '9999 years');
SELECT date_trunc('day', NULL);
-- aggregates
SELECT string_agg(name, ','), array_agg(name), array_agg(id), bool_and(id > 0), bool_or(id > 2), every(id > 1), any_value(name) FROM t;
SELECT stddev(id), stddev_samp(id), stddev_pop(id), variance(id), var_samp(id), var_pop(id), median(id) FROM t;
SELECT string_agg(name, ','), array_agg(name), bool_and(id), stddev(id) FROM t WHERE id > 9;
-- arrays
SELECT array_length(v, 1), array_length('[]', 1), array_length(v, 2), cardinality(v), cardinality('["a","b"]') FROM t WHERE id = 1;
SELECT cardinality('no list');
-- about
SELECT pg_typeof(1), pg_typeof(1.5), pg_typeof('a'), pg_typeof(NULL), pg_typeof(v), pg_typeof('[1]'::vector) FROM t WHERE id = 1;
SELECT version() LIKE 'Fovea on SQLite 3.%', current_schema(), current_database(), length(gen_random_uuid()), gen_random_uuid() <> gen_random_uuid();
-- tables
SELECT generate_series FROM generate_series(1, 3);
SELECT * FROM generate_series(6, 1, -2);
SELECT * FROM generate_series(0, 1, 0.5);
SELECT * FROM generate_series('2024-01-30', '2024-03-30', '1 month');
SELECT * FROM generate_series(9223372036854775806, 9223372036854775807);
SELECT * FROM generate_series(1, 3, 0);
SELECT count(*) FROM generate_series(1, NULL);
