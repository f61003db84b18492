"""Writes rows shaped as LAION ships them, seeded: usage: ingest_laion_make.py FOLDER ROWS [FILES]

metadata_N.parquet (url, caption, NSFW, similarity, width, hash), img_emb_N.npy and text_emb_N.npy (512 float16 a row, unit
length), ROWS in all, in FILES files of each kind. 1,000,000 rows are 2.2 GB. Nothing is larger than a block of 50,000 rows in memory.
"""
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DIM, BLOCK = 512, 50_000
WORDS = "a red small old photo of the cat dog horse on beach with two people in snow hat and green bus".split()


def vectors(path, rows, rng):
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(rows, DIM))
    for at in range(0, rows, BLOCK):
        v = rng.standard_normal((min(BLOCK, rows - at), DIM), dtype=np.float32)
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        out[at:at + len(v)] = v
    out.flush()


def metadata(path, first, rows, rng):
    words = np.array(WORDS)
    counts = rng.integers(3, 16, rows)
    picks = words[rng.integers(0, len(words), int(counts.sum()))]
    ends = np.cumsum(counts)
    table = pa.table({
        "url": [f"https://cdn.example.org/{i % 977}/{i:09d}.jpg" for i in range(first, first + rows)],
        "caption": [" ".join(picks[e - n:e]) for e, n in zip(ends, counts)],
        "NSFW": rng.choice(["UNLIKELY", "UNSURE", None], rows).tolist(),
        "similarity": rng.random(rows) * .4,
        "width": rng.integers(64, 4096, rows),
        "hash": rng.integers(-2**63, 2**63, rows)})
    pq.write_table(table, path)


def main():
    folder, rows = sys.argv[1], int(sys.argv[2])
    files = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    os.makedirs(folder, exist_ok=True)
    for n in range(files):
        rng = np.random.default_rng([7, n])
        first, last = rows * n // files, rows * (n + 1) // files
        metadata(f"{folder}/metadata_{n}.parquet", first, last - first, rng)
        vectors(f"{folder}/img_emb_{n}.npy", last - first, rng)
        vectors(f"{folder}/text_emb_{n}.npy", last - first, rng)


main()
