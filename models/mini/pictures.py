"""Opening pictures the way the engine does: over white, then squashed to a square, bicubic."""

import io

import numpy as np
import resvg_py
from PIL import Image

SIDE = 64        # what the network sees
SIDE_CROP = 80   # what training cuts its random crops from


def open_rgb(path):
    """An RGB picture; transparency is composited over white."""
    if path.endswith((".svg", ".svgz")):
        data = bytes(resvg_py.svg_to_bytes(svg_path=path, width=192))
        picture = Image.open(io.BytesIO(data))
    else:
        picture = Image.open(path)
    if picture.mode == "RGB":
        return picture
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, picture).convert("RGB")


def squash(picture, side):
    """u8 [side, side, 3]."""
    return np.asarray(picture.resize((side, side), Image.BICUBIC), np.uint8)


def load_both(path):
    """(u8 [64,64,3], u8 [80,80,3]), or None if the picture cannot be read."""
    try:
        picture = open_rgb(path)
        if min(picture.size) < 8:
            return None
        return squash(picture, SIDE), squash(picture, SIDE_CROP)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
