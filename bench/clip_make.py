"""Makes DIR: a CLIP ViT-B/32 with random weights as config.json + model.safetensors (what bench_clip reads)
and as vision.onnx and text.onnx, the same graph for onnxruntime. Needs numpy and onnx only.

usage: clip_make.py DIR
       clip_make.py DIR --like MODEL   takes config and weights of another folder (to check the graphs)
"""

import json
import os
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TEXT = dict(hidden_size=512, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=8, vocab_size=49408,
            max_position_embeddings=77, bos_token_id=49406, eos_token_id=49407, pad_token_id=49407)
VISION = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224, patch_size=32)
TEXT_TOKENS = 16


def config_make():
    towers = {"text_config": TEXT, "vision_config": VISION}
    for tower in towers.values():
        tower.update(hidden_act="quick_gelu", layer_norm_eps=1e-5, projection_dim=512)
    return dict(model_type="clip", projection_dim=512, **towers)


def weights_make(config):
    """Names and shapes of the Hugging Face layout, small random values."""
    rng = np.random.default_rng(1)
    out = {}

    def put(name, *shape, scale=0.02, shift=0.0):
        out[name] = (rng.standard_normal(shape, dtype=np.float32) * scale + shift).astype(np.float32)

    for prefix, key in (("text_model", "text_config"), ("vision_model", "vision_config")):
        c = config[key]
        w, mlp = c["hidden_size"], c["intermediate_size"]
        norms = {"text_model": ["final_layer_norm"], "vision_model": ["pre_layrnorm", "post_layernorm"]}[prefix]
        for i in range(c["num_hidden_layers"]):
            layer = f"encoder.layers.{i}"
            norms += [f"{layer}.layer_norm1", f"{layer}.layer_norm2"]
            for name, rows, columns in [(f"self_attn.{x}_proj", w, w) for x in ("q", "k", "v", "out")] + [("mlp.fc1", mlp, w), ("mlp.fc2", w, mlp)]:
                put(f"{prefix}.{layer}.{name}.weight", rows, columns, scale=columns ** -0.5)
                put(f"{prefix}.{layer}.{name}.bias", rows)
        for norm in norms:
            put(f"{prefix}.{norm}.weight", w, shift=1.0)
            put(f"{prefix}.{norm}.bias", w)
    text, vision = config["text_config"], config["vision_config"]
    put("text_model.embeddings.token_embedding.weight", text["vocab_size"], text["hidden_size"])
    put("text_model.embeddings.position_embedding.weight", text["max_position_embeddings"], text["hidden_size"])
    tokens = (vision["image_size"] // vision["patch_size"]) ** 2 + 1
    put("vision_model.embeddings.class_embedding", vision["hidden_size"])
    put("vision_model.embeddings.position_embedding.weight", tokens, vision["hidden_size"])
    put("vision_model.embeddings.patch_embedding.weight", vision["hidden_size"], 3, vision["patch_size"], vision["patch_size"])
    put("text_projection.weight", config["projection_dim"], text["hidden_size"], scale=0.04)
    put("visual_projection.weight", config["projection_dim"], vision["hidden_size"], scale=0.04)
    return out


def safetensors_write(path, tensors):
    header, offset = {}, 0
    for name, t in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [offset, offset + t.nbytes]}
        offset += t.nbytes
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        for t in tensors.values():
            f.write(t.tobytes())


def safetensors_read(path):
    with open(path, "rb") as f:
        head = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    return {name: np.frombuffer(data[slice(*t["data_offsets"])], np.float32).reshape(t["shape"])
            for name, t in head.items() if name != "__metadata__" and t["dtype"] == "F32"}


