CREATE TABLE t(id INTEGER PRIMARY KEY, path TEXT, mini_clip BLOB);
EXPLAIN SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM t);
EXPLAIN SELECT id FROM (SEARCH IMAGE images=['a', 'b'] USING twin AS (SELECT * FROM (CONVERT USING mini AS (SELECT id, path FROM t)))) WHERE id = ?;
EXPLAIN CONVERT USING mini OPTIONS (table_name='t') AS SELECT * FROM t;
SELECT count(*) AS columns FROM pragma_table_info('t');
EXPLAIN SELECT id FROM t ORDER BY mini_clip <=> '[1]';
EXPLAIN QUERY PLAN SELECT id FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM t)) s JOIN t p USING (id);
EXPLAIN QUERY PLAN SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM t);
