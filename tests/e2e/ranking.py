"""ranking.py FOVEA STAMPS WORK - the same answer on any processor.

The stamps are indexed and searched with each instruction set forced in turn, in f32: rankings may differ only between
pictures whose scores are closer than 1e-5. Where the processor computes in bf16, its first ten must overlap f32's by
at least 0.98 on the mean of the queries.
"""
import json
import os
import subprocess
import sys

TIE, OVERLAP_FLOOR = 1e-5, 0.98
QUERIES = ["a cat", "a red flower", "a hot air balloon", "fruit", "a car", "a bird in the snow", "house", "christmas",
           "나비", "물고기", "기차", "별", "バナナ", "犬", "木", "自転車", "圣诞树", "鱼", "飞机", "苹果"]


def run(settings, *command):
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | settings)
    if done.returncode != 0:
        sys.exit(f"{settings} {' '.join(command)}\n{done.stderr}")
    return done.stdout


def rankings(fovea, stamps, db, settings):
    """A list of {path: score} by query, best first."""
    run(settings, fovea, "index", stamps, "--db", db, "--model", "mini")
    answers = []
    for query in QUERIES:
        rows = json.loads(run(settings, fovea, "search", query, "--db", db, "-n", "1000", "--json"))
        answers.append({row["path"]: row["score"] for row in rows})
    return answers


def compare(name, reference, other):
    """Every pair that stands the other way round must be a tie in the reference."""
    widest = 0.0
    for ours, theirs in zip(reference, other):
        assert ours.keys() == theirs.keys(), f"{name}: other pictures"
        highest_behind = float("-inf")
        for path in reversed(theirs):  # worst first: whoever stands behind must not be better in the reference
            widest = max(widest, highest_behind - ours[path])
            highest_behind = max(highest_behind, ours[path])
    print(f"{name}: rankings agree but for scores within {max(widest, 0):.2g}")
    assert widest <= TIE, f"{name}: pictures {widest:g} apart have changed places"


def overlap(reference, other):
    shares = [len(set(list(a)[:10]) & set(list(b)[:10])) / 10 for a, b in zip(reference, other)]
    return sum(shares) / len(shares)


def main():
    fovea, stamps, work = sys.argv[1:4]
    os.makedirs(work, exist_ok=True)
    with open("/proc/cpuinfo") as f:
        flags = set(next(line for line in f if line.startswith("flags")).split())
    isas = ["base"] + ["avx2"] * ("avx2" in flags) + ["avx512"] * ("avx512bw" in flags)
    answers = {}
    for isa in isas:
        db = os.path.join(work, f"{isa}.db")
        answers[isa] = rankings(fovea, stamps, db, {"FOVEA_ISA": isa, "FOVEA_DTYPE": "f32"})
        compare(f"{isa} f32", answers["base"], answers[isa])
    if "avx512_bf16" not in flags:
        print("bf16: this processor has no AVX512-BF16, nothing to compare")
        return
    bf16 = rankings(fovea, stamps, os.path.join(work, "bf16.db"), {"FOVEA_DTYPE": "bf16"})
    share = overlap(answers["base"], bf16)
    print(f"bf16: overlap@10 with f32 is {share:.3f} over {len(QUERIES)} queries (at least {OVERLAP_FLOOR} wanted)")
    assert share >= OVERLAP_FLOOR


main()
