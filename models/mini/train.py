"""Trains the model from DATA/pictures.npz and DATA/captions.json on a CPU.

Each step draws pictures of different things, makes two views of each, and captions in two
languages. The loss is
    image-text   each caption finds its picture in both views, each picture its captions;
    image-image  each view finds the other view of its picture among all;
    text-text    words of the lexicon find the same word in another language.
For most of the time only part of the patches is kept (as in FLIP), at the end all of them. The
schedule follows the clock: it ends after --minutes however busy the machine is.
"""

import json
import math
import os
import random
import signal
import time
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from augment import view
from captions import caption_keys, draw_texts, draw_words, encode, key_of
from net import CONFIG, Clip
from stamps import LANGS

RECIPE = {
    # Pictures of each kind in a batch. Stamps are few and would be learnt by heart if more.
    "mix": {"stamps": 26, "emoji": 46, "openclipart": 38, "art4apps": 10, "glyphs": 8},
    "words": 64,              # lexicon rows a step
    "slots": 2,               # languages a picture
    "lr": 1.2e-3, "decay": 0.1, "warm": 0.03, "clip_norm": 1.0,
    "ema": 0.995, "ema_full": 0.98,  # the last phase is short: average less far back
    "keep": 24, "full_from": 0.88,   # patches kept; from this part of the run on: all of them
    "drop_path": 0.1, "bpe_dropout": 0.1,
    "weight_image": 0.5, "weight_text": 0.3,
}
EMOJI = ("noto", "twemoji", "openmoji", "fluent")


class Sampler:
    """Draws records of distinct concepts, so many of each kind."""

    def __init__(self, records):
        self.kinds = defaultdict(lambda: defaultdict(list))
        for i, record in enumerate(records):
            kind = "emoji" if record["source"] in EMOJI else record["source"]
            self.kinds[kind][record["concept"]].append(i)
        self.queues = {kind: [] for kind in self.kinds}

    def draw(self, mix):
        rows = []
        for kind, count in mix.items():
            queue = self.queues[kind]
            if len(queue) < count:
                names = list(self.kinds[kind])
                random.shuffle(names)
                queue[:0] = names
            taken = {}
            while len(taken) < count:
                taken[queue.pop()] = None
            rows += [random.choice(self.kinds[kind][name]) for name in taken]
        return rows


def blocked(texts, owner, keys):
    """[n,B] mask: caption n also fits picture j although it was not drawn for it."""
    holders = defaultdict(list)
    for j, names in enumerate(keys):
        for name in names:
            holders[name].append(j)
    mask = torch.zeros(len(texts), len(keys), dtype=torch.bool)
    for n, text in enumerate(texts):
        mask[n, holders.get(key_of(text), [])] = True
    mask[torch.arange(len(texts)), torch.tensor(owner)] = False
    return mask


def image_text_loss(texts, images, owner, mask, scale):
    """texts [n,d]; images [B,d]; several captions may belong to one picture."""
    logits = scale * texts @ images.T
    rows = torch.arange(len(texts))
    good = logits[rows, owner]
    negative = logits.masked_fill(mask, -1e4)
    to_image = F.cross_entropy(negative, owner)
    own = torch.zeros_like(mask)
    own[rows, owner] = True
    others = torch.logsumexp(negative.masked_fill(own, -1e4), 0)[owner]
    return to_image + (torch.logaddexp(good, others) - good).mean()


def pair_loss(a, b, scale, mask=None):
    """Symmetric InfoNCE; mask: pairs that mean the same without being drawn together."""
    logits = scale * a @ b.T
    if mask is not None:
        logits = logits.masked_fill(mask, -1e4)
    target = torch.arange(len(a))
    return F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)


def shared_words(rows):
    """[n,n] mask of lexicon rows that share any word."""
    holders = defaultdict(list)
    for i, row in enumerate(rows):
        for words in row.values():
            for word in words:
                holders[word].append(i)
    mask = torch.zeros(len(rows), len(rows), dtype=torch.bool)
    for held in holders.values():
        for i in held:
            mask[i, held] = True
    return mask.fill_diagonal_(False)


