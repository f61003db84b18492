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
