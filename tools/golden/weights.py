"""Makes tests/golden/weights/: small weight files written by the libraries that write the real ones.

    pip install torch==2.13.0 safetensors==0.8.0 && python3 tools/golden/weights.py

expected.json  {name: [dtype, shape, values]} of the tensors that all of the following hold
one/           model.safetensors
shards/        model.safetensors.index.json and two shards
zip/           pytorch_model.bin as torch.save writes it: transposed, sliced and shared tensors
zip4/          the same with pickle protocol 4
old/           pytorch_model.bin as before torch 1.6 (refused)
evil/          pytorch_model.bin whose pickle calls os.system (refused)
numbers/       pytorch_model.bin that holds a NumPy number besides (refused)
nested/        pytorch_model.bin of a training run, the tensors one level down (refused)
made.json      versions
"""
import collections
import json
import os
import sys

import numpy
import safetensors
import safetensors.torch
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "tests", "golden", "weights")
NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def tensors():
    torch.manual_seed(3)
    model = torch.nn.Sequential(collections.OrderedDict(fc1=torch.nn.Linear(3, 4), norm=torch.nn.LayerNorm(4)))
    state = model.state_dict()  # an OrderedDict with _metadata, as from_pretrained models are saved
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
    state["projection.weight"] = base.T          # stride (1, 6), as old CLIP conversions left it
    state["slice"] = base[1:3]                   # an offset into shared storage
    state["strided"] = base[:, 1::2]
    state["logit_scale"] = torch.tensor(2.6592)
    state["empty"] = torch.zeros(0, 5)
    for dtype, name in NAMES.items():
        state["as." + name] = (torch.arange(5) - (0 if dtype in (torch.uint8, torch.bool) else 2)).to(dtype)
    state["position_ids"] = torch.arange(7).expand((1, -1))
    return state


def folder(name):
    path = os.path.join(OUT, name)
    os.makedirs(path, exist_ok=True)
    return path


def save(name, value, **how):
    torch.save(value, os.path.join(folder(name), "pytorch_model.bin"), **how)


def write_json(path, value):
    with open(os.path.join(OUT, path), "w", encoding="utf-8") as f:
        json.dump(value, f, separators=(",", ":"))
        f.write("\n")


def main():
    state = tensors()
    folder(".")
    write_json("expected.json", {k: [NAMES[v.dtype], list(v.shape), v.double().flatten().tolist()]
                                 for k, v in sorted(state.items())})
    plain = {k: v.contiguous().clone() for k, v in state.items()}
    safetensors.torch.save_file(plain, os.path.join(folder("one"), "model.safetensors"), {"format": "pt"})
    names = sorted(plain)
    shards = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for file, keys in shards.items():
        safetensors.torch.save_file({k: plain[k] for k in keys}, os.path.join(folder("shards"), file))
    write_json("shards/model.safetensors.index.json",
               {"metadata": {"total_size": 0}, "weight_map": {k: f for f, keys in shards.items() for k in keys}})
    save("zip", state)
    save("zip4", dict(state), pickle_protocol=4)
    save("old", {"w": torch.zeros(2)}, _use_new_zipfile_serialization=False)
    save("evil", {"w": torch.zeros(2), "x": Evil()})
    save("numbers", {"w": torch.zeros(2), "x": numpy.float64(1.5)})
    save("nested", {"epoch": 3, "model": {"w": torch.zeros(2)}})
    write_json("made.json", {"python": sys.version.split()[0], "torch": torch.__version__,
                             "safetensors": safetensors.__version__, "numpy": numpy.__version__})


main()
