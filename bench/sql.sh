#!/bin/sh
# Writes bench/results/sql.csv: what our layer costs on SQLite's own statements, and the share of parsing and planning in a search.
# usage: bench/sql.sh [BUILD [ROUNDS]]   BUILD is a configured build folder, build/release by default.
# kind,name,a,b,ratio: plain and open: microseconds of SQLite alone, of ours, ours over SQLite's; plan: of prepare, of the whole
# statement, their ratio. Each line is the median of the rounds.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release} rounds=${2:-7}
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_sql >&2
mkdir -p bench/results
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
taskset -c 1 "$build/bench/bench_sql" "$rounds" > "$rows"
python3 - "$rows" > bench/results/sql.csv <<'END'
import csv, statistics, sys
seen = {}
for row in csv.reader(open(sys.argv[1])):
    seen.setdefault((row[0], row[1]), []).append([float(x) for x in row[2:]])
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["kind", "name", "a_us", "b_us", "ratio"])
for (kind, name), rows in seen.items():
    a, b, ratio = (statistics.median(r[i] for r in rows) for i in range(3))
    out.writerow([kind, name, f"{a:.1f}", f"{b:.1f}", f"{ratio:.4f}"])
END
cat bench/results/sql.csv
