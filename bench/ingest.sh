#!/bin/sh
# Writes bench/results/ingest.csv: from files to rows, beside what decoding and embedding alone allow.
# usage: bench/ingest.sh [BUILD [MODEL [ROUNDS]]]   BUILD is a configured build folder, build/release by default.
# Columns: set, pictures, threads, decode/s (D), embed/s (E), index/s (I), 1/(1/D+1/E), I over it, lowest, highest, MiB.
# And bench/results/unchanged.csv: the second run over 10,000 unchanged files beside `find -ls`, medians of five in turns.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release} model=${2:-mini} rounds=${3:-5}
pictures=build/ingest-bench out=bench/results/ingest.csv
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_ingest --target fovea
python=$(tests/e2e/venv.sh build numpy==2.2.6 pillow==12.3.0) || { echo "no Pillow: no pictures to measure" >&2; exit 1; }
[ -d $pictures/640 ] || "$python" bench/ingest_make.py $pictures
mkdir -p bench/results
echo "set,pictures,threads,decode,embed,index,limit,index_over_limit,lowest,highest,peak_mib" > $out
for set in 12mp 640; do "$build/bench/bench_ingest" $set $pictures/$set "$model" "$rounds" | tee -a $out; done

# 10,000 files that have not changed. They are one picture many times: only names and times matter here.
many=$pictures/many db=$pictures/many.db
if [ ! -d $many ]; then
    mkdir -p $many.part
    small=$(ls $pictures/640 | head -n 1)
    for i in $(seq 1 100); do
        mkdir -p "$many.part/$i"
        for k in $(seq 1 100); do cp "$pictures/640/$small" "$many.part/$i/$k.jpg"; done
    done
    mv $many.part $many
fi
rm -f $db $db-wal $db-shm
"$build/fovea" index $many --db $db --model "$model" 2>/dev/null
seconds() { # of a command, as the wall sees it
    begin=$(date +%s%N); "$@" >/dev/null 2>&1; end=$(date +%s%N); echo "$begin $end" | awk '{ print ($2 - $1) / 1e9 }'
}
for round in 1 2 3 4 5; do
    echo "find $(seconds find $many -ls)"
    echo "index $(seconds "$build/fovea" index $many --db $db --model "$model")"
done | sort | awk '{ v[$1, ++n[$1]] = $2 } END { for (w in n) m[w] = v[w, int((n[w] + 1) / 2)];
    print "files,index_s,find_ls_s,index_over_find_ls";
    printf "10000,%.4f,%.4f,%.2f\n", m["index"], m["find"], m["index"] / m["find"] }' | tee bench/results/unchanged.csv
