"""test_index.py - fovea index, search and errors on folders of generated pictures: end to end, good and bad."""

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import zlib

import harness
from harness import chunk, png_bytes, write_png

BROKEN = {  # name: bytes of a file that is a picture by its beginning and none by its rest
    "cut.png": png_bytes(1)[:120],
    "empty.png": b"",
    "words.png": b"this is no picture at all\n" * 20,
    "flat.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0\0\0\0\0\0\0\x1e\x08\2\0\0\0") + chunk(b"IEND", b""),
    "vast.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0\0\xea\x60\0\0\xea\x60\x08\2\0\0\0")
    + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b""),
    "crc.png": png_bytes(2).replace(b"IDAT", b"IDAT", 1)[:60] + b"\xff" + png_bytes(2)[61:],
    "cut.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xc0\0\x0b\x08",
    "cut.gif": b"GIF89a\x10\0\x10\0",
    "cut.webp": b"RIFF\x40\0\0\0WEBPVP8 \x10\0\0\0",
    "cut.bmp": b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0",
}


class Index(harness.Case):
    def index(self, *args, **more):
        return self.json("index", *args, "--db", "lib.db", "--model", self.model(), **more)

    def rows(self, sql, db="lib.db"):
        with sqlite3.connect(self.path(db)) as con:
            con.text_factory = bytes
            return con.execute(sql).fetchall()

    def test_counts(self):
        self.pictures(6)
        self.assertEqual(self.index("pictures"),
                         {"found": 6, "indexed": 6, "unchanged": 0, "removed": 0, "failed": 0})
        self.assertEqual(self.index("pictures"),
                         {"found": 6, "indexed": 0, "unchanged": 6, "removed": 0, "failed": 0})
        os.unlink(self.path("pictures/p0.png"))
        write_png(self.path("pictures/p1.png"), 99)
        os.rename(self.path("pictures/p2.png"), self.path("pictures/moved.png"))
        report = self.index("pictures")
        self.assertEqual((report["found"], report["indexed"], report["unchanged"]), (5, 2, 3))
        self.assertEqual(len(self.rows("SELECT path FROM images")), 5)

    def test_talk_goes_to_stderr(self):
        self.pictures(2)
        done = self.run_fovea("index", "pictures", "--db", "lib.db", "--model", self.model())
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertIn("2 found · 2 indexed · 0 unchanged · 0 removed · 0 failed", done.stderr.decode())
        done = self.run_fovea("index", "pictures", "--db", "lib.db", "-q")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_what_mini_is_good_for_is_said_once(self):
        self.pictures(2)
        word = b"mini, the model that ships, knows drawings and objects; for photographs: fovea pull"
        for args in (["index", "pictures"], ["search", "x"], ["search", "x", "pictures"]):
            done = self.run_fovea(*args, "--db", "mini.db")
            self.assertEqual((done.returncode, done.stderr.count(word)), (0, 1), done.stderr)
        self.index("pictures")
        done = self.run_fovea("search", "x", "--db", "lib.db")
        self.assertEqual((done.returncode, done.stderr.count(word)), (0, 0))
        self.assertEqual(self.run_fovea("search", "x", "--db", "mini.db", "-q").stderr, b"")
        some = self.rows("SELECT path FROM images")[0][0]
        done = self.run_fovea("search", some, "--db", "mini.db")  # a good answer needs no excuse
        self.assertEqual((done.returncode, done.stderr.count(word)), (0, 0), done.stderr)

    def test_broken_files_are_told_and_the_rest_goes_on(self):
        self.pictures(3)
        for name, data in BROKEN.items():
            with open(self.path("pictures", name), "wb") as f:
                f.write(data)
        with open(self.path("pictures/notes.txt"), "w", encoding="utf-8") as f:
            f.write("not a picture, not named like one\n")
        report = self.index("pictures")
        self.assertEqual((report["indexed"], report["failed"]), (3, len(BROKEN)))
        lines = self.ok("errors", "--db", "lib.db").splitlines()
        self.assertEqual(len(lines), len(BROKEN))
        for line in lines:
            path, reason = line.split("\t")
            self.assertIn(os.path.basename(path), BROKEN)
            self.assertGreater(len(reason), 5)
        errors = self.json("errors", "--db", "lib.db")
        self.assertEqual(sorted(os.path.basename(e["path"]) for e in errors), sorted(BROKEN))
        again = self.index("pictures")  # known to be bad: counted, not read again
        self.assertEqual((again["indexed"], again["failed"]), (0, len(BROKEN)))
        write_png(self.path("pictures/cut.png"), 77)
        os.utime(self.path("pictures/cut.png"), (1, 1))
        mended = self.index("pictures")
        self.assertEqual((mended["indexed"], mended["failed"]), (1, len(BROKEN) - 1))
        self.assertEqual(self.index("pictures", "--retry")["failed"], len(BROKEN) - 1)

    def test_a_missing_folder_removes_nothing(self):
        self.pictures(3)
        self.index("pictures")
        os.rename(self.path("pictures"), self.path("away"))
        self.fails("index", "pictures", "--db", "lib.db", says="pictures")
        self.assertEqual(len(self.rows("SELECT path FROM images")), 3)
        self.fails("index", "lib.db", "--db", "lib.db", says="lib.db")
        self.pictures(2, "other")
        self.fails("index", "nowhere", "other", "--db", "lib.db", says="nowhere")
        self.assertEqual(len(self.rows("SELECT path FROM images")), 5, "the other folder is done all the same")

    def test_odd_names(self):
        names = [b"a b.png", b"it's.png", b'"quoted".png', b"new\nline.png", b"tab\t.png", b"\xff\xfe.png",
                 "고양이 🐈.PNG".encode(), b"-n.png", b"%s.png", b"back\\slash.png"]
        where = os.fsencode(self.path("odd"))
        os.mkdir(where)
        for i, name in enumerate(names):
            with open(os.path.join(where, name), "wb") as f:
                f.write(png_bytes(i))
        self.assertEqual(self.index("odd")["indexed"], len(names))
        found = {os.path.basename(path) for path, in self.rows("SELECT CAST(path AS BLOB) FROM images")}
        self.assertEqual(found, set(names))
        done = self.run_fovea("search", "x", "--db", "lib.db", "-n", "20")
        lines = done.stdout.split(b"\n")[:-1]
        self.assertEqual(len(lines), len(names), "a row is a line")
        paths = {line.split(b"\t")[3].replace(b"\\n", b"\n").replace(b"\\t", b"\t").replace(b"\\\\", b"\\")
                 for line in lines}
        self.assertEqual({os.path.basename(p) for p in paths}, set(names))
        hits = self.json("search", "x", "--db", "lib.db", "-n", "20")
        self.assertIn("\ufffd\ufffd.png", [os.path.basename(h["path"]) for h in hits])

    def test_a_folder_whose_name_is_not_utf8(self):
        where = os.path.join(os.fsencode(self.dir), b"\xffdir")
        os.mkdir(where)
        with open(os.path.join(where, b"p.png"), "wb") as f:
            f.write(png_bytes(1))
        done = subprocess.run([os.fsencode(harness.FOVEA), b"index", where, b"--db", b"lib.db", b"--json",
                               b"--model", self.model().encode()], cwd=self.dir, env=self.env,
                              capture_output=True, timeout=60)
        self.assertEqual(json.loads(done.stdout)["indexed"], 1, done.stderr)

    def test_hidden_files_loops_and_ignored_ones(self):
        self.pictures(2)
        write_png(self.path("pictures/.hidden.png"), 50)
        os.makedirs(self.path("pictures/.thumbs"))
        write_png(self.path("pictures/.thumbs/t.png"), 51)
        os.makedirs(self.path("pictures/sub/skip"))
        write_png(self.path("pictures/sub/skip/s.png"), 52)
        write_png(self.path("pictures/sub/UPPER.JPeG"), 53)  # told by content
        os.symlink(self.path("pictures"), self.path("pictures/sub/loop"))
        with open(self.path("pictures/.foveaignore"), "w", encoding="utf-8") as f:
            f.write("skip\n")
        self.assertEqual(self.index("pictures")["indexed"], 3)

    def test_a_killed_run_goes_on(self):
        self.pictures(300)
        command = [harness.FOVEA, "index", "pictures", "--db", "lib.db", "--model", self.model(), "--json"]
        for sig in (signal.SIGINT, signal.SIGKILL, signal.SIGINT):
            process = subprocess.Popen(command, cwd=self.dir, env=self.env, stdout=-3, stderr=-3)
            time.sleep(0.05)
            process.send_signal(sig)
            process.wait(60)
        report = self.index("pictures")
        self.assertEqual((report["found"], report["failed"]), (300, 0))
        self.assertEqual(self.rows("SELECT count(*), count(embedding) FROM images"), [(300, 300)])
        self.assertEqual(self.rows("PRAGMA integrity_check"), [(b"ok",)])

    def test_a_full_disk(self):
        self.pictures(40)
        small = self.path("small")
        os.mkdir(small)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", small], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("a small file system can't be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", small])
        db = os.path.join(small, "lib.db")
        self.fails("index", "pictures", "--db", db, "--model", self.model(), says="full")
        subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
        report = self.json("index", "pictures", "--db", db, "--model", self.model())
        self.assertEqual((report["found"], report["failed"]), (40, 0))
        self.assertEqual(len(self.json("search", "x", "--db", db, "-n", "50")), 40)

    def test_a_locked_database(self):
        self.indexed(2)
        write_png(self.path("pictures/new.png"), 70)
        con = sqlite3.connect(self.path("lib.db"), isolation_level=None)
        con.execute("BEGIN IMMEDIATE")
        self.fails("index", "pictures", "--db", "lib.db", says="lock")
        self.ok("search", "x", "--db", "lib.db")
        con.execute("ROLLBACK")
        con.close()

    def as_nobody(self, *args):
        """A run that file modes bind: root's are bound by none, so root becomes nobody."""
        become = [] if os.geteuid() != 0 else ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        return subprocess.run([*become, harness.FOVEA, *args], cwd=self.dir, env=self.env,
                              capture_output=True, timeout=60)

    def test_what_may_not_be_read_or_written(self):
        db, folder = self.indexed(3)
        before = self.json("search", "x", "--db", db)
        write_png(os.path.join(folder, "new.png"), 71)
        os.chmod(self.dir, 0o755)
        try:
            if self.as_nobody("version").returncode != 0:
                self.skipTest("nobody may not run the program here")
        except OSError as e:
            self.skipTest(f"can't become nobody: {e}")
        for name in os.listdir(self.dir):
            if name.startswith("lib.db"):
                os.chmod(self.path(name), 0o444)
        os.chmod(self.dir, 0o555)
        self.addCleanup(os.chmod, self.dir, 0o755)
        done = self.as_nobody("search", "x", "--db", db, "--json")
        self.assertEqual(json.loads(done.stdout), before, done.stderr)
        done = self.as_nobody("index", folder, "--db", db)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"read-only", done.stderr)
        os.chmod(db, 0)
        done = self.as_nobody("search", "x", "--db", db)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"lib.db", done.stderr)

    def test_an_unreadable_file_is_an_error_of_its_own(self):
        self.pictures(3)
        os.chmod(self.path("pictures/p0.png"), 0)
        os.makedirs(self.path("pictures/closed"))
        os.chmod(self.path("pictures/closed"), 0)
        os.chmod(self.dir, 0o777)
        self.model()
        try:
            if self.as_nobody("version").returncode != 0:
                self.skipTest("nobody may not run the program here")
        except OSError as e:
            self.skipTest(f"can't become nobody: {e}")
        done = self.as_nobody("index", "pictures", "--db", "lib.db", "--model", self.model(), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((report["indexed"], report["failed"]), (2, 2))
        os.chmod(self.path("pictures/closed"), 0o755)

    def test_not_a_database(self):
        self.pictures(1)
        with open(self.path("notes.txt"), "w", encoding="utf-8") as f:
            f.write("nothing of the kind\n" * 100)
        self.fails("index", "pictures", "--db", "notes.txt", says="notes.txt")
        self.fails("search", "x", "--db", "notes.txt", says="notes.txt")
        self.fails("errors", "--db", "missing.db", says="missing.db")

    def test_models_that_are_none(self):
        self.pictures(1)
        self.fails("index", "pictures", "--db", "lib.db", "--model", "nope", says="nope")
        os.mkdir(self.path("hollow"))
        self.fails("index", "pictures", "--db", "lib.db", "--model", self.path("hollow"), says="config.json")
        lying = self.path("lying")
        shutil.copytree(self.model(), lying)
        with open(os.path.join(lying, "config.json"), "r+", encoding="utf-8") as f:
            text = f.read().replace('"hidden_size": 32', '"hidden_size": 64')
            f.seek(0)
            f.write(text)
        self.fails("index", "pictures", "--db", "lib.db", "--model", lying, says="config.json wants [514, 64]")


class Search(harness.Case):
    def test_forms(self):
        db, folder = self.indexed(6)
        lines = self.ok("search", "a red thing", "--db", db, "-n", "3").splitlines()
        self.assertEqual(len(lines), 3)
        for rank, line in enumerate(lines, 1):
            fields = line.split("\t")
            self.assertEqual(fields[0], str(rank))
            self.assertRegex(fields[1], r"^-?\d\.\d{6}$")
            self.assertTrue(0 <= float(fields[2]) <= 1)
            self.assertTrue(fields[3].startswith(folder))
        hits = self.json("search", "a red thing", "--db", db, "-n", "3")
        self.assertEqual([list(h) for h in hits], [["path", "score", "relevance"]] * 3)
        self.assertEqual([h["path"] for h in hits], [line.split("\t")[3] for line in lines])
        rows = list(csv.reader(io.StringIO(self.ok("search", "a red thing", "--db", db, "-n3", "--csv"))))
        self.assertEqual(rows[0], ["rank", "score", "relevance", "path"])
        self.assertEqual([r[3] for r in rows[1:]], [h["path"] for h in hits])

    def test_k_rows_are_k_rows(self):
        db, _ = self.indexed(6)
        self.assertEqual(len(self.json("search", "x", "--db", db)), 6)
        self.assertEqual(len(self.json("search", "x", "--db", db, "-n", "4")), 4)
        some = self.json("search", "x", "--db", db, "--where", "path LIKE '%p1.png' OR path LIKE '%p2.png'")
        self.assertEqual(sorted(os.path.basename(h["path"]) for h in some), ["p1.png", "p2.png"])

    def test_a_picture_finds_itself(self):
        db, folder = self.indexed(6)
        for i in range(6):
            hits = self.json("search", f"./pictures/p{i}.png", "--db", db, "-n", "1")
            self.assertEqual(hits[0]["path"], os.path.join(folder, f"p{i}.png"))
            self.assertGreater(hits[0]["score"], 0.999)

    def test_sums(self):
        db, _ = self.indexed(4)
        self.assertEqual(len(self.json("search", "horse + stripes", "--db", db)), 4)
        self.assertEqual(len(self.json("search", "./pictures/p0.png - text", "--db", db)), 4)
        self.assertEqual(len(self.json("search", "2:beach + dog", "--db", db)), 4)

    def test_exit_status(self):
        db, _ = self.indexed(2)
        self.ok("search", "x", "--db", db)
        self.assertEqual(self.ok("search", "x", "--db", db, "--where", "0", code=1), "")
        self.assertEqual(self.ok("search", "x", "--db", db, "--where", "0", "--json", code=1), "[]\n")
        self.fails("search", "", "--db", db, says="query")
        self.fails("search", "./nope.png", "--db", db, says="nope.png")
        self.fails("search", "x", "--db", db, "--where", "nope = 3", says="no such column: nope")
        self.fails("search", "x", "--db", "missing.db", says="missing.db")
        self.fails("search", "x", says="nothing is indexed yet")

    def test_folders_are_indexed_first_and_alone_answer(self):
        db, folder = self.indexed(3)
        other = self.pictures(5, "other")
        hits = self.json("search", "x", other, "--db", db, "--model", self.model())
        self.assertEqual(len(hits), 5)
        self.assertTrue(all(h["path"].startswith(other + "/") for h in hits))
        self.assertEqual(len(self.json("search", "x", "--db", db)), 8)
        both = self.json("search", "x", folder, other, "--db", db)
        self.assertEqual(len(both), 8)
        self.fails("search", "x", "nowhere", "--db", db, says="nowhere")

    def test_another_model_is_refused(self):
        db, _ = self.indexed(2)
        harness.write_model(self.path("second"), seed=2)
        self.fails("search", "x", "--db", db, "--model", self.path("second"), says="second")

    def test_a_contact_sheet(self):
        db, _ = self.indexed(6)
        self.ok("search", "x", "--db", db, "--sheet", "sheet.png", "--json")
        with open(self.path("sheet.png"), "rb") as f:
            head = f.read(24)
        self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual((int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")), (750, 300))
        done = self.run_fovea("search", "x", "--db", db, "--sheet", "nowhere/sheet.png")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"nowhere", done.stderr)

    def test_a_query_of_ten_thousand_words(self):
        db, _ = self.indexed(2)
        self.assertEqual(len(self.json("search", "word " * 10000, "--db", db)), 2)

    def test_a_vector_with_nan_comes_last(self):
        db, _ = self.indexed(3)
        with sqlite3.connect(db) as con:
            vector = con.execute("SELECT embedding FROM images WHERE id = 1").fetchone()[0]
            con.execute("UPDATE images SET embedding = ? WHERE id = 1",
                        (b"\0\0\xc0\x7f" + vector[4:],))
        hits = self.json("search", "x", "--db", db)
        self.assertEqual([h["score"] is None for h in hits], [False, False, True])


if __name__ == "__main__":
    harness.main()
