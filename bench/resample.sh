#!/bin/sh
# Writes bench/results/resample.csv: our resampler beside Pillow's, one thread each, in turns.
# usage: bench/resample.sh [BUILD]   BUILD is a configured build folder, build/release by default.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release}
venv=build/venv-pillow
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_resample
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet pillow==12.3.0
fi
"$venv/bin/python" bench/resample_pillow.py "$build/bench/bench_resample" bench/results/resample.csv
