"""Writes the trained weights as a Hugging Face CLIP folder: four files beside this script.

The averaged weights of DATA/ckpt.pt go to model.safetensors in F16 under CLIPModel's names. What
was only used to train (the scales of the other losses) is left out.
"""

import json
import os
import shutil

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from net import Clip, to_hf
from tokenizer import EOT, SOT

HERE = os.path.dirname(os.path.abspath(__file__))


def tower(width, layers, heads):
    return {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers,
            "num_attention_heads": heads, "hidden_act": "gelu", "layer_norm_eps": 1e-5,
            "attention_dropout": 0.0}


def config(cfg, tok):
    """CLIPConfig; the ids are the tokenizer's."""
    sot, eot = tok.token_to_id(SOT), tok.token_to_id(EOT)
    text = tower(cfg["text_width"], cfg["text_layers"], cfg["text_heads"])
    text.update(model_type="clip_text_model", vocab_size=cfg["vocab"],
                max_position_embeddings=cfg["context"], bos_token_id=sot, eos_token_id=eot,
                pad_token_id=eot, projection_dim=cfg["dim"])
    vision = tower(cfg["vision_width"], cfg["vision_layers"], cfg["vision_heads"])
    vision.update(model_type="clip_vision_model", image_size=cfg["side"],
                  patch_size=cfg["patch"], num_channels=3, projection_dim=cfg["dim"])
    return {"architectures": ["CLIPModel"], "model_type": "clip", "projection_dim": cfg["dim"],
            "logit_scale_init_value": 2.6592, "torch_dtype": "float16",
            "text_config": text, "vision_config": vision}


def preprocessor(cfg):
    """The whole picture squashed to a square: nothing of a long stamp is cut off."""
    side = {"height": cfg["side"], "width": cfg["side"]}
    return {"image_processor_type": "CLIPImageProcessor", "do_convert_rgb": True,
            "do_resize": True, "size": side, "resample": 3, "do_center_crop": False,
            "crop_size": side, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}


def write_json(name, value):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        json.dump(value, f, indent=2)
        f.write("\n")


def export(data):
    state = torch.load(os.path.join(data, "ckpt.pt"), weights_only=True)
    net = Clip(state["cfg"])
    net.load_state_dict(state["ema"])
    tensors = {name: t.to(torch.float16) for name, t in to_hf(net).items()}
    # Made aside and moved: a reader never sees half a file.
    path = os.path.join(HERE, "model.safetensors")
    save_file(tensors, path + ".tmp", metadata={"format": "pt"})
    os.chmod(path + ".tmp", 0o644)
    os.replace(path + ".tmp", path)
    shutil.copy(os.path.join(data, "tokenizer.json"), os.path.join(HERE, "tokenizer.json"))
    tok = Tokenizer.from_file(os.path.join(HERE, "tokenizer.json"))
    write_json("config.json", config(state["cfg"], tok))
    write_json("preprocessor_config.json", preprocessor(state["cfg"]))
    count = sum(t.numel() for t in tensors.values())
    print(f"step {state['step']}: {count} parameters, {os.path.getsize(path)} bytes")
