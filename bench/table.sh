#!/bin/sh
# Writes bench/results/table.csv: our readers of files of rows beside pyarrow, polars and NumPy, in turns.
# usage: bench/table.sh [BUILD [ROWS]]   BUILD is a configured build folder, build/release by default; 100000 rows.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release}
rows=${2:-100000}
venv=build/venv-table
data=build/table-data-$rows
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_table
if ! "$venv/bin/python" -c 'import polars, pyarrow, pandas' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet pyarrow==26.0.1 polars==2.1.0 pandas==3.1.1 numpy==2.4.6
fi
[ -f "$data/numbers.csv" ] || "$venv/bin/python" bench/table_make.py "$data" "$rows"
"$venv/bin/python" bench/table_report.py "$build/bench/bench_table" "$data" bench/results/table.csv
