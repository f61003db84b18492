"""The Tux Paint stamps: their captions, and the split into training and held-out pictures.

Beside each picture lies a .txt: the first line is the English caption, further lines are
`<locale>.utf8=<caption>`. The split is by groups, so that nothing held out has a near copy (16x16
grey, RMS below 8, also mirrored) or an equal English caption among the training pictures.
"""

import os
import random
import re

import numpy as np
from PIL import Image

from pictures import open_rgb

LANGS = ("en", "ko", "ja", "zh")
LOCALE = {"ko": "ko", "ja": "ja", "zh": "zh_CN"}
NEAR_RMS = 8.0
HELD_OUT_PART = 0.2
SPLIT_SEED = 20


def stamps_dir(src):
    return os.path.join(src, "tuxpaint-stamps-default/usr/share/tuxpaint/stamps")


def read_captions(path_txt):
    """{lang: caption} of one .txt, empty if there is none."""
    out = {}
    if not os.path.exists(path_txt):
        return out
    with open(path_txt, encoding="utf-8", errors="replace") as f:
        lines = f.read().splitlines()
    if lines and "utf8=" not in lines[0] and lines[0].strip():
        out["en"] = lines[0].strip()
    for lang, locale in LOCALE.items():
        for line in lines:
            if line.startswith(locale + ".utf8="):
                text = line.split("=", 1)[1].strip()
                if text:
                    out[lang] = text
    return out


def list_stamps(src):
    """[(relative path, {lang: caption})]: every PNG, and each SVG that has no PNG; sorted."""
    root, found = stamps_dir(src), []
    for folder, _, names in os.walk(root):
        for name in names:
            stem, ext = os.path.splitext(name)
            if ext == ".png" or (ext == ".svg" and stem + ".png" not in names):
                rel = os.path.relpath(os.path.join(folder, name), root)
                found.append((rel, read_captions(os.path.join(folder, stem + ".txt"))))
    return sorted(found)


def grey16(picture):
    """16x16 grey of a picture over white, as the engine's near-copy test sees it."""
    grey = picture.convert("L").resize((16, 16), Image.BICUBIC)
    return np.asarray(grey, np.float32)


def near_pairs(greys):
    """Index pairs whose greys (or one's mirror) differ by less than NEAR_RMS."""
    flat = np.stack(greys).reshape(len(greys), -1)
    mirror = np.stack(greys)[:, :, ::-1].reshape(len(greys), -1)
    pairs = []
    for i in range(len(greys)):
        for other in (flat, mirror):
            rms = np.sqrt(((other - flat[i]) ** 2).mean(1))
            pairs += [(i, int(j)) for j in np.nonzero(rms < NEAR_RMS)[0] if j > i]
    return pairs


def caption_key(caption):
    """Captions that differ in case, articles or punctuation only are equal."""
    words = re.findall(r"[^\W_]+", caption.lower())
    return " ".join(w for w in words if w not in ("a", "an", "the", "some"))


def split_stamps(src):
    """(train, held_out): two lists of (relative path, captions).

    Only PNGs are held out (they are what the engine is tested on); an SVG whose group is held
    out is dropped altogether.
    """
    root = stamps_dir(src)
    stamps, greys = [], []
    for rel, captions in list_stamps(src):
        try:
            greys.append(grey16(open_rgb(os.path.join(root, rel))))
        except ValueError:  # an SVG that does not render
            continue
        stamps.append((rel, captions))
    parent = list(range(len(stamps)))

    def find(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in near_pairs(greys):
        parent[find(i)] = find(j)
    first = {}
    for i, (_, captions) in enumerate(stamps):
        key = caption_key(captions.get("en", ""))
        if key:
            parent[find(i)] = find(first.setdefault(key, i))
    groups = {}
    for i in range(len(stamps)):
        groups.setdefault(find(i), []).append(i)
    order = [groups[k] for k in sorted(groups, key=lambda k: stamps[groups[k][0]][0])]
    random.Random(SPLIT_SEED).shuffle(order)
    is_png = [rel.endswith(".png") for rel, _ in stamps]
    want, held = round(HELD_OUT_PART * sum(is_png)), set()
    for group in order:
        pngs = [i for i in group if is_png[i]]
        if pngs and len([i for i in held if is_png[i]]) + len(pngs) <= want:
            held.update(group)
    train = [s for i, s in enumerate(stamps) if i not in held]
    test = [s for i, s in enumerate(stamps) if i in held and is_png[i]]
    return train, test
