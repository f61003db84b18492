"""The two towers, written for speed on a CPU; `to_hf` gives Hugging Face CLIPModel names.

Vision: 64x64, patches of 8, a class token, pre-norm blocks. Text: causal, answer at the EOT token.
Both end in a linear map to one space. Only what CLIPModel computes is here, so that the exported
weights answer the same in any program that reads that layout.
"""

import torch
import torch.nn.functional as F
from torch import nn

CONFIG = {
    "side": 64, "patch": 8, "dim": 256,
    "vision_width": 224, "vision_layers": 8, "vision_heads": 7,
    "text_width": 192, "text_layers": 4, "text_heads": 6,
    "vocab": 7168, "context": 48,
}


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x, causal, drop=0.0):
        n, t, w = x.shape
        qkv = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, w // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        y = attend(q, k, v, causal).transpose(1, 2).reshape(n, t, w)
        x = x + drop_path(self.out(y), drop)
        return x + drop_path(self.fc2(F.gelu(self.fc1(self.norm2(x)))), drop)


def attend(q, k, v, causal):
    """Plain batched products: for short rows far faster to train than torch's fused CPU kernel."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
    if causal:
        t = q.shape[-2]
        scores = scores + torch.full((t, t), float("-inf"), dtype=scores.dtype).triu(1)
    return scores.softmax(-1, dtype=scores.dtype) @ v


def residual(x):
    """Under autocast the residual stream is narrow as well: fewer casts, half the memory moved."""
    return x.to(torch.bfloat16) if torch.is_autocast_enabled("cpu") else x


def drop_path(y, p):
    """Stochastic depth: forgets the whole branch of some rows."""
    if p == 0.0:
        return y
    keep = torch.rand(y.shape[0], 1, 1) >= p
    return y * (keep.to(y.dtype) / (1 - p))


class Clip(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        vw, tw, patch = cfg["vision_width"], cfg["text_width"], cfg["patch"]
        self.patches = nn.Linear(3 * patch * patch, vw, bias=False)
        self.cls = nn.Parameter(torch.randn(vw) * vw ** -0.5)
        self.vision_pos = nn.Parameter(torch.randn((cfg["side"] // patch) ** 2 + 1, vw) * 0.02)
        self.pre_norm = nn.LayerNorm(vw)
        self.vision = nn.ModuleList(
            Block(vw, cfg["vision_heads"]) for _ in range(cfg["vision_layers"]))
        self.post_norm = nn.LayerNorm(vw)
        self.vision_proj = nn.Linear(vw, cfg["dim"], bias=False)
        self.tokens = nn.Embedding(cfg["vocab"], tw)
        self.text_pos = nn.Parameter(torch.randn(cfg["context"], tw) * 0.01)
        self.text = nn.ModuleList(Block(tw, cfg["text_heads"]) for _ in range(cfg["text_layers"]))
        self.final_norm = nn.LayerNorm(tw)
        self.text_proj = nn.Linear(tw, cfg["dim"], bias=False)
        self.scale = nn.Parameter(torch.tensor(2.6593))        # image-text, ln
        self.scale_image = nn.Parameter(torch.tensor(2.6593))  # image-image, training only
        self.scale_text = nn.Parameter(torch.tensor(2.6593))   # text-text, training only
        self.reset()

    def reset(self):
        nn.init.normal_(self.tokens.weight, std=0.02)
        for tower, width in ((self.vision, self.cfg["vision_width"]),
                             (self.text, self.cfg["text_width"])):
            for block in tower:
                for layer in (block.qkv, block.fc1):
                    nn.init.normal_(layer.weight, std=width ** -0.5)
                    nn.init.zeros_(layer.bias)
                for layer in (block.out, block.fc2):
                    nn.init.normal_(layer.weight, std=(2 * width * len(tower)) ** -0.5)
                    nn.init.zeros_(layer.bias)

    def cut(self, pixels):
        """[n,3,64,64] -> [n,64,192], each patch as channel, row, column."""
        p, n = self.cfg["patch"], pixels.shape[0]
        g = self.cfg["side"] // p
        x = pixels.reshape(n, 3, g, p, g, p).permute(0, 2, 4, 1, 3, 5)
        return x.reshape(n, g * g, 3 * p * p)

    def encode_image(self, pixels, keep=None, drop=0.0):
        """keep: number of patches each picture keeps, drawn at random (FLIP); None: all."""
        x = self.patches(self.cut(pixels)) + self.vision_pos[1:]
        n, t, w = x.shape
        if keep:
            chosen = torch.rand(n, t).argsort(1)[:, :keep]
            x = x.gather(1, chosen[:, :, None].expand(n, keep, w))
        cls = (self.cls + self.vision_pos[0]).to(x.dtype).expand(n, 1, w)
        x = residual(self.pre_norm(torch.cat([cls, x], 1)))
        for i, block in enumerate(self.vision):
            x = block(x, False, drop * i / len(self.vision))
        return F.normalize(self.vision_proj(self.post_norm(x[:, 0])).float(), dim=-1)

    def encode_text(self, ids, ends):
        """ids: [n,t]; ends: [n], place of the EOT token."""
        x = residual(self.tokens(ids) + self.text_pos[: ids.shape[1]])
        for block in self.text:
            x = block(x, True)
        x = self.final_norm(x[torch.arange(len(ids)), ends])
        return F.normalize(self.text_proj(x).float(), dim=-1)


def block_to_hf(out, prefix, block):
    for name, part in zip("qkv", block.qkv.weight.chunk(3)):
        out[f"{prefix}.self_attn.{name}_proj.weight"] = part
    for name, part in zip("qkv", block.qkv.bias.chunk(3)):
        out[f"{prefix}.self_attn.{name}_proj.bias"] = part
    for theirs, ours in (("self_attn.out_proj", block.out), ("layer_norm1", block.norm1),
                         ("layer_norm2", block.norm2), ("mlp.fc1", block.fc1),
                         ("mlp.fc2", block.fc2)):
        out[f"{prefix}.{theirs}.weight"] = ours.weight
        out[f"{prefix}.{theirs}.bias"] = ours.bias


def to_hf(net):
    """{CLIPModel name: tensor}."""
    p, out = net.cfg["patch"], {"logit_scale": net.scale}
    out["vision_model.embeddings.class_embedding"] = net.cls
    out["vision_model.embeddings.patch_embedding.weight"] = net.patches.weight.view(-1, 3, p, p)
    out["vision_model.embeddings.position_embedding.weight"] = net.vision_pos
    out["text_model.embeddings.token_embedding.weight"] = net.tokens.weight
    out["text_model.embeddings.position_embedding.weight"] = net.text_pos
    for name, norm in (("vision_model.pre_layrnorm", net.pre_norm),
                       ("vision_model.post_layernorm", net.post_norm),
                       ("text_model.final_layer_norm", net.final_norm)):
        out[name + ".weight"], out[name + ".bias"] = norm.weight, norm.bias
    out["visual_projection.weight"] = net.vision_proj.weight
    out["text_projection.weight"] = net.text_proj.weight
    for tower in ("vision", "text"):
        for i, block in enumerate(getattr(net, tower)):
            block_to_hf(out, f"{tower}_model.encoder.layers.{i}", block)
    return {name: t.detach().contiguous().clone() for name, t in out.items()}
