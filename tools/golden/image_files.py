"""Small picture files that Pillow cannot write, and pixels of a formula that the C tests share."""

import struct
import zlib


def noise(seed):
    """Bytes of a linear congruential generator; tests/unit/image_case.h has the same in C."""
    state = seed & 0xFFFFFFFF
    while True:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        yield state >> 24


def formula(width, height, channels, seed):
    """Ramps crossed by blocks of noise: smooth parts and hard edges in one picture."""
    rnd = noise(seed)
    out = bytearray(width * height * channels)
    i = 0
    for y in range(height):
        for x in range(width):
            rough = ((x >> 3) + (y >> 2)) % 3 == 0
            for c in range(channels):
                r = next(rnd)
                out[i] = r if rough else (x * 3 + y * 5 + c * 70) & 255
                i += 1
    return bytes(out)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


ADAM7 = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
]


def png_rows(samples, width, height, channels, depth):
    """Rows without a filter. samples: integers, row by row."""
    out = bytearray()
    for y in range(height):
        row = samples[y * width * channels : (y + 1) * width * channels]
        out.append(0)
        if depth == 16:
            out += b"".join(struct.pack(">H", v) for v in row)
            continue
        bits = "".join(format(v, f"0{depth}b") for v in row)
        bits += "0" * (-len(bits) % 8)
        out += bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return bytes(out)


def png(samples, width, height, colour_type, depth, interlaced=False, extra=b""):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour_type]
    data = b""
    if not interlaced:
        data = png_rows(samples, width, height, channels, depth)
    for x0, y0, dx, dy in ADAM7 if interlaced else []:
        part, rows = [], range(y0, height, dy)
        for y in rows:
            for x in range(x0, width, dx):
                at = (y * width + x) * channels
                part += samples[at : at + channels]
        w = len(range(x0, width, dx))
        if w and rows:
            data += png_rows(part, w, len(rows), channels, depth)
    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + extra
        + chunk(b"IDAT", zlib.compress(data, 9))
        + chunk(b"IEND", b"")
    )


def bmp(width, height, bits, pixels, compression=0, palette=b"", masks=b"", core=False):
    """pixels: the finished pixel bytes. masks follow a header of 40 bytes."""
    if core:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack(
            "<IiiHHIIiiII",
            40,
            width,
            height,
            1,
            bits,
            compression,
            len(pixels),
            0,
            0,
            len(palette) // 4,
            0,
        )
    at = 14 + len(head) + len(masks) + len(palette)
    return (
        b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at) + head + masks + palette + pixels
    )


def rle8(indices, width, height):
    """Bottom up, runs and one literal a row, and a jump over nothing."""
    out = bytearray()
    for y in reversed(range(height)):
        row = indices[y * width : (y + 1) * width]
        literal = row[:5]
        out += bytes([0, 5]) + literal + b"\0"
        x = 5
        while x < width:
            n = 1
            while x + n < width and row[x + n] == row[x] and n < 255:
                n += 1
            out += bytes([n, row[x]])
            x += n
        out += b"\0\0"
    return bytes(out) + b"\0\1"


def rle4(indices, width, height):
    out = bytearray()
    for y in reversed(range(height)):
        row = indices[y * width : (y + 1) * width]
        out += bytes([0, 6, row[0] << 4 | row[1], row[2] << 4 | row[3], row[4] << 4 | row[5], 0])
        for x in range(6, width):
            out += bytes([1, row[x] << 4])
        out += b"\0\0"
    return bytes(out) + b"\0\1"
