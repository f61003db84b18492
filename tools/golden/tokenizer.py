"""Makes tests/golden/tokenizer/: a small CLIP-like BPE and the ids the reference gives for hard texts.

    pip install tokenizers==0.22.2 transformers==4.57.1 && python3 tools/golden/tokenizer.py

new.json     tokenizer.json, merges as pairs
old/         tokenizer.json with merges as "a b" and TemplateProcessing, the older way of writing the same
plain/       vocab.json + merges.txt of the same model. Training breaks ties differently from run to run, so
             merges.txt is kept; without it a new one is trained
cases.json   [[text, [ids, cut to 77 as the reference cuts]], ...] by tokenizers, for new.json and old/
plain.json   where transformers' CLIPTokenizerFast gives other ids for plain/ (its end token is normalised)
made.json    versions
"""
import json
import os
import random
import sys

import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "tests", "golden", "tokenizer")
SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
SOT, EOT = "<|startoftext|>", "<|endoftext|>"
CONTEXT = 77

WORDS = """a the of and in on with photo picture dog dogs cat cats horse running beach sunset red blue green small
large old new two three people person sitting standing table tree flower water mountain house car street night
강아지 고양이 사진 해변 바다 산 나무 꽃 빨간 파란 집 사람 자동차 밤 그림 말 새 물고기
犬 猫 写真 海 山 木 花 赤い 青い 家 人 車 夜 絵 馬 鳥 魚 の と が を いぬ ねこ うみ
狗 照片 海滩 日落 红色 蓝色 房子 汽车 图画 鱼 鸟 的 和 在 是 一只 两个
Ελλάδα ΣΊΣΥΦΟΣ Straße İstanbul naïve café Москва собака हिन्दी कुत्ता ไทย العربية""".split()


def corpus():
    rng = random.Random(7)
    for _ in range(3000):
        yield " ".join(rng.choice(WORDS) for _ in range(rng.randint(2, 9))) + rng.choice(["", ".", "!", "'s", " 12", "…"])


def parts():
    normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    splitter = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return normalizer, splitter


def build(vocab, merges, end_normalized=False):
    tok = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token=EOT, continuing_subword_prefix="",
                               end_of_word_suffix="</w>", fuse_unk=False))
    tok.normalizer, tok.pre_tokenizer = parts()
    tok.decoder = decoders.ByteLevel()
    tok.post_processor = processors.RobertaProcessing(
        sep=(EOT, vocab[EOT]), cls=(SOT, vocab[SOT]), add_prefix_space=False, trim_offsets=False)
    tok.add_special_tokens([tokenizers.AddedToken(SOT, normalized=True),
                            tokenizers.AddedToken(EOT, normalized=end_normalized)])
    return tok


def train():
    path = os.path.join(OUT, "plain", "merges.txt")
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            return alphabet, [tuple(line.split()) for line in f.read().split("\n")[1:] if line]
    tok = Tokenizer(models.BPE(unk_token=EOT, continuing_subword_prefix="", end_of_word_suffix="</w>", fuse_unk=False))
    tok.normalizer, tok.pre_tokenizer = parts()
    tok.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=1200, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False))
    state = json.loads(tok.to_str())
    return alphabet, [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in state["model"]["merges"]]


def trained():
    alphabet, merges = train()
    # CLIP's order: 256 bytes, 256 bytes that end a word, merges, start, end
    base = sorted(alphabet)
    tokens = base + [b + "</w>" for b in base] + [a + b for a, b in merges] + [SOT, EOT]
    vocab = {t: i for i, t in enumerate(dict.fromkeys(tokens))}
    return build(vocab, merges), vocab, merges


