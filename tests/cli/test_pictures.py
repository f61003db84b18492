"""test_pictures.py - pictures of a result: PRINT IMAGE, below a box, on a sheet; in the languages of terminals.

The test plays the terminal: it answers what the program asks, and takes the pictures apart again.
"""

import base64
import json
import os
import re
import struct
import zlib

import harness
from terminal import Terminal

WIDTH, HEIGHT = 40, 30  # of harness.png_bytes


def png_size(data):
    return struct.unpack(">II", data[16:24]) if data[:8] == b"\x89PNG\r\n\x1a\n" else None


def png_pixels(data):
    """RGB rows of a PNG without filters other than those the encoder may use: only the first pixel is needed."""
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    return zlib.decompress(packed)


class Pictures(harness.Case):
    def setUp(self):
        super().setUp()
        self.pictures(3)
        self.ok("sql", "p.db", "-c", "CREATE TABLE photos(image_path TEXT, n INT); INSERT INTO photos VALUES "
                "('pictures/p0.png', 0), ('pictures/p1.png', 1), ('pictures/p2.png', 2), ('pictures/none.png', 3)")

    PRINT = "PRINT IMAGE AS (SELECT image_path FROM photos ORDER BY n);"

    def open(self, **env):
        t = Terminal(self, "sql", "p.db", **env)
        t.expect("fovea> ")
        t.wait_for_prompt()
        return t

    def leave(self, t):
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    def test_a_terminal_without_pictures_shows_lines(self):
        t = self.open()
        t.send(self.PRINT + "\r")
        t.expect("\r\npictures/p0.png (40×30)\r\npictures/p1.png (40×30)\r\npictures/p2.png (40×30)\r\n"
                 "pictures/none.png (can't be read)\r\n")
        t.expect(".sheet FILE.png or --sheet draws them.")
        t.send(".sheet all.png\r")
        t.expect("all.png shows them")
        with open(self.path("all.png"), "rb") as f:
            self.assertEqual(png_size(f.read()), (750, 150))
        self.leave(t)

    def test_kitty_and_iterm_get_the_png(self):
        forms = {"kitty": rb"\x1b_Ga=T,f=100,q=2,m=0;([A-Za-z0-9+/=]+)\x1b\\",
                 "iterm": rb"\x1b\]1337;File=inline=1;size=\d+:([A-Za-z0-9+/=]+)\x07"}
        for name, form in forms.items():
            t = self.open(FOVEA_GRAPHICS=name)
            t.send(self.PRINT + "\r")
            sent = t.expect_raw("none.png (can't be read)".encode())
            found = re.findall(form, sent)
            self.assertEqual([png_size(base64.b64decode(d)) for d in found], [(WIDTH, HEIGHT)] * 3)
            self.assertNotIn(b".sheet", sent)
            self.leave(t)

    def test_sixel_is_drawn(self):
        t = self.open(FOVEA_GRAPHICS="sixel")
        t.send(self.PRINT + "\r")
        sent = t.expect_raw("none.png (can't be read)".encode())
        found = re.findall(rb"\x1bP0;1q(\"1;1;40;30#[ -~]+)\x1b\\", sent)
        self.assertEqual(len(found), 3)
        for data in found:
            self.check_sixel(data.decode())
        self.leave(t)

    def check_sixel(self, data):
        """Every pixel has a colour, and no line is longer than the picture."""
        body = data.split("#215;2;100;100;100", 1)[1]
        bands = body.rstrip("-").split("-")
        self.assertEqual(len(bands), HEIGHT // 6)
        for band in bands:
            seen = [0] * WIDTH
            for layer in band.split("$"):
                colour, pixels = re.fullmatch(r"#(\d+)(.*)", layer).groups()
                self.assertLess(int(colour), 216)
                at = 0
                for count, sixel in re.findall(r"(?:!(\d+))?([?-~])", pixels):
                    for _ in range(int(count or 1)):
                        self.assertEqual(seen[at] & ord(sixel) - 63, 0)
                        seen[at] |= ord(sixel) - 63
                        at += 1
            self.assertEqual(seen, [63] * WIDTH)

    def asked(self, answer):
        """What PRINT sends behind a terminal's answer to the question that the program asks it."""
        t = self.open(FOVEA_GRAPHICS="")
        t.send(self.PRINT + "\r")
        t.expect_raw(b"\x1b[c")
        t.send(answer)
        sent = t.expect_raw("none.png (can't be read)".encode())
        t.expect("fovea> ")
        t.raw = b""
        t.wait_for_prompt()
        t.send(self.PRINT + "\r")  # it is asked once
        again = t.expect_raw("none.png (can't be read)".encode())
        self.assertNotIn(b"\x1b[c", again)
        self.leave(t)
        return sent

    def test_terminals_are_asked(self):
        self.assertIn(b"\x1bP0;1q", self.asked("\x1b[?62;4;22c"))
        self.assertIn(b"\x1b_Ga=T", self.asked("\x1b_Gi=31;OK\x1b\\\x1b[?62c"))
        plain = self.asked("\x1b[?64;1;2;14;24c")  # 14 and 24 are not 4
        self.assertNotIn(b"\x1bP", plain)
        self.assertNotIn(b"\x1b_G", plain.replace(b"\x1b_Gi=31", b""))

    def test_a_silent_terminal_shows_lines(self):
        t = self.open(FOVEA_GRAPHICS="")
        t.send(self.PRINT + "\r")
        t.expect("pictures/p2.png (40×30)")
        t.expect(".sheet FILE.png or --sheet draws them.")
        self.leave(t)

    def test_print_says_what_was_read(self):
        t = self.open()
        t.send("PRINT IMAGE AS (SELECT image_path FROM (SEARCH IMAGE text='red' USING mini AS SELECT * FROM photos) LIMIT 2);\r")
        t.expect("2 rows in set. Elapsed: ")
        t.expect("Processed 4.00 rows")
        self.leave(t)

    def test_what_is_typed_ahead_is_not_lost(self):
        t = self.open(FOVEA_GRAPHICS="")
        t.send(self.PRINT + "\rSELECT 'typed ' || 'ahead';\r")
        t.expect("typed ahead")
        self.leave(t)

    def test_pictures_stand_below_a_box(self):
        t = self.open(FOVEA_GRAPHICS="kitty")
        t.send("SELECT * FROM photos WHERE n < 3 ORDER BY n;\r")
        sent = t.expect_raw(b"rows in set")
        found = re.findall(rb"\x1b_G[^;]*m=[01];([A-Za-z0-9+/=]+)\x1b\\", sent)
        self.assertEqual(png_size(base64.b64decode(b"".join(found))), (750, 150))
        self.assertLess(sent.index("└".encode()), sent.index(b"\x1b_G"))
        t.send("SELECT n AS image_path FROM photos;\r")  # numbers are no pictures
        self.assertNotIn(b"\x1b_G", t.expect_raw(b"rows in set"))
        t.send(".pictures off\rSELECT * FROM photos WHERE n < 3;\r")
        self.assertNotIn(b"\x1b_G", t.expect_raw(b"rows in set"))
        self.leave(t)

    def test_a_name_never_drives_the_terminal(self):
        t = self.open(FOVEA_GRAPHICS="kitty")
        t.send("PRINT IMAGE AS (SELECT 'pictures/' || char(27) || '[2Jx.png' AS image_path);\r")
        sent = t.expect_raw(b"can't be read")
        self.assertIn(b"pictures/\\x1b[2Jx.png", sent)
        self.assertNotIn(b"\x1b[2J", sent)
        self.leave(t)

    def test_no_form_drives_the_terminal(self):
        t = self.open()
        evil = "char(27) || '[2Jclear' || char(13) || 'cr' || char(155) || '2J' || char(127)"
        for form in ("tsv", "csv", "json", "box", "TabSeparated", "CSV", "JSON", "JSONCompact", "JSONEachRow", "Pretty",
                     "PrettyCompact", "Vertical"):
            t.send(f".mode {form}\r")
            t.expect("fovea> ")
            t.raw = b""
            t.send(f"SELECT {evil} AS v;\r")
            t.expect_raw(b"AS v;")
            sent = t.expect_raw(b"in set.")
            t.expect("fovea> ")
            self.assertIn(b"clear", sent)
            self.assertNotRegex(sent.decode(), "\x1b\\[2J|\x9b|\x7f|clear\r")
        self.leave(t)

    def test_a_schema_never_drives_the_terminal(self):
        self.ok("sql", "evil.db", stdin="CREATE TABLE t(a TEXT DEFAULT '\x1b[2J');")
        t = Terminal(self, "sql", "evil.db")
        t.expect("fovea> ")
        t.wait_for_prompt()
        t.send(".schema\r")
        sent = t.expect_raw(b"DEFAULT '\\x1b[2J'")
        self.assertNotIn(b"\x1b[2J", sent)
        self.assertIn("\x1b[2J", self.ok("sql", "evil.db", "-c", ".schema"))  # a file gets the bytes
        self.leave(t)

    def test_without_a_terminal_print_gives_paths(self):
        paths = "pictures/p0.png\npictures/p1.png\npictures/p2.png\npictures/none.png\n"
        self.assertEqual(self.ok("sql", "p.db", "-c", self.PRINT), paths)
        rows = json.loads(self.ok("sql", "p.db", "-c", self.PRINT, "--json"))
        self.assertEqual(rows[0], {"image_path": "pictures/p0.png"})
        self.assertEqual(self.ok("sql", "p.db", "-c", self.PRINT, "--sheet", "s.png"), paths)
        with open(self.path("s.png"), "rb") as f:
            sheet = f.read()
        self.assertEqual(png_size(sheet), (750, 150))
        self.assertEqual(len(png_pixels(sheet)), 150 * (1 + 750 * 3))

    def test_a_sheet_of_any_result_with_paths(self):
        text = "SELECT n, image_path FROM photos ORDER BY n;\n.sheet 'my sheet.png'\n"
        self.ok("sql", "p.db", stdin=text)
        with open(self.path("my sheet.png"), "rb") as f:
            self.assertEqual(png_size(f.read()), (750, 150))
        self.fails("sql", "p.db", "-c", ".sheet s.png", says="the last result has no pictures")
        done = self.run_fovea("sql", "p.db", "-c", "SELECT n FROM photos", "--sheet", "t.png")
        self.assertEqual((done.returncode, os.path.exists(self.path("t.png"))), (2, False))


if __name__ == "__main__":
    harness.main()
