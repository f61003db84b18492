#!/bin/sh
# Writes bench/results/oneshot.csv: where the time of one `fovea search` goes, process start to output, over 10,000 rows.
# Its 10,000 pictures are links to one, so the vectors are moved apart in a copy: 10,000 ties are no search.
# usage: bench/oneshot.sh [BUILD [ROUNDS]]   after bench/ingest.sh, whose 10,000-row library it searches.
# Beside it rclip's route (Python, onnxruntime) on as many rows: bench/oneshot_rclip.py says what that leaves out.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release} rounds=${2:-15}
db=build/ingest-bench/many.db out=bench/results/oneshot.csv
[ -f $db ] || sh bench/ingest.sh "$build" mini 1
python=$(tests/e2e/venv.sh build numpy==2.2.6 onnxruntime==1.22.1) || python=
exec python3 bench/oneshot.py "$build/fovea" $db "$rounds" $out "$python"
