#!/bin/sh
# clip.sh BUILD TEST [NAME...] - CLIP of true shapes with random weights against transformers. 77: skipped, saying why.
# The models lie under BUILD/clip-true (600 MB for ViT-B/32) and are made once.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1 test=$2
shift 2
[ $# -gt 0 ] || set -- ViT-B/32
python3 -c 'import torch, transformers, safetensors' 2>/dev/null ||
    { echo "skipped: python3 has no torch (a CPU build) and transformers 4.57.1 to compare with" >&2; exit 77; }
for name in "$@"; do
    dir=$build/clip-true/$(echo "$name" | tr / -)
    [ -f "$dir/expected.safetensors" ] || python3 "$root/tools/golden/clip.py" --true "$name" "$dir"
    "$test" at "$dir"
done
