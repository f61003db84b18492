"""test_shell.py - fovea sql on a terminal, played through a pseudo terminal."""

import os
import signal
import time

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
        t.send("SELECT 'not wanted")
        t.expect("not wanted")
        time.sleep(0.3)  # the key must meet the program waiting for one
        t.send("\x03")
        t.expect("fovea> ")
        t.send("SELECT 'fine';\r")
        t.expect("│ fine   │")
        t.expect("fovea> ")
        t.send("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;\r")
        t.expect("FROM n;")
        time.sleep(0.5)
        os.kill(t.pid, signal.SIGINT)
        t.expect("fovea: ")
        t.expect("fovea> ")
        t.send("SELECT 'still here';\r")
        t.expect("│ still here   │")
        t.send(".quit\r")
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
