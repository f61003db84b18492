-- The elements of a JSON list as rows, as PostgreSQL has them.
SELECT value FROM json_array_elements('[1, "cat", null, true, false, [1, 2], {"a": "b"}, 1.5]');
SELECT value, typeof(value) FROM json_array_elements_text('[1, "cat", null, true, [1, 2], {"a": "b"}]');
SELECT value FROM jsonb_array_elements('["고양이"]') UNION ALL SELECT value FROM jsonb_array_elements_text('["고양이"]');
SELECT count(*) FROM json_array_elements('[]');
SELECT count(*) FROM json_array_elements(NULL);
CREATE TABLE found(id INTEGER, keyword TEXT);
INSERT INTO found VALUES (1, '{"keyword":["cat","sofa"],"score":[0.3,0.2]}'), (2, '{"keyword":["dog"],"score":[0.4]}'), (3, NULL);
SELECT id, e.value FROM found, json_array_elements(keyword -> 'keyword') AS e;
SELECT e.value AS word, count(*) AS n FROM found f, json_array_elements_text(f.keyword -> 'keyword') e GROUP BY word ORDER BY word;
SELECT id FROM found WHERE 'dog' IN (SELECT value FROM json_array_elements_text(keyword -> 'keyword'));
SELECT * FROM json_array_elements('{"a": 1}');
SELECT * FROM json_array_elements('cat');
SELECT * FROM json_array_elements('"cat"');
SELECT * FROM json_array_elements(x'00ff');
SELECT * FROM json_array_elements(3);
SELECT * FROM json_array_elements();
SELECT id, json_array_elements(keyword -> 'keyword') FROM found;
