"""One search from process start to output, part by part, in turns. usage: see oneshot.sh

The parts are whole processes that do ever more, so that a difference is a part: start (fovea version), the
library opened, the model opened and the text embedded, the search. Medians in milliseconds.
"""

import csv
import os
import statistics
import subprocess
import sys
import time

fovea, db, rounds, out, python = sys.argv[1:6]
HERE = os.path.dirname(os.path.abspath(__file__))
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
