-- ClickHouse's functions that are supported: this file is the list. SQLite's own keep their meaning.
CREATE TABLE t(id Int64, name String, v Array(Float32)) ENGINE = MergeTree ORDER BY id;
INSERT INTO t VALUES (1, 'Grün', [3, 4]), (2, 'blue', [0, -2]), (3, 'blue', [1, 1]);
-- distances
SELECT L1Distance([1, 2], [3, 5]), distanceL1([1, 2], [3, 5]), L2Distance([1, 2], [4, 6]), distanceL2([1, 2], [4, 6]);
SELECT L2SquaredDistance([1, 2], [3, 5]), distanceL2Squared([1, 2], [3, 5]), LinfDistance([1, 2], [3, 5]), distanceLinf([1, 2], [3, 5]);
SELECT LpDistance([1, 2], [3, 5], 3), distanceLp([1, 2], [3, 5], 1), cosineDistance([1, 0], [1, 1]), cosineDistance([1, 2], [0, 0]);
SELECT dotProduct([1, 2], [3, 5]), scalarProduct([1, 2], [3, 5]), arrayDotProduct([1, 2], [3, 5]);
SELECT id FROM t ORDER BY L2SquaredDistance(v, [0, 0]) LIMIT 2;
SELECT id FROM t ORDER BY scalarProduct(v, [1, 1]) DESC LIMIT 2;
SELECT L2SquaredDistance([1, 2, 3], [1, 2]);
SELECT LpDistance([1, 2], [3, 5], 0.5);
SELECT LpDistance([1, 2], [3, 5]);
SELECT L2Distance(NULL, [1]), L2Norm(NULL);
-- norms, scaling
SELECT L1Norm(v), normL1(v), L2Norm(v), normL2(v), L2SquaredNorm(v), normL2Squared(v) FROM t WHERE id = 1;
SELECT LinfNorm(v), normLinf(v), LpNorm(v, 2), normLp(v, 1) FROM t WHERE id = 1;
SELECT L1Normalize(v), normalizeL1(v), L2Normalize(v), normalizeL2(v), LinfNormalize(v), normalizeLinf(v), LpNormalize(v, 2), normalizeLp(v, 2) FROM t WHERE id = 1;
-- arrays
SELECT length(v), arraySum(v), arrayAvg(v), arrayMin(v), arrayMax(v), avg(v), length('Grün') FROM t GROUP BY v ORDER BY 2 DESC LIMIT 1;
SELECT reinterpret(x'0000803f00000040', 'Array(Float32)'), reinterpret(x'000000000000f03f', 'Array(Float64)');
SELECT reinterpret(x'0000803f00', 'Array(Float32)');
SELECT reinterpret('abcd', 'UInt32');
-- kinds
SELECT toInt8(300), toInt16(70000), toInt32('12'), toInt64(-3.7), toUInt8(-1), toUInt16(65537), toUInt32(1), toUInt64('7');
SELECT toInt32OrZero('x'), toInt32OrNull('x'), toFloat64OrZero('x'), toFloat32(0.1), toFloat64('1e3'), toString(12), toString([1, 2]), toTypeName(1.5);
SELECT toInt32('abc');
SELECT toDate('2024-02-03 04:05:06'), toDate(19000), toDateTime('2024-02-03'), toDateTime(0), toUnixTimestamp('2024-02-03 00:00:00');
SELECT toYear('2024-02-03'), toMonth('2024-02-03'), toDayOfMonth('2024-02-03'), toDayOfWeek('2024-02-03'), toHour('2024-02-03 04:05:06'), toMinute('2024-02-03 04:05:06'), toSecond('2024-02-03 04:05:06');
SELECT toDate('3 February');
SELECT now() BETWEEN datetime('now', '-1 minute') AND datetime('now', '+1 minute') AS now, today() BETWEEN date('now', '-1 day') AND date('now', '+1 day') AS today, yesterday() < date('now') AS yesterday;
-- text
SELECT lower('ÄB'), upper('äb'), lowerUTF8('ÄB'), upperUTF8('äb'), lengthUTF8('Grün'), position('Grün', 'n'), positionUTF8('Grün', 'n'), locate('hello', 'l', 4);
SELECT substring('hello', 2, 3), concat('a', NULL, 1), startsWith('hello', 'he'), endsWith('hello', 'lo'), empty(''), notEmpty('x');
-- choice
SELECT if(1 > 2, 'a', 'b'), multiIf(0, 'a', 1, 'b', 'c'), ifNull(NULL, 3), coalesce(NULL, 4), greatest(1, 3, 2), least(1, 3, 2), round(2.567, 1);
SELECT multiIf(1, 2);
-- aggregates
SELECT count(), uniq(name), uniqExact(name, id), any(name), anyLast(name), avg(id), sum(id), min(id), max(id), argMax(name, id), argMin(name, id) FROM t;
SELECT groupArray(name), groupArray(id), quantile(id), quantile(0.25)(id), quantileExact(1)(id), median(id), countIf(id > 1), sumIf(id, id > 1), avgIf(id, id > 1) FROM t;
SELECT stddevPop(id), stddevSamp(id), varPop(id), varSamp(id) FROM t;
SELECT uniq(name), groupArray(name), any(name), quantile(id) FROM t WHERE id > 9;
SELECT topK(3)(name) FROM t;
SELECT quantile(2)(id) FROM t;
-- where one is
SELECT version() LIKE 'Fovea on SQLite 3.%', timezone(), currentDatabase(), rand() BETWEEN 0 AND 4294967295, length(generateUUIDv4());
SELECT formatReadableSize(1536), formatReadableDecimalSize(1500), formatReadableQuantity(1234567), formatReadableSize(-5);
-- tables
SELECT number FROM numbers(3);
SELECT number FROM numbers(5, 2);
