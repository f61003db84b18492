"""test_vector.py - the vector engine as a person meets it: through `fovea sql`, `search`, `index` and `doctor`.

The table under test is filled by Python's own SQLite, a program that has never heard of Fovea, and the truth is
a loop in Python over the same rows.
"""

import json
import math
import os
import random
import re
import shutil
import sqlite3
import struct
import subprocess
import time

import harness
from test_shell import Terminal

ROWS, DIM, CLUSTERS = 6000, 24, 40


def blob(v):
    return struct.pack(f"<{len(v)}f", *v)


def text(v):
    return "[" + ",".join(f"{x:.9g}" for x in v) + "]"


def vectors(count, seed, dim=DIM):
    """Rows in clusters, as f32 keeps them; some are twins, so that distances tie."""
    rnd = random.Random(seed)
    centres = [[rnd.gauss(0, 1) for _ in range(dim)] for _ in range(CLUSTERS)]
    out = []
    for i in range(count):
        c = rnd.choice(centres)
        v = struct.unpack(f"{dim}f", struct.pack(f"{dim}f", *(x + rnd.gauss(0, 0.4) for x in c)))
        out.append(list(out[-7]) if i % 50 == 49 else list(v))
    return out


def l2(a, b):
    return math.sqrt(sum((x - y) * (x - y) for x, y in zip(a, b)))


class Vectors(harness.Case):
    """A table v(id, label, e) of declared vectors."""

    def setUp(self):
        super().setUp()
        self.db = self.path("v.db")
        self.files = self.db + "-vec"
        self.ok("sql", self.db, "-c", f"CREATE TABLE v(id INTEGER PRIMARY KEY, label TEXT, e vector({DIM}))")
        self.rows = dict(enumerate(vectors(ROWS, 1), 1))
        with self.other() as other:
            other.executemany("INSERT INTO v VALUES(?, 'l' || (? % 10), ?)",
                              [(i, i, blob(v)) for i, v in self.rows.items()])
        self.other().close()
        self.query = vectors(3, 2)[2]

    def other(self):
        """A connection of a program without Fovea."""
        return sqlite3.connect(self.db, timeout=30)

    def nearest(self, k=10, where="1", query=None, settings=""):
        """(id, distance) as Fovea finds them."""
        sql = (f"SELECT id, L2Distance(e, vector('{text(query or self.query)}')) AS d FROM v WHERE {where} "
               f"ORDER BY L2Distance(e, vector('{text(query or self.query)}')) LIMIT {k}")
        return [(row["id"], row["d"]) for row in self.json("sql", self.db, "-c", settings + sql)]

    def truth(self, passes=lambda i: True, query=None):
        q = query or self.query
        return sorted((l2(v, q), i) for i, v in self.rows.items() if passes(i))

    def same(self, found, k=10, passes=lambda i: True, query=None):
        """The answer is k of the nearest: every distance is the truth's, every row has that distance."""
        want = self.truth(passes, query)[:k]
        self.assertEqual(len(found), len(want))
        q = query or self.query
        for (i, d), (true, _) in zip(found, want):
            self.assertAlmostEqual(d, true, delta=1e-5)
            self.assertAlmostEqual(l2(self.rows[i], q), true, delta=1e-5)
        self.assertEqual(len({i for i, _ in found}), len(found), "a row came twice")

    def explain(self, k=10, where="1"):
        return self.ok("sql", self.db, "-c", f"EXPLAIN SELECT id FROM v WHERE {where} "
                       f"ORDER BY L2Distance(e, vector('{text(self.query)}')) LIMIT {k}")

    def index(self, name="near"):
        self.ok("sql", self.db, "-c",
                f"ALTER TABLE v ADD INDEX {name} e TYPE vector_similarity('hnsw', 'L2Distance', {DIM})")

    def has_graph(self):
        """Whether searches may use one; whether this one would is a matter of what each way costs here and now."""
        rows = self.json("sql", self.db, "-c", "SELECT max(has_graph) AS has FROM vector_indexes()")
        return rows[0]["has"] == 1

    def made(self):
        """The files beside the database."""
        return sorted(os.listdir(self.files)) if os.path.isdir(self.files) else []