def images_loss(a, b, scale):
    """Each view against all other views of the batch, NT-Xent."""
    z = torch.cat([a, b])
    logits = (scale * z @ z.T).fill_diagonal_(-1e4)
    n = len(a)
    return 2 * F.cross_entropy(logits, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))


class Trainer:
    def __init__(self, data, minutes):
        self.data, self.seconds = data, minutes * 60
        arrays = np.load(os.path.join(data, "pictures.npz"))
        self.small = torch.from_numpy(arrays["small"])
        self.large = torch.from_numpy(arrays["large"])
        self.held = torch.from_numpy(arrays["held_out"])
        with open(os.path.join(data, "captions.json"), encoding="utf-8") as f:
            captions = json.load(f)
        self.records, self.held_captions = captions["records"], captions["held_out"]
        self.lexicon = captions["lexicon"]
        self.keys = [caption_keys(r) for r in self.records]
        self.sampler = Sampler(self.records)
        self.tok = Tokenizer.from_file(os.path.join(data, "tokenizer.json"))
        self.tok_train = Tokenizer.from_file(os.path.join(data, "tokenizer.json"))
        self.tok_train.model.dropout = RECIPE["bpe_dropout"]
        self.net = Clip({**CONFIG, "vocab": self.tok.get_vocab_size()})
        self.ema = {k: v.clone() for k, v in self.net.state_dict().items()}
        thin = [p for p in self.net.parameters() if p.ndim < 2]
        pos = [self.net.vision_pos, self.net.text_pos, self.net.tokens.weight]
        flat = {id(p) for p in thin + pos}
        wide = [p for p in self.net.parameters() if id(p) not in flat]
        self.opt = torch.optim.AdamW(
            [{"params": wide, "weight_decay": RECIPE["decay"]},
             {"params": thin + pos, "weight_decay": 0.0}],
            lr=0.0, betas=(0.9, 0.98), fused=True)
        self.step, self.spent, self.stop = 0, 0.0, False

    # -- checkpoints ---------------------------------------------------------------------------
    def path(self):
        return os.path.join(self.data, "ckpt.pt")

    def save(self):
        state = {"net": self.net.state_dict(), "ema": self.ema, "opt": self.opt.state_dict(),
                 "step": self.step, "spent": self.spent, "cfg": self.net.cfg}
        torch.save(state, self.path() + ".tmp")
        os.replace(self.path() + ".tmp", self.path())

    def load(self):
        state = torch.load(self.path(), weights_only=True)
        self.net.load_state_dict(state["net"])
        self.opt.load_state_dict(state["opt"])
        self.ema, self.step, self.spent = state["ema"], state["step"], state["spent"]

    # -- one step ------------------------------------------------------------------------------
    def losses(self, progress):
        mild = progress > RECIPE["full_from"]
        keep = None if mild else RECIPE["keep"]
        rows = self.sampler.draw(RECIPE["mix"])
        large, small = self.large[rows], self.small[rows]
        pixels = torch.cat([view(large, small, mild), view(large, small, mild)])
        texts, owner = draw_texts([self.records[i] for i in rows], RECIPE["slots"])
        ours, theirs, lex_rows = draw_words(self.lexicon, RECIPE["words"])
        mask = blocked(texts, owner, [self.keys[i] for i in rows])
        ids, ends = encode(self.tok_train, texts + ours + theirs, CONFIG["context"])
        with torch.autocast("cpu", torch.bfloat16):
            images = self.net.encode_image(pixels, keep, RECIPE["drop_path"])
            words = self.net.encode_text(ids, ends)
        a, b = images.chunk(2)
        n, w = len(texts), RECIPE["words"]
        caps, owner = words[:n], torch.tensor(owner)
        scale = self.net.scale.exp()
        main = (image_text_loss(caps, a, owner, mask, scale)
                + image_text_loss(caps, b, owner, mask, scale)) / 4
        twins = images_loss(a, b, self.net.scale_image.exp()) / 2
        same = pair_loss(words[n:n + w], words[n + w:], self.net.scale_text.exp(),
                         shared_words(lex_rows)) / 2
        return main, twins, same

    def set_lr(self, progress):
        warm = RECIPE["warm"]
        lr = RECIPE["lr"] * min(1.0, progress / warm + 1e-3)
        if progress > warm:
            part = (progress - warm) / (1 - warm)
            lr *= 0.5 + 0.5 * math.cos(math.pi * min(1.0, part))
        for group in self.opt.param_groups:
            group["lr"] = lr + 1e-6

    def one_step(self, progress):
        self.set_lr(progress)
        main, twins, same = self.losses(progress)
        loss = main + RECIPE["weight_image"] * twins + RECIPE["weight_text"] * same
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), RECIPE["clip_norm"])
        self.opt.step()
        with torch.no_grad():
            for name in ("scale", "scale_image", "scale_text"):
                getattr(self.net, name).clamp_(0, math.log(100))
            full = progress > RECIPE["full_from"]
            keep = min(RECIPE["ema_full" if full else "ema"], (1 + self.step) / (10 + self.step))
            state = self.net.state_dict()
            torch._foreach_lerp_(list(self.ema.values()), [state[k] for k in self.ema], 1 - keep)
        self.step += 1
        return main.item(), twins.item(), same.item()

    # -- a look at the held-out stamps -----------------------------------------------------------
    @torch.no_grad()
    def glance(self):
        """Recall@1/5/10 per language by the averaged weights; evaluate.py is the exact one."""
        net = Clip(self.net.cfg)
        net.load_state_dict(self.ema)
        images = net.encode_image(self.held.permute(0, 3, 1, 2).float() / 127.5 - 1)
        out = []
        for lang in LANGS:
            rows = [(i, c["full"][lang]) for i, c in enumerate(self.held_captions)
                    if lang in c["full"]]
            ids, ends = encode(self.tok, [t for _, t in rows], CONFIG["context"])
            order = (net.encode_text(ids, ends) @ images.T).argsort(1, descending=True)
            hit = torch.tensor([[self.held_captions[j]["full"].get(lang) == text for j in line]
                                for line, (_, text) in zip(order[:, :10].tolist(), rows)])
            got = [hit[:, :k].any(1).float().mean().item() * 100 for k in (1, 5, 10)]
            out.append(lang + " " + "/".join(f"{g:.0f}" for g in got))
        return "  ".join(out)

    # -- the run -------------------------------------------------------------------------------
    def run(self):
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, lambda *_: setattr(self, "stop", True))
        last, saved, mean = time.monotonic(), time.monotonic(), None
        while self.spent < self.seconds and not self.stop:
            now = self.one_step(self.spent / self.seconds)
            mean = now if mean is None else [0.95 * m + 0.05 * x for m, x in zip(mean, now)]
            tick = time.monotonic()
            self.spent, last = self.spent + tick - last, tick
            if self.step % 50 == 0:
                print(f"step {self.step} {self.spent / self.seconds:6.1%} "
                      f"{self.spent / self.step:.2f} s/step  text {mean[0]:.3f} "
                      f"image {mean[1]:.3f} words {mean[2]:.3f} scale {self.net.scale.exp():.1f}",
                      flush=True)
            if tick - saved > 300:
                self.save()
                saved = time.monotonic()
                print(f"saved at {self.spent:.0f} s; held out {self.glance()}", flush=True)
        self.save()
        print(f"ended at step {self.step}; held out {self.glance()}", flush=True)


def train(data, minutes, resume):
    torch.manual_seed(1)  # the initial weights
    torch.set_num_threads(2)
    trainer = Trainer(data, minutes)
    if resume and os.path.exists(trainer.path()):
        trainer.load()
    random.seed(trainer.step)
    torch.manual_seed(trainer.step)
    count = sum(p.numel() for p in trainer.net.parameters()) - 2
    print(f"{count} parameters, {len(trainer.records)} pictures", flush=True)
    trainer.run()
