#!/usr/bin/env python3
"""Makes tests/golden/image: small picture files, and the CRC-32 of what Pillow makes of them.

Needs Pillow 12.3.0 and numpy: `pip install pillow==12.3.0 numpy`. Pillow 13 resizes vertically first
when the height shrinks much more than the width; all versions before, and ours, go horizontally first.
Expectations by file: the decoded picture as RGB with alpha dropped and over white (oriented as EXIF
says), and `prepare` cases with exact_decode. 16-bit samples are divided by 257 with rounding, by us.
"""

import io
import json
import pathlib
import struct
import sys
import zlib

import numpy
import PIL
from PIL import Image, ImageDraw, ImageOps

import image_files as made

ROOT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "image"
PINNED = "12.3.0"
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
SIZES = [
    (1, 1),
    (2, 3),
    (3, 1),
    (5, 7),
    (7, 5),
    (9, 31),
    (13, 13),
    (17, 2),
    (19, 64),
    (23, 29),
    (31, 37),
    (33, 33),
    (41, 100),
    (47, 3),
    (61, 47),
    (63, 65),
    (97, 11),
    (101, 103),
    (127, 128),
    (224, 224),
]
SIDES = [224, 64, 40, 20]  # of pictures decoded at 8/8, 4/8, 2/8 and 2/8
SOURCES = [
    (1, 1),
    (1, 300),
    (2, 2),
    (3, 5),
    (300, 1),
    (7, 3),
    (11, 13),
    (16, 16),
    (17, 15),
    (29, 31),
    (33, 47),
    (50, 20),
    (64, 64),
    (65, 63),
    (71, 90),
    (99, 101),
    (128, 5),
    (150, 149),
    (211, 97),
    (251, 187),
]


def crc(image):
    return zlib.crc32(image.tobytes())


def scene(width, height, seed=1):
    """Something like a picture: sky, sun, hills, a house, grain."""
    rng = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width] / numpy.array([height, width]).reshape(2, 1, 1)
    base = numpy.stack([90 + 120 * y, 140 + 60 * x, 220 - 120 * y], axis=-1)
    image = Image.fromarray(base.astype(numpy.uint8))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.6, height * 0.1, width * 0.8, height * 0.4), fill=(250, 220, 60))
    draw.polygon(
        [(0, height), (width * 0.3, height * 0.5), (width * 0.7, height)], fill=(30, 110, 40)
    )
    draw.rectangle((width * 0.55, height * 0.6, width * 0.85, height * 0.9), fill=(160, 40, 30))
    grain = rng.normal(0, 6, (height, width, 3))
    return Image.fromarray(numpy.clip(numpy.asarray(image) + grain, 0, 255).astype(numpy.uint8))


def photo(width, height, seed):
    """Noise whose amplitude falls as 1/frequency^1.2, as in photographs, under a scene."""
    rng = numpy.random.default_rng(seed)
    fy, fx = numpy.fft.fftfreq(height)[:, None], numpy.fft.rfftfreq(width)[None, :]
    falloff = numpy.maximum(numpy.hypot(fx, fy), 1 / max(width, height)) ** -1.2
    planes = []
    for _ in range(3):
        phase = rng.normal(size=falloff.shape) + 1j * rng.normal(size=falloff.shape)
        plane = numpy.fft.irfft2(phase * falloff, s=(height, width))
        planes.append(plane / plane.std())
    grey = planes[0]
    mix = numpy.stack([grey + 0.25 * planes[1], grey, grey + 0.25 * planes[2]], axis=-1)
    base = numpy.asarray(scene(width, height, seed)).astype(float)
    return Image.fromarray(numpy.clip(0.6 * base + 40 + 28 * mix, 0, 255).astype(numpy.uint8))


def save(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation=1, full=False):
    block = Image.Exif()
    block[0x0112] = orientation
    if full:
        times, place = block.get_ifd(0x8769), block.get_ifd(0x8825)
        times[0x9003], times[0x9011] = "2021:07:04 18:30:15", "+09:00"
        place[1], place[2] = "S", (33.0, 51.0, 24.5)
        place[3], place[4] = "W", (70.0, 30.0, 0.0)
    return block