class FilesAreDerived(Vectors):
    """Promise 1: everything beside the database can be deleted, and comes back."""

    def test_the_first_search_makes_them_and_deleting_loses_nothing(self):
        self.assertEqual(self.made(), [])
        first = self.nearest()
        self.same(first)
        self.assertIn("codes", " ".join(self.made()))
        shutil.rmtree(self.files)
        self.assertEqual(self.nearest(), first)
        self.assertIn("codes", " ".join(self.made()))

    def test_whatever_becomes_of_them_the_answer_stays(self):
        def each(change):
            def all_files():
                for name in self.made():
                    change(os.path.join(self.files, name))
            return all_files

        def empty(path):
            os.truncate(path, 0)

        def halve(path):
            os.truncate(path, os.path.getsize(path) // 2)

        def garble(path):
            with open(path, "r+b") as f:
                f.write(random.Random(3).randbytes(os.path.getsize(path)))

        def flip(path):
            with open(path, "r+b") as f:
                f.seek(os.path.getsize(path) // 2)
                f.write(b"\x5a" * 64)

        def forbid(path):
            os.chmod(path, 0)

        first = self.nearest()
        self.index()
        self.ok("sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near")
        for change in (empty, halve, garble, flip, forbid, os.remove):
            with self.subTest(change=change.__name__):
                each(change)()
                self.assertEqual(self.nearest(settings="SET exact = on; "), first)
                self.assertEqual(len(self.nearest()), 10)
                self.ok("sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near")
                self.assertTrue(self.made())

    def test_files_of_another_database_are_not_believed(self):
        first, strange = self.nearest(), self.path("strange")
        shutil.copytree(self.files, strange)
        with self.other() as other:  # the same ids, other vectors, as in an older backup
            self.rows = dict(enumerate(vectors(ROWS, 5), 1))
            other.execute("DELETE FROM v")
            other.executemany("INSERT INTO v VALUES(?, 'x', ?)", [(i, blob(v)) for i, v in self.rows.items()])
        self.same(self.nearest())
        shutil.rmtree(self.files)
        shutil.copytree(strange, self.files)
        self.same(self.nearest())
        self.assertNotEqual(self.nearest(), first)


    def test_an_older_backup_beside_newer_files(self):
        """The backup goes on in its own way, to a log as long as that of the files. It writes the same rows but a few,
        which are nearer than all that the files know: whatever else is compared, only the log's nonce tells."""
        def rewrite(nearer=()):
            with self.other() as other:
                for i, v in enumerate(vectors(3000, 6), 1):
                    self.rows[i] = [x + i / 1e5 for x in self.query] if i in nearer else v
                    other.execute("UPDATE v SET e = ? WHERE id = ?", (blob(self.rows[i]), i))
            other.close()

        self.nearest()
        backup = self.path("backup.db")
        self.ok("sql", self.db, "-c", f"VACUUM INTO '{backup}'")
        rewrite()
        self.ok("doctor", "--fix", "--db", self.db)  # half of it has changed: it is written anew
        self.same(self.nearest())
        farthest = [i for _, i in self.truth(lambda i: i <= 3000)[-20:]]
        for name in (self.db, self.db + "-wal", self.db + "-shm"):
            if os.path.exists(name):
                os.remove(name)
        os.rename(backup, self.db)
        rewrite(nearer=farthest)
        self.same(self.nearest())


class KMeansK(Vectors):
    """Promise 2: exactly min(k, rows that pass), under any condition, by codes and by the graph."""

    FILTERS = {
        "1": lambda i: True,
        "0": lambda i: False,
        "id % 2 = 0": lambda i: i % 2 == 0,
        "id % 100 = 7": lambda i: i % 100 == 7,
        "id IN (5, 9, 77)": lambda i: i in (5, 9, 77),
        "id > 5990": lambda i: i > 5990,
        "label = 'l3' AND id BETWEEN 100 AND 4000": lambda i: i % 10 == 3 and 100 <= i <= 4000,
        "id NOT IN (SELECT id FROM v WHERE id % 3 = 0)": lambda i: i % 3 != 0,
    }

    def test_by_codes(self):
        for where, passes in self.FILTERS.items():
            for k in (1, 10, 100):
                with self.subTest(where=where, k=k):
                    self.same(self.nearest(k, where), k, passes)
        self.same(self.nearest(ROWS + 5), ROWS + 5)
        self.assertEqual(self.nearest(0), [])

    def test_by_the_graph(self):
        self.index()
        self.ok("sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near")
        self.assertTrue(self.has_graph())
        found = wanted = 0
        for where, passes in self.FILTERS.items():
            for k in (1, 10, 100):
                with self.subTest(where=where, k=k):
                    answer = self.nearest(k, where, settings="SET recall_target = 0.95; ")
                    true = self.truth(passes)[:k]
                    self.assertEqual(len(answer), len(true))
                    self.assertTrue(all(passes(i) for i, _ in answer))
                    self.assertEqual([d for _, d in answer], sorted(d for _, d in answer))
                    found += sum(d <= true[-1][0] + 1e-5 for _, d in answer) if true else 0
                    wanted += len(true)
        self.assertGreater(found / wanted, 0.95)

    def test_after_deleting_most_rows(self):
        self.index()
        self.ok("sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near")
        with self.other() as other:
            other.execute("DELETE FROM v WHERE id % 20 <> 0")
        self.rows = {i: v for i, v in self.rows.items() if i % 20 == 0}
        for k in (10, 299, 400):
            answer = self.nearest(k)
            self.assertEqual(len(answer), min(k, len(self.rows)))
            self.assertTrue(all(i in self.rows for i, _ in answer))


class ExactByDefault(Vectors):
    """Promise 3: no graph unless asked for, EXPLAIN says which way it was, and the rows of others are seen."""

    def test_explain_tells_the_way(self):
        self.nearest()
        self.assertIn(": exact, 6000 rows", self.explain())
        self.assertFalse(self.has_graph())
        self.index()
        self.assertIn(": exact, 6000 rows", self.explain())  # declared, not built
        self.assertFalse(self.has_graph())
        self.same(self.nearest())
        self.ok("sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near")
        self.assertTrue(self.has_graph())
        self.assertRegex(self.explain(), r": (graph(, bridged)?, 6000 rows.* hops|exact, 6000 rows)")
        self.same(self.nearest(settings="SET exact = on; "))
        self.ok("sql", self.db, "-c", "ALTER TABLE v DROP INDEX near")
        self.assertFalse(self.has_graph())
        self.assertIn(": exact, 6000 rows", self.explain())
        self.same(self.nearest())

    def test_a_program_without_us_writes(self):
        self.nearest()
        fresh = vectors(40, 9)

        def insert(other):
            for i, v in enumerate(fresh, 7001):
                other.execute("INSERT INTO v VALUES(?, 'new', ?)", (i, blob(v)))
                self.rows[i] = v

        def update(other):
            for i, v in zip(range(1, 400, 10), fresh):
                other.execute("UPDATE v SET e = ? WHERE id = ?", (blob(v), i))
                self.rows[i] = v

        def delete(other):
            for i in [i for _, i in self.truth()[:30]]:
                other.execute("DELETE FROM v WHERE id = ?", (i,))
                del self.rows[i]

        def replace(other):
            for i, v in zip(range(2, 400, 10), fresh):
                other.execute("REPLACE INTO v VALUES(?, 'r', ?)", (i, blob(v)))
                self.rows[i] = v

        def move(other):
            other.execute("UPDATE v SET id = 9000 + id WHERE id BETWEEN 3000 AND 3050")
            for i in range(3000, 3051):
                if i in self.rows:
                    self.rows[9000 + i] = self.rows.pop(i)

        def to_null(other):
            for i in [i for _, i in self.truth()[:5]]:
                other.execute("UPDATE v SET e = NULL WHERE id = ?", (i,))
                del self.rows[i]

        def roll_back(other):
            other.execute("DELETE FROM v WHERE id % 2 = 0")
            other.rollback()

        for write in (insert, update, delete, replace, move, to_null, roll_back):
            with self.subTest(write=write.__name__):
                other = self.other()
                write(other)
                other.commit()
                other.close()
                self.same(self.nearest())
                self.same(self.nearest(query=fresh[0]), query=fresh[0])


class Models(harness.Case):
    """Promise 4: a vector knows its model, with files beside the database as without."""

    def test_two_models_are_not_compared(self):
        db, _ = self.indexed(8)
        other = self.path("other")
        harness.write_model(other, seed=2)
        sql = "SELECT path FROM images ORDER BY cosineDistance(embedding, embed_text('{}', 'x')) LIMIT 3"
        self.ok("sql", db, "-c", sql.format(self.model()))
        self.fails("sql", db, "-c", sql.format(other), says=["tiny", "other", "can't be compared", "^"])
        self.fails("search", "x", "--db", db, "--model", other, says="other")


class Building(Vectors):
    """A build shows how far it is, stops at Ctrl-C, and goes on."""

    def index(self):
        """One that takes some seconds to build."""
        self.ok("sql", self.db, "-c", "ALTER TABLE v ADD INDEX near e "
                f"TYPE vector_similarity('hnsw', 'L2Distance', {DIM}, 'f32', 64, 400)")

    def start(self):
        return subprocess.Popen([harness.FOVEA, "sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near"],
                                env=self.env, cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def grow(self, rows=14000):
        with self.other() as other:
            base = list(self.rows.values())
            rnd = random.Random(4)
            other.executemany("INSERT INTO v(label, e) VALUES('more', ?)",
                              ((blob([x + rnd.gauss(0, 0.2) for x in base[i % ROWS]]),) for i in range(rows)))

    def test_the_bar_ctrl_c_and_the_second_run(self):
        build = ("sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near")
        self.grow()
        self.index()
        t = Terminal(self, *build)
        t.expect("building  ███")
        t.send("\x03")
        self.assertEqual(t.close(seconds=60), 2)
        self.assertIn("cancelled", t.shown)
        self.same(self.small(), 10, passes=lambda i: i <= ROWS)  # searches go on as before
        t = Terminal(self, *build)
        t.expect("building")
        t.expect(" of 20,000")
        self.assertEqual(t.close(seconds=120), 0)
        first = re.findall(r"building[^0-9]*([0-9,]+) of 20,000", t.shown)[0]
        self.assertGreater(int(first.replace(",", "")), 2000, "the second run began anew")
        self.assertTrue(self.has_graph())

    def small(self):
        return self.nearest(where=f"id <= {ROWS}")

    def test_a_kill_leaves_what_was(self):
        self.grow()
        self.index()
        for pause in (0.05, 0.3, 0.8):
            p = self.start()
            time.sleep(pause)
            p.kill()
            p.communicate()
            if self.has_graph():
                break  # the machine was faster than the pause
            self.same(self.small(), 10, passes=lambda i: i <= ROWS)
        self.ok("sql", self.db, "-c", "ALTER TABLE v MATERIALIZE INDEX near")
        self.assertTrue(self.has_graph())


class Words(Vectors):
    """Mistakes are told with their place."""

    def test_carets(self):
        for sql, says in {
            "ALTER TABLE v ADD INDEX i nosuch TYPE vector_similarity('hnsw', 'L2Distance')": ["nosuch"],
            "ALTER TABLE v ADD INDEX i e TYPE vector_similarity('hnsw', 'Hamming')": ["Hamming", "^"],
            "ALTER TABLE v ADD INDEX i e TYPE vector_similarity('ivf', 'L2Distance')": ["ivf", "^"],
            "ALTER TABLE v MATERIALIZE INDEX nosuch": ["nosuch"],
            "CREATE INDEX i ON v USING hnsw (e nosuch_ops)": ["nosuch_ops", "^"],
            "SET recall_target = 2": ["recall_target"],
            "SELECT id FROM v ORDER BY L2Distance(e, '[1,2]') LIMIT 3": ["dimensions"],
        }.items():
            with self.subTest(sql=sql):
                self.fails("sql", self.db, "-c", sql, says=says)


class Doctor(Vectors):
    def lines(self, *args, code=0):
        done = self.run_fovea("doctor", "--db", self.db, "--json", *args)
        self.assertEqual(done.returncode, code, done.stderr)
        return [c for c in json.loads(done.stdout) if c["check"].startswith("index")]

    def test_nothing_is_said_of_an_untouched_file(self):
        self.assertEqual(self.lines(), [])

    def test_an_index_and_its_ills(self):
        self.nearest()
        line, = self.lines()
        self.assertEqual(line["status"], "ok")
        self.assertRegex(line["detail"], rf"v\(e\), l2, {DIM} numbers: ready, {ROWS} rows, 0 new, 0 gone")
        codes = next(os.path.join(self.files, n) for n in self.made() if n.endswith(".codes"))
        with open(codes, "r+b") as f:
            f.seek(os.path.getsize(codes) // 2)
            f.write(b"\x5a" * 64)
        line, = self.lines(code=2)
        self.assertEqual(line["status"], "bad")
        self.assertIn("--fix", line["detail"])
        line, = self.lines("--fix")
        self.assertEqual(line["status"], "ok")
        self.same(self.nearest())

    def test_left_over_files_are_told_and_swept(self):
        self.nearest()
        with self.other() as other:
            other.execute("DROP TABLE v")
        self.assertTrue(self.made())
        self.assertTrue(any("--fix" in line["detail"] for line in self.lines()), self.lines())
        self.lines("--fix")
        self.assertEqual(self.lines(), [])
        self.assertEqual(self.made(), [])


class Library(harness.Case):
    """fovea index leaves the codes made, and fovea search answers by them as by the rows."""

    COUNT = 3000

    def setUp(self):
        super().setUp()
        self.db, _ = self.indexed(6)
        dim = harness.DIM
        with sqlite3.connect(self.db) as other:
            other.executemany("INSERT INTO images(path, width, height, embedding) VALUES(?, ?, 30, ?)",
                              ((f"/far/{i:05}.png", i % 100, blob(self.unit(v)))
                               for i, v in enumerate(vectors(self.COUNT, 3, dim))))
        other.close()
        self.files = self.db + "-vec"

    @staticmethod
    def unit(v):
        length = math.sqrt(sum(x * x for x in v))
        return [x / length for x in v]

    def search(self, *args, code=0):
        done = self.run_fovea("search", "a cat", "--db", self.db, "--json", "--model", self.model(), *args)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def rows(self, k, where="1"):
        """What the rows say, without the engine: a sum is no distance the planner knows."""
        return self.json("sql", self.db, "-c",
                         f"SELECT path, cosineDistance(embedding, embed_text('{self.model()}', 'a cat')) + 0 AS d "
                         f"FROM images WHERE {where} ORDER BY d, path LIMIT {k}")

    def agree(self, k, where=None):
        found = self.search("-n", str(k), *(["--where", where] if where else []), code=0 if k else 1)
        want = self.rows(k, where or "1")
        self.assertEqual([h["path"] for h in found], [w["path"] for w in want])
        for h, w in zip(found, want):
            self.assertAlmostEqual(h["score"], 1 - w["d"], delta=2e-6)

    def test_search_is_the_rows_answer(self):
        for where in (None, "width = 3", "width < 50 AND path > '/far/01'", "id = 17", "path LIKE '%7.png'"):
            for k in (1, 10, 200):
                with self.subTest(where=where, k=k):
                    self.agree(k, where)
        self.assertTrue(os.path.isdir(self.files))
        shutil.rmtree(self.files)
        self.agree(10)

    def test_index_leaves_the_codes_made(self):
        self.assertFalse(os.path.isdir(self.files))
        self.ok("index", self.path("pictures"), "--db", self.db, "--model", self.model())
        self.assertIn("codes", " ".join(os.listdir(self.files)))
        self.agree(10)

    def test_relevant_and_rows_without_a_distance(self):
        relevant = [h["path"] for h in self.search("-n", "5000") if h["relevance"] >= 0.5]
        found = self.run_fovea("search", "a cat", "--db", self.db, "--json", "--model", self.model(), "--relevant",
                               "-n", "5000")
        self.assertEqual([h["path"] for h in json.loads(found.stdout)], relevant)
        with sqlite3.connect(self.db) as other:
            other.execute("UPDATE images SET embedding = zeroblob(?) WHERE id = 20", (4 * harness.DIM,))
        other.close()
        self.assertEqual(self.search("-n", "3", "--where", "id IN (19, 20, 21)")[-1]["score"], None)
        self.assertEqual(len(self.search("-n", "5000")), self.COUNT + 6)

    def test_a_vector_of_another_length_is_told(self):
        self.agree(10)
        with sqlite3.connect(self.db) as other:
            other.execute("UPDATE images SET embedding = x'0000803f' WHERE id = 77")
        other.close()
        self.fails("search", "a cat", "--db", self.db, "--model", self.model(), says=["images row 77", "4 bytes"])
        self.agree(10, "id <> 77")


if __name__ == "__main__":
    harness.main()
