#!/bin/sh
# relevance.sh - F1 of the relevance cut beside the best fixed score cut, on the held-out stamps.
# usage: bench/relevance.sh [BUILD_DIR] [STAMPS_DIR]     writes bench/results/relevance.csv
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
build=${1:-$here/../build/release}
stamps=${2:-$here/../build/stamps}
inside=$(find -L "$stamps" -type d -name stamps -path '*tuxpaint*' | head -n 1)
mkdir -p "$here/results"
exec python3 "$here/relevance.py" "$build/fovea" "${inside:-$stamps}" --csv "$here/results/relevance.csv"