def jpegs():
    pic = scene(64, 48)
    yield "grey.jpg", save(pic.convert("L"), "JPEG", quality=90)
    yield "444.jpg", save(pic, "JPEG", quality=92, subsampling=0)
    yield "422.jpg", save(pic, "JPEG", quality=85, subsampling=1)
    yield "420.jpg", save(pic, "JPEG", quality=80, subsampling=2)
    yield "odd.jpg", save(scene(37, 23), "JPEG", quality=80)
    yield "progressive.jpg", save(pic, "JPEG", quality=85, progressive=True)
    yield "restart.jpg", save(pic, "JPEG", quality=75, restart_marker_blocks=2)
    yield "rgb.jpg", save(pic, "JPEG", quality=90, keep_rgb=True)
    yield "thin.jpg", save(scene(400, 3), "JPEG", quality=85)
    cmyk = save(pic.convert("CMYK"), "JPEG", quality=90)
    yield "cmyk.jpg", cmyk
    at = cmyk.index(b"Adobe") + 11
    yield "ycck.jpg", cmyk[:at] + b"\2" + cmyk[at + 1 :]
    small = scene(40, 24, 5)
    for o in range(1, 9):
        yield f"orientation{o}.jpg", save(small, "JPEG", quality=85, exif=exif(o))
    yield "exif.jpg", save(small, "JPEG", quality=85, exif=exif(1, full=True))


def pngs():
    pic = scene(61, 47, 2)
    alpha = Image.radial_gradient("L").resize((61, 47))
    rgba = pic.copy()
    rgba.putalpha(alpha)
    yield "L.png", save(pic.convert("L"), "PNG")
    yield "1.png", save(pic.convert("1"), "PNG")
    yield "LA.png", save(rgba.convert("LA"), "PNG")
    yield "RGB.png", save(pic, "PNG")
    yield "RGBA.png", save(rgba, "PNG")
    yield "RGBA.jpg", save(rgba, "PNG")
    yield "exif6.png", save(pic, "PNG", exif=exif(6))
    for bits in (1, 2, 4, 8):
        yield f"P{bits}.png", save(pic.quantize(2**bits), "PNG", bits=bits)
    some = pic.quantize(16)
    yield "P_trns.png", save(some, "PNG", transparency=bytes((i * 37) % 256 for i in range(16)))
    yield "L_trns.png", save(
        pic.convert("L").quantize(8).convert("L"),
        "PNG",
        transparency=int(pic.convert("L").quantize(8).convert("L").getpixel((5, 5))),
    )
    yield "RGB_trns.png", save(pic, "PNG", transparency=pic.getpixel((9, 9)))
    second = ImageOps.mirror(pic)
    yield "animated.png", save(pic, "PNG", save_all=True, append_images=[second], duration=100)
    raw = list(pic.convert("RGB").tobytes())
    yield "interlaced.png", made.png(raw, 61, 47, 2, 8, interlaced=True)
    grey = list(pic.convert("L").tobytes())
    yield "interlaced1.png", made.png([v >> 7 for v in grey], 61, 47, 0, 1, interlaced=True)
    yield "grey2.png", made.png([v >> 6 for v in grey], 61, 47, 0, 2)
    yield "grey4.png", made.png([v >> 4 for v in grey], 61, 47, 0, 4)


def deep_samples(channels):
    raw = made.formula(31, 37, channels, 77)
    rnd = made.noise(78)
    return [v << 8 | next(rnd) for v in raw]


DEEP = {
    "grey16.png": (0, 1),
    "rgb16.png": (2, 3),
    "grey_alpha16.png": (4, 2),
    "rgba16.png": (6, 4),
    "interlaced16.png": (2, 3),
}


