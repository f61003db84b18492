"""Every training picture with its captions: one function a source.

A record is {"source", "concept", "path" or "glyph", "full": {lang: [caption]}, "tags": {lang:
[word]}}. `full` names the picture by itself; `tags` only help (keywords, folder names). Pictures
of one concept (the same emoji by several artists) are never put into one batch.
"""

import glob
import json
import os
import re
import unicodedata
import xml.etree.ElementTree as ElementTree

from lexicon import MEASURE, build_lexicon
from stamps import LANGS, split_stamps, stamps_dir

DC = "{http://purl.org/dc/elements/1.1/}"
RDF_LI = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"


def read_emoji(src):
    """{hexcode: {lang: (label, [tag])}} of the base emoji."""
    out = {}
    for lang in LANGS:
        path = os.path.join(src, "emojibase-data/package", lang, "data.json")
        with open(path, encoding="utf-8") as f:
            for e in json.load(f):
                entry = out.setdefault(e["hexcode"].upper(), {})
                entry[lang] = (e["label"], e.get("tags", []))
    return out


def hex_key(code):
    """Variation selectors differ between the sets: compare without them."""
    return "-".join(p for p in code.upper().split("-") if p != "FE0F")


def emoji_record(source, path, key, entry):
    return {"source": source, "concept": "emoji " + key, "path": path,
            "full": {lang: [label] for lang, (label, _) in entry.items()},
            "tags": {lang: list(tags) for lang, (_, tags) in entry.items()}}


def emoji_pictures(src, emoji):
    """The drawings of Noto, Twemoji, OpenMoji and Fluent, base forms only."""
    by_key = {hex_key(code): entry for code, entry in emoji.items()}
    sets = [
        ("noto", "emoji-datasource-google/package/img/google/64/*.png"),
        ("twemoji", "emoji-datasource-twitter/package/img/twitter/64/*.png"),
        ("openmoji", "openmoji/package/color/svg/*.svg"),
        ("fluent", "fluent-emoji-3d/package/assets/*.webp"),
    ]
    out, used = [], set()
    for source, pattern in sets:
        for path in sorted(glob.glob(os.path.join(src, pattern))):
            key = hex_key(os.path.splitext(os.path.basename(path))[0])
            if key in by_key and (source, key) not in used:
                used.add((source, key))
                out.append(emoji_record(source, path, key, by_key[key]))
    # OpenMoji's own pictures beyond Unicode carry English names only.
    with open(os.path.join(src, "openmoji/package/data/openmoji.json"), encoding="utf-8") as f:
        for e in json.load(f):
            key = hex_key(e["hexcode"])
            path = os.path.join(src, "openmoji/package/color/svg", e["hexcode"] + ".svg")
            if key in by_key or e["skintone"] or not os.path.exists(path):
                continue
            tags = [t.strip() for t in (e["tags"] + "," + e["openmoji_tags"]).split(",")]
            entry = {"en": (e["annotation"], [t for t in tags if t])}
            out.append(emoji_record("openmoji", path, key, entry))
    return out


def name_words(stem):
    """'drum_tomtom-floor2' -> 'drum tomtom floor'."""
    return " ".join(re.findall(r"[^\W\d_]+", stem))


def add_foreign(full, entry):
    """Adds the lexicon's words in the languages that have no caption yet."""
    for lang, words in (entry or {}).items():
        full.setdefault(lang, list(words))


def stamp_pictures(src, train, lex):
    out = []
    for rel, captions in train:
        stem = os.path.splitext(os.path.basename(rel))[0]
        full = {lang: [text] for lang, text in captions.items()}
        name = re.sub(r"^(t|iso) ", "", name_words(stem))
        if len(name) > 2 and "en" in full:
            full["en"] = full["en"] + [name] if "alphabets" not in rel else full["en"]
        if "zh" in full and MEASURE.match(full["zh"][0]):
            full["zh"] = full["zh"] + [MEASURE.sub("", full["zh"][0])]
        found = lex.spot(captions.get("en", "")) if len(captions) < 4 else None
        if found:
            add_foreign(full, found[1])
        folders = [f for f in os.path.dirname(rel).split("/") if f not in ("cartoon", "filled")]
        tags = {"en": [name_words(f) for f in folders]}
        for lang in ("ko", "ja", "zh"):
            tags[lang] = lex.first(folders, lang)
        out.append({"source": "stamps", "concept": "stamp " + rel, "full": full, "tags": tags,
                    "path": os.path.join(stamps_dir(src), rel)})
    return out


