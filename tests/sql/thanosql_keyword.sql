-- SEARCH KEYWORD: words for pictures.
.file pics/cat.png picture black cat
.file pics/dog.jpg picture white dog
.file pics/house.png picture house
CREATE TABLE photos(id INTEGER PRIMARY KEY, image_path TEXT, text TEXT);
INSERT INTO photos(image_path, text) VALUES ('pics/cat.png', 'The black cat of the house'), ('pics/dog.jpg', 'A white dog, black and white'), ('pics/house.png', NULL), (NULL, 'nothing');
SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog', 'black cat', 'house'], diversity=0.0, threshold=0.1) AS SELECT id, image_path FROM photos;
SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog', 'black cat', 'black'], diversity=0, top_n=2) AS SELECT id, image_path FROM photos LIMIT 1;
SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog', 'black cat', 'black'], diversity=1, top_n=2) AS SELECT id, image_path FROM photos LIMIT 1;
SEARCH KEYWORD USING mini OPTIONS (keywords='cat', result_col='k') AS SELECT id, image_path FROM photos LIMIT 1;
-- the row's own words, and runs of them
SEARCH KEYWORD USING mini OPTIONS (text_col='text', threshold=0.2, diversity=0.0) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (text_col='text', ngram_range=[1, 1], diversity=0.0, use_stopwords=False, threshold=-1.0, top_n=9) AS SELECT * FROM photos WHERE id = 1;
SEARCH KEYWORD USING mini OPTIONS (text_col='text', ngram_range=3, diversity=0.0) AS SELECT * FROM photos WHERE id = 1;
SEARCH KEYWORD USING mini OPTIONS (text_col='text') AS SELECT 'pics/cat.png' AS path, '' AS text;
-- the words of a language
SEARCH KEYWORD USING mini OPTIONS (top_n=1) AS SELECT id, image_path FROM photos;
SEARCH KEYWORD USING mini OPTIONS (lang='ko', threshold=1.0) AS SELECT id, image_path FROM photos WHERE id = 1;
-- as a table
SELECT id, keyword ->> '$.keyword[0]' AS first FROM (SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog', 'house']) AS SELECT id, image_path FROM photos) WHERE keyword IS NOT NULL;
EXPLAIN SEARCH KEYWORD USING mini OPTIONS (text_col='text') AS SELECT * FROM photos;
EXPLAIN SEARCH KEYWORD USING mini OPTIONS (keywords=['a', 'b']) AS SELECT * FROM photos;
-- vectors that are there
CONVERT USING mini OPTIONS (table_name='photos') AS SELECT * FROM photos;
.embedded
SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog'], top_n=1) AS SELECT id, mini_clip FROM photos WHERE id = 2;
-- what is wrong
SEARCH KEYWORD text='cat' USING mini AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (lang='fr') AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (text_col='txt') AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (text_col='text', ngram_range=[2, 1]) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (text_col='text', ngram_range=[1, 2, 3]) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (text_col='text', ngram_range=[]) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (ngram_range='x') AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (diversity=1.5) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (diversity='x') AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (threshold=[1]) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (top_n=0) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini OPTIONS (topn=3) AS SELECT * FROM photos;
SEARCH KEYWORD USING mini AS SELECT id FROM photos;
-- a column called text is the row's own words, as in the original; lang makes no difference to them
SEARCH KEYWORD USING mini OPTIONS (diversity=0.0, threshold=0.2) AS SELECT id, image_path, text FROM photos WHERE id = 1;
SEARCH KEYWORD USING mini OPTIONS (diversity=0.0, threshold=0.2, lang='ko') AS SELECT id, image_path, text FROM photos WHERE id = 1;
SEARCH KEYWORD USING mini OPTIONS (keywords=['dog', 'cat'], top_n=1) AS SELECT id, image_path, text FROM photos WHERE id = 1;