def deep_pngs():
    """16 bits a sample: file and the RGBA picture it stands for."""
    for name, (colour_type, channels) in DEEP.items():
        samples = deep_samples(channels)
        file = made.png(samples, 31, 37, colour_type, 16, interlaced=name.startswith("inter"))
        mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        narrow = bytes((v + 128) // 257 for v in samples)
        yield name, file, Image.frombytes(mode, (31, 37), narrow).convert("RGBA")


def webps():
    pic = scene(64, 48, 3)
    rgba = pic.copy()
    rgba.putalpha(Image.linear_gradient("L").resize((64, 48)))
    yield "lossy.webp", save(pic, "WEBP", quality=80)
    yield "lossless.webp", save(pic, "WEBP", lossless=True)
    yield "alpha.webp", save(rgba, "WEBP", quality=80)
    yield "lossless_alpha.webp", save(rgba, "WEBP", lossless=True, exact=True)
    yield "exif8.webp", save(pic, "WEBP", quality=70, exif=exif(8))
    yield "animated.webp", save(
        rgba, "WEBP", quality=70, save_all=True, append_images=[ImageOps.flip(rgba)]
    )
    yield "animated_opaque.webp", save(
        pic, "WEBP", quality=70, save_all=True, append_images=[ImageOps.flip(pic)]
    )


def gif_shift(file, left, top):
    """Moves the first picture of a GIF on its canvas."""
    at = file.index(b"\x2c\0\0\0\0")
    return file[: at + 1] + struct.pack("<HH", left, top) + file[at + 5 :]


def gifs():
    pic = scene(45, 33, 4).quantize(32)
    plain = save(pic, "GIF", interlace=0)
    clear = save(pic, "GIF", transparency=pic.getpixel((3, 3)), interlace=0)
    yield "plain.gif", plain
    yield "interlaced.gif", save(pic, "GIF", interlace=1)
    yield "transparent.gif", clear
    yield "grey.gif", save(scene(45, 33).convert("L"), "GIF")
    yield "over_edge.gif", gif_shift(plain, 7, 5)
    yield "over_edge_transparent.gif", gif_shift(clear, 4, 9)
    at = 6
    yield "margin.gif", gif_shift(plain[:at] + struct.pack("<HH", 60, 50) + plain[at + 4 :], 7, 5)
    yield "animated.gif", save(
        pic, "GIF", save_all=True, append_images=[ImageOps.mirror(pic)], duration=50
    )


def bmps():
    pic = scene(45, 33, 6)
    yield "1.bmp", save(pic.convert("1"), "BMP")
    yield "8.bmp", save(pic.quantize(64), "BMP")
    yield "grey.bmp", save(pic.convert("L"), "BMP")
    yield "24.bmp", save(pic, "BMP")
    rgba = pic.convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize((45, 33)))
    yield "32.bmp", save(rgba, "BMP")
    colours = b"".join(bytes([i * 16, 255 - i * 9, i * 5, 0]) for i in range(16))
    indices = bytes(v % 16 for v in made.formula(45, 33, 1, 9))
    flat = bytes(v // 64 for v in made.formula(45, 33, 1, 10))
    rows = [indices[y * 45 : (y + 1) * 45] + b"\0" for y in range(33)]
    packed = b"".join(bytes(r[i] << 4 | r[i + 1] for i in range(0, 46, 2)) + b"\0" for r in rows)
    yield "4.bmp", made.bmp(45, 33, 4, packed, palette=colours)
    yield "rle8.bmp", made.bmp(45, 33, 8, made.rle8(flat, 45, 33), 1, palette=colours)
    yield "rle4.bmp", made.bmp(45, 33, 4, made.rle4(indices, 45, 33), 2, palette=colours)
    words = made.formula(44, 30, 2, 11)
    yield "555.bmp", made.bmp(44, 30, 16, words)
    yield "565.bmp", made.bmp(44, 30, 16, words, 3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    longs = made.formula(20, 30, 4, 12)
    yield "rgb32.bmp", made.bmp(20, 30, 32, longs)
    yield "fields32.bmp", made.bmp(
        20, 30, 32, longs, 3, masks=struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00)
    )
    yield "top_down.bmp", made.bmp(20, -30, 32, longs)
    core = made.bmp(20, 30, 24, made.formula(20, 30, 3, 13), core=True)
    yield "core.bmp", core


def pillow_rgba(file):
    """The picture as Pillow sees it, oriented: RGBA with hidden colours kept."""
    image = Image.open(io.BytesIO(file))
    image.load()
    kept = image.getexif().get(0x0112, 1)
    image = image.convert("RGBA")
    turn = {
        2: Image.FLIP_LEFT_RIGHT,
        3: Image.ROTATE_180,
        4: Image.FLIP_TOP_BOTTOM,
        5: Image.TRANSPOSE,
        6: Image.ROTATE_270,
        7: Image.TRANSVERSE,
        8: Image.ROTATE_90,
    }.get(kept)
    return image.transpose(turn) if turn is not None else image


def over_white(rgba):
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba.convert("RGB"), mask=rgba.getchannel("A"))
    return white


