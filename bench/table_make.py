"""Writes LAION-shaped files of rows, seeded: usage: table_make.py FOLDER ROWS

metadata_0.parquet (6 columns), img_emb_0.npy and text_emb_0.npy (ROWS x 512 float16), laion.csv (a tenth of the rows,
both embeddings as quoted text, as the ClickHouse guide's script writes them), numbers.csv (ten times the rows, 8 numbers and 2 texts each).
"""
import os
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def main():
    out, rows = sys.argv[1], int(sys.argv[2])
    os.makedirs(out, exist_ok=True)
    rng = np.random.default_rng(7)
    words = np.array("a red small old photo of the cat dog horse on beach with two people in snow hat and green bus".split())
    captions = [" ".join(words[rng.integers(0, len(words), rng.integers(3, 16))]) for _ in range(rows)]
    metadata = pd.DataFrame({
        "url": [f"https://cdn.example.org/{i % 977}/{i:09d}.jpg" for i in range(rows)],
        "caption": captions, "NSFW": rng.choice(["UNLIKELY", "UNSURE", None], rows),
        "similarity": rng.random(rows) * .4, "width": rng.integers(64, 4096, rows), "hash": rng.integers(-2**63, 2**63, rows)})
    pq.write_table(pa.Table.from_pandas(metadata, preserve_index=False), f"{out}/metadata_0.parquet")
    embeddings = {}
    for name in ("img_emb", "text_emb"):
        v = rng.standard_normal((rows, 512), dtype=np.float32)
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        embeddings[name] = v.astype(np.float16)
        np.save(f"{out}/{name}_0.npy", embeddings[name])
    some = metadata[: rows // 10][["url", "caption", "NSFW", "similarity"]].copy()
    for name, v in embeddings.items():
        some[name] = [str([float(x) for x in row]) for row in v[: rows // 10]]
    some.to_csv(f"{out}/laion.csv", header=False)
    many = rows * 10
    numbers = pd.DataFrame({f"x{i}": rng.standard_normal(many).round(6) for i in range(6)})
    numbers["id"], numbers["n"] = range(many), rng.integers(0, 1000, many)
    numbers["url"], numbers["caption"] = list(metadata["url"]) * 10, list(metadata["caption"]) * 10
    numbers.to_csv(f"{out}/numbers.csv", index=False)


main()
