"""A byte-level BPE in CLIP's form, trained on the captions.

Same parts as CLIP's own tokenizer.json: NFC, white space collapsed, lower case; CLIP's split;
bytes as characters; "</w>" ends a word. The vocabulary is laid out as CLIP's too: 256 bytes, 256
bytes with "</w>", one token a merge, start, end. The end token has the largest id and is also the
padding, so the first one in a row is the text's end.
"""

import json

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers

SOT, EOT = "<|startoftext|>", "<|endoftext|>"
SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def normalizer():
    return normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "),
                                 normalizers.Lowercase()])


def splitter():
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])


def bytes_in_order():
    """CLIP's order: printable bytes as themselves first, the others moved above 255."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in shown]
    return [chr(b) for b in shown] + [chr(256 + i) for i in range(len(hidden))]


def learn_merges(texts, count):
    tok = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tok.normalizer, tok.pre_tokenizer = normalizer(), splitter()
    trainer = trainers.BpeTrainer(vocab_size=count + 2000, min_frequency=2, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  end_of_word_suffix="</w>")
    tok.train_from_iterator(texts, trainer)
    merges = json.loads(tok.to_str())["model"]["merges"]
    return [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in merges][:count]


def train_tokenizer(texts, vocab_size):
    letters = bytes_in_order()
    merges = learn_merges(texts, vocab_size - 2 * len(letters) - 2)
    names = letters + [c + "</w>" for c in letters] + [a + b for a, b in merges] + [SOT, EOT]
    if len(set(names)) != vocab_size:
        raise ValueError(f"{len(set(names))} distinct tokens, wanted {vocab_size}")
    vocab = {name: i for i, name in enumerate(names)}
    tok = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token=EOT, fuse_unk=False,
                               continuing_subword_prefix="", end_of_word_suffix="</w>"))
    tok.normalizer, tok.pre_tokenizer = normalizer(), splitter()
    tok.post_processor = processors.RobertaProcessing(
        sep=(EOT, vocab[EOT]), cls=(SOT, vocab[SOT]), trim_offsets=False, add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    tok.add_special_tokens([SOT, EOT])
    return tok


def caption_texts(captions):
    """The corpus: captions of training pictures, stamps three times, then the word table once."""
    stamps = [r for r in captions["records"] if r["source"] == "stamps"]
    for record in captions["records"] + stamps * 2:
        for kind in ("full", "tags"):
            for texts in record[kind].values():
                yield from texts
    for row in captions["lexicon"]:
        for texts in row.values():
            yield texts[0]