def crop_offset(extra, floor):
    return extra // 2 if floor else round(extra / 2)


def prepared(image, spec):
    kind = FILTERS[spec["filter"]]
    w, h, side = spec["width"], spec["height"], spec["resize"]
    if spec["stretch"]:
        return image.resize((w, h), kind)
    iw, ih = image.size
    size = (side, int(side * ih / iw)) if iw <= ih else (int(side * iw / ih), side)
    image = image.resize(size, kind) if size != image.size else image
    x, y = crop_offset(size[0] - w, spec["floor"]), crop_offset(size[1] - h, spec["floor"])
    return image.crop((x, y, x + w, y + h))


SPECS = [
    {
        "width": 32,
        "height": 32,
        "stretch": False,
        "resize": 32,
        "floor": False,
        "filter": "bicubic",
    },
    {
        "width": 30,
        "height": 29,
        "stretch": False,
        "resize": 37,
        "floor": True,
        "filter": "bilinear",
    },
    {
        "width": 21,
        "height": 27,
        "stretch": False,
        "resize": 48,
        "floor": False,
        "filter": "bicubic",
    },
    {"width": 26, "height": 15, "stretch": True, "resize": 0, "floor": False, "filter": "bicubic"},
]


def file_row(name, rgba):
    drop, white = rgba.convert("RGB"), over_white(rgba)
    return {
        "file": name,
        "width": rgba.width,
        "height": rgba.height,
        "drop": crc(drop),
        "white": crc(white),
        "prepare": [crc(prepared(drop, s)) for s in SPECS],
        "sheet": crc(white.resize((150, 150), 3)),
    }


def write_files():
    rows = []
    for name, file in [*jpegs(), *pngs(), *webps(), *gifs(), *bmps()]:
        (ROOT / "files" / name).write_bytes(file)
        rows.append(file_row(name, pillow_rgba(file)))
    for name, file, rgba in deep_pngs():
        (ROOT / "files" / name).write_bytes(file)
        rows.append(file_row(name, rgba))
    return rows


MODE_FILES = ["L.png", "LA.png", "P8.png", "RGB.png", "RGBA.png", "cmyk.jpg", "rgb16.png"]


def mode_rows():
    """20 odd sizes of each mode, from the files, alpha dropped and RGB before resizing."""
    deep = {name: rgba for name, _, rgba in deep_pngs()}
    for name in MODE_FILES:
        image = deep.get(name) or pillow_rgba((ROOT / "files" / name).read_bytes())
        image = image.convert("RGB")
        for kind in FILTERS:
            yield {
                "file": name,
                "filter": kind,
                "crc": [crc(image.resize(size, FILTERS[kind])) for size in SIZES],
            }


def formula_rows():
    """Odd sources to odd sizes, plain channels: 1 as L, 3 as RGB, 4 as CMYK (which has no alpha)."""
    for i, (w, h) in enumerate(SOURCES):
        for channels, mode in ((1, "L"), (3, "RGB"), (4, "CMYK")):
            image = Image.frombytes(mode, (w, h), made.formula(w, h, channels, i + 1))
            size = SIZES[(i * 7 + channels) % len(SIZES)]
            yield {
                "width": w,
                "height": h,
                "channels": channels,
                "seed": i + 1,
                "to": size,
                "bilinear": crc(image.resize(size, Image.BILINEAR)),
                "bicubic": crc(image.resize(size, Image.BICUBIC)),
            }


