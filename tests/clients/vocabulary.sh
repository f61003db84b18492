#!/bin/sh
# vocabulary.sh BUILD TEST - token ids with CLIP's real 49,408 tokens, against tokenizers. 77: skipped, saying why.
set -eu
here=$(dirname "$0")
build=$1 test=$2
python=$("$here/../e2e/venv.sh" "$build" tokenizers==0.22.2) || exit $?
wheel=$build/open_clip/open_clip_torch-3.3.0-py3-none-any.whl
[ -f "$wheel" ] ||
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$build/open_clip" \
        open_clip_torch==3.3.0 >&2 || { echo "skipped: PyPI does not give open_clip_torch" >&2; exit 77; }
"$python" "$here/vocabulary.py" "$wheel" "$build/clip-vocabulary"
FOVEA_TOKENIZER_DIR=$build/clip-vocabulary "$test"
FOVEA_TOKENIZER_DIR=$build/clip-vocabulary/plain "$test"
