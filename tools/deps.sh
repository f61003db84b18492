#!/bin/sh
# deps.sh - installs the Debian packages that are missing, and only then asks for root.
#
# usage: tools/deps.sh [GROUP...]    groups: build (when none is given), fuzz, fmt
# This is the one list of what Fovea needs. With nothing missing it touches nothing.
set -eu

build="gcc libc6-dev make cmake ninja-build pkg-config lemon python3 python3-venv
    libsqlite3-dev libdnnl-dev libjpeg-dev libspng-dev libwebp-dev libgif-dev libjansson-dev
    libutf8proc-dev libxxhash-dev libssl-dev libcurl4-openssl-dev libarchive-dev libexpat1-dev
    zlib1g-dev libedit-dev libzstd-dev libsnappy-dev libcmocka-dev"
fuzz="clang"
fmt="clang-format"

wanted=""
for group in "${@:-build}"; do
    case $group in
    build) wanted="$wanted $build" ;;
    fuzz) wanted="$wanted $fuzz" ;;
    fmt) wanted="$wanted $fmt" ;;
    *) echo "deps.sh: there is no group $group; there are: build fuzz fmt" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    echo "deps.sh: not a Debian system; see that it has the like of:$wanted" >&2
    exit 0
fi

missing=""
for package in $wanted; do
    # dpkg-query knows virtual names too only when they are provided: ask for the state.
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    case $state in
    installed*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

echo "deps.sh: installing$missing" >&2
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps.sh: root or sudo is needed; as root: apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    # shellcheck disable=SC2086  # the names are words
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $missing </dev/null >"$log" 2>&1
}
# A fresh machine has no package lists yet, an old one may have stale ones: then they are fetched.
if ! install; then
    $as_root apt-get update -q >>"$log" 2>&1 && install || {
        cat "$log" >&2
        echo "deps.sh: apt-get could not install them" >&2
        exit 1
    }
fi