def cmyk_crc():
    return crc(
        Image.frombytes(
            "CMYK", (64, 64), bytes(255 - v for v in made.formula(64, 64, 4, 21))
        ).convert("RGB")
    )


def write_photos():
    """JPEGs large enough for a scaled decode, and what the exact way makes of them."""
    rows = []
    spec = {"stretch": False, "floor": False, "filter": "bicubic"}
    for name, size, options in (
        ("photo1.jpg", (960, 720), {"quality": 70}),
        ("photo2.jpg", (640, 960), {"quality": 70, "progressive": True}),
        ("photo3.jpg", (901, 903), {"quality": 60, "subsampling": 0}),
    ):
        file = save(photo(*size, seed=len(rows) + 1), "JPEG", **options)
        (ROOT / "files" / name).write_bytes(file)
        image = pillow_rgba(file).convert("RGB")
        rows.append(
            {
                "file": name,
                "prepare": [
                    crc(prepared(image, {**spec, "width": side, "height": side, "resize": side}))
                    for side in SIDES
                ],
            }
        )
    return rows


def png_head(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + made.chunk(b"IHDR", head)
        + made.chunk(b"IDAT", zlib.compress(b"\0" * 9))
        + made.chunk(b"IEND", b"")
    )


def jpeg_sized(file, width, height):
    frame = b"\xff\xc0" if b"\xff\xc0" in file else b"\xff\xc2"
    at = file.index(frame) + 5
    return file[:at] + struct.pack(">HH", height, width) + file[at + 4 :]


