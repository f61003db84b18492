"""Words of the four languages that mean the same, from free word tables.

`Lexicon.find("donkey")` -> {"ko": [...], "ja": [...], "zh": [...]}. It lets drawings that only have
an English title be trained in the other languages too. Sources: the CLDR names of emoji, captions
of TRAINING stamps, CC-CEDICT (Chinese) and EDICT (Japanese). Only whole names are matched.
"""

import json
import os
import re
from collections import Counter

from stamps import caption_key

# Chinese captions count things: "一只绵羊", one (head of) sheep.
MEASURE = re.compile("^一[个只条头匹辆架张把朵棵颗座艘台株片块支双件顶本瓶杯种幅串枚根盏些间束]")
PER_WORD = 3  # foreign words kept for one English word


def plain(text):
    """Lower case, no article, no punctuation; the key of the tables."""
    return caption_key(text)


def singular(word):
    """A crude English singular: the tables hold singulars."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


class Lexicon:
    def __init__(self):
        self.table = {}  # english -> lang -> [(rank, word)]
        self.kana = {}   # Japanese word -> its reading

    def add(self, english, lang, word, rank):
        key = plain(english)
        if not key or not word or len(key.split()) > 3:
            return
        words = self.table.setdefault(key, {}).setdefault(lang, [])
        if all(w != word for _, w in words):
            words.append((rank, word))

    def finish(self):
        for langs in self.table.values():
            for lang, words in langs.items():
                best = [w for _, w in sorted(words, key=lambda p: p[0])]
                # Japanese is written with characters or with kana: keep room for both.
                langs[lang] = best[:PER_WORD + (lang == "ja")]

    def find(self, english):
        """The entry of a word or short name, also of its singular; None if unknown."""
        key = plain(english)
        if key in self.table:
            return self.table[key]
        words = key.split()
        if words:
            words[-1] = singular(words[-1])
            return self.table.get(" ".join(words))
        return None

    def first(self, words, lang):
        """The best word in the language for each English word that has one."""
        return [w for word in words for w in (self.find(word) or {}).get(lang, [])[:1]]

    def spot(self, text):
        """The longest, then last, known name inside a title: (english, entry) or None."""
        words = plain(text).split()
        for size in (3, 2, 1):
            for start in range(len(words) - size, -1, -1):
                name = " ".join(words[start:start + size])
                if size == 1 and (len(name) < 3 or name in STOP):
                    continue
                entry = self.find(name)
                if entry:
                    return name, entry
        return None


STOP = set("""of and or the for with from not by off out new old set top bottom left right vector
clip art icon image symbol drawing black white red green blue yellow simple small big large page
part type line one two three very that this its his her""".split())


def add_cedict(lex, src):
    path = os.path.join(src, "cc-cedict/package/data/all.js")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    table = json.JSONDecoder().raw_decode(text[text.index("{"):])[0]["all"]
    for entry in table:
        rows = entry if isinstance(entry[0], list) else [entry]
        for row in rows:
            word, glosses = row[1], row[3]
            glosses = [glosses] if isinstance(glosses, str) else glosses
            if row[2][:1].isupper() or not 1 <= len(word) <= 5:
                continue  # names of people and places
            for place, gloss in enumerate(glosses[:3]):
                clean = re.sub(r"\([^)]*\)", "", gloss).strip()
                if not re.fullmatch(r"[A-Za-z' -]+", clean) or clean.startswith("to "):
                    continue
                rank = place + (gloss != clean) * 2 + (len(word) == 1) + (len(word) > 3)
                lex.add(clean, "zh", word, 20 + rank)


def add_edict(lex, src):
    path = os.path.join(src, "edict/usr/share/edict/edict")
    with open(path, encoding="euc-jp", errors="ignore") as f:
        for line in f:
            m = re.match(r"(\S+) (?:\[(\S+)\] )?/(.*)/$", line.strip())
            if not m or not re.search(r"\((?:n|n-[a-z]+)[,)]", m.group(3)):
                continue
            common = "(P)" in m.group(3)
            if m.group(2) and (common or m.group(1) not in lex.kana):
                lex.kana[m.group(1)] = m.group(2)
            glosses = [g for g in m.group(3).split("/") if g != "(P)"]
            for place, gloss in enumerate(glosses[:3]):
                clean = re.sub(r"\([^)]*\)", "", gloss).strip()
                if not re.fullmatch(r"[A-Za-z' -]+", clean):
                    continue
                rank = 20 + place + (0 if common else 10)
                lex.add(clean, "ja", m.group(1), rank)
                if m.group(2):
                    lex.add(clean, "ja", m.group(2), rank + 0.5)


def add_stamps(lex, train):
    """Short captions: 'A donkey.' / '당나귀' / 'ロバ' / '一头驴。'."""
    for _, captions in train:
        english = captions.get("en", "")
        for lang in ("ko", "ja", "zh"):
            word = re.sub(r"[.!。！？?]+$", "", captions.get(lang, "")).strip()
            if lang == "zh":
                word = MEASURE.sub("", word)
            if word and len(word) <= 12:
                lex.add(english, lang, word, 10)


def add_emoji(lex, emoji):
    """Names are aligned. Keywords are not, but those that occur with the very same emoji mean the
    same: 'apple' and '사과' both stand with the red and the green apple and nowhere else (Dice)."""
    for entry in emoji:
        for lang in ("ko", "ja", "zh"):
            if lang in entry and "en" in entry:
                lex.add(entry["en"][0], lang, entry[lang][0], 0)
    for lang in ("ko", "ja", "zh"):
        seen, together = Counter(), Counter()
        for entry in emoji:
            if lang not in entry or "en" not in entry:
                continue
            ours = {plain(w) for w in [entry["en"][0], *entry["en"][1]]}
            theirs = {w.strip() for w in [entry[lang][0], *entry[lang][1]]}
            seen.update(ours)
            seen.update((lang, w) for w in theirs)
            together.update((a, b) for a in ours for b in theirs)
        for (english, word), both in sorted(together.items()):
            dice = 2 * both / (seen[english] + seen[(lang, word)])
            if both >= 2 and dice >= 0.6:
                lex.add(english, lang, word, 6 - 5 * dice)


def build_lexicon(src, emoji, train):
    """emoji: [{lang: (label, [tag])}]; train: the training stamps."""
    lex = Lexicon()
    add_emoji(lex, emoji)
    add_stamps(lex, train)
    add_cedict(lex, src)
    add_edict(lex, src)
    lex.finish()
    return lex
