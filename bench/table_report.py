"""Reads the same files with bench_table, pyarrow, polars and NumPy in turn; medians to a CSV.

usage: table_report.py BENCH_TABLE FOLDER OUT.csv [ROUNDS]

ours_over_it: their time over ours, more than 1 where we are faster; CPU time is the steadier one on a shared machine.
Every reader ends with the values in memory column by column: arrays of the CSV as f32 lists, float16 as f32. "text
only" readers leave arrays as text, so they do less. copy: reading the bytes only.
"""
import csv
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pyarrow.csv as pc
import pyarrow.parquet as pq

BENCH, FOLDER, OUT = sys.argv[1:4]
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 5


def path(name):
    return os.path.join(FOLDER, name)


def timed(call):
    def run():
        start, cpu = time.perf_counter(), time.process_time()
        call()
        return time.perf_counter() - start, time.process_time() - cpu
    return run


def ours(*names, threads=0):
    def run():
        env = dict(os.environ, **({"FOVEA_THREADS": str(threads)} if threads else {}))
        line = subprocess.run([BENCH, *map(path, names)], check=True, capture_output=True, text=True, env=env).stdout
        return float(line.split()[0]), float(line.split()[1])
    return run


def copy(name):
    def run():
        with open(path(name), "rb", buffering=0) as f:
            block = bytearray(4 << 20)
            while f.readinto(block):
                pass
    return timed(run)


def polars_laion():
    frame = pl.read_csv(path("laion.csv"), has_header=False)
    floats = [pl.col(c).str.strip_chars("[]").str.split(", ").cast(pl.List(pl.Float32)) for c in frame.columns[-2:]]
    frame.with_columns(floats)


def beside():
    """What a script does before it can insert: the three files as columns, float16 made f32."""
    pq.read_table(path("metadata_0.parquet"))
    for name in ("img_emb_0.npy", "text_emb_0.npy"):
        np.load(path(name)).astype(np.float32)


QUESTIONS = {
    "csv with arrays": ("laion.csv", {
        "ours": ours("laion.csv"), "ours, one thread": ours("laion.csv", threads=1), "polars": timed(polars_laion),
        "polars, text only": timed(lambda: pl.read_csv(path("laion.csv"), has_header=False)),
        "pyarrow, text only": timed(lambda: pc.read_csv(path("laion.csv"), pc.ReadOptions(autogenerate_column_names=True))),
        "copy": copy("laion.csv")}),
    "csv of numbers": ("numbers.csv", {
        "ours": ours("numbers.csv"), "ours, one thread": ours("numbers.csv", threads=1),
        "polars": timed(lambda: pl.read_csv(path("numbers.csv"))),
        "pyarrow": timed(lambda: pc.read_csv(path("numbers.csv"))), "copy": copy("numbers.csv")}),
    "parquet": ("metadata_0.parquet", {
        "ours": ours("metadata_0.parquet"),
        "pyarrow": timed(lambda: pq.read_table(path("metadata_0.parquet"))),
        "pyarrow, one thread": timed(lambda: pq.read_table(path("metadata_0.parquet"), use_threads=False)),
        "copy": copy("metadata_0.parquet")}),
    "parquet beside two npy": ("img_emb_0.npy", {
        "ours": ours("metadata_0.parquet", "img_emb_0.npy", "text_emb_0.npy"), "pyarrow, numpy": timed(beside)}),
    "npy float16": ("img_emb_0.npy", {
        "ours": ours("img_emb_0.npy"), "numpy": timed(lambda: np.load(path("img_emb_0.npy")).astype(np.float32)),
        "copy": copy("img_emb_0.npy")}),
}


def main():
    with open(OUT, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["question", "reader", "seconds", "cpu_seconds", "bytes_per_cpu_s", "ours_over_it", "cpu_ours_over_it"])
        for question, (name, readers) in QUESTIONS.items():
            times = {reader: [] for reader in readers}
            for _ in range(ROUNDS):
                for reader, run in readers.items():
                    times[reader].append(run())
            median = {reader: [statistics.median(x) for x in zip(*t)] for reader, t in times.items()}
            for reader, (seconds, cpu) in median.items():
                row = [question, reader, f"{seconds:.4f}", f"{cpu:.4f}", f"{os.path.getsize(path(name)) / cpu:.4g}",
                       f"{seconds / median['ours'][0]:.2f}", f"{cpu / median['ours'][1]:.2f}"]
                out.writerow(row)
                print(*row, sep="\t")


main()
