#!/bin/sh
# stamps.sh DIR - Debian's tuxpaint-stamps-default (796 photographs and drawings with captions) unpacked under DIR.
# Nothing is installed. Prints the folder that holds the pictures; exits 77, saying why, where apt does not answer.
set -eu
dir=$1
stamps=$dir/usr/share/tuxpaint/stamps
if [ ! -f "$dir/.complete" ]; then
    mkdir -p "$dir"
    deb=$(cd "$dir" && pwd)
    if ! ls "$deb"/tuxpaint-stamps-default_*.deb > /dev/null 2>&1; then
        (cd "$deb" && apt-get download tuxpaint-stamps-default > /dev/null 2>&1) ||
            (apt-get update > /dev/null 2>&1 && cd "$deb" && apt-get download tuxpaint-stamps-default > /dev/null 2>&1) ||
            { echo "skipped: apt-get can't download tuxpaint-stamps-default (no network?)" >&2; exit 77; }
    fi
    dpkg-deb -x "$deb"/tuxpaint-stamps-default_*.deb "$deb"
    touch "$dir/.complete"
fi
echo "$stamps"