def clipart_titles(src):
    """{'animals/cat_01': (title, [keyword])} from the metadata of the SVG files."""
    root = os.path.join(src, "openclipart-svg/usr/share/openclipart/svg")
    out = {}
    for path in glob.glob(os.path.join(root, "**/*.svg*"), recursive=True):
        key = re.sub(r"\.svgz?$", "", os.path.relpath(path, root))
        title, words = "", []
        try:
            for _, node in ElementTree.iterparse(path):
                if node.tag == DC + "title" and node.text and not title:
                    title = node.text
                elif node.tag == RDF_LI and node.text:
                    words.append(node.text.strip().lower())
                if node.tag.endswith("metadata"):
                    break
        except (ElementTree.ParseError, OSError):
            pass
        out[key] = (title, words)
    return out


SKIP_WORD = {"unsorted", "clip art", "clipart", "image", "media", "public domain", "png", "svg"}


def clean_title(title):
    title = re.sub(r"\.(svg|ai|png|jpg)$", "", title.strip(), flags=re.I)
    title = re.sub(r"\bby .*$|\bclip ?art\b", "", title, flags=re.I)
    title = " ".join(re.findall(r"[^\W\d_]+", title)).lower()
    return "" if title in ("untitled", "drawing", "openclipart", "unknown") else title[:60]


def clipart_pictures(src, lex):
    root = os.path.join(src, "openclipart-png/usr/share/openclipart/png")
    titles, out = clipart_titles(src), []
    for path in sorted(glob.glob(os.path.join(root, "**/*.png"), recursive=True)):
        key = os.path.splitext(os.path.relpath(path, root))[0]
        title, words = titles.get(key, ("", []))
        title = clean_title(title) or name_words(os.path.basename(key)).lower()
        folders = [name_words(f) for f in os.path.dirname(key).split("/")]
        words = [w for w in dict.fromkeys(words) if w not in SKIP_WORD and len(w) < 25]
        tags = {"en": (words + folders)[:8]}
        full = {"en": [title]}
        found = lex.spot(title)
        if found:
            full["en"].append(found[0])
            add_foreign(full, found[1])
        for lang in ("ko", "ja", "zh"):
            tags[lang] = lex.first(tags["en"], lang)
            if not full.get(lang):
                full.pop(lang, None)
        out.append({"source": "openclipart", "concept": "clip " + title, "path": path,
                    "full": full, "tags": tags})
    return out


def word_pictures(src, lex):
    """Art4Apps: one photograph or drawing a word."""
    root = os.path.join(src, "pysiogame/usr/share/games/pysiogame/res/images/art4apps")
    out = []
    for path in sorted(glob.glob(os.path.join(root, "*/*.jpg"))):
        word = name_words(os.path.splitext(os.path.basename(path))[0])
        full = {"en": [word]}
        add_foreign(full, lex.find(word))
        folder = os.path.basename(os.path.dirname(path)).replace("_n_", " and ").replace("_", " ")
        out.append({"source": "art4apps", "concept": "word " + word, "path": path,
                    "full": full, "tags": {"en": [folder]}})
    return out


