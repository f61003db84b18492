#!/bin/sh
# run.sh BUILD FOVEA transformed|ranking|kill [ARG...] - one end-to-end test with what it needs from PyPI and Debian; 77: skipped.
set -eu
here=$(dirname "$0")
build=$1 fovea=$2 what=$3
shift 3
python=$("$here/venv.sh" "$build" pillow==12.3.0) || exit $?
case $what in
transformed | ranking)
    stamps=$("$here/../../tools/stamps.sh" "$build/stamps") || exit $?
    "$python" "$here/$what.py" "$fovea" "$stamps" "$build/e2e-$what"
    ;;
kill) "$python" "$here/kill.py" "$fovea" "$build/e2e-kill" "$@" ;;
*) echo "no test named $what" >&2; exit 2 ;;
esac
