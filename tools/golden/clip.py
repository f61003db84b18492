"""Makes tests/golden/clip/<case>/: small CLIP models of odd shapes with random weights, and what
transformers computes with them for given pixels and token ids.

    pip install transformers==4.57.1 safetensors numpy pillow; python3 tools/golden/clip.py

The case "whole" has a tokenizer too and texts.json with the strings that gave its texts, so that it can be
opened as a user opens a model. Each case holds config.json, preprocessor_config.json, model.safetensors as save_pretrained writes them
and expected.safetensors: pixels u8 [n, side, side, 3], ids i64 [m, context], images f32 [n, dim], texts f32 [m, dim]
(unit vectors, computed in float32).

    python3 tools/golden/clip.py --true ViT-B/32 DIR

writes one case of true shapes to DIR instead (hundreds of megabytes; a test makes it under build/).
"""

import argparse
import json
import os
import shutil
import sys

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "..", "tests", "golden", "clip")


def tower(width, heads, mlp, layers, act, **more):
    return dict(hidden_size=width, num_attention_heads=heads, intermediate_size=mlp,
                num_hidden_layers=layers, hidden_act=act, **more)


WORDS = ["", "a red bicycle", "A photo of the sea.", "강아지 두 마리", "赤い自転車", "一只猫 🐈", "word " * 200]

# name: (dim, text tower, vision tower, dtype of the file)
CASES = {
    "odd": (33, tower(39, 3, 57, 1, "gelu", vocab_size=120, max_position_embeddings=19,
                      bos_token_id=118, eos_token_id=119, pad_token_id=119),
            tower(35, 5, 61, 2, "gelu", image_size=30, patch_size=7), torch.float32),
    "quick": (20, tower(24, 4, 50, 3, "quick_gelu", vocab_size=300, max_position_embeddings=77,
                        bos_token_id=298, eos_token_id=299, pad_token_id=299, layer_norm_eps=1e-6),
              tower(40, 2, 96, 1, "quick_gelu", image_size=32, patch_size=8), torch.float16),
    "legacy": (48, tower(32, 2, 33, 1, "gelu_pytorch_tanh", vocab_size=90, max_position_embeddings=12,
                         bos_token_id=0, eos_token_id=2, pad_token_id=1),
               tower(50, 1, 70, 3, "quick_gelu", image_size=21, patch_size=7, layer_norm_eps=1e-4),
               torch.bfloat16),
    "wide": (64, tower(64, 1, 128, 1, "quick_gelu", vocab_size=64, max_position_embeddings=9,
                       bos_token_id=62, eos_token_id=63, pad_token_id=63),
             tower(67, 67, 19, 1, "gelu", image_size=16, patch_size=4), torch.float16),
}

WHOLE = (24, tower(16, 2, 40, 2, "quick_gelu", vocab_size=910, max_position_embeddings=33, bos_token_id=908,
                   eos_token_id=909, pad_token_id=909),
         tower(16, 2, 40, 2, "quick_gelu", image_size=16, patch_size=8), torch.float16)

OPENAI = dict(vocab_size=49408, max_position_embeddings=77, bos_token_id=49406, eos_token_id=49407, pad_token_id=49407)
TRUE = {
    "ViT-B/32": (512, tower(512, 8, 2048, 12, "quick_gelu", **OPENAI),
                 tower(768, 12, 3072, 12, "quick_gelu", image_size=224, patch_size=32), torch.float32),
    "ViT-B/16": (512, tower(512, 8, 2048, 12, "gelu", **OPENAI),
                 tower(768, 12, 3072, 12, "gelu", image_size=224, patch_size=16), torch.float32),
    "ViT-L/14": (768, tower(768, 12, 3072, 12, "quick_gelu", **OPENAI),
                 tower(1024, 16, 4096, 24, "quick_gelu", image_size=224, patch_size=14), torch.float16),
}


