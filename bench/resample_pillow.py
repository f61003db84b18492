#!/usr/bin/env python3
"""Our resampler beside Pillow's: same pixels, rounds taken in turns, medians.

usage: resample_pillow.py BENCH_RESAMPLE OUT.csv
One thread each, CPU time: a busy machine stretches the clock of the slower side more. Every result
is compared by CRC-32, so a wrong one cannot be fast.
"""

import csv
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

import PIL
from PIL import Image

KERNELS = ["base", "avx2", "avx512"]
FLOOR = "read"  # the time to read the picture's bytes once: no resampler can be faster
CASES = [(4032, 3024, 21), (1920, 1080, 31), (640, 480, 61)]  # width, height, rounds
SIDE = 224


def picture(width, height):
    """Photograph-like enough for a resampler, whose time does not depend on the pixels."""
    x = Image.linear_gradient("L").resize((width, height)).rotate(90).resize((width, height))
    y = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (x, y, Image.effect_noise((width, height), 60)))


def crop_box(width, height):
    x, y = (width - SIDE) // 2, (height - SIDE) // 2
    return x, y, x + SIDE, y + SIDE


def pillow_round(image, size, crop):
    start = time.thread_time()
    out = image.resize(size, Image.BICUBIC)
    if crop:
        out = out.crop(crop_box(*size))
    elapsed = time.thread_time() - start
    return elapsed * 1e6, zlib.crc32(out.tobytes())


def our_round(process, name):
    process.stdin.write(name + "\n")
    process.stdin.flush()
    micros, crc = process.stdout.readline().split()
    return float(micros), int(crc)


def measure(bench, width, height, rounds, crop):
    image = picture(width, height)
    size = (int(SIDE * width / min(width, height)), int(SIDE * height / min(width, height)))
    times, crcs = {"pillow": []}, {}
    with tempfile.NamedTemporaryFile() as raw:
        raw.write(image.tobytes())
        raw.flush()
        args = [bench, raw.name, width, height, *size, SIDE if crop else 0]
        with subprocess.Popen(
            [str(a) for a in args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            for _ in range(rounds):
                micros, crcs["pillow"] = pillow_round(image, size, crop)
                times["pillow"].append(micros)
                for name in [*KERNELS, FLOOR]:
                    micros, crcs[name] = our_round(process, name)
                    times.setdefault(name, []).append(micros)
            process.stdin.close()
    return size, {k: statistics.median(v) for k, v in times.items()}, crcs


HEADER = "from to part pillow kernels pillow_us our_us read_us ratio identical".split()


def rows():
    for width, height, rounds in CASES:
        for crop in (False, True):
            size, medians, crcs = measure(sys.argv[1], width, height, rounds, crop)
            for name in (n for n in KERNELS if medians[n] > 0):
                yield [
                    f"{width}x{height}",
                    f"{size[0]}x{size[1]}",
                    f"{SIDE}x{SIDE}" if crop else "whole",
                    PIL.__version__,
                    name,
                    round(medians["pillow"], 1),
                    round(medians[name], 1),
                    round(medians[FLOOR], 1),
                    round(medians["pillow"] / medians[name], 2),
                    "yes" if crcs[name] == crcs["pillow"] else "NO",
                ]


def main():
    out = pathlib.Path(sys.argv[2])
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        for row in [HEADER, *rows()]:
            table.writerow(row)
            print(*row, sep="\t")


main()
