-- regexp_replace(text, pattern, replacement [, flags]) of PostgreSQL
SELECT regexp_replace('Thomas', '.[mN]a.', 'M'), regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('foobarbaz', 'b..', 'X', 'g'), regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g');
SELECT regexp_replace('A b C', '[a-c]', '<\&>', 'gi'), regexp_replace('A b C', '[a-c]', '<\&>', 'g'), regexp_replace('A b C', '[A-C]', '-', 'ig'), regexp_replace('Aa', 'a', '-', 'ic');
SELECT regexp_replace('2024-01-31', '(\d+)-(\d+)-(\d+)', '\3.\2.\1'), regexp_replace('abc', '(a)|(x)', '[\1\2\3]'), regexp_replace('abc', 'b', '\\'), regexp_replace('abc', 'b', 'x\'), regexp_replace('abc', 'b', '\q\0');
-- the leftmost match, of these the longest; the shortest behind a lazy quantifier
SELECT regexp_replace('xabcd', 'a|ab|abc', '-'), regexp_replace('<b>x</b>', '<.*>', ''), regexp_replace('<b>x</b>', '<.*?>', ''), regexp_replace('<b>x</b>', '<.*?>', '', 'g'), regexp_replace('aaa', 'a+?', '-'), regexp_replace('aaaa', 'a{2,3}?', '-'), regexp_replace('aaaa', 'a{2,3}', '-');
SELECT regexp_replace('xaaay', '(a*)(a*)', '[\1|\2]', 'g'), regexp_replace('key=value', '^(.*?)=(.*)$', '\2=\1'), regexp_replace('abab', '(ab)*', '<\1>'), regexp_replace('abcabd', '(ab(c|d))+', '<\1\2>'), regexp_replace('aab', '(a|b)+', '\1');
SELECT regexp_replace('/pictures/2024/cat.jpg', '^.*/', ''), regexp_replace('cat.tar.gz', '\.[^.]*$', ''), regexp_replace('  a  b ', '\s+', ' ', 'g'), regexp_replace('a1b22', '[^[:alpha:]]', '', 'g');
-- empty matches, anchors, other scripts
SELECT regexp_replace('abc', 'x*', '-', 'g'), regexp_replace('abc', 'b*', '-', 'g'), regexp_replace('abc', '', '-'), regexp_replace('', '', '-', 'g'), regexp_replace('abc', '$', '!'), regexp_replace('aaa', '^a', '-', 'g'), regexp_replace('', 'a', 'b');
SELECT regexp_replace('Größe', 'ö', 'oe'), regexp_replace('사과 사진', '사(.)', '[\1]', 'g'), regexp_replace('ÉTÉ', 'é', 'e', 'gi'), regexp_replace('日本', '', '-', 'g');
SELECT regexp_replace(123, '2', 'x'), regexp_replace('a', NULL, 'b'), regexp_replace(NULL, 'a', 'b'), regexp_replace('a', 'a', NULL), regexp_replace('a', 'a', 'b', NULL), regexp_replace('abc', '(?:a)(b)', '\1');
SELECT regexp_replace('abcdefghijkl', '(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)', '\9\8\7\6\5\4\3\2\1\&');
CREATE TABLE f (path text, flags text);
INSERT INTO f VALUES ('a/A.jpg', 'i'), ('a/a.JPG', ''), ('a/a/a', 'g'), ('A/a', 'gi');
SELECT regexp_replace(path, 'a', '-', flags), regexp_replace(path, substr(path, -1), '+') FROM f;
UPDATE f SET path = regexp_replace(path, '\.jpe?g$', '.png', 'i') WHERE path ~* 'jpg$';
SELECT path FROM f;
-- in time that grows with the text
SELECT length(regexp_replace(replace(hex(zeroblob(4000)), '00', 'a'), '^(a|a)*(a|a)*(a|a)*b$', '')) AS quickly;
SELECT length(regexp_replace(replace(hex(zeroblob(20000)), '0', 'ab'), '(a)(b)', '\2\1', 'g')) AS many;
SELECT regexp_replace(replace(hex(zeroblob(50)), '00', 'x'), 'x{40}', '-');
-- bad
SELECT regexp_replace('a', '(', 'b');
SELECT regexp_replace('a', 'a', 'b', 'x');
SELECT regexp_replace('a', 'a', 'b', 2);
SELECT regexp_replace('a', '(a)\1', 'b');
SELECT regexp_replace('a', '((((a{255}){255}){255}){255})', 'b');
SELECT regexp_replace('a', 'a');
SELECT length(regexp_replace(hex(zeroblob(100000)), '', hex(zeroblob(100000)), 'g'));
