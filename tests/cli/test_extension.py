"""test_extension.py - fovea0.so in programs that have an SQLite of their own: the sqlite3 shell, Python.

A host runs a script of SQL in a process of its own, so that a crash is a failure: each row is a line of its
values with "|" between, what goes wrong is on stderr. Python's sqlite3 can load extensions only where it was
built so (Debian's is); the shell is used where it is installed. Each test runs in every host there is.
"""

import os
import shutil
import subprocess
import sys
import unittest

import harness

BUILD = os.environ.get("FOVEA_BUILD", "build/release")
EXTENSION = os.path.abspath(os.path.join(BUILD, "fovea0.so"))

# Reads SQL from stdin. The connection is closed, and a statement left open by the extension would be told.
DRIVER = r"""
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.enable_load_extension(True)
text = ""
for line in sys.stdin:
    text += line
    if text.startswith(".load "):
        db.load_extension(text.split()[1])
        text = ""
    elif sqlite3.complete_statement(text):
        try:
            for row in db.execute(text):
                print("|".join("" if v is None else str(v) for v in row))
        except sqlite3.Error as e:
            sys.exit("error: %s" % e)
        text = ""
db.close()
"""


def cached(name):
    try:
        with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as f:
            return next((line.strip().split("=", 1)[1] for line in f if line.startswith(name + ":")), "")
    except OSError:
        return ""


def pythons():
    """Interpreters whose sqlite3 loads extensions; the first is enough."""
    probe = "import sqlite3; sqlite3.connect(':memory:').enable_load_extension(True)"
    for python in (sys.executable, "/usr/bin/python3"):
        if os.access(python, os.X_OK) and subprocess.run([python, "-c", probe], stderr=-3).returncode == 0:
            yield [python, "-c", DRIVER]
            return


def shells():
    shell = shutil.which("sqlite3")
    version = subprocess.run([shell, "-version"], capture_output=True, text=True).stdout if shell else "0.0"
    if [int(n) for n in version.split()[0].split(".")[:2]] >= [3, 38]:
        yield [shell, "-batch", "-bail", "-init", os.devnull]


HOSTS = [*pythons(), *shells()]
SANITIZER = cached("FOVEA_SANITIZE")


def preload():
    """A sanitized extension needs the sanitizer in the host from its start."""
    if "address" not in SANITIZER:
        return {}
    lib = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    return {"LD_PRELOAD": lib, "ASAN_OPTIONS": "detect_leaks=0"}


