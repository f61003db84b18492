"""test_sql.py - fovea sql without a terminal: statements in, rows out in every form, errors with places."""

import csv
import io
import json
import os

import harness

VALUES = "SELECT 1 AS i, 0.5 AS r, NULL AS n, 'a\tb\nc\\' AS t, x'0aFF' AS b"


class Sql(harness.Case):
    def sql(self, text, *more, **how):
        return self.ok("sql", ":memory:", "-c", text, *more, **how)

    def test_rows_as_tsv(self):
        self.assertEqual(self.sql(VALUES), "1\t0.5\t\\N\ta\\tb\\nc\\\\\tx'0aff'\n")

    def test_every_statement_is_printed(self):
        self.assertEqual(self.sql("SELECT 1; CREATE TABLE t(a); SELECT 2, 3;\n-- the end"), "1\n2\t3\n")

    def test_rows_as_json(self):
        rows = json.loads(self.sql(VALUES, "--json"))
        self.assertEqual(rows, [{"i": 1, "r": 0.5, "n": None, "t": "a\tb\nc\\", "b": "0aff"}])

    def test_json_is_the_last_statements(self):
        self.assertEqual(json.loads(self.sql("SELECT 1 AS a; SELECT 2 AS b", "--json")), [{"b": 2}])
        text = "CREATE TABLE t(a); INSERT INTO t VALUES (7); SELECT a FROM t; DROP TABLE t; -- x"
        self.assertEqual(json.loads(self.sql(text, "--json")), [{"a": 7}])
        self.assertEqual(json.loads(self.sql("CREATE TABLE t(a)", "--json")), [])
        self.assertEqual(json.loads(self.sql("SELECT 1 AS a WHERE 0", "--json")), [])
        self.assertEqual(json.loads(self.sql("", "--json")), [])

    def test_json_of_what_json_has_not(self):
        rows = json.loads(self.sql("SELECT 9e999 AS inf, CAST(x'61ff62' AS TEXT) AS t", "--json"))
        self.assertEqual(rows, [{"inf": None, "t": "a\ufffdb"}])

    def test_rows_as_csv(self):
        text = "SELECT 1 AS \"a,b\", 'say \"hi\"' AS c, '' AS d, NULL AS e UNION ALL SELECT 2, 'x\ny', 3, 4"
        out = self.sql(text, "--csv")
        self.assertTrue(out.startswith("\"a,b\",c,d,e\r\n1,\"say \"\"hi\"\"\",\"\",\r\n"))
        rows = list(csv.reader(io.StringIO(out, newline="")))
        self.assertEqual(rows[2], ["2", "x\ny", "3", "4"])

    def test_vectors_as_lists(self):
        self.assertEqual(json.loads(self.sql("SELECT vector('[0.5, -1, 2]') AS v", "--json")),
                         [{"v": [0.5, -1, 2]}])
        self.assertEqual(self.sql("SELECT vector('[0.5, -1, 2]')"), "[0.5,-1,2]\n")

    def test_stdin_is_read(self):
        self.assertEqual(self.ok("sql", ":memory:", stdin="SELECT 1;\nSELECT 'é고';"), "1\né고\n")
        self.assertEqual(self.ok("sql", ":memory:", stdin=""), "")

    def test_a_file_is_made_and_kept(self):
        self.ok("sql", "new.db", "-c", "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)")
        self.assertEqual(self.ok("sql", "new.db", "-c", "SELECT sum(a) FROM t"), "3\n")
        with open(self.path("new.db"), "rb") as f:
            self.assertEqual(f.read(15), b"SQLite format 3")

    def test_without_a_file_the_library_is_meant(self):
        self.ok("sql", "-c", "CREATE TABLE t(a)")
        self.assertTrue(os.path.exists(self.path("data", "fovea", "library.db")))

    def test_an_error_shows_its_place(self):
        done = self.run_fovea("sql", ":memory:", "-c", "SELECT 1;\nSELECT '고양이', nope FROM t")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, b"1\n")
        done = self.run_fovea("sql", ":memory:", "-c", "SELECT 1;\nSELECT '고양이',\n  nope + 1;")
        lines = done.stderr.decode().splitlines()
        self.assertIn("no such column: nope", lines[0])
        self.assertEqual(lines[1:], ["     3 |   nope + 1;", "       |   ^"])

    def test_the_caret_counts_columns_of_wide_letters(self):
        err = self.fails("sql", ":memory:", "-c", "SELECT '고양이', nope", says="nope")
        line, caret = err.splitlines()[1:3]
        self.assertEqual(len(caret) - 1, line.index("nope") + 3)

    def test_a_long_line_is_cut_around_the_place(self):
        text = "SELECT " + "1 + " * 300 + "nope" + " + 1" * 300
        err = self.fails("sql", ":memory:", "-c", text, says="nope")
        line, caret = err.splitlines()[1:3]
        self.assertLess(len(line), 100)
        self.assertEqual(line[caret.index("^"):][:4], "nope")

    def test_a_script_stops_at_the_first_error(self):
        done = self.run_fovea("sql", ":memory:", stdin="SELECT 1; SELECT * FROM nope; SELECT 2;")
        self.assertEqual((done.returncode, done.stdout), (2, b"1\n"))

    def test_a_full_disk_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        text = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n"
        for form in ([], ["--json"], ["--csv"]):
            with open("/dev/full", "wb") as full:
                done = harness.subprocess.run([harness.FOVEA, "sql", ":memory:", "-c", text, *form],
                                              stdout=full, stderr=-1, env=self.env, timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"can't be written", done.stderr)

    def test_a_reader_that_leaves_ends_us_quietly(self):
        text = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT i FROM n"
        line = f"'{harness.FOVEA}' sql :memory: -c \"{text}\" | head -1"
        done = harness.subprocess.run(["sh", "-c", line], capture_output=True, env=self.env, timeout=60)
        self.assertEqual((done.stdout, done.stderr), (b"1\n", b""))

    def test_not_a_database(self):
        with open(self.path("notes.txt"), "w", encoding="utf-8") as f:
            f.write("this is no database\n" * 100)
        self.fails("sql", "notes.txt", "-c", "SELECT * FROM images", says="notes.txt")


if __name__ == "__main__":
    harness.main()
