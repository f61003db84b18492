"""Makes DATA/pictures.npz (u8 arrays), DATA/captions.json and heldout.txt from the packages.

Pictures are opened, put over white and squashed once; training then only reads the arrays.
"""

import json
import os
from multiprocessing import Pool

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fetch import fetch
from net import CONFIG
from pictures import SIDE, SIDE_CROP, load_both, squash
from sources import list_pictures
from stamps import LANGS, NEAR_RMS, grey16, stamps_dir
from tokenizer import caption_texts, train_tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
INKS = [(0, 0, 0), (200, 30, 30), (30, 90, 200), (30, 140, 60), (120, 40, 140), (230, 140, 0)]


def draw_glyph(font_path, sign):
    """The sign alone, tightly cropped as stamps are; a third of them only outlined."""
    seed = sum(font_path.encode()) + ord(sign) * 7
    font = ImageFont.truetype(font_path, 150)
    ink = (0, 0, 0) if seed % 3 else INKS[seed % len(INKS)]
    picture = Image.new("RGB", (400, 400), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    if seed % 3 == 1:
        draw.text((100, 100), sign, font=font, fill=(255, 255, 255), stroke_width=6,
                  stroke_fill=ink)
    else:
        draw.text((100, 100), sign, font=font, fill=ink)
    dark = np.asarray(picture.convert("L")) < 250
    if dark.sum() < 50:
        return None
    rows, cols = np.nonzero(dark.any(1))[0], np.nonzero(dark.any(0))[0]
    pad = seed % 11
    return picture.crop((cols[0] - pad, rows[0] - pad, cols[-1] + pad + 1, rows[-1] + pad + 1))


def load_record(record):
    if "glyph" not in record:
        return load_both(record["path"])
    picture = draw_glyph(record["path"], record["glyph"])
    return picture and (squash(picture, SIDE), squash(picture, SIDE_CROP))


def lexicon_rows(lex, records):
    """[{lang: [word]}] with two or more languages, for words the pictures could be named by."""
    known = {w for r in records for text in r["full"].get("en", []) for w in text.lower().split()}
    rows = []
    for english, entry in sorted(lex.table.items()):
        common = all(w.strip(".,!") in known for w in english.split())
        if common and len(english) > 1 and english.isascii():
            rows.append({"en": [english], **{lang: entry[lang] for lang in entry}})
    return rows


def twins_of_held_out(small, held):
    """Places of training pictures that are near copies of a held-out one (16x16 grey, mirror)."""
    def flat(pictures):
        return np.stack([grey16(Image.fromarray(p)) for p in pictures])

    ours, theirs = flat(small), flat(held)
    found = set()
    for other in (theirs, theirs[:, :, ::-1]):
        for picture in other:
            rms = np.sqrt(((ours - picture) ** 2).mean((1, 2)))
            found.update(np.nonzero(rms < NEAR_RMS)[0].tolist())
    return found


def build(data):
    src = fetch(data)
    records, held_out, lex = list_pictures(src)
    with Pool(2) as pool:
        loaded = pool.map(load_record, records, chunksize=32)
        root = stamps_dir(src)
        held = pool.map(load_both, [os.path.join(root, rel) for rel, _ in held_out], chunksize=8)
    keep = [i for i, pair in enumerate(loaded) if pair]
    twins = twins_of_held_out([loaded[i][0] for i in keep], [pair[0] for pair in held])
    keep = [i for place, i in enumerate(keep) if place not in twins]
    arrays = {"small": np.stack([loaded[i][0] for i in keep]),
              "large": np.stack([loaded[i][1] for i in keep]),
              "held_out": np.stack([pair[0] for pair in held])}
    np.savez(os.path.join(data, "pictures.npz"), **arrays)
    fields = ("source", "concept", "full", "tags")
    out = {"records": [{k: records[i][k] for k in fields} for i in keep],
           "held_out": [{"path": rel, "full": captions} for rel, captions in held_out],
           "lexicon": lexicon_rows(lex, records)}
    with open(os.path.join(data, "captions.json"), "w", encoding="utf-8") as f:
        json.dump(out, f, ensure_ascii=False)
    tok = train_tokenizer(caption_texts(out), CONFIG["vocab"])
    tok.save(os.path.join(data, "tokenizer.json"))
    with open(os.path.join(HERE, "heldout.txt"), "w", encoding="utf-8") as f:
        f.writelines(rel + "\n" for rel, _ in held_out)
    report(out)


def report(out):
    for source in sorted({r["source"] for r in out["records"]}):
        rows = [r for r in out["records"] if r["source"] == source]
        counts = " ".join(f"{lang} {sum(bool(r['full'].get(lang)) for r in rows)}"
                          for lang in LANGS)
        print(f"{source:12} {len(rows):6} pictures, captioned: {counts}")
    print(f"held out {len(out['held_out'])}, lexicon {len(out['lexicon'])} words")
