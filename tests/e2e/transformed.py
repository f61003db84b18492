"""transformed.py FOVEA STAMPS WORK - a picture changed on its way still finds its original.

200 random stamps (seeded), each mirrored, shrunk to 70 % and recompressed as JPEG at quality 60, are given to
`fovea search` as pictures. The first answer must be the original, or a picture within RMS 8 of it or of its mirror as
16 x 16 grey (some stamps are twins). At least 95 % must be found.
"""
import json
import os
import random
import subprocess
import sys

from PIL import Image, ImageOps

COUNT, SEED, FLOOR, TWIN_RMS = 200, 2026, 0.95, 8.0


def over_white(path):
    picture = Image.open(path).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def grey(picture):
    return list(picture.convert("L").resize((16, 16), Image.BOX).getdata())


def rms(a, b):
    return (sum((x - y) ** 2 for x, y in zip(a, b)) / len(a)) ** 0.5


def is_twin(original, other):
    picture, found = over_white(original), grey(over_white(other))
    return min(rms(grey(picture), found), rms(grey(ImageOps.mirror(picture)), found)) < TWIN_RMS


def transform(path, out):
    picture = ImageOps.mirror(over_white(path))
    size = [max(1, round(side * 0.7)) for side in picture.size]
    picture.resize(size, Image.BICUBIC).save(out, "JPEG", quality=60)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def main():
    fovea, stamps, work = sys.argv[1:4]
    os.makedirs(work, exist_ok=True)
    db = os.path.join(work, "stamps.db")
    run(fovea, "index", stamps, "--db", db, "--model", "mini")
    pictures = sorted(os.path.realpath(os.path.join(d, f)) for d, _, files in os.walk(stamps)
                      for f in files if f.lower().endswith(".png"))
    chosen = random.Random(SEED).sample(pictures, COUNT)
    query = os.path.join(work, "query.jpg")
    missed = []
    for path in chosen:
        transform(path, query)
        rows = json.loads(run(fovea, "search", query, "--db", db, "-n", "1", "--json"))
        answer = rows[0]["path"]
        if answer != path and not is_twin(path, answer):
            missed.append((path, answer))
    for path, answer in missed:
        print(f"missed: {path} gave {answer}")
    found = 1 - len(missed) / COUNT
    print(f"{found:.1%} of {COUNT} transformed stamps found at rank 1 among {len(pictures)} (at least {FLOOR:.0%} wanted)")
    sys.exit(found < FLOOR)


main()
