#!/bin/sh
# demo.sh - what Fovea does, shown on real pictures: Debian's Tux Paint stamps, searched in four languages.
#
# All 796 pictures are indexed. The text queries answer only from the 159 that the shipped model never saw in
# training (models/mini/heldout.txt), so what is shown is what it can do. Everything lies below build/.
set -eu
cd "$(dirname "$0")/.."
fovea=build/fovea out=build/demo db=build/demo/stamps.db
export COLUMNS="${COLUMNS:-100}"

mkdir -p build/stamps "$out"
[ -d build/stamps/tuxpaint-stamps-default ] || echo "fetching pictures: tuxpaint-stamps-default, 161 MB, unpacked below build/" >&2
stamps=$(tools/stamps.sh build/stamps) || {
    echo "demo: no pictures to search; with any folder of your own: $fovea search 'a red flower' DIR" >&2
    exit 1
}

show() {
    printf '\n$ %s' "$fovea"
    for word in "$@"; do
        case $word in
        *"'"*) printf ' "%s"' "$word" ;;
        *[!a-zA-Z0-9_./-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$fovea" "$@" --box
}
ask() { show search "$@" --db "$db" -q; }

printf '\n$ %s index %s --db %s\n' "$fovea" "$stamps" "$db"
"$fovea" index "$stamps" --db "$db"

# The held-out pictures as a table: a condition of a search is plain SQL over the same file.
here=$(cd "$stamps" && pwd -P)
{
    echo "BEGIN; DROP TABLE IF EXISTS heldout; CREATE TABLE heldout(path TEXT PRIMARY KEY);"
    sed "s|'|''|g; s|.*|INSERT INTO heldout VALUES ('$(printf %s "$here" | sed "s|'|''|g; s|[&\\\\]|\\\\&|g")/&');|" models/mini/heldout.txt
    echo "COMMIT;"
} | "$fovea" sql "$db" -q
unseen='path IN (SELECT path FROM heldout)'

echo
echo "Words in four languages, answered by pictures the model has never seen:"
ask 'a Christmas tree' -n 3 --where "$unseen"
ask '공작새' -n 3 --where "$unseen"
ask 'みどりいろの はた' -n 3 --where "$unseen"
ask '飞机' -n 3 --where "$unseen"

echo
echo "A picture, among all of them:"
ask "$stamps/vehicles/flight/balloon360.png" -n 3

echo
echo "Words and a condition, drawn as a contact sheet:"
ask 'fruit' -n 10 --where "$unseen AND path LIKE '%/food/%'" --sheet "$out/sheet.png"

echo
echo "The contact sheet is $out/sheet.png, the database $db: $fovea sql $db opens a shell on it."
