"""One search from process start to output, part by part, in turns. usage: see oneshot.sh

The parts are whole processes that do ever more, so that a difference is a part: start (fovea version), the
library opened, the model opened and the text embedded, the search. Medians in milliseconds.
"""

import csv
import math
import os
import random
import shutil
import sqlite3
import statistics
import struct
import subprocess
import sys
import time

fovea, links, rounds, out, python = sys.argv[1:6]
HERE = os.path.dirname(os.path.abspath(__file__))


def distinct(links):
    """A copy of the library, whose pictures are links to one: each vector moved by seeded noise, as so many different
    pictures would lie, and the vector engine's files made."""
    db, rnd = os.path.join(os.path.dirname(links), "oneshot.db"), random.Random(1)
    for name in (db, db + "-wal", db + "-shm"):
        if os.path.exists(name):
            os.remove(name)
    shutil.rmtree(db + "-vec", ignore_errors=True)
    shutil.copyfile(links, db)
    with sqlite3.connect(db) as file:
        for row, blob in file.execute("SELECT id, embedding FROM images").fetchall():
            v = [x + rnd.gauss(0, 0.05) for x in struct.unpack(f"<{len(blob) // 4}f", blob)]
            length = math.sqrt(sum(x * x for x in v))
            file.execute("UPDATE images SET embedding = ? WHERE id = ?",
                         (struct.pack(f"<{len(v)}f", *(x / length for x in v)), row))
    file.close()
    subprocess.run([fovea, "search", "a dog", "--db", db, "-q"], check=True, stdout=subprocess.DEVNULL)
    return db


db = distinct(links)
EMBED = "SELECT length(embed_text('mini', 'a dog on a beach'))"
PARTS = {
    "process start": [fovea, "version"],
    "library opened": [fovea, "sql", db, "-c", "SELECT count(*) FROM fovea_columns"],
    "model and text": [fovea, "sql", db, "-c", EMBED],
    "search": [fovea, "search", "a dog on a beach", "--db", db, "--json"],
}
if python:
    PARTS["rclip's route"] = [python, os.path.join(HERE, "oneshot_rclip.py"), db]


def once(command):
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(done.stderr.decode())
    return (time.perf_counter() - begin) * 1000


times = {name: [] for name in PARTS}
for _ in range(int(rounds)):
    for name, command in PARTS.items():
        times[name].append(once(command))
rows, before = [], 0.0
for name in PARTS:
    total = statistics.median(times[name])
    part = total - before if name in ("library opened", "model and text", "search") else total
    rows.append([name, round(total, 1), round(part, 1), round(min(times[name]), 1)])
    before = total
with open(out, "w", encoding="utf-8") as f:
    for where in (f, sys.stdout):
        table = csv.writer(where, lineterminator="\n")
        table.writerow(["up to", "ms_median", "ms_of_this_part", "ms_lowest"])
        table.writerows(rows)
