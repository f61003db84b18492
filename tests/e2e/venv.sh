#!/bin/sh
# venv.sh BUILD_DIR PACKAGE==VERSION... - Python packages that only tests and benchmarks use, under BUILD_DIR/venv.
# Prints the venv's python. Exits 77 (ctest: skipped), saying why, where PyPI does not answer.
set -eu
build=$1
shift
venv=$build/venv
mkdir -p "$build"
exec 9> "$build/.venv-lock" # tests run side by side
flock 9
stamp=$venv/.have
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv" >&2 || { echo "skipped: python3 can't make a venv (python3-venv missing?)" >&2; exit 77; }
fi
touch "$stamp"
for package in "$@"; do
    grep -qxF "$package" "$stamp" && continue
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$package" >&2 ||
        { echo "skipped: PyPI does not give $package" >&2; exit 77; }
    echo "$package" >> "$stamp"
done
echo "$venv/bin/python"
