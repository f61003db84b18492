#!/usr/bin/env python3
"""relevance.py - is the relevance of a search better than a cut at a fixed score?

The held-out stamps (models/mini/heldout.txt: nothing like them was trained on) are indexed alone. Every
picture answers every query. Queries are the words of the captions, the names of folders, and words that
only other stamps have, for which nothing is relevant; a picture is relevant when its caption has the
word or its path the folder. Further lines show parts of these, and whole captions in four languages as
queries, for which only a picture of that very caption counts. F1 is over all pairs.

The cut at a fixed score is chosen with hindsight, on the very pairs it is judged by: no fixed cut can do
better. The cut of relevance is 0.5. Every other stamp served to fit the weights in background.c; the
others are the honest half, given beside all.

usage: relevance.py FOVEA STAMPS_DIR [--model M] [--csv FILE] [--fit]
"""

import argparse
import collections
import csv
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
LOCALES = {"ko": "ko", "ja": "ja", "zh_CN": "zh"}
STOP = set("""the a an of for and in with this that you can only others over from back forward two one
three then make move is are on to it its by at as or be was into out up jump called left right half
states used very not but also some such like same""".split())


GROUPS = {  # a line of the table: kinds of queries
    "words and folders": ["word", "folder", "absent"],
    "words": ["word", "absent"],
    "folders": ["folder"],
    "captions": ["caption_en", "caption_ko", "caption_ja", "caption_zh"],
    "everything": ["word", "folder", "absent", "caption_en", "caption_ko", "caption_ja", "caption_zh"],
}


def captions(path_txt):
    out = {}
    try:
        with open(path_txt, encoding="utf-8", errors="replace") as f:
            lines = f.read().splitlines()
    except OSError:
        return out
    if lines:
        out["en"] = lines[0].strip()
    for line in lines[1:]:
        m = re.match(r"(\w+)\.utf8=(.*)", line)
        if m and m.group(1) in LOCALES:
            out[LOCALES[m.group(1)]] = m.group(2).strip()
    return out


def content_words(text):
    return {w for w in re.findall(r"[a-z]{3,}", text.lower()) if w not in STOP}


def make_queries(stamps, held):
    """(kind, text, set of relevant indices into held)"""
    words, folders = collections.defaultdict(set), collections.defaultdict(set)
    whole = collections.defaultdict(set)
    for i, path in enumerate(held):
        text = captions(os.path.join(stamps, path[:-4] + ".txt"))
        for w in content_words(text.get("en", "")):
            words[w].add(i)
        for folder in path.split("/")[:-1]:
            folders[folder.replace("_", " ")].add(i)
        for lang, caption in text.items():
            whole[("caption_" + lang, caption)].add(i)
    other = set()
    for folder, _, names in os.walk(stamps):
        for name in names:
            if name.endswith(".txt"):
                other |= content_words(captions(os.path.join(folder, name)).get("en", ""))
    absent = sorted(other - set(words))
    random.Random(1).shuffle(absent)
    out = [("word", w, s) for w, s in sorted(words.items())]
    out += [("folder", w, s) for w, s in sorted(folders.items()) if len(s) >= 2]
    out += [(kind, w, s) for (kind, w), s in sorted(whole.items()) if w]
    return out + [("absent", w, set()) for w in absent[:150]]


def run_sql(fovea, db, sql):
    done = subprocess.run([fovea, "sql", db, "--json", "-c", sql], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def ask(fovea, db, texts, index, options):
    """Scores and relevances, [query][picture]."""
    shape = (len(texts), len(index))
    scores, relevances = np.full(shape, -1.0), np.zeros(shape)
    quoted = json.dumps([f'"{t}"' for t in texts], ensure_ascii=False).replace("'", "''")
    rows = run_sql(fovea, db, "SELECT q.key AS q, s.path, s.score, s.relevance FROM json_each('%s') AS q, "
                   "fovea_search(q.value, %d, '%s') AS s" % (quoted, len(index), json.dumps(options)))
    for r in rows:
        at = int(r["q"]), index[r["path"]]
        scores[at], relevances[at] = r["score"], r["relevance"]
    return scores, relevances


def f1(predicted, truth):
    total = predicted.sum() + truth.sum()
    return 2 * (predicted & truth).sum() / total if total else 1.0


def best_cut(x, truth):
    """(F1, cut) of the best cut at a fixed value, with hindsight."""
    order = np.argsort(-x, axis=None)
    hits = np.cumsum(truth.ravel()[order])
    f = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    return f.max(), x.ravel()[order[f.argmax()]]


# --- fitting the weights of background.c -----------------------------------------------------------


def features(fovea, db, scores, side):
    """What judge_relevance computes from a score, as [query][picture][2]."""
    blob = bytes.fromhex(run_sql(fovea, db, "SELECT hex(value) AS h FROM fovea_library "
                                 "WHERE key = 'background:embedding'")[0]["h"])
    dim = struct.unpack_from("<I", blob, 4)[0]
    moments = struct.unpack_from("<4f", blob, 24)
    mean, spread = moments[side], moments[2 + side]
    vectors = np.frombuffer(blob, "<f4", offset=40).reshape(2, dim)
    rows = run_sql(fovea, db, "SELECT embedding FROM images ORDER BY path")
    v = np.array([r["embedding"] for r in rows])
    usual = (v @ vectors[side] - mean) / spread
    return np.stack([(scores - mean) / spread, np.broadcast_to(usual, scores.shape)], -1)


def fit(x, truth):
    """Logistic regression by Newton's method; the offset puts 0.5 where F1 peaks."""
    flat, y = x.reshape(-1, x.shape[-1]), truth.ravel().astype(float)
    mean, spread = flat.mean(0), flat.std(0) + 1e-9
    a = np.c_[(flat - mean) / spread, np.ones(len(flat))]
    w = np.zeros(a.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-a @ w))
        grad = a.T @ (p - y) + 1e-3 * w
        hess = (a * (p * (1 - p))[:, None]).T @ a + 1e-3 * np.eye(len(w))
        w -= np.linalg.solve(hess, grad)
    weights = w[:-1] / spread
    return weights, -best_cut(x @ weights, truth)[1]


