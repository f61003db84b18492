"""vocabulary.py WHEEL OUT - CLIP's real tokenizer in both file forms, and the reference's ids for hard texts.

The merges are in OpenCLIP's wheel (open_clip/bpe_simple_vocab_16e6.txt.gz); the vocabulary follows from
them: 256 bytes, 256 bytes that end a word, 48,894 merges, start, end.
"""
import gzip
import json
import os
import sys
import zipfile

import tokenizers

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "golden"))
import tokenizer as golden  # noqa: E402

MERGES = 49152 - 256 - 2


def bytes_in_order():
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) for b in shown] + [chr(256 + i) for i in range(256 - len(shown))]


def main():
    wheel, out = sys.argv[1:]
    with zipfile.ZipFile(wheel) as z:
        lines = gzip.decompress(z.read("open_clip/bpe_simple_vocab_16e6.txt.gz")).decode("utf-8").split("\n")
    merges = [tuple(line.split()) for line in lines[1:1 + MERGES]]
    base = bytes_in_order()
    names = base + [b + "</w>" for b in base] + [a + b for a, b in merges] + [golden.SOT, golden.EOT]
    vocab = {name: i for i, name in enumerate(names)}
    assert len(vocab) == 49408
    tok = golden.build(vocab, merges)
    os.makedirs(os.path.join(out, "plain"), exist_ok=True)
    tok.save(os.path.join(out, "tokenizer.json"))
    with open(os.path.join(out, "plain", "vocab.json"), "w", encoding="utf-8") as f:
        json.dump(vocab, f)
    with open(os.path.join(out, "plain", "merges.txt"), "w", encoding="utf-8") as f:
        f.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    for folder, normalized in ((out, False), (os.path.join(out, "plain"), True)):
        with open(os.path.join(folder, "cases.json"), "w", encoding="utf-8") as f:
            one = golden.build(vocab, merges, normalized)
            json.dump([[text, golden.cut(one.encode(text).ids)] for text in golden.texts()], f)
    # the ids OpenAI's documentation gives
    assert tok.encode("a photo of a cat").ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    print("by tokenizers", tokenizers.__version__)


main()
