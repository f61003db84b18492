-- E'…' has escapes; comments nest and begin with # too.
-- strings with escapes
SELECT E'a\tb\'c\\d' AS s, e'x;y' AS t, 'a\tb' AS u;
SELECT E'\\' || 'x' <> 'y' AS s, '[1]' <-> E'[1]' AS d;
SELECT '\' AS backslash;
CREATE TABLE e(e);
INSERT INTO e VALUES ('column');
SELECT E'alias' FROM e;
-- comments
SELECT 1 # to the end; of the line
 + 1 AS two;
SELECT /* a /* nested */ comment; */ 1 AS one;
SELECT /* a /* not nested */ 2 AS two;
SELECT '#', "/*" FROM (SELECT 3 AS "/*") -- #
;
SELECT 1 <#> 2;
SELECT '[1]' <#> '[2]' AS p # <#>
;
-- mistakes
SELECT 1 /* open
;
