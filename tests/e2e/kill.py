"""kill.py FOVEA WORK [--pictures N] [--broken N] [--kills N] - an index run killed at random ends where it should.

Makes N pictures, some broken in each way we know, and indexes them twice: once in peace, once killed (SIGKILL) at
seeded random moments and started again until it ends. Both databases must hold the same paths, hashes and reasons, and
vectors within 1e-6. The databases are read with Python's own sqlite3: the file is plain SQLite.
"""
import argparse
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import time
import zlib

from PIL import Image, ImageDraw

SEED = 7


def draw(index):
    """A small picture that no other index gives."""
    rnd = random.Random(index)
    picture = Image.new("RGB", (80 + index % 37, 60 + index % 23), tuple(rnd.randrange(256) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        box = sorted(rnd.randrange(80) for _ in range(2)) + sorted(rnd.randrange(60) for _ in range(2))
        pen.ellipse([box[0], box[2], box[1] + 4, box[3] + 4], fill=tuple(rnd.randrange(256) for _ in range(3)))
    return picture


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_head(width, height):
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(b"\0" * 64)) + png_chunk(b"IEND", b"")


def cut(whole, path):
    with open(path, "wb") as f:
        f.write(whole[: len(whole) // 2])


def flip_crc(whole, path):
    at = whole.index(b"IDAT") + 12
    with open(path, "wb") as f:
        f.write(whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:])


def write(data):
    def to(_, path):
        with open(path, "wb") as f:
            f.write(data)
    return to


def unreadable(whole, path):
    """Root reads through any mode, so a link that leads to itself stands for what can't be opened."""
    if os.geteuid() == 0:
        os.symlink(path, path)
    else:
        write(whole)(whole, path)
        os.chmod(path, 0)


WAYS = [cut, write(b""), write(b"this is no picture at all\n" * 9), write(png_head(0, 10)),
        write(png_head(60000, 60000)), flip_crc, unreadable]


def make(folder, pictures, broken):
    rnd = random.Random(SEED)
    bad = set(rnd.sample(range(pictures), broken))
    for index in range(pictures):
        where = os.path.join(folder, f"{index // 500:03d}")
        os.makedirs(where, exist_ok=True)
        png = index % 3 == 0 or index in bad
        path = os.path.join(where, f"{index:05d}." + ("png" if png else "jpg"))
        draw(index).save(path, "PNG" if png else "JPEG")
        if index in bad:
            with open(path, "rb") as f:
                whole = f.read()
            os.unlink(path)
            WAYS[index % len(WAYS)](whole, path)


def index_command(fovea, folder, db):
    return [fovea, "index", folder, "--db", db, "--model", "mini", "--json"]


def index_whole(fovea, folder, db):
    done = subprocess.run(index_command(fovea, folder, db), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"index failed: {done.stderr}")
    return json.loads(done.stdout)


def index_killed(fovea, folder, db, kills, seconds):
    rnd = random.Random(SEED)
    cut_short = 0
    for _ in range(kills):
        process = subprocess.Popen(index_command(fovea, folder, db), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(rnd.uniform(0.02, max(0.05, 1.6 * seconds / kills)))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            cut_short += 1
    return cut_short


def contents(db):
    con = sqlite3.connect(db)
    check = con.execute("PRAGMA integrity_check").fetchone()[0]
    if check != "ok":
        sys.exit(f"{db}: {check}")
    images = {path: (digest, vector) for path, digest, vector in con.execute("SELECT path, hash, embedding FROM images")}
    return images, dict(con.execute("SELECT path, reason FROM image_errors"))


def furthest(a, b):
    floats = [struct.unpack(f"<{len(v) // 4}f", v) for v in (a, b)]
    return max(abs(x - y) for x, y in zip(*floats))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fovea")
    parser.add_argument("work")
    parser.add_argument("--pictures", type=int, default=10000)
    parser.add_argument("--broken", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    args = parser.parse_args()
    shutil.rmtree(args.work, ignore_errors=True)
    folder = os.path.join(args.work, "pictures")
    make(folder, args.pictures, args.broken)
    calm, rough = os.path.join(args.work, "calm.db"), os.path.join(args.work, "rough.db")
    start = time.monotonic()
    report = index_whole(args.fovea, folder, calm)
    seconds = time.monotonic() - start
    print(f"in peace: {report}, {seconds:.1f} s")
    cut_short = index_killed(args.fovea, folder, rough, args.kills, seconds)
    last = index_whole(args.fovea, folder, rough)
    print(f"killed {cut_short} times of {args.kills}; the last run: {last}")
    images, errors = contents(calm)
    images_rough, errors_rough = contents(rough)
    assert report["failed"] == len(errors) == args.broken, (report, len(errors))
    assert all(errors.values()), "an error without a reason"
    assert errors == errors_rough, "the reasons differ"
    assert {p: h for p, (h, _) in images.items()} == {p: h for p, (h, _) in images_rough.items()}, "paths or hashes differ"
    assert len(images) == args.pictures - args.broken
    worst = max(furthest(images[p][1], images_rough[p][1]) for p in images)
    assert worst <= 1e-6, f"vectors differ by {worst}"
    print(f"{len(images)} pictures and {len(errors)} reasons agree; vectors differ by at most {worst:g}")
    for reason in sorted(set(errors.values()))[:12]:
        print(f"  reason: {reason}")
    shutil.rmtree(args.work)


main()