class Graph:
    """An ONNX graph that grows node by node; every method gives the name of a result."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants, self.count = weights, [], {}, 0

    def node(self, op, *inputs, **attributes):
        self.count += 1
        out = f"v{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [out], **attributes))
        return out

    def constant(self, name, value):
        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def ints(self, *values):
        return self.constant("i" + "_".join(map(str, values)), np.array(values, np.int64))

    def number(self, x):
        return self.constant(f"f{x!r}", np.array(x, np.float32))

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def norm(self, x, name):
        return self.node("LayerNormalization", x, self.weight(name + ".weight"), self.weight(name + ".bias"), axis=-1, epsilon=1e-5)

    def linear(self, x, name, bias=True):
        y = self.node("MatMul", x, self.constant(name + ".T", self.weights[name + ".weight"].T))
        return self.node("Add", y, self.weight(name + ".bias")) if bias else y

    def block(self, x, prefix, tower, mask):
        heads = tower["num_attention_heads"]
        size = tower["hidden_size"] // heads
        shape = self.ints(0, -1, heads, size)
        h = self.norm(x, prefix + ".layer_norm1")
        q, k, v = (self.node("Reshape", self.linear(h, f"{prefix}.self_attn.{n}_proj"), shape) for n in "qkv")
        q = self.node("Mul", self.node("Transpose", q, perm=[0, 2, 1, 3]), self.number(size ** -0.5))
        scores = self.node("MatMul", q, self.node("Transpose", k, perm=[0, 2, 3, 1]))
        if mask:
            scores = self.node("Add", scores, mask)
        mixed = self.node("MatMul", self.node("Softmax", scores, axis=-1), self.node("Transpose", v, perm=[0, 2, 1, 3]))
        mixed = self.node("Reshape", self.node("Transpose", mixed, perm=[0, 2, 1, 3]), self.ints(0, -1, heads * size))
        x = self.node("Add", x, self.linear(mixed, prefix + ".self_attn.out_proj"))
        h = self.linear(self.norm(x, prefix + ".layer_norm2"), prefix + ".mlp.fc1")
        h = self.node("Mul", h, self.node("Sigmoid", self.node("Mul", h, self.number(1.702))))
        return self.node("Add", x, self.linear(h, prefix + ".mlp.fc2"))

    def finish(self, x, row, norm, project):
        x = self.norm(self.node("Gather", x, row, axis=1), norm)
        x = self.linear(x, project, bias=False)
        length = self.node("ReduceL2", x, axes=[-1], keepdims=1)
        self.nodes.append(helper.make_node("Div", [x, length], ["out"]))

    def save(self, path, source):
        graph = helper.make_graph(self.nodes, "clip", [source], [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
                                  list(self.constants.values()))
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def vision_save(path, weights, config):
    g, c = Graph(weights), config["vision_config"]
    e = "vision_model.embeddings."
    x = g.node("Conv", "in", g.weight(e + "patch_embedding.weight"), strides=[c["patch_size"]] * 2)
    x = g.node("Transpose", g.node("Reshape", x, g.ints(0, 0, -1)), perm=[0, 2, 1])
    batch = g.node("Slice", g.node("Shape", "in"), g.ints(0), g.ints(1))
    shape = g.node("Concat", batch, g.ints(1), g.ints(c["hidden_size"]), axis=0)
    first = g.node("Expand", g.constant("class", weights[e + "class_embedding"].reshape(1, 1, -1)), shape)
    x = g.node("Add", g.node("Concat", first, x, axis=1), g.weight(e + "position_embedding.weight"))
    x = g.norm(x, "vision_model.pre_layrnorm")
    for i in range(c["num_hidden_layers"]):
        x = g.block(x, f"vision_model.encoder.layers.{i}", c, None)
    g.finish(x, g.constant("row", np.array(0, np.int64)), "vision_model.post_layernorm", "visual_projection")
    side = c["image_size"]
    g.save(path, helper.make_tensor_value_info("in", TensorProto.FLOAT, ["n", 3, side, side]))


def text_save(path, weights, config, tokens):
    g, c = Graph(weights), config["text_config"]
    e = "text_model.embeddings."
    x = g.node("Gather", g.weight(e + "token_embedding.weight"), "in", axis=0)
    x = g.node("Add", x, g.constant("position", weights[e + "position_embedding.weight"][:tokens]))
    mask = g.constant("mask", np.triu(np.full((tokens, tokens), -3e38, np.float32), 1))
    for i in range(c["num_hidden_layers"]):
        x = g.block(x, f"text_model.encoder.layers.{i}", c, mask)
    g.finish(x, g.constant("row", np.array(tokens - 1, np.int64)), "text_model.final_layer_norm", "text_projection")
    g.save(path, helper.make_tensor_value_info("in", TensorProto.INT64, ["n", tokens]))


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    if len(sys.argv) > 3:
        config = json.load(open(os.path.join(sys.argv[3], "config.json")))
        weights = safetensors_read(os.path.join(sys.argv[3], "model.safetensors"))
    else:
        config = config_make()
        weights = weights_make(config)
        safetensors_write(os.path.join(folder, "model.safetensors"), weights)
        with open(os.path.join(folder, "config.json"), "w") as f:
            json.dump(config, f, indent=1)
    vision_save(os.path.join(folder, "vision.onnx"), weights, config)
    text_save(os.path.join(folder, "text.onnx"), weights, config, TEXT_TOKENS)


main()
