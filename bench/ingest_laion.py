"""Rows as LAION ships them, into SQLite: ours beside the ClickHouse guide's way, in turns.

usage: ingest_laion.py BENCH FOVEA FOLDER CSV [part]    FOLDER: of ingest_laion_make.py; a line is added to CSV for each run
  all    what the import is made of (bench_ingest_laion), ROUNDS times
  guide  the guide's Python: parquet and npy read with pandas and NumPy, to_csv, and that csv inserted, (a) by Python's csv and
         sqlite3 modules, arrays through NumPy to f32 BLOBs, (b) by our INSERT FROM INFILE; beside ours, straight from the files
  csv    our INSERT FROM INFILE of that csv beside readers of it: polars and pyarrow, with arrays left as text, and polars with the
         arrays made lists of f32
Times are wall seconds with what each writes synced; databases and csv are removed.
"""
import csv
import glob
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import time

import numpy as np
import pandas as pd

ROUNDS = int(os.environ.get("ROUNDS", "3"))
CREATE = ("CREATE TABLE laion (`id` Int64, `url` String, `caption` String, `NSFW` String, `similarity` Float32, "
          "`image_embedding` Array(Float32), `text_embedding` Array(Float32)) ENGINE = MergeTree ORDER BY id;\n")
NO_ID = ("CREATE TABLE laion (url String, caption String, NSFW String, similarity Float32, image_embedding Array(Float32), "
         "text_embedding Array(Float32)) ENGINE = MergeTree ORDER BY tuple();\n")


def remove(path):
    for end in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(path + end):
            os.remove(path + end)


def fovea(program, db, sql):
    remove(db)
    start = time.perf_counter()
    subprocess.run([program, "sql", db], input=sql.encode(), check=True, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    remove(db)
    return seconds


def guide_csv(folder, out):
    """What the guide's script does with each part."""
    start = time.perf_counter()
    for n, metadata in enumerate(sorted(glob.glob(f"{folder}/metadata_*.parquet"))):
        data = pd.read_parquet(metadata)
        for name, file in (("image_embedding", "img_emb"), ("text_embedding", "text_emb")):
            data[name] = [row.tolist() for row in np.load(f"{folder}/{file}_{n}.npy")]
        data = data[["url", "caption", "NSFW", "similarity", "image_embedding", "text_embedding"]]
        data.to_csv(out, header=False, mode="a")
    return time.perf_counter() - start


def python_insert(source, db):
    """csv and sqlite3 of Python's own library; durable as ours is."""
    remove(db)
    start = time.perf_counter()
    c = sqlite3.connect(db, isolation_level=None)
    c.execute("PRAGMA page_size=65536")
    c.execute("PRAGMA synchronous=FULL")
    c.execute("CREATE TABLE laion(id, url, caption, NSFW, similarity, image_embedding, text_embedding)")
    c.execute("BEGIN")

    def vector(text):
        return np.array(text[1:-1].split(","), dtype=np.float32).tobytes()

    with open(source, newline="") as f:
        rows = ((int(r[0]), r[1], r[2], r[3], float(r[4]), vector(r[5]), vector(r[6])) for r in csv.reader(f))
        c.executemany("INSERT INTO laion VALUES(?,?,?,?,?,?,?)", rows)
    c.execute("COMMIT")
    c.close()
    seconds = time.perf_counter() - start
    remove(db)
    return seconds


def read_polars(source, lists):
    import polars as pl
    start = time.perf_counter()
    frame = pl.read_csv(source, has_header=False)
    if lists:
        for name in frame.columns[-2:]:
            frame = frame.with_columns(pl.col(name).str.strip_chars("[]").str.split(", ").cast(pl.List(pl.Float32)))
    assert frame.height > 0
    return time.perf_counter() - start


def read_pyarrow(source):
    from pyarrow import csv as pc
    start = time.perf_counter()
    assert pc.read_csv(source, read_options=pc.ReadOptions(autogenerate_column_names=True)).num_rows > 0
    return time.perf_counter() - start


def patterns(folder):
    return [f"{folder}/{n}" for n in ("metadata_*.parquet", "img_emb_*.npy", "text_emb_*.npy")]


def main():
    bench, program, folder, results = sys.argv[1:5]
    parts = sys.argv[5:] or ["all", "guide", "csv"]
    db, source = f"{folder}/bench.db", f"{folder}/bench.csv"
    rows = sum(len(np.load(f, mmap_mode="r")) for f in glob.glob(f"{folder}/img_emb_*.npy"))
    taken = {}

    def keep(what, seconds, cpu="", memory=""):
        taken.setdefault(what, []).append(seconds)
        with open(results, "a", newline="") as f:
            csv.writer(f).writerow([time.strftime("%Y-%m-%d"), rows, what, f"{seconds:.3f}", cpu, memory])
        print(f"{rows} rows, {what}: {seconds:.2f} s {cpu} {memory}", flush=True)

    for _ in range(ROUNDS if "all" in parts else 0):
        for mode in ("read", "convert", "sqlite", "all"):
            out = subprocess.run([bench, mode, db, *patterns(folder)], check=True, capture_output=True, text=True).stdout.split()
            keep(mode, float(out[0]), out[1], out[3])
            remove(db)
    if "guide" in parts or "csv" in parts:
        if os.path.exists(source):
            os.remove(source)
        keep("guide: files to csv", guide_csv(folder, source))
    infile = CREATE + f"INSERT INTO laion FROM INFILE '{source}';\n"
    straight = NO_ID + "INSERT INTO laion FROM INFILE " + ", ".join(f"'{p}'" for p in patterns(folder)) + ";\n"
    for i in range(ROUNDS):
        if "guide" in parts:
            if i == 0:
                keep("guide: csv by Python", python_insert(source, db))
            keep("ours: files", fovea(program, db, straight))
        if "guide" in parts or "csv" in parts:
            keep("ours: csv", fovea(program, db, infile))
        if "csv" in parts:
            keep("polars: csv, arrays as text", read_polars(source, False))
            keep("pyarrow: csv, arrays as text", read_pyarrow(source))
            keep("polars: csv, arrays as f32", read_polars(source, True))
    if os.path.exists(source):
        print(f"the csv had {os.path.getsize(source)} bytes")
        os.remove(source)
    print({k: round(statistics.median(v), 3) for k, v in taken.items()}, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


main()
