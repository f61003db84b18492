"""Random views of a batch of pictures, all as tensor arithmetic on the batch.

The two views of a picture teach what does not matter: mirror, small crops, turns and stretches,
blur from shrinking, JPEG-like loss, light and colour. Outside the picture is white, as everywhere.
"""

import math

import torch
import torch.nn.functional as F


def affine(large, n, mild):
    """[n,3,64,64] from u8 [n,80,80,3]: crop, stretch, turn, shift. mild: the last epochs."""
    low = 0.85 if mild else 0.68
    zoom = low + (1.08 - low) * torch.rand(n, 1)
    stretch = torch.exp((torch.rand(n, 1) - 0.5) * (0.15 if mild else 0.45))
    zx, zy = (zoom * stretch.sqrt())[:, 0], (zoom / stretch.sqrt())[:, 0]
    turn = (torch.rand(n) - 0.5) * 2 * math.radians(4 if mild else 12)
    turn = turn * (torch.rand(n) < 0.5)

    def room(z):
        return ((1 - z).abs() + 0.04) * (torch.rand(n) * 2 - 1)

    theta = torch.stack([
        torch.stack([zx * turn.cos(), -zy * turn.sin(), room(zx)], 1),
        torch.stack([zx * turn.sin(), zy * turn.cos(), room(zy)], 1)], 1)
    grid = F.affine_grid(theta, [n, 3, 64, 64], align_corners=False)
    dark = 255.0 - large.permute(0, 3, 1, 2).float()  # outside is filled with 0: white
    return 255.0 - F.grid_sample(dark, grid, mode="bilinear", align_corners=False)


def shrink_blur(x):
    side = int(torch.randint(26, 56, ()))
    y = F.interpolate(x, size=(side, side), mode="bilinear", antialias=True)
    return F.interpolate(y, size=(64, 64), mode="bicubic", align_corners=False)


def dct_matrix():
    k = torch.arange(8.0)
    m = torch.cos(math.pi * (2 * k[None] + 1) * k[:, None] / 16) / 2
    m[0] /= math.sqrt(2)
    return m


DCT = dct_matrix()
COARSE = 1 + (torch.arange(8.0)[:, None] + torch.arange(8.0)[None]) / 2


def jpeg_like(x):
    """Rounds the 8x8 cosine coefficients, coarser for finer waves."""
    n = x.shape[0]
    step = (4 + 26 * torch.rand(n, 1, 1, 1, 1, 1)) * COARSE
    b = x.reshape(n, 3, 8, 8, 8, 8).permute(0, 1, 2, 4, 3, 5)
    b = DCT.T @ ((DCT @ b @ DCT.T / step).round() * step) @ DCT
    return b.permute(0, 1, 2, 4, 3, 5).reshape(n, 3, 64, 64)


def colour(x, mild):
    n, s = x.shape[0], 0.4 if mild else 1.0
    mix = torch.eye(3) + s * 0.10 * torch.randn(n, 3, 3) * (torch.rand(n, 1, 1) < 0.5)
    grey = (torch.rand(n, 1, 1) < 0.08 * s).float()
    mix = grey * torch.full((3, 3), 1 / 3) + (1 - grey) * mix
    gain = 1 + s * 0.15 * (torch.rand(n, 1, 1) * 2 - 1)
    return ((mix * gain) @ x.reshape(n, 3, -1)).reshape(x.shape)


def some(x, part, f):
    """Applies f to a random part of the batch."""
    rows = torch.nonzero(torch.rand(len(x)) < part)[:, 0]
    if len(rows):
        x[rows] = f(x[rows])
    return x


def view(large, small, mild):
    """One view: f32 [n,3,64,64] in -1..1. Part of the pictures are left as inference sees them."""
    n = len(large)
    x = affine(large, n, mild)
    asis = torch.rand(n) < (0.5 if mild else 0.25)
    x[asis] = small[asis].permute(0, 3, 1, 2).float()
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x.flip(3), x)
    x = some(x, 0.2, shrink_blur)
    x = some(x, 0.2, jpeg_like)
    x = some(x, 0.7, lambda y: colour(y, mild))
    return x.clamp(0, 255) / 127.5 - 1
