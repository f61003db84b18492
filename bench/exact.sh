#!/bin/sh
# Writes bench/results/exact.csv: the exact search beside our scan of the f32 rows and a plain read, per kernel set.
# usage: bench/exact.sh [BUILD [ROUNDS]]   BUILD is a configured build folder, build/release by default.
# Data: build/vector-data, which bench/vector.sh fetches. share_read: the f32 scan's speed over the plain read's; ratio: f32
# scan over coded; bytes: f32 over code bytes; share_bytes: ratio over bytes; block8: a query of eight at once; rows8, rows32:
# rows a query whose low nibbles and f32 were read; missing: of 2,000 neighbours, against the f32 scan.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release} rounds=${2:-7}
data=build/vector-data core=$(($(nproc) - 1))
out=bench/results/exact.csv
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_exact
echo "data,rows,dim,metric,kernels,read_ms,read_gbs,f32_ms,share_read,coded_ms,ratio,bytes,share_bytes,block8_ms,rows8,rows32,missing" > $out.new
for isa in avx512 avx2; do
    FOVEA_ISA=$isa taskset -c $core "$build/bench/bench_exact" $data/fashion l2 784 "$rounds" >> $out.new
    FOVEA_ISA=$isa taskset -c $core "$build/bench/bench_exact" $data/clip300k cosine 512 "$rounds" >> $out.new
    FOVEA_ISA=$isa taskset -c $core "$build/bench/bench_exact" $data/glove cosine 100 "$rounds" >> $out.new
done
mv $out.new $out