@unittest.skipUnless(os.path.exists(EXTENSION), "fovea0.so is not built")
@unittest.skipUnless(HOSTS, "no python3 whose sqlite3 loads extensions, and no sqlite3 shell")
@unittest.skipIf("thread" in SANITIZER, "a host without ThreadSanitizer can't load it")
class Extension(harness.Case):
    def run_host(self, host, db, sql, load=True):
        text = (f".load {EXTENSION[:-3]}\n" if load else "") + sql
        return subprocess.run([*host, db], input=text, capture_output=True, text=True, cwd=self.dir, timeout=120,
                              env={**self.env, **preload(), "FOVEA_MODELS": self.dir})

    def hosts(self, sql, db=":memory:", **more):
        """(host, lines of stdout) of each host; it must end well and say nothing on stderr."""
        for host in HOSTS:
            with self.subTest(host=os.path.basename(host[0])):
                done = self.run_host(host, db, sql, **more)
                self.assertEqual((done.returncode, done.stderr), (0, ""), sql)
                yield done.stdout.split("\n")[:-1]

    def refuses(self, sql, says, db=":memory:"):
        for host in HOSTS:
            with self.subTest(host=os.path.basename(host[0])):
                done = self.run_host(host, db, sql)
                self.assertNotEqual(done.returncode, 0)
                self.assertGreater(done.returncode, 0, "the host crashed")
                self.assertIn(says, done.stderr)

    def test_functions(self):
        for lines in self.hosts("SELECT version <> '' FROM fovea_session;\n"
                                "SELECT cosineDistance(vector('[1,0]'), '[0,1]'), L2Distance('[0,0]', '[3,4]');\n"
                                "SELECT vector_text(vector('[1,2.5]')), vector_dims('[1,2,3]');\n"):
            self.assertEqual(lines, ["1", "1.0|5.0", "[1,2.5]|3"])

    def test_models_compute(self):
        self.model()
        self.pictures(2)
        for lines in self.hosts("SELECT vector_dims(embed_text('tiny', 'a cat'));\n"
                                "SELECT count(*), count(embed_image('tiny', path)) FROM picture_files('pictures');\n"
                                "SELECT name FROM fovea_models() WHERE note LIKE 'here%' AND name = 'tiny';\n"):
            self.assertEqual(lines, ["16", "2|2", "tiny"])

    def test_statements_as_tables(self):
        self.model()
        self.pictures(2)
        sql = ("CREATE TABLE p AS SELECT path AS image_path FROM picture_files('pictures');\n"
               "CREATE VIRTUAL TABLE temp.r USING fovea('SEARCH IMAGE text=''a cat'' USING \"tiny\" AS"
               " SELECT * FROM p');\n"
               "SELECT count(*), count(DISTINCT image_path) FROM r;\nDROP TABLE r;\nSELECT 1;\n")
        for out in self.hosts(sql):
            self.assertEqual(out, ["2|2", "1"])

    def test_errors_have_our_words(self):
        self.refuses("SELECT L2Distance('[1,2]', '[1]');\n", "different vector dimensions 2 and 1")
        self.refuses("SELECT embed_text('nosuch', 'x');\n", "nosuch")
        self.refuses("SELECT * FROM fovea_search('x');\n", "holds no pictures yet")

    def test_search_answers_as_the_program_does(self):
        db, _ = self.indexed(12)
        want = [os.path.basename(hit["path"]) for hit in
                self.json("search", "p3", "--db", db, "-n", "5", FOVEA_MODELS=self.dir)]
        self.assertEqual(len(want), 5)
        for lines in self.hosts("SELECT path FROM fovea_search('p3', 5) ORDER BY rank;\n", db):
            self.assertEqual([os.path.basename(path) for path in lines], want)

    def test_the_hosts_connection_stays_as_it_was(self):
        pragmas = ("journal_mode", "synchronous", "cache_size", "page_size", "mmap_size", "temp_store", "busy_timeout",
                   "recursive_triggers", "foreign_keys", "schema_version", "journal_size_limit")
        ask = "".join(f"PRAGMA {name};\n" for name in pragmas)
        load = f".load {EXTENSION[:-3]}\n"
        use = "SELECT count(*) FROM picture_files('.') WHERE L1Distance('[1]', '[2]') = 0;\n"
        for lines in self.hosts(ask + load + use + ask, self.path("host.db"), load=False):
            self.assertEqual(lines[:len(pragmas)], lines[len(pragmas) + 1:])

    def test_loading_twice_and_in_two_connections(self):
        again = f".load {EXTENSION[:-3]}\n"
        for lines in self.hosts(again + "SELECT count(*) FROM fovea_session;\n" + again +
                                "SELECT L2Distance('[0]', '[2]');\n"):
            self.assertEqual(lines, ["1", "2.0"])

    # --- the vector engine in a host ---

    def filled(self, name="v.db"):
        """A file with 4,000 vectors made by a host that has the extension; journal and page size are SQLite's."""
        db = self.path(name)
        fill = ("CREATE TABLE v(id INTEGER PRIMARY KEY, e vector(4));\n"
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)\n"
                "INSERT INTO v SELECT i, vector(printf('[%.4f,%.4f,%.4f,1]', i * 7919 % 1009 / 1009.0,"
                " i * 104729 % 2003 / 2003.0, i * 31 % 499 / 499.0)) FROM n;\n")
        done = self.run_host(HOSTS[0], db, fill)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return db

    QUERY = "vector('[0.5,0.5,0.5,1]')"
    ROWS = f"SELECT id FROM v ORDER BY L2Distance(e, {QUERY}), id LIMIT 8;\n"
    KNN = f"SELECT rowid FROM knn('v', 'e', {QUERY}, 8) ORDER BY distance, rowid;\n"
    METRIC = "INSERT INTO fovea_columns VALUES('v', 'e', NULL, NULL, 4, 'l2');\n"

    def declared(self):
        db = self.filled()
        columns = ("CREATE TABLE fovea_columns(tbl TEXT NOT NULL COLLATE NOCASE, col TEXT NOT NULL COLLATE NOCASE,"
                   " model TEXT, fingerprint TEXT, dim INTEGER NOT NULL, metric TEXT NOT NULL,"
                   " PRIMARY KEY(tbl, col));\n")
        done = self.run_host(HOSTS[0], db, columns + self.METRIC, load=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return db

    def test_knn_is_what_the_rows_say(self):
        db = self.declared()
        for lines in self.hosts(self.ROWS + self.KNN, db):
            self.assertEqual(lines[:8], lines[8:])
        self.assertTrue(any(name.endswith(".codes") for name in os.listdir(db + "-vec")))
        for lines in self.hosts("SELECT state, tbl, rows FROM vector_indexes();\n", db):
            self.assertEqual(lines, ["ready|v|4000"])
        for lines in self.hosts("SELECT count(*) FROM near_duplicates('v', 'e', 0.001);\n"
                                "SELECT count(*) FROM v x JOIN v y ON x.id < y.id"
                                " AND L2Distance(x.e, y.e) <= 0.001 WHERE x.id < 200 AND y.id < 200;\n"
                                "SELECT count(*) FROM near_duplicates('v', 'e', 0.001) WHERE b < 200;\n", db):
            self.assertEqual(lines[1], lines[2])

    def test_a_host_without_it_writes_and_knn_sees(self):
        db = self.declared()
        for _ in self.hosts(self.KNN, db):
            pass  # from here on there are triggers, of plain SQL
        nearest = "SELECT id FROM v WHERE id = {};\n"
        writes = ("DELETE FROM v WHERE id IN (SELECT id FROM v WHERE id % 5 = {0});\n"
                  "UPDATE v SET id = id + 100000 WHERE id % 7 = {0};\n"
                  "REPLACE INTO v SELECT id, (SELECT e FROM v WHERE id = 2) FROM v WHERE id % 11 = {0};\n"
                  "BEGIN;\nDELETE FROM v;\nROLLBACK;\n")
        for i, host in enumerate(HOSTS):
            done = self.run_host(host, db, writes.format(i) + nearest.format(2), load=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for lines in self.hosts(self.ROWS + self.KNN, db):
                self.assertEqual(lines[:8], lines[8:])

    def test_uncommitted_rows_of_its_own(self):
        db = self.declared()
        inside = (f"BEGIN;\nINSERT INTO v SELECT 90000, {self.QUERY};\n{self.KNN}ROLLBACK;\n{self.KNN}")
        for lines in self.hosts(self.KNN + inside, db):
            self.assertEqual((lines[8], lines[0]), ("90000", lines[16]))
            self.assertEqual(lines[:8], lines[16:])

    def test_the_file_stays_as_the_host_has_it(self):
        db = self.declared()
        ask = "PRAGMA journal_mode;\nPRAGMA page_size;\nPRAGMA synchronous;\n"
        for lines in self.hosts(ask + self.KNN + "DELETE FROM v WHERE id % 2 = 0;\n" + self.KNN + ask, db):
            self.assertEqual(lines[:3], lines[-3:])
            self.assertEqual(lines[0], "delete")

    def test_in_memory(self):
        for lines in self.hosts("CREATE TABLE m(id INTEGER PRIMARY KEY, e vector(2));\n"
                                "INSERT INTO m VALUES(1, vector('[1,0]')), (2, vector('[0,1]')), (3, NULL);\n"
                                "SELECT rowid, round(distance, 6) FROM knn('m', 'e', '[1,0]', 5);\n"):
            self.assertEqual(lines, ["1|0.0", "2|1.0"])

    def test_nothing_of_sqlite_is_linked(self):
        """A second SQLite in the process would be a second opinion of each file's locks."""
        ldd = subprocess.run(["ldd", EXTENSION], capture_output=True, text=True)
        self.assertEqual(ldd.returncode, 0, ldd.stderr)
        self.assertNotIn("sqlite", ldd.stdout)
        if shutil.which("nm"):
            names = subprocess.run(["nm", "-D", EXTENSION], check=True, capture_output=True, text=True).stdout
            found = [line.split()[-1] for line in names.splitlines() if "sqlite3_" in line]
            self.assertEqual(found, ["sqlite3_fovea_init"])


if __name__ == "__main__":
    harness.main()
