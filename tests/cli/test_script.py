"""test_script.py - statements and dot commands from -c, stdin and files: all three do the same."""

import os

import harness

SCRIPT = """-- a comment ahead of a command
.mode csv
.headers off
CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), (2, NULL);
  .nullvalue -
SELECT * FROM t; /* behind */ SELECT '
.quit
';
# another comment
\\x on
.mode tsv

SELECT count(*) FROM t
   WHERE a > 0 \\G
.print the end
.quit
.nothing of this
SELECT 'neither';
"""
OUTPUT = "1,x\r\n2,-\r\n\"\n.quit\n\"\r\nRow 1:\n──────\ncount(*): 2\nthe end\n"


class Script(harness.Case):
    def test_all_ways_do_the_same(self):
        with open(self.path("a.sql"), "w", encoding="utf-8") as f:
            f.write(SCRIPT)
        self.assertEqual(self.ok("sql", ":memory:", stdin=SCRIPT), OUTPUT)
        self.assertEqual(self.ok("sql", ":memory:", "-c", SCRIPT), OUTPUT)
        self.assertEqual(self.ok("sql", ":memory:", "-c", ".read a.sql"), OUTPUT)
        self.assertEqual(self.ok("sql", ":memory:", stdin="\\i 'a.sql'"), OUTPUT)

    def test_cells_of_a_notebook(self):
        cells = ("%load_ext thanosql\n%thanosql API_TOKEN=x\n%thanosql https://engine/ws\n%%thanosql\nCREATE TABLE t AS\n"
                 "SELECT '\n%%thanosql\n' AS a\n\n%%thanosql\nSELECT a\nFROM t\n%%psql\nSELECT 5 %\n3 AS two;\n%thanosql SELECT 9;\n"
                 "%%thanosql\n")
        self.assertEqual(self.ok("sql", ":memory:", stdin=cells), '\\n%%thanosql\\n\n2\n9\n')
        done = self.run_fovea("sql", ":memory:", stdin="SELECT 1\n%%thanosq\nSELECT 2")
        self.assertEqual((done.returncode, done.stdout), (2, b"1\n"))
        self.assertIn(b"did you mean %%thanosql?", done.stderr)
        done = self.run_fovea("sql", ":memory:", stdin="%%thanosql\nSELECT 1 +\n%%thanosql\nSELECT 2")
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"incomplete input", done.stderr)

    def test_errors_name_the_file_and_the_line(self):
        with open(self.path("bad.sql"), "w", encoding="utf-8") as f:
            f.write("SELECT 1;\n.headers on\nSELECT 2,\n  nope;\nSELECT 3;\n")
        done = self.run_fovea("sql", ":memory:", stdin="SELECT 0;\n.read bad.sql\nSELECT 4;")
        self.assertEqual((done.returncode, done.stdout), (2, b"0\n1\n"))
        self.assertEqual(done.stderr.decode().splitlines()[1:],
                         ["       in bad.sql", "     4 |   nope;", "       |   ^"])
        with open(self.path("bad.sql"), "w", encoding="utf-8") as f:
            f.write("SELECT 1;\n\n.haeders on\n")
        done = self.run_fovea("sql", ":memory:", "-c", ".read bad.sql")
        self.assertEqual((done.returncode, done.stdout), (2, b"1\n"))
        lines = done.stderr.decode().splitlines()
        self.assertIn("did you mean .headers?", lines[0])
        self.assertEqual(lines[1:3], ["       in bad.sql", "     3 | .haeders on"])

    def test_a_dot_command_that_fails_stops_the_rest(self):
        for bad, says in ((".read nope.sql", "nope.sql"), (".mode nope", 'no mode "nope"'), (".timer x", "on or off"),
                          (".width a", "a width is a number"), (".sheet s.png", "no pictures"), (".nope", "there is no .nope"),
                          ("\\d nope", 'no table "nope"'), (".output /nosuch/x", "/nosuch/x"), (".read", "usage: .read FILE")):
            done = self.run_fovea("sql", ":memory:", stdin=f"SELECT 1;\n{bad}\nSELECT 2;\n")
            self.assertEqual((done.returncode, done.stdout), (2, b"1\n"), bad)
            self.assertIn(says, done.stderr.decode())

    def test_files_that_read_each_other_end(self):
        with open(self.path("loop.sql"), "w", encoding="utf-8") as f:
            f.write(".read loop.sql\n")
        self.fails("sql", ":memory:", "-c", ".read loop.sql", says="16 files read each other")

    def test_a_long_script_of_short_statements(self):
        text = "SELECT 1 WHERE 0;\n" * 100000 + "SELECT 'end';\n"  # 1.8 MB
        self.assertEqual(self.ok("sql", ":memory:", stdin=text), "end\n")

    def test_a_full_disk_is_an_error_of_output(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        self.fails("sql", ":memory:", "-c", ".output /dev/full\nSELECT 1;", says="can't be written")

    def test_what_is_said_goes_to_stderr(self):
        done = self.run_fovea("sql", ":memory:", stdin=".timer on\nCREATE TABLE t(a);\nINSERT INTO t VALUES (1), (2);\n"
                                                       "SELECT a FROM t;\n.echo on\nSELECT 5;\n")
        self.assertEqual(done.stdout, b"1\n2\n5\n")
        self.assertRegex(done.stderr.decode(), r"^Ok\. Elapsed: \d+\.\d{3} sec\.\nOk\. 2 rows changed\. Elapsed: \d+\.\d{3} sec\.\n"
                                               r"2 rows in set\. Elapsed: \d+\.\d{3} sec\.\nSELECT 5;?\n1 row in set\. .*\n$")
        done = self.run_fovea("sql", ":memory:", "-q", stdin=".timer on\n.echo on\nSELECT 1;\n")
        self.assertEqual((done.stdout, done.stderr), (b"1\n", b""))

    def test_rows_of_files_are_counted(self):
        with open(self.path("r.csv"), "w", encoding="utf-8") as f:
            f.write("".join(f"{i},x{i}\n" for i in range(1000)))
        done = self.run_fovea("sql", ":memory:", stdin="CREATE TABLE t(a Int64, b String);\n.timer on\n"
                                                       "INSERT INTO t FROM INFILE 'r.csv';\n")
        self.assertRegex(done.stderr.decode(), r"^Ok\. 1000 rows changed\. Elapsed: \d+\.\d{3} sec\. "
                                               r"Processed 1\.00 thousand rows, 8\.78 KB \(.*\)\n$")

    def test_indexes_of_vectors_are_listed(self):
        text = """CREATE TABLE t(id INTEGER PRIMARY KEY, v vector(2)); INSERT INTO t VALUES (1, '[1,2]');
                  CREATE INDEX tv ON t USING hnsw (v vector_l2_ops);\n.mode tsv\n.indexes T\n"""
        self.assertRegex(self.ok("sql", "i.db", stdin=text), r"^tv\tt\tv\t.*, l2, \w+\n$")

    def test_help_lists_every_command_once(self):
        out = self.ok("sql", ":memory:", "-c", ".help")
        for name in (".mode ", ".tables", ".schema", ".models", ".timer", ".output", ".read", ".explain", ".sheet",
                     ".width", ".echo", "\\d ", "\\dt", "\\q", "\\timing", "\\x ", "\\l"):
            self.assertEqual(out.count(name), 1, name)
        self.assertLessEqual(max(map(len, out.split("\n"))), 100)

    def test_schema_in_the_words_it_was_made_with(self):
        text = "CREATE TABLE laion (id Int64, v Array(Float32)) ENGINE = MergeTree ORDER BY id;\n.schema laion\n"
        self.assertTrue(self.ok("sql", ":memory:", stdin=text).startswith(
            "CREATE TABLE laion (id Int64, v Array(Float32)) ENGINE = MergeTree ORDER BY id;\n"))


if __name__ == "__main__":
    harness.main()