def webp_canvas(width, height):
    head = (
        struct.pack("<I", 0x10)
        + struct.pack("<I", width - 1)[:3]
        + struct.pack("<I", height - 1)[:3]
    )
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + head
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bad_files():
    """Files that must be refused: name, bytes, status, words of the reason."""
    files = ROOT / "files"
    jpeg, prog = (files / "420.jpg").read_bytes(), (files / "progressive.jpg").read_bytes()
    png, webp = (files / "RGB.png").read_bytes(), (files / "lossy.webp").read_bytes()
    gif, bmp = (files / "plain.gif").read_bytes(), (files / "24.bmp").read_bytes()
    yield "empty.jpg", b"", "CORRUPT", "file is empty"
    yield "text.jpg", b"this is a letter, not a picture\n", "UNSUPPORTED", "no picture"
    yield "page.png", b"<html><body>404</body></html>", "UNSUPPORTED", "no picture"
    for name, file in (("jpg", jpeg), ("png", png), ("webp", webp), ("gif", gif), ("bmp", bmp)):
        yield f"half.{name}", file[
            : len(file) // 2
        ], "CORRUPT", f"{'jpeg' if name == 'jpg' else name} is truncated"
    yield "early_end.jpg", jpeg[: len(jpeg) // 2] + b"\xff\xd9", "CORRUPT", "jpeg is truncated"
    yield "early_end_progressive.jpg", prog[
        : len(prog) // 2
    ] + b"\xff\xd9", "CORRUPT", "jpeg is truncated"
    yield "half_progressive.jpg", prog[: len(prog) * 2 // 3], "CORRUPT", "jpeg is truncated"
    yield "almost.png", png[:-20], "CORRUPT", "png is truncated"
    yield "head.jpg", jpeg[:30], "CORRUPT", "no frame header"
    yield "head.png", png[:20], "CORRUPT", "png is truncated"
    yield "head.gif", gif[:9], "CORRUPT", "gif is truncated"
    yield "zero.png", png_head(0, 10), "CORRUPT", "no pixels: 0 x 10"
    yield "zero.jpg", jpeg_sized(jpeg, 64, 0), "CORRUPT", "no pixels: 64 x 0"
    yield "zero.gif", gif_zero(gif), "CORRUPT", "no pixels: 0 x"
    yield "zero.bmp", bmp[:18] + b"\0\0\0\0" + bmp[22:], "CORRUPT", "no pixels: 0 x 33"
    yield "huge.png", png_head(60000, 60000), "LIMIT", "png of 60000 x 60000 pixels exceeds"
    yield "huge.jpg", jpeg_sized(
        jpeg, 60000, 60000
    ), "LIMIT", "jpeg of 60000 x 60000 pixels exceeds"
    yield "huge.gif", gif[:6] + struct.pack("<HH", 60000, 60000) + gif[
        10:
    ], "LIMIT", "gif of 60000 x 60000"
    yield "huge.bmp", bmp[:18] + struct.pack("<ii", 60000, 60000) + bmp[
        26:
    ], "LIMIT", "bmp of 60000 x 60000"
    yield "huge.webp", webp_canvas(60000, 60000), "LIMIT", "webp of 60000 x 60000 pixels exceeds"
    at = png.index(b"IDAT") + 40
    yield "crc.png", png[:at] + bytes([png[at] ^ 1]) + png[
        at + 1 :
    ], "CORRUPT", "png pixel data is damaged"
    end = png.index(b"IEND") - 5
    yield "crc_only.png", png[:end] + bytes([png[end] ^ 1]) + png[end + 1 :], "CORRUPT", "bad CRC"
    yield "crc_head.png", png[:30] + bytes([png[30] ^ 1]) + png[31:], "CORRUPT", "bad CRC"
    yield "no_picture.gif", gif[
        : gif.index(b"\x2c\0\0\0\0")
    ] + b"\x3b", "CORRUPT", "gif holds no picture"
    yield "no_picture.jpg", b"\xff\xd8\xff\xd9", "CORRUPT", "no frame header"
    yield "jpeg_inside.bmp", made.bmp(
        8, 8, 24, b"\0" * 64, compression=4
    ), "UNSUPPORTED", "compression 4"
    yield "twelve_bits.jpg", jpeg_precision(
        jpeg, 12
    ), "UNSUPPORTED", "unsupported JPEG data precision 12"
    yield "large_progressive.jpg", jpeg_sized(prog, 16000, 16000), "LIMIT", "more than 512 MiB"
    small = save(scene(16, 16), "JPEG", quality=50, progressive=True)
    yield "scans.jpg", many_scans(small, 110), "LIMIT", "more than 100 scans"


def gif_zero(gif):
    at = gif.index(b"\x2c\0\0\0\0")
    return gif[: at + 5] + b"\0\0" + gif[at + 7 :]


def jpeg_precision(file, bits):
    at = file.index(b"\xff\xc0") + 4
    return file[:at] + bytes([bits]) + file[at + 1 :]


def many_scans(file, count):
    """A progressive JPEG whose last scan comes again and again."""
    last = file.rindex(b"\xff\xda")
    return file[:last] + file[last:-2] * count + b"\xff\xd9"


def write_bad():
    rows = []
    for name, file, status, words in bad_files():
        (ROOT / "bad" / name).write_bytes(file)
        rows.append({"file": name, "status": status, "words": words})
    return rows


def main():
    if PIL.__version__ != PINNED:
        sys.exit(f"Pillow {PINNED} is needed, this is {PIL.__version__}")
    for folder in ("files", "bad"):
        (ROOT / folder).mkdir(parents=True, exist_ok=True)
        for old in (ROOT / folder).iterdir():
            old.unlink()
    golden = {
        "pillow": PIL.__version__,
        "numpy": numpy.__version__,
        "sizes": SIZES,
        "sides": SIDES,
        "specs": SPECS,
        "files": write_files(),
        "modes": list(mode_rows()),
        "formula": list(formula_rows()),
        "cmyk": cmyk_crc(),
        "photos": write_photos(),
        "bad": write_bad(),
    }
    text = json.dumps(golden, separators=(",", ":"))
    for key in golden:
        text = text.replace(f',"{key}":', f',\n"{key}":')
    text = text.replace("},{", "},\n{")
    (ROOT / "image.json").write_text(text + "\n")
    print(sum(f.stat().st_size for f in ROOT.rglob("*") if f.is_file()), "bytes")


main()