def texts():
    yield from ["", " ", " \t\n\r\x0b\x0c ", "\u00a0\u2003\u3000\u0085\u2028\u2029\u200b", "a", "a dog", "A DOG on the BEACH!!",
                "a  dog\t\non   the beach", "dogs' dog's don't we're I've I'm you'll he'd 'S 'T O'REILLY ''s '''d",
                "12345 3.14 2nd ½ ² Ⅷ ٣ ५ 万 1,000,000", "&amp; &lt;b&gt;html&lt;/b&gt; <br/> &quot;x&quot; &#39;",
                "<|startoftext|>", "<|endoftext|>", "a <|endoftext|> dog", "a<|endoftext|>dog<|startoftext|>cat",
                "<|ENDOFTEXT|> <|StartOfText|>", "<|endoftext|", "|endoftext|>", "<|endoftext|><|endoftext|>",
                "<|<|endoftext|>|>", "<|startoftext|> a photo <|endoftext|>",
                "강아지 사진", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165", "각 \u1100\u1161\u11a8 \u1100\u1161 ᄀ",
                "犬の写真", "カタカナ ｶﾀｶﾅ ガ ｶﾞ ヴ", "海滩上的狗。", "ＦＵＬＬ　ＷＩＤＴＨ　１２３！", "ﬁ ﬀ ﬆ ǅ ŉ ẞ",
                "İstanbul ISTANBUL ıI", "ΣΊΣΥΦΟΣ ΟΔΥΣΣΕΎΣ ΌΣΟΣ Σ", "STRASSE Straße", "ŃŻÓŁĆ e\u0301 é E\u0301 \u0041\u030a Å",
                "q\u0307\u0323 q\u0323\u0307 ṩ s\u0323\u0307 s\u0307\u0323", "\u0958 \u0915\u093c \u2126 \u212b \u212a \u1fbe",
                "हिन्दी में कुत्ता", "ภาษาไทย น่ารัก", "اَلْعَرَبِيَّةُ", "עִבְרִית", "தமிழ்", "ລາວ ខ្មែរ မြန်မာ",
                "🐕", "🐕🏽‍🦺", "👨‍👩‍👧‍👦", "👩🏿‍🚀 🏳️‍🌈 🇰🇷 ❤️ ☺︎ #️⃣", "a🐕b", "🐕🐕🐕 dog🐕", "…—–“quotes”‘x’",
                "\u0301\u0301", "a\u0301\u0301\u0301", "\u200d", "\ufeffbom", "soft\u00adhyphen", "zero\u200bwidth", "tab\tend\t",
                "\ufffd", "\ufffe\uffff\U0010ffff", "\ue000 \U000f0000", "\U0001d400\U0001d41a \U0001d7d8", "\U00020000\U0002a6df",
                "\x00", "a\x00b", "\x01\x02\x1c\x1d\x1e\x1f\x7f\x80\x9f", "\u180e \u2060 \u200e\u202eabc\u202c",
                "$€£¥₩ ±×÷ ©®™ §¶", "C:\\path\\to\\file.jpg http://example.org/?q=1&r=2#x", "user_name snake_case __init__",
                "Ǆ ǈ Ⓐ ⓐ Ω ꙁ Ა ა Ꭰ ꭰ", "ªº ᵃ ⁿ ₂ ①", "ー ｰ 々 〆 ゝ", "Ⅻ ⅻ", "\u0345 \u1e9e \u03f4", "؟ ۝ ܏", "᠎ ᠀"]
    rng = random.Random(11)
    yield " ".join(rng.choice(["a", "the", "dog", "cat", "and", "개", "犬"]) for _ in range(10000))
    for n in [73, 74, 75, 76, 77, 78]:
        yield " ".join(["1"] * n)
    yield "x" * 5000
    yield "dog" * 400
    yield "!" * 300
    yield "a photo of a dog " * 9 + "<|endoftext|> tail"
    for _ in range(60):
        yield " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 12)))
    ranges = [(0x20, 0x7e)] * 4 + [(0xa0, 0x24f), (0x300, 0x36f), (0x370, 0x3ff), (0x400, 0x4ff), (0x590, 0x6ff),
              (0x900, 0x97f), (0xe00, 0xe7f), (0x1100, 0x11ff), (0x1e00, 0x1fff), (0x2000, 0x206f), (0x2070, 0x218f),
              (0x3040, 0x30ff), (0x4e00, 0x4fff), (0xac00, 0xacff), (0xff01, 0xffee), (0x1f300, 0x1f64f)]
    for _ in range(120):
        chars = []
        for _ in range(rng.randint(1, 24)):
            low, high = rng.choice(ranges)
            chars.append(chr(rng.randint(low, high)) + rng.choice(["", "", "", " "]))
        yield "".join(chars)


def cut(ids):
    return ids if len(ids) <= CONTEXT else ids[:CONTEXT - 1] + ids[-1:]


def write(path, value):
    path = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(value if isinstance(value, str) else json.dumps(value, ensure_ascii=True, separators=(",", ":")))
        f.write("\n")


def main():
    import transformers

    tok, vocab, merges = trained()
    state = json.loads(tok.to_str())
    write("new/tokenizer.json", json.dumps(state, ensure_ascii=False))
    state["model"]["merges"] = [" ".join(m) for m in merges]
    state["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": SOT, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": EOT, "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {t: {"id": t, "ids": [vocab[t]], "tokens": [t]} for t in (SOT, EOT)}}
    write("old/tokenizer.json", json.dumps(state, ensure_ascii=False))
    write("plain/vocab.json", json.dumps(vocab, ensure_ascii=False))
    write("plain/merges.txt", "#version: 0.2\n" + "\n".join(" ".join(m) for m in merges))
    old = Tokenizer.from_file(os.path.join(OUT, "old", "tokenizer.json"))
    new = Tokenizer.from_file(os.path.join(OUT, "new", "tokenizer.json"))
    plain = transformers.CLIPTokenizerFast(os.path.join(OUT, "plain", "vocab.json"),
                                           os.path.join(OUT, "plain", "merges.txt"))
    cases, plains = [], []
    for text in texts():
        ids = new.encode(text).ids
        assert ids == old.encode(text).ids, text
        cases.append([text, cut(ids)])
        want = plain(text, truncation=True, max_length=CONTEXT)["input_ids"]
        plains.append([text, want] if want != cut(ids) else None)
    write("cases.json", cases)
    write("plain.json", [c for c in plains if c])
    write("made.json", {"python": sys.version.split()[0], "tokenizers": tokenizers.__version__,
                        "transformers": transformers.__version__, "cases": len(cases)})
    print(len(vocab), "tokens,", len(cases), "cases,", sum(1 for c in plains if c), "differ in plain/")


if __name__ == "__main__":
    main()
