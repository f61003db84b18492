-- PostgreSQL's $1, ClickHouse's {name:Type} with SET param_name, and their values' types.
.bind 1 one
.bind 2 two
SELECT $2 AS second, $1 AS first;
.bind 1 [1,2]
SELECT $1 <-> '[1,3]' AS d, $1 AS again;
SET param_target = [1, 2.5, -3];
SELECT vector_text({target:Array(Float32)}) AS v;
SELECT {target:Array(Float32)} <-> '[1,2.5,0]' AS d;
SET param_target = '[0.5,0.25]';
SELECT vector_text({target: Array(Float32)}) AS v, length({ target : Array(Float32) }) AS bytes;
SET param_k = 2;
SET param_name = 'it\'s; a "name"';
SET param_day = 2024-02-29;
SELECT {k:UInt8} AS k, {name:String} AS name, {day:Date} AS day;
SELECT {k:UInt8} AS k, typeof({k:UInt8});
SELECT typeof({k:Float64});
SELECT typeof({k:String});
SELECT typeof({k:LowCardinality(Nullable(Int32))});
SET param_none = NULL;
SELECT {none:Nullable(Int32)} AS n;
SET param_when = '2024-02-29 23:59:59.125';
SELECT {when:DateTime64(3)} AS t;
SET param_words = ['a', 'b'];
SELECT {words:Array(String)} AS w;
CREATE TABLE t(id INTEGER PRIMARY KEY, n);
INSERT INTO t VALUES (1, {k:Int32}), (2, $1);
SELECT * FROM t WHERE n = {k:Int32} ORDER BY id LIMIT {k:Int32};
.bind 1 7
SELECT {k:UInt8} AS k, :other AS other;
.bind 1 seven
SELECT {k:UInt8} AS k;
SET param_k = 300;
SELECT {k:UInt8};
SELECT {k:UInt16} AS k;
SET param_k = '1.5';
SELECT {k:Int32};
SELECT {k:Float32} AS k;
SELECT {k:Date};
SELECT {k:Array(Float32)};
SELECT {k:Strin};
SELECT {k:Identifier} FROM t;
SELECT {nosuch:String};
SELECT {k:Int32}, {k:String};
SELECT {k Int32};
SELECT {;
SET param_k;
SET param_ = 1;
SELECT $0, $1;
SELECT ?40000;
SELECT $a, $b;
.bind 1 left
SELECT $1 || 'x' AS v -- and a comment; with a semicolon
;
-- one name, two types
SET param_n = 5;
SELECT {n:Int32}, {n:Int32};
SELECT {n:Int32} AS a,
  {n : String} AS b;
SELECT CAST({n:Int32} AS TEXT) AS text;
