#!/bin/sh
# Adds to bench/results/ingest_laion.csv: LAION-shaped files into SQLite, ours beside the ClickHouse guide's way.
# usage: bench/ingest_laion.sh [BUILD [ROWS [PARTS]]]   BUILD is a configured build folder, build/release by default; 20000 rows;
# PARTS: all guide csv. 1000000 rows with "all" need 7 GB of disk, which are given back; the guide's csv alone would be 20 GB.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release}
rows=${2:-20000}
parts=${3:-all guide csv}
venv=build/venv-table
data=build/ingest-laion-$rows
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_ingest_laion fovea
if ! "$venv/bin/python" -c 'import polars, pyarrow, pandas' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet pyarrow==26.0.1 polars==2.1.0 pandas==3.1.1 numpy==2.4.6
fi
[ -f "$data/metadata_0.parquet" ] || "$venv/bin/python" bench/ingest_laion_make.py "$data" "$rows" 4
# shellcheck disable=SC2086
"$venv/bin/python" bench/ingest_laion.py "$build/bench/bench_ingest_laion" "$build/fovea" "$data" bench/results/ingest_laion.csv $parts
rm -r "$data"
