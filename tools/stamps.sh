#!/bin/sh
# stamps.sh - Debian's Tux Paint stamps: 796 photographs and drawings with captions, unpacked, not installed.
#
# usage: tools/stamps.sh FOLDER     prints where the pictures lie below FOLDER
# Exit status 77, with the reason on stderr, where the package can't be had (no network, no apt).
set -eu
folder=$1
package=tuxpaint-stamps-default
stamps=$folder/$package/usr/share/tuxpaint/stamps

mkdir -p "$folder"
exec 9>"$folder/.lock" # tests run side by side
flock 9

if [ ! -d "$stamps" ]; then
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        echo "skipped: the stamps come with apt-get and dpkg-deb, which are not here" >&2
        exit 77
    fi
    mkdir -p "$folder/$package.part"
    work=$(cd "$folder/$package.part" && pwd)
    chmod 755 "$work"
    # apt warns that its own user can't enter this folder; root may fetch all the same.
    if ! (cd "$work" && { apt-get download -q "$package" || {
        [ "$(id -u)" -ne 0 ] || apt-get update -q
        apt-get download -q "$package"
    }; }) >"$work/apt.log" 2>&1; then
        echo "skipped: apt-get can't download $package (see $work/apt.log); is the network there?" >&2
        exit 77
    fi
    for deb in "$work"/"$package"_*.deb; do dpkg-deb -x "$deb" "$work/tree"; done
    rm -rf "${folder:?}/$package"
    mv "$work/tree" "$folder/$package"
    rm -rf "$work"
fi
echo "$stamps"