def model_make(dim, text, vision, seed):
    torch.manual_seed(seed)
    config = CLIPConfig(text_config=dict(text, projection_dim=dim), vision_config=dict(vision, projection_dim=dim),
                        projection_dim=dim)
    config._attn_implementation = "eager"
    model = CLIPModel(config).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "norm" in name or "layrnorm" in name:
                p.copy_(torch.randn_like(p) * 0.2 + (1.0 if name.endswith("weight") else 0.0))
            elif name.endswith("bias"):
                p.copy_(torch.randn_like(p) * 0.1)
            elif "embedding" in name:
                p.copy_(torch.randn_like(p) * (0.5 if "patch" not in name else 0.03))
            elif p.ndim == 2:
                p.copy_(torch.randn_like(p) * (0.7 / p.shape[1] ** 0.5) * (2.0 if "q_proj" in name else 1.0))
    return model


def ids_make(text, rng, count):
    """Rows of different lengths: start, some tokens, end, padding; the first is empty, the last full."""
    context, vocab = text["max_position_embeddings"], text["vocab_size"]
    legacy = text["eos_token_id"] == 2
    end = vocab - 1 if legacy else text["eos_token_id"]
    pad = text["pad_token_id"]
    rows = np.full((count, context), pad, dtype=np.int64)
    for i in range(count):
        n = (context - 2) * i // (count - 1)
        rows[i, 0] = vocab - 2 if legacy else text["bos_token_id"]
        rows[i, 1:1 + n] = rng.integers(3, vocab - 2, n)
        rows[i, 1 + n] = end
    return torch.from_numpy(rows)


def texts_encode(folder, context):
    """Copies the small tokenizer of the tokenizer goldens beside the model and encodes WORDS with it."""
    source = os.path.join(GOLDEN, "..", "tokenizer", "plain")
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(os.path.join(source, name), folder)
    with open(os.path.join(folder, "texts.json"), "w", encoding="utf-8") as f:
        json.dump(WORDS, f, ensure_ascii=False)
    tokenizer = CLIPTokenizerFast(os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt"))
    return tokenizer(WORDS, padding="max_length", truncation=True, max_length=context, return_tensors="pt")["input_ids"]


def case_write(folder, dim, text, vision, dtype, seed, count):
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(seed)
    model = model_make(dim, text, vision, seed).to(dtype)
    side = vision["image_size"]
    processor = CLIPImageProcessor(do_resize=True, size={"shortest_edge": side}, crop_size={"height": side, "width": side},
                                   image_mean=[.48145466, .4578275, .40821073], image_std=[.26862954, .26130258, .27577711])
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    pixels = rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    pixels[0] = pixels[0] // 8 * 2 + 60  # a dull one, and a smooth one
    pixels[-1] = np.linspace(0, 255, side)[None, :, None] + np.zeros((side, 1, 3))
    values = processor(list(pixels), do_resize=False, do_center_crop=False, return_tensors="pt", input_data_format="channels_last")["pixel_values"]
    if os.path.basename(folder) == "whole":
        ids = texts_encode(folder, text["max_position_embeddings"])
    else:
        ids = ids_make(text, rng, count)
    model = model.float()
    with torch.no_grad():
        images = torch.nn.functional.normalize(model.get_image_features(pixel_values=values), dim=-1)
        texts = torch.nn.functional.normalize(model.get_text_features(input_ids=ids), dim=-1)
    save_file({"pixels": torch.from_numpy(pixels), "ids": ids, "images": images.float().contiguous(),
               "texts": texts.float().contiguous()}, os.path.join(folder, "expected.safetensors"))


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--true", nargs=2, metavar=("NAME", "DIR"))
    args = args.parse_args()
    if args.true:
        case_write(args.true[1], *TRUE[args.true[0]], seed=7, count=3)
        return
    for seed, (name, (dim, text, vision, dtype)) in enumerate([*CASES.items(), ("whole", WHOLE)]):
        folder = os.path.join(GOLDEN, name)
        case_write(folder, dim, text, vision, dtype, seed, 4)
        size = sum(os.path.getsize(os.path.join(folder, f)) for f in os.listdir(folder))
        assert size < 200_000, (name, size)
        print(name, size)
    with open(os.path.join(GOLDEN, "versions.json"), "w") as f:
        json.dump({"python": sys.version.split()[0], "torch": torch.__version__,
                   "transformers": transformers.__version__, "numpy": np.__version__}, f, indent=1)
        f.write("\n")


main()