DIGITS = {
    "0": ("zero", "공", "ぜろ", "零"), "1": ("one", "하나", "いち", "一"),
    "2": ("two", "둘", "に", "二"), "3": ("three", "셋", "さん", "三"),
    "4": ("four", "넷", "よん", "四"), "5": ("five", "다섯", "ご", "五"),
    "6": ("six", "여섯", "ろく", "六"), "7": ("seven", "일곱", "なな", "七"),
    "8": ("eight", "여덟", "はち", "八"), "9": ("nine", "아홉", "きゅう", "九"),
    "+": ("plus", "더하기", "たす", "加"), "−": ("minus", "빼기", "ひく", "减"),
    "×": ("times", "곱하기", "かける", "乘"), "÷": ("divided by", "나누기", "わる", "除以"),
    "=": ("equals", "등호", "イコール", "等于"), "<": ("less than", "보다 작다", "より小さい", "小于"),
    ">": ("greater than", "보다 크다", "より大きい", "大于"),
    "≠": ("not equal", "같지 않음", "等しくない", "不等于"),
    "≤": ("less or equal", "작거나 같음", "以下", "小于等于"),
    "≥": ("greater or equal", "크거나 같음", "以上", "大于等于"),
    "$": ("dollar sign", "달러 기호", "ドル記号", "美元符号"),
    "€": ("euro sign", "유로 기호", "ユーロ記号", "欧元符号"),
    "£": ("pound sign", "파운드 기호", "ポンド記号", "英镑符号"),
    "¥": ("yen sign", "엔 기호", "円記号", "日元符号"),
    "¢": ("cent sign", "센트 기호", "セント記号", "美分符号"),
    "♪": ("eighth note", "8분 음표", "八分音符", "八分音符"),
    "♩": ("quarter note", "4분 음표", "四分音符", "四分音符"),
    "♭": ("flat", "플랫", "フラット", "降号"), "♯": ("sharp", "샤프", "シャープ", "升号"),
    "?": ("question mark", "물음표", "疑問符", "问号"),
    "!": ("exclamation mark", "느낌표", "感嘆符", "感叹号"),
}


def letter_captions(letter):
    base = unicodedata.normalize("NFD", letter)[0]
    wide = chr(ord(base) + 0xFEE0)
    if base != letter:
        return {"en": [f"the letter {base} with an umlaut", f"the letter {letter}"],
                "ko": [f"움라우트가 달린 '{base}' 글자", f"글자 {letter}"],
                "ja": [f"ウムラウトがついた アルファベットの {base}", f"文字 {letter}"],
                "zh": [f"带变音符的字母{base}", f"字母{letter}"]}
    return {"en": [f"the letter {letter}", f"letter {letter}"],
            "ko": [f"'{letter}' 글자", f"글자 {letter}", f"알파벳 {letter}"],
            "ja": [f'アルファベットの "{letter}"', f"アルファベットの {letter}", f"文字 {letter}"],
            "zh": [f"字母{letter}", f"字母{wide}"]}


def glyph_pictures(src):
    """Letters, digits and signs drawn from free fonts; outlined ones too (data.py draws them)."""
    fonts = sorted(glob.glob(os.path.join(src, "fonts-*", "**/*.[to]tf"), recursive=True))
    keep = ("DejaVuSans.", "DejaVuSans-Bold.", "DejaVuSerif.", "LiberationSans-Regular",
            "LiberationSerif-Bold.", "LiberationMono-Regular", "FreeSerif.", "FreeSans.",
            "FreeSansBold.", "Lobster", "ComicNeue-Bold.", "Lato-Black.", "Lato-Light.",
            "Cantarell-VF", "OpenSans-Regular", "Vollkorn-Regular")
    fonts = [f for f in fonts if os.path.basename(f).startswith(keep)]
    letters = [chr(c) for c in range(65, 91)] + [chr(c) for c in range(97, 123)] + list("ÄÖÜäöü")
    out = []
    for font in fonts:
        for sign in letters + list(DIGITS):
            full = letter_captions(sign) if sign in letters else {
                lang: [text] for lang, text in zip(LANGS, DIGITS[sign])}
            out.append({"source": "glyphs", "concept": "glyph " + sign.lower(), "full": full,
                        "tags": {}, "glyph": sign, "path": font})
    return out


def add_kana(record, lex):
    """Children's Japanese is written in kana: adds the reading of each name that has one."""
    names = record["full"].get("ja", [])
    readings = [lex.kana[n] for n in names if n in lex.kana]
    if readings:
        record["full"]["ja"] = list(dict.fromkeys(names + readings))


def list_pictures(src):
    """(records, held-out stamps, lexicon)."""
    train, held_out = split_stamps(src)
    emoji = read_emoji(src)
    lex = build_lexicon(src, list(emoji.values()), train)
    records = stamp_pictures(src, train, lex) + emoji_pictures(src, emoji)
    records += clipart_pictures(src, lex) + word_pictures(src, lex) + glyph_pictures(src)
    for record in records:
        add_kana(record, lex)
    return records, held_out, lex
