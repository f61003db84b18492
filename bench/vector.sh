#!/bin/sh
# Writes bench/results/vector*.csv: the vector engine beside hnswlib, faiss, USearch and sqlite-vec, in turns; see FIGURES.md.
# usage: bench/vector.sh [BUILD [ROUNDS [SECONDS]]]   BUILD is a configured build folder, build/release by default.
# QUICK=1: Fashion-MNIST alone, two short rounds. STEPS="exact-fashion sql-clip1m" runs those alone.
# PEERS=1: only builds the peers' indexes that are missing, on all cores. KEPT=1: peers' indexes that were not kept are left out instead of built.
# A run that was broken off goes on where it stopped; peers' indexes are kept in build/vector-data/index (making them all the
# first time takes an hour or two), ours are built anew by every run. SECONDS is the time of one point.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release} rounds=${2:-5} seconds=${3:-0.3}
data=build/vector-data run=build/vector-data/run out=bench/results
sets="fashion glove clip300k clip300kp stamps"
if [ -n "${QUICK:-}" ]; then
    sets=fashion rounds=2 seconds=0.1 run=build/vector-data/quick out=build/vector-data/quick/results
    rm -rf $run
fi
[ -d "$build" ] || cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$build" --target bench_vector --target bench_vector_filter --target bench_vector_update --target bench_vector_sql \
    --target fovea >&2
bench/vector/peers.sh
[ -n "${QUICK:-}" ] || { bench/vector/stamps.sh "$build" $data || sets="fashion glove clip300k clip300kp"; }
for set in $sets; do $data/venv/bin/python bench/vector_data.py $data "$set"; done
[ -n "${QUICK:-}" ] || $data/venv/bin/python bench/vector_data.py $data clip1m
peers=$(ls $data/peers/*.so 2>/dev/null || true)
VECTOR_VEC0=$(pwd)/$data/dl/sqlite_vec/sqlite_vec/vec0.so
VECTOR_KEPT=${KEPT:-}
export VECTOR_VEC0 VECTOR_KEPT

if [ -n "${PEERS:-}" ]; then
    for set in $sets clip1m; do
        for peer in $peers; do
            case $set-$peer in clip300kp-* | clip1m-*/faiss.so | clip1m-*/usearch.so | clip1m-*/sqlitevec.so) continue ;; esac
            VECTOR_CPU=-1 VECTOR_BUILD_THREADS=$(nproc) VECTOR_ONLY=$([ "$set" != clip1m ] || echo "M=16") VECTOR_OURS=0 \
                "$build/bench/bench_vector" build $data "$set" 1 1 "$peer"
        done
    done
    exit 0
fi

mkdir -p $run $out
if [ -f $run/finished ]; then rm -rf $run; mkdir -p $run; fi
if [ ! -f $run/begun ]; then
    rm -rf $data/index/*-fovea-* $data/ours $data/sql
    touch $run/begun
fi
step() { # NAME COMMAND...
    name=$1
    shift
    case " ${STEPS:-$name} " in *" $name "*) ;; *) return 0 ;; esac
    [ ! -f "$run/$name.rows" ] || return 0
    begin=$(date +%s)
    "$@" > "$run/$name.part" || { echo "step $name failed" >&2; return 0; }
    mv "$run/$name.part" "$run/$name.rows"
    echo "== $name: $(($(date +%s) - begin)) s" >&2
}
build_both() { # SET: ours and hnswlib's, one thread and two, made now
    for threads in 1 2; do
        rm -rf $data/again
        mkdir -p $data/again
        ln -s ../"$1".base ../"$1".query ../"$1".truth ../"$1".json $data/again/
        VECTOR_CPU=$([ $threads = 1 ] && echo 1 || echo -1) VECTOR_BUILD_THREADS=$threads VECTOR_ONLY="${2:-}" \
            VECTOR_KEPT='' "$build/bench/bench_vector" time $data/again "$1" 1 1 $data/peers/hnswlib.so
    done
    rm -rf $data/again
}
for set in $sets; do
    # shellcheck disable=SC2086
    [ "$set" = clip300kp ] || step "exact-$set" "$build/bench/bench_vector" exact $data "$set" "$rounds" "$seconds" $peers
    # shellcheck disable=SC2086
    step "graph-$set" "$build/bench/bench_vector" graph $data "$set" "$rounds" "$seconds" $peers
done
step build-fashion build_both fashion "M=16"
step filter-fashion "$build/bench/bench_vector_filter" $data fashion "$rounds"
step update-fashion "$build/bench/bench_vector_update" delete $data fashion
if [ -z "${QUICK:-}" ]; then
    step filter-clip300k "$build/bench/bench_vector_filter" $data clip300k "$rounds"
    step exact-clip1m "$build/bench/bench_vector" exact $data clip1m 3 "$seconds"
    step scale-clip1m env VECTOR_BUILD_THREADS=2 VECTOR_ONLY=M=16 \
        "$build/bench/bench_vector" graph $data clip1m 3 "$seconds" $data/peers/hnswlib.so
    step insert-clip1m "$build/bench/bench_vector_update" insert $data clip1m
    step sql-clip1m "$build/bench/bench_vector_sql" $data clip1m "$rounds"
fi
step sql-fashion "$build/bench/bench_vector_sql" $data fashion "$rounds"
[ -n "${STEPS:-}" ] || touch $run/finished
python3 bench/vector_report.py $run $out | tee $run/report.txt
