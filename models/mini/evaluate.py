"""Measures the exported folder with transformers and Pillow, as any other program would use it.

1. recall@1/5/10 of held-out stamps for their captions, per language, among held-out stamps only.
   A stamp with the very same caption counts as found too (there are two of each letter).
2. 200 random stamps, mirrored, shrunk to 70 % and saved as JPEG of quality 60, must find their
   original first among all stamps. A near copy (16x16 grey, RMS < 8, mirror too) counts.
3. That our own network and transformers' CLIPModel agree, where DATA/ckpt.pt is what was exported.
"""

import io
import os
import random

import numpy as np
import torch
from PIL import Image
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizerFast

from pictures import open_rgb
from stamps import LANGS, NEAR_RMS, grey16, list_stamps, stamps_dir

HERE = os.path.dirname(os.path.abspath(__file__))
TRIALS, TRIAL_SEED = 200, 7


class Model:
    """CLIPModel in f32 on the F16 weights, with its own preprocessing."""

    def __init__(self, folder):
        self.clip = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.processor = CLIPImageProcessor.from_pretrained(folder)
        self.tok = CLIPTokenizerFast(tokenizer_file=os.path.join(folder, "tokenizer.json"),
                                     model_max_length=48)

    @torch.no_grad()
    def images(self, pictures):
        out = []
        for start in range(0, len(pictures), 64):
            chunk = self.processor(pictures[start:start + 64], return_tensors="pt")
            vision = self.clip.vision_model(pixel_values=chunk["pixel_values"])
            out.append(self.clip.visual_projection(vision.pooler_output))
        return torch.nn.functional.normalize(torch.cat(out), dim=-1)

    @torch.no_grad()
    def texts(self, texts):
        rows = self.tok(texts, padding=True, truncation=True, return_tensors="pt")
        text = self.clip.text_model(input_ids=rows["input_ids"],
                                    attention_mask=rows["attention_mask"])
        return torch.nn.functional.normalize(self.clip.text_projection(text.pooler_output), dim=-1)


def text_recall(model, root, held_out, captions, skip=None):
    """{lang: (queries, [recall@1, @5, @10] in percent)}; skip: a folder that asks nothing."""
    images = model.images([open_rgb(os.path.join(root, rel)) for rel in held_out])
    out = {}
    for lang in LANGS:
        queries = [captions[rel][lang] for rel in held_out
                   if lang in captions[rel] and not (skip and rel.startswith(skip))]
        order = (model.texts(queries) @ images.T).argsort(1, descending=True)[:, :10]
        hit = np.array([[captions[held_out[j]].get(lang) == text for j in row]
                        for row, text in zip(order.tolist(), queries)])
        out[lang] = len(queries), [100 * hit[:, :k].any(1).mean() for k in (1, 5, 10)]
    return out


def degrade(picture):
    """Mirrored, 70 % of the size, JPEG quality 60."""
    picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    size = [max(1, round(0.7 * n)) for n in picture.size]
    store = io.BytesIO()
    picture.resize(size, Image.BICUBIC).save(store, "JPEG", quality=60)
    return Image.open(io.BytesIO(store.getvalue())).convert("RGB")


def find_original(model, root, stamps):
    """(found first, found among the first 5) of TRIALS, in percent."""
    pictures = [open_rgb(os.path.join(root, rel)) for rel in stamps]
    index = model.images(pictures)
    chosen = random.Random(TRIAL_SEED).sample(range(len(stamps)), TRIALS)
    queries = model.images([degrade(pictures[i]) for i in chosen])
    order = (queries @ index.T).argsort(1, descending=True)[:, :5].tolist()
    greys = np.stack([grey16(p) for p in pictures])
    hits = []
    for i, row in zip(chosen, order):
        near = [min(rms(greys[i], greys[j]), rms(greys[i], greys[j][:, ::-1])) < NEAR_RMS
                for j in row]
        hits.append(near)
        if not near[0]:
            print(f"  missed {stamps[i]}: {stamps[row[0]]}")
    hits = np.array(hits)
    return 100 * hits[:, 0].mean(), 100 * hits.any(1).mean()


def rms(a, b):
    return float(np.sqrt(((a - b) ** 2).mean()))


@torch.no_grad()
def agreement(model, data):
    """Largest difference of unit vectors, ours (f32 weights) against the exported folder."""
    from captions import encode
    from net import Clip
    state = torch.load(os.path.join(data, "ckpt.pt"), weights_only=True)
    net = Clip(state["cfg"])
    net.load_state_dict(state["ema"])
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 127.5 - 1
    texts = ["a red apple.", "'A' 글자", "ロバ", "一头驴。"]
    from tokenizers import Tokenizer
    tok = Tokenizer.from_file(os.path.join(HERE, "tokenizer.json"))
    image_gap = (net.encode_image(pixels) - model.images([picture])).abs().max()
    ids, ends = encode(tok, texts, state["cfg"]["context"])
    text_gap = (net.encode_text(ids, ends) - model.texts(texts)).abs().max()
    return image_gap.item(), text_gap.item()


def evaluate(data):
    torch.set_num_threads(2)
    src = os.path.join(data, "src")
    root, model = stamps_dir(src), Model(HERE)
    captions = {rel: c for rel, c in list_stamps(src) if rel.endswith(".png")}
    with open(os.path.join(HERE, "heldout.txt"), encoding="utf-8") as f:
        held_out = f.read().split()
    print("agreement with transformers: image %.1e text %.1e" % agreement(model, data))
    # Letters and digits were also drawn for training, with captions in the stamps' wording.
    for skip in (None, "symbols/"):
        print("all" if skip is None else "captions outside symbols/")
        for lang, (n, recall) in text_recall(model, root, held_out, captions, skip).items():
            print(f"{lang}: {n} captions, recall@1/5/10 " + " / ".join(f"{r:.1f}" for r in recall))
    first, five = find_original(model, root, sorted(captions))
    print(f"mirrored, shrunk, JPEG: {first:.1f} % first, {five:.1f} % in the first 5")
