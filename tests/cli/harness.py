"""harness.py - what the tests of the program share: a home of their own, pictures, a tiny model, runs.

Standard library only. The program under test is $FOVEA. Every test has a temporary folder with its own
HOME, so that nothing of the person who runs the tests is read or written.
"""

import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

FOVEA = os.path.abspath(os.environ.get("FOVEA", "build/fovea"))
TIMEOUT_S = 120


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="fovea-test-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": self.path("home"),
            "XDG_DATA_HOME": self.path("data"),
            "XDG_STATE_HOME": self.path("state"),
            "FOVEA_THREADS": "2",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        os.mkdir(self.path("home"))

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def run_fovea(self, *args, stdin=b"", **env):
        """The finished process; its stdout and stderr are bytes."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        return subprocess.run([FOVEA, *args], input=stdin, capture_output=True, cwd=self.dir,
                              env={**self.env, **env}, timeout=TIMEOUT_S)

    def ok(self, *args, code=0, **more):
        """stdout as text of a run that must end with this code and without a crash."""
        done = self.run_fovea(*args, **more)
        self.assertEqual(done.returncode, code, f"{args}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def fails(self, *args, says, code=2, **more):
        """stderr of a run that must fail and say these pieces; stdout must be empty."""
        done = self.run_fovea(*args, **more)
        err = done.stderr.decode("utf-8", "surrogateescape")
        self.assertEqual(done.returncode, code, f"{args}: {err}")
        for piece in [says] if isinstance(says, str) else says:
            self.assertIn(piece, err)
        self.assertEqual(done.stdout, b"", "words of an error belong on stderr")
        return err

    def json(self, *args, **more):
        return json.loads(self.ok(*args, "--json", **more))

    def pictures(self, count=6, folder="pictures"):
        """A folder of small pictures that differ; its path."""
        where = self.path(folder)
        os.makedirs(where, exist_ok=True)
        for i in range(count):
            write_png(os.path.join(where, f"p{i}.png"), i)
        return where

    def model(self):
        """A tiny CLIP with random weights: right in form, no use for finding."""
        where = self.path("tiny")
        if not os.path.isdir(where):
            write_model(where)
        return where

    def indexed(self, count=6):
        """(database, folder) of an indexed folder of pictures."""
        folder, db = self.pictures(count), self.path("lib.db")
        report = self.json("index", folder, "--db", db, "--model", self.model())
        self.assertEqual(report["indexed"], count)
        return db, folder


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bytes(seed, width=40, height=30):
    """An RGB picture of coloured bands, another for every seed."""
    rnd = random.Random(seed)
    bands = [bytes(rnd.randrange(256) for _ in range(3)) for _ in range(5)]
    rows = b"".join(b"\0" + b"".join(bands[(x * 5 // width + y * 3 // height + seed) % 5]
                                     for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def write_png(path, seed):
    with open(path, "wb") as f:
        f.write(png_bytes(seed))


def byte_letters():
    """GPT-2's table: each byte as a printable letter, in vocabulary order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(others))]


WIDTH, DIM, IMAGE, PATCH, CONTEXT, VOCAB = 32, 16, 32, 8, 77, 514


def layer_shapes(tower):
    for kind in ("q", "k", "v", "out"):
        yield f"{tower}.encoder.layers.0.self_attn.{kind}_proj.weight", (WIDTH, WIDTH)
        yield f"{tower}.encoder.layers.0.self_attn.{kind}_proj.bias", (WIDTH,)
    yield f"{tower}.encoder.layers.0.mlp.fc1.weight", (2 * WIDTH, WIDTH)
    yield f"{tower}.encoder.layers.0.mlp.fc1.bias", (2 * WIDTH,)
    yield f"{tower}.encoder.layers.0.mlp.fc2.weight", (WIDTH, 2 * WIDTH)
    yield f"{tower}.encoder.layers.0.mlp.fc2.bias", (WIDTH,)
    for norm in ("encoder.layers.0.layer_norm1", "encoder.layers.0.layer_norm2"):
        yield f"{tower}.{norm}.weight", (WIDTH,)
        yield f"{tower}.{norm}.bias", (WIDTH,)


def model_shapes():
    yield "logit_scale", ()
    yield "text_model.embeddings.token_embedding.weight", (VOCAB, WIDTH)
    yield "text_model.embeddings.position_embedding.weight", (CONTEXT, WIDTH)
    yield from layer_shapes("text_model")
    yield "text_model.final_layer_norm.weight", (WIDTH,)
    yield "text_model.final_layer_norm.bias", (WIDTH,)
    yield "text_projection.weight", (DIM, WIDTH)
    yield "vision_model.embeddings.class_embedding", (WIDTH,)
    yield "vision_model.embeddings.patch_embedding.weight", (WIDTH, 3, PATCH, PATCH)
    yield "vision_model.embeddings.position_embedding.weight", ((IMAGE // PATCH) ** 2 + 1, WIDTH)
    for norm in ("pre_layrnorm", "post_layernorm"):
        yield f"vision_model.{norm}.weight", (WIDTH,)
        yield f"vision_model.{norm}.bias", (WIDTH,)
    yield from layer_shapes("vision_model")
    yield "visual_projection.weight", (DIM, WIDTH)


def write_model(where, seed=1):
    """config.json, model.safetensors, vocab.json and merges.txt in the Hugging Face layout."""
    rnd, header, data = random.Random(seed), {}, bytearray()
    for name, shape in model_shapes():
        count = 1
        for n in shape:
            count *= n
        one = name.endswith("weight") and ("norm" in name or "layrnorm" in name)
        values = [(1.0 if one else 0.0) + rnd.gauss(0, 0.1) for _ in range(count)]
        header[name] = {"dtype": "F32", "shape": list(shape),
                        "data_offsets": [len(data), len(data) + 4 * count]}
        data += struct.pack(f"<{count}f", *values)
    tower = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": 1,
             "num_attention_heads": 2, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5,
             "projection_dim": DIM}
    config = {
        "model_type": "clip", "projection_dim": DIM,
        "text_config": {**tower, "vocab_size": VOCAB, "max_position_embeddings": CONTEXT,
                        "bos_token_id": VOCAB - 2, "eos_token_id": VOCAB - 1},
        "vision_config": {**tower, "image_size": IMAGE, "patch_size": PATCH, "num_channels": 3},
    }
    letters = byte_letters()
    words = letters + [c + "</w>" for c in letters] + ["<|startoftext|>", "<|endoftext|>"]
    head = json.dumps(header).encode()
    os.makedirs(where)
    files = {
        "model.safetensors": struct.pack("<Q", len(head)) + head + bytes(data),
        "config.json": json.dumps(config).encode(),
        "vocab.json": json.dumps({w: i for i, w in enumerate(words)}).encode(),
        "merges.txt": b"#version: 0.2\n",
    }
    for name, content in files.items():
        with open(os.path.join(where, name), "wb") as f:
            f.write(content)


def main():
    if not os.access(FOVEA, os.X_OK):
        sys.exit(f"{FOVEA} is not there; set FOVEA to the program")
    unittest.main(verbosity=1)
