#!/bin/sh
# Writes bench/results/clip.csv: CLIP ViT-B/32's towers beside GEMM peak, memory bandwidth and onnxruntime, in turns.
# usage: bench/clip.sh [BUILD [ROUNDS [SECONDS]]]   BUILD is a configured build folder, build/release by default.
# Columns: what, dtype, size (pictures or tokens), threads, median, unit, limit, median/limit, lowest and highest ratio.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release} rounds=${2:-5} seconds=${3:-1.5}
threads=$(nproc) model=build/clip-bench npm=build/npm out=bench/results/clip.csv
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_clip
python=$(tests/e2e/venv.sh build numpy==2.2.6 onnx==1.19.1) || { echo "no numpy and onnx: no model to measure" >&2; exit 1; }
[ -f $model/text.onnx ] || "$python" bench/clip_make.py $model
if [ ! -d $npm/node_modules/onnxruntime-node ]; then
    mkdir -p $npm && npm install --silent --no-save --ignore-scripts --prefix $npm onnxruntime-node@1.30.0 || true
fi
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
round=1
while [ "$round" -le "$rounds" ]; do
    echo "round $round of $rounds" >&2
    "$build/bench/bench_clip" $model "$threads" "$seconds" >> "$rows"
    if [ -d $npm/node_modules/onnxruntime-node ]; then
        node bench/clip_ort.mjs $npm $model "$threads" "$seconds" >> "$rows"
    else
        echo "ort_pictures,F32,0,$threads,0,npm gives no onnxruntime-node,0,0" >> "$rows"
    fi
    round=$((round + 1))
done
"$python" bench/clip_report.py "$rows" $out
