"""drawings.py - small pictures of plain things, drawn here: what the examples of the documents search.

A picture is a list of (colour, inside): later ones cover earlier ones; inside says of a point with both coordinates
in 0…1, y downward, whether it is covered. Standard library only.
"""

import math
import struct
import zlib

SIDE, SAMPLES = 160, 2


def disc(x, y, r, stretch=1.0):
    return lambda u, v: (u - x) ** 2 + ((v - y) / stretch) ** 2 <= r * r


def box(left, top, right, bottom):
    return lambda u, v: left <= u <= right and top <= v <= bottom


def polygon(*corners):
    """Convex or not: even-odd."""
    def inside(u, v):
        odd = False
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
            if (y0 > v) != (y1 > v) and u < (x1 - x0) * (v - y0) / (y1 - y0) + x0:
                odd = not odd
        return odd
    return inside


def both(a, b):
    return lambda u, v: a(u, v) and b(u, v)


def without(a, b):
    return lambda u, v: a(u, v) and not b(u, v)


def star(x, y, outer, inner, points):
    return polygon(*[(x + r * math.sin(math.pi * i / points), y - r * math.cos(math.pi * i / points))
                     for i in range(2 * points) for r in [inner if i % 2 else outer]])


RED, DARK_RED, GREEN, LEAF, BLUE = (214, 30, 34), (150, 20, 20), (30, 130, 50), (70, 160, 60), (40, 90, 200)
YELLOW, BROWN, BLACK, WHITE, GREY = (250, 210, 40), (120, 75, 35), (20, 20, 20), (255, 255, 255), (130, 130, 130)
ORANGE, PINK, SKY = (245, 140, 30), (240, 140, 170), (170, 210, 245)

DRAWINGS = {
    "apple": [(RED, disc(.40, .58, .25, 1.15)), (RED, disc(.60, .58, .25, 1.15)),
              (BROWN, polygon((.48, .12), (.54, .12), (.53, .38), (.49, .38))),
              (LEAF, both(disc(.66, .27, .16), disc(.62, .12, .17))), ((250, 150, 150), disc(.31, .47, .05, 1.6))],
    "flag": [(GREY, box(.12, .08, .16, .95)), (RED, box(.16, .12, .90, .29)), (WHITE, box(.16, .29, .90, .46)),
             (BLUE, box(.16, .46, .90, .63))],
    "flower": [(GREEN, box(.48, .5, .52, .95)), (LEAF, disc(.60, .80, .10, .5)), (LEAF, disc(.40, .86, .10, .5)),
               *[(PINK, disc(.5 + .19 * math.cos(a), .36 + .19 * math.sin(a), .12))
                 for a in [math.pi * i / 3 for i in range(6)]], (YELLOW, disc(.5, .36, .11))],
    "house": [(ORANGE, box(.2, .45, .8, .92)), (DARK_RED, polygon((.12, .47), (.5, .12), (.88, .47))),
              (BROWN, box(.43, .64, .57, .92)), (SKY, box(.26, .54, .38, .66)), (SKY, box(.62, .54, .74, .66))],
    "moon": [((15, 20, 60), box(0, 0, 1, 1)), (YELLOW, without(disc(.48, .5, .33), disc(.62, .42, .29)))],
    "snowman": [(SKY, box(0, 0, 1, 1)), (WHITE, disc(.5, .72, .24)), (WHITE, disc(.5, .38, .16)),
                (BLACK, disc(.44, .35, .02)), (BLACK, disc(.56, .35, .02)), (ORANGE, polygon((.5, .39), (.64, .42), (.5, .43))),
                (BLACK, box(.34, .22, .66, .25)), (BLACK, box(.40, .06, .60, .24)), (BLACK, disc(.5, .62, .02)),
                (BLACK, disc(.5, .72, .02))],
    "star": [(YELLOW, star(.5, .52, .45, .18, 5))],
    "tree": [(BROWN, box(.44, .60, .56, .95)), (GREEN, disc(.5, .36, .26)), (GREEN, disc(.32, .46, .18)),
             (GREEN, disc(.68, .46, .18))],
}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, side=SIDE):
    """The bytes of a drawing as a PNG, edges smoothed."""
    shapes, rows = DRAWINGS[name], bytearray()
    steps = [(i + 0.5) / SAMPLES for i in range(SAMPLES)]
    for y in range(side):
        rows.append(0)
        for x in range(side):
            total = [0, 0, 0]
            for dy in steps:
                for dx in steps:
                    colour = WHITE
                    for c, inside in shapes:
                        if inside((x + dx) / side, (y + dy) / side):
                            colour = c
                    total = [t + c for t, c in zip(total, colour)]
            rows += bytes(round(t / SAMPLES ** 2) for t in total)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b""))
