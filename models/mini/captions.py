"""What a picture is called in one step: captions and word pairs drawn at random.

A caption is the name, or name and keywords, or a keyword; in small variations of article, full
stop, kana and counting word, so that the text tower does not lean on any of them.
"""

import random
import re

import torch

from lexicon import MEASURE
from stamps import LANGS
from tokenizer import EOT

END = re.compile(r"[\s.!?。！？]+$")
ARTICLE = re.compile(r"^(?:an?|the|some) ", re.I)


def to_hiragana(text):
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)


def vary(text, lang):
    """A small change of form that keeps the meaning."""
    r = random.random()
    if r < 0.35:
        return text
    text = END.sub("", text)
    if lang == "en":
        text = ARTICLE.sub("", text) if r < 0.6 else text
        if r > 0.8 and not ARTICLE.match(text):
            text = ("an " if text[:1].lower() in "aeiou" else "a ") + text
        return text + "." if r > 0.7 else text
    if lang == "zh":
        text = MEASURE.sub("", text) if r < 0.6 else text
        if r > 0.85 and not text.startswith("一"):
            text = "一" + random.choice("个只") + text
        return text + "。" if r > 0.65 else text
    if lang == "ja":
        text = text.replace(" ", "") if r < 0.55 else text
        text = to_hiragana(text) if r > 0.9 else text
    return text + random.choice("。！!.") if r > 0.85 else text


def draw_caption(record, lang):
    full, tags = record["full"][lang], record["tags"].get(lang, ())
    text = random.choice(full[:1] * 2 + full)
    r = random.random()
    sure = 0.85 if record["source"] == "stamps" else 0.7
    if tags and r > sure:
        tag = random.choice(tags)
        if r > sure + (1 - sure) / 2:
            return tag
        return END.sub("", text) + ", " + tag
    return vary(text, lang)


def caption_keys(record):
    """Everything this picture may rightly be called: such texts are never its negatives."""
    keys = set()
    for kind in ("full", "tags"):
        for texts in record[kind].values():
            keys.update(key_of(t) for t in texts)
    return keys


def key_of(text):
    return MEASURE.sub("", ARTICLE.sub("", END.sub("", text.lower())))


def draw_texts(records, slots):
    """(texts, owner): up to `slots` languages a record."""
    texts, owner = [], []
    for i, record in enumerate(records):
        langs = [lang for lang in LANGS if record["full"].get(lang)]
        for lang in random.sample(langs, min(slots, len(langs))):
            texts.append(draw_caption(record, lang))
            owner.append(i)
    return texts, owner


def draw_words(lexicon, n):
    """Two lists of n words in two languages that mean the same, and their rows."""
    rows = random.sample(lexicon, n)
    ours, theirs = [], []
    for row in rows:
        a, b = random.sample([lang for lang in LANGS if row.get(lang)], 2)
        ours.append(vary(random.choice(row[a][:2]), a))
        theirs.append(vary(random.choice(row[b][:2]), b))
    return ours, theirs, rows


def encode(tok, texts, context):
    """(ids [n,t], ends [n]); long texts are cut and keep their end token."""
    eot = tok.token_to_id(EOT)
    rows = [e.ids for e in tok.encode_batch(texts)]
    rows = [r if len(r) <= context else r[:context - 1] + [eot] for r in rows]
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), eot)
    for i, r in enumerate(rows):
        ids[i, :len(r)] = torch.tensor(r)
    return ids, torch.tensor([len(r) - 1 for r in rows])
