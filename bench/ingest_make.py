"""Makes the pictures of ingest.sh: JPEGs as cameras write them, from smooth shapes and sensor-like noise.

usage: ingest_make.py FOLDER    fills FOLDER/12mp (40 pictures) and FOLDER/640 (600), seeded
"""

import os
import sys

import numpy as np
from PIL import Image, ImageFilter


def picture(rng, width, height):
    small = rng.integers(0, 256, (height // 64 + 2, width // 64 + 2, 3), dtype=np.uint8)
    smooth = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    noise = rng.normal(0, 9, (height, width, 1)).astype(np.float32)
    out = np.clip(np.asarray(smooth, dtype=np.float32) + noise, 0, 255).astype(np.uint8)
    return Image.fromarray(out).filter(ImageFilter.GaussianBlur(0.7))


def fill(folder, width, height, count, quality):
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(12)
    base = [picture(rng, width, height) for _ in range(min(count, 8))]
    for i in range(count):
        turned = base[i % len(base)].transpose(list(Image.Transpose)[i // len(base) % 4])
        turned = turned.resize((width, height)) if turned.size != (width, height) else turned
        turned.putpixel((i % width, 0), (i % 256, 0, 0))
        turned.save(os.path.join(folder, f"{i:05d}.jpg"), quality=quality)


fill(os.path.join(sys.argv[1], "12mp"), 4000, 3000, 40, 88)
fill(os.path.join(sys.argv[1], "640"), 640, 480, 600, 88)
