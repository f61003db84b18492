"""test_shell.py - fovea sql on a terminal, played through a pseudo terminal."""

import os
import signal

import harness
from terminal import Terminal


class Shell(harness.Case):
    def open(self, **env):
        t = Terminal(self, "sql", "shell.db", **env)
        t.expect("fovea> ")
        return t

    def test_statements_and_boxes(self):
        t = self.open()
        t.send("SELECT 1 AS one, '고양이' AS cat;\r")
        t.expect("│ one │ cat    │")
        t.expect("│   1 │ 고양이 │")
        t.expect("1 row in set. Elapsed: ")
        t.expect("fovea> ")
        t.send("SELECT\r")
        t.expect("   ..> ")
        t.send("2 AS two\r")
        t.expect("   ..> ")
        t.send("\r")  # an empty line ends a statement too
        t.expect("│ two │")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    def test_errors_leave_the_shell_open(self):
        t = self.open()
        t.send("SELECT nope;\r")
        t.expect("no such column: nope")
        t.expect("^")
        t.expect("fovea> ")
        t.send("SELECT 6 * 7;\r")
        t.expect("42")
        t.expect("fovea> ")
        self.assertEqual(t.close("\x04"), 0)

    def test_dot_commands(self):
        with open(self.path("a.sql"), "w", encoding="utf-8") as f:
            f.write("CREATE TABLE pets(name TEXT);\nINSERT INTO pets VALUES ('Rex');\n")
        t = self.open()
        t.send(".read a.sql\r.tables\r")
        t.expect("│ pets │ table │")
        t.send(".schema PETS\r")
        t.expect("CREATE TABLE pets(name TEXT);")
        t.send(".mode json\rSELECT * FROM pets;\r")
        t.expect('[{"name":"Rex"}]')
        t.send(".mode yaml\r")
        t.expect('there is no mode "yaml"')
        t.send(".tabels\r")
        t.expect("did you mean .tables?")
        t.send(".read nope.sql\r")
        t.expect("nope.sql")
        t.send(".help\r")
        t.expect(".schema")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    def test_ctrl_c_drops_the_line_and_cancels_the_statement(self):
        t = self.open()
        t.wait_for_prompt()
        t.send("SELECT 'not wanted")
        t.expect("not wanted")
        t.send("\x03")
        t.expect("fovea> ")
        t.send("SELECT 'fine';\r")
        t.expect("│ fine   │")
        t.expect("fovea> ")
        t.send(".mode tsv\r" + self.ENDLESS + "\r")
        t.expect("row-2-of-it")  # it runs
        os.kill(t.pid, signal.SIGINT)
        t.expect("fovea: ")
        t.expect("fovea> ")
        t.send("SELECT 'still ' || 'here';\r")
        t.expect("still here")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    # Two rows at once, then none ever.
    ENDLESS = ("SELECT 'row-' || 1 || '-of-it' UNION ALL SELECT 'row-' || 2 || '-of-it' UNION ALL SELECT max(i) FROM "
               "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n);")

    def test_ctrl_c_at_the_prompt_never_leaves(self):
        t = self.open()
        for _ in range(4):
            t.wait_for_prompt()
            t.send("\x03")
            t.expect("fovea> ")
        t.send("SELECT 6 * 7;\r")
        t.expect("42")
        t.send("\\q\r")
        self.assertEqual(t.close(), 0)

    def test_a_script_is_cancelled_as_a_whole(self):
        with open(self.path("long.sql"), "w", encoding="utf-8") as f:
            f.write(f".mode tsv\n{self.ENDLESS}\nSELECT 'not ' || 'reached';\n")
        t = self.open()
        t.send(".read long.sql\r")
        t.expect("row-2-of-it")
        os.kill(t.pid, signal.SIGINT)
        shown = t.expect("fovea> ")
        self.assertNotIn("not reached", shown)
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    def test_words_that_leave(self):
        for word in ("exit", "quit;", ".quit", "\\q"):
            t = self.open()
            t.send("help\r")
            t.expect(".tables")
            t.send(word + "\r")
            self.assertEqual(t.close(), 0)

    def test_history_is_kept(self):
        t = self.open()
        t.send("SELECT 'remember';\r")
        t.expect("fovea> ")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)
        with open(self.path("state", "fovea", "history"), encoding="utf-8") as f:
            self.assertIn("remember", f.read())
        t = self.open()
        t.send("\x10\x10\r")  # two back: behind .quit
        t.expect("│ remember")
        t.expect("fovea> ")
        self.assertEqual(t.close("\x04"), 0)

    def test_a_statement_of_lines_is_one_entry(self):
        t = self.open()
        t.send("SELECT\r")
        t.expect("   ..> ")
        t.send("'a' || 'b';\r")
        t.expect("│ ab")
        t.expect("fovea> ")
        t.wait_for_prompt()
        t.send("\x10\r")
        t.expect("│ ab")
        t.expect("fovea> ")
        self.assertEqual(t.close("\x04"), 0)

    def complete(self, t, typed, *shows):
        """What is typed, then a Tab for each of shows, which is what it brings. The line is dropped."""
        t.wait_for_prompt()
        t.send(typed)
        t.expect(typed[-3:])
        for piece in shows:
            t.send("\t")
            t.expect(piece)
        t.send("\x03")
        t.expect("\r\nfovea> ")  # a list of candidates shows the prompt again, too, behind \r

    def test_tab_completes(self):
        t = self.open()
        t.send('CREATE TABLE 그림(열하나 TEXT, image_path TEXT, "my col" INT);\r')
        t.expect("Ok.")
        t.expect("fovea> ")
        for typed, shows in (
                ("SEL", "ECT "),
                ("SELECT * FROM 그", "림 "),
                ("SELECT * FROM 그림 WHERE 열", "하나 "),
                ("SELECT * FROM 그림 WHERE my", '"my col" '),
                ("select * fr", "om "),  # in the case of what was typed
                ("SELECT cosineD", "istance("),
                ("CONVERT USING min", "i "),
                ("SET recall_t", "arget "),
                ("SELECT 1 SETTINGS recall_t", "arget "),
                ("SELECT 1 FORMAT JSONEa", "chRow "),
                ("GET THANOSQL DA", "TASET "),
                ("SEARCH IMAGE USING mini OPTIONS (emb", "_col="),
                (".timer o", "\r\noff  on"),
                (".schema 그", "림 "),
                (".mode pr", "etty"),
                (".read /etc/pass", "wd"),
                ("\\tim", "ing "),
        ):
            with self.subTest(typed):
                self.complete(t, typed, shows)
        self.complete(t, "SELECT 그림.", "image_path")
        self.complete(t, ".mo", "de", ".models")
        self.complete(t, "SELECT 'cosineD", "\x07")  # nothing inside quotes
        self.assertEqual(t.close("\x04"), 0)

    def test_pasted_tabs_are_blanks(self):
        t = self.open()
        t.wait_for_prompt()
        t.send("SELECT\t'pasted' AS a,\r\t\t'block' AS b\rFROM\t(SELECT 1);\r")
        t.expect("│ pasted │ block │")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    def test_psql_and_sqlite_forms(self):
        t = self.open()
        t.send("CREATE TABLE pets(name TEXT NOT NULL, v vector(3));\rCREATE INDEX by_name ON pets(name);\r")
        t.expect("Ok.")
        t.expect("Ok.")
        for typed, shows in (
                ("\\d", "│ pets "),
                ("\\dt", "│ pets "),
                ("\\d pets", "│ name   │ TEXT      │ not null │"),
                ("", "3 dimensions"),
                ("", "│ by_name │ pets  │ name    │ SQLite │"),
                ("\\di pets", "│ by_name │"),
                ("\\l", "│ main │"),
                (".indexes", "│ by_name │"),
                ("\\d nope", 'there is no table "nope"'),
                (".print a b  c", "a b  c"),
                (".nullvalue (none)", "fovea> "),
                ("SELECT NULL AS n;", "│ (none) │"),
                (".headers off", "fovea> "),
                ("SELECT 7 AS n;", "┐\r\n│ 7 │"),
                (".width 8", "fovea> "),
                ("SELECT 'abcdefghijklmnop' AS n;", "│ ab…lmnop │"),
                (".width", "fovea> "),
                ("\\timing off", "fovea> "),
                ("SELECT 1 \\G", "1: 1\r\nfovea> "),
                ("\\x on", "fovea> "),
                ("SELECT 3 AS three;", "three: 3"),
                (".echo on", "fovea> "),
                ("SELECT 'echo' || 'ed' AS e;", "e: echoed"),
                (".timer maybe", '.timer is on or off, not "maybe"'),
                ("\\?", "line for each value"),
                (".help sheet", ".sheet FILE.png"),
        ):
            if typed:
                t.send(typed + "\r")
            t.expect(shows)
        t.send(".exit\r")
        self.assertEqual(t.close(), 0)

    def test_output_goes_to_a_file(self):
        t = self.open()
        t.send(".output rows.txt\rSELECT 'to the file', 2;\r.mode CSV\rSELECT 'x', 3;\r.output\rSELECT 'here';\r")
        t.expect('"here"')
        t.send(".output /nosuch/dir/file\r")
        t.expect("/nosuch/dir/file")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)
        with open(self.path("rows.txt"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "to the file\t2\n\"x\",3\n")

    def test_explain_shows_the_plan(self):
        t = self.open()
        t.send("CREATE TABLE p(v vector(2));\r.explain on\rSELECT rowid FROM p ORDER BY L2Distance(v, '[1,2]') LIMIT 1;\r")
        t.expect("NEAREST fovea_step")
        t.send("SELECT count(*) FROM p;\r")
        t.expect("PLAN SCAN p")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    def test_no_color_is_respected(self):
        for env, colored in (({}, True), ({"NO_COLOR": "1"}, False)):
            t = Terminal(self, "sql", ":memory:", "-c", "SELECT nope", **env)
            raw = b""
            while True:
                try:
                    data = os.read(t.fd, 4096)
                except OSError:
                    break
                if not data:
                    break
                raw += data
            self.assertEqual(b"\x1b[" in raw, colored, raw)
            t.close()

    def test_progress_stays_on_stderr(self):
        folder, model = self.pictures(12), self.model()
        t = Terminal(self, "search", "x", folder, "--db", "p.db", "--model", model)
        t.expect("12 found · 12 indexed")
        t.expect("│ relevance │ path")
        t.expect("p0.png")
        self.assertEqual(t.close(), 0)


if __name__ == "__main__":
    harness.main()
