#!/bin/sh
# Real pictures for the vector benchmark: the shipped model's embeddings of Tux Paint's stamps, as FOLDER/stamps.raw.
# usage: bench/vector/stamps.sh BUILD FOLDER     exit status 77 where the stamps can't be had.
set -eu
cd "$(dirname "$0")/../.."
build=$1 folder=$2
[ ! -f "$folder/stamps.raw" ] || exit 0
stamps=$(tools/stamps.sh build/stamps) || exit 77
"$build/fovea" index "$stamps" --db "$folder/stamps.db" >&2
python3 - "$folder" <<'PY'
import sqlite3
import sys

folder = sys.argv[1]
rows = sqlite3.connect(f"{folder}/stamps.db").execute("SELECT embedding FROM images WHERE embedding IS NOT NULL ORDER BY path").fetchall()
with open(f"{folder}/stamps.dim", "w") as f:
    f.write(str(len(rows[0][0]) // 4))
with open(f"{folder}/stamps.raw", "wb") as f:
    f.writelines(row[0] for row in rows)
PY