def print_fit(name, x, truth, half):
    weights, offset = fit(x[:, half], truth[:, half])
    print(name, ", ".join("%.3f" % v for v in [*weights, offset]))
    return np.array([*weights, offset])


# --- the run ---------------------------------------------------------------------------------------


def copy_held_out(stamps, held, to):
    for path in held:
        os.makedirs(os.path.dirname(os.path.join(to, path)), exist_ok=True)
        shutil.copy(os.path.join(stamps, path), os.path.join(to, path))


def compare(group, scores, said, truth, half):
    """One line of the table: the honest half, then all."""
    line = {"queries": group, "count": len(truth), "pairs": int(truth.sum())}
    for name, part in (("unseen", ~half), ("all", half | True)):
        cut_f1, cut = best_cut(scores[:, part], truth[:, part])
        line[f"f1_fixed_cut_{name}"] = round(float(cut_f1), 4)
        line[f"f1_relevance_{name}"] = round(float(f1(said[:, part], truth[:, part])), 4)
        line[f"cut_{name}"] = round(float(cut), 4)
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("fovea")
    parser.add_argument("stamps")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--csv")
    parser.add_argument("--fit", action="store_true", help="print weights for background.c and use them")
    args = parser.parse_args()
    fovea = os.path.abspath(args.fovea)
    with open(os.path.join(HERE, "..", "models", "mini", "heldout.txt"), encoding="utf-8") as f:
        held = sorted(line.strip() for line in f if line.strip())
    held = [p for p in held if os.path.exists(os.path.join(args.stamps, p))]
    queries = make_queries(args.stamps, held)
    with tempfile.TemporaryDirectory() as folder:
        pictures, db = os.path.join(os.path.realpath(folder), "stamps"), os.path.join(folder, "library.db")
        copy_held_out(args.stamps, held, pictures)
        subprocess.run([fovea, "index", pictures, "--db", db, "--model", args.model], check=True,
                       stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        index = {os.path.join(pictures, p): i for i, p in enumerate(held)}
        scores, relevance = ask(fovea, db, [q[1] for q in queries], index, {"model": args.model})
        truth = np.zeros(scores.shape, bool)
        for row, (_, _, relevant) in enumerate(queries):
            truth[row, list(relevant)] = True
        half = np.arange(len(held)) % 2 == 0
        said = relevance >= 0.5
        kinds = np.array([q[0] for q in queries])
        parts = {name: np.isin(kinds, of) for name, of in GROUPS.items()}
        if args.fit:
            x, main_part = features(fovea, db, scores, 0), parts["words and folders"]
            weights = print_fit("text", x[main_part], truth[main_part], half)
            said = x @ weights[:-1] + weights[-1] > 0
            fit_pictures(fovea, db, held, half)
    write_rows([compare(name, scores[part], said[part], truth[part], half) for name, part in parts.items()],
               args.csv)


def fit_pictures(fovea, db, held, half):
    """Pictures as queries: those of the same folder are relevant."""
    rows = run_sql(fovea, db, "SELECT embedding FROM images ORDER BY path")
    v = np.array([r["embedding"] for r in rows])
    folder = np.array([os.path.dirname(p) for p in held])
    print_fit("picture", features(fovea, db, v @ v.T, 1), folder[:, None] == folder[None], half)


def write_rows(rows, path):
    out = csv.DictWriter(sys.stdout, rows[0].keys(), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    if path:
        with open(path, "w", encoding="utf-8") as f:
            out = csv.DictWriter(f, rows[0].keys(), lineterminator="\n")
            out.writeheader()
            out.writerows(rows)


if __name__ == "__main__":
    main()
