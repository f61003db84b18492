"""test_functions.py - ClickHouse's executable functions: both kinds, their bounds, what goes wrong in them."""

import os
import struct

import harness

XML = """<?xml version="1.0"?>
<functions>
  <function>
    <type>{type}</type>
    <name>{name}</name>
    <return_type>{returns}</return_type>
    {arguments}
    <format>{format}</format>
    <command>{command}</command>
    {more}
  </function>
</functions>
"""

# The shape of the LAION guide's scripts: a line in, a line out, flushed.
EMBED = """#!/usr/bin/env python3
import sys
for line in sys.stdin:
    print(str([float(len(line.strip())), 0.5, -1e-3]))
    sys.stdout.flush()
"""


class Functions(harness.Case):
    def function(self, name, script, *, type="executable", returns="Array(Float32)", arguments=("String",),
                 format="TabSeparated", more="", command=None, mode=0o755):
        os.makedirs(self.path("etc", "user_scripts"), exist_ok=True)
        path = self.path("etc", "user_scripts", name + ".py")
        with open(path, "w") as f:
            f.write(script)
        os.chmod(path, mode)
        args = "".join(f"<argument><type>{t}</type><name>a</name></argument>" for t in arguments)
        with open(self.path("etc", name + "_function.xml"), "w") as f:
            f.write(XML.format(type=type, name=name, returns=returns, arguments=args, format=format,
                               command=command or name + ".py", more=more))

    def args(self, text):
        return "sql", "--functions", "etc/*_function.xml", "w.db", "-c", text

    def test_the_guides_functions(self):
        self.function("encode_text", EMBED)
        self.function("encode_image", EMBED, type="executable_pool",
                      more="<command_read_timeout>1000000</command_read_timeout>")
        out = self.ok(*self.args("SELECT encode_text('cat') AS e, hex(encode_image('a.jpg')) AS h"))
        self.assertEqual(out, "[3,0.5,-0.001]\t" + struct.pack("<3f", 5, 0.5, -0.001).hex().upper() + "\n")
        self.ok("sql", "w.db", "-c", "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES "
                "(1, vector('[3,0.5,0]')), (2, vector('[-3,0.5,0]'))")
        out = self.ok(*self.args("SELECT id FROM t ORDER BY cosineDistance(v, encode_text('cat')) LIMIT 2"))
        self.assertEqual(out, "1\n2\n")

    def test_a_pool_runs_once(self):
        self.function("n", "#!/usr/bin/env python3\nimport sys\nn = 0\nfor line in sys.stdin:\n    n += 1\n"
                      "    print(n, flush=True)\n", type="executable_pool", returns="Int64")
        self.function("m", "#!/usr/bin/env python3\nimport sys\nprint(len(sys.stdin.read().splitlines()))\n",
                      returns="UInt8")  # no flush, reads to the end
        rows = "WITH r(x) AS (VALUES ('a'), ('b'), ('c')) SELECT n(x) AS n, m(x) AS m FROM r"
        self.assertEqual(self.ok(*self.args(rows)), "1\t1\n2\t1\n3\t1\n")

    def test_values_both_ways(self):
        echo = "#!/bin/sh\ncat\n"
        self.function("s", echo, returns="Nullable(String)")
        self.function("i", echo, returns="Int64", arguments=("Int64",))
        self.function("f", echo, returns="Float64", arguments=("Float64",))
        self.function("v", echo, arguments=("Array(Float32)",))
        self.function("two", echo, returns="String", arguments=("String", "Int32"))
        out = self.ok("sql", "--functions", "etc/*_function.xml", "--json", "w.db", "-c",
                      "SELECT s('a\tb\nc\\d''e 사과') AS s, s(NULL) AS n, i(-7) AS i, f(2.5) AS f,"
                      " typeof(v('[1,2]')) AS v, two('x', 3) AS two")
        self.assertEqual(harness.json.loads(out), [{"s": "a\tb\nc\\d'e 사과", "n": None, "i": -7, "f": 2.5,
                                                    "v": "blob", "two": "x\t3"}])
        self.fails(*self.args("SELECT i('x')"), says=["argument 1 of i() is a whole number, not \"x\""])
        self.fails(*self.args("SELECT two('x')"), says=["two() takes 2 arguments, not 1"])

    def test_a_shell_command_and_a_chunk_header(self):
        self.function("sh", "", command="read n; read x; echo $n-$x", returns="String",
                      more="<execute_direct>0</execute_direct><send_chunk_header>1</send_chunk_header>")
        self.assertEqual(self.ok(*self.args("SELECT sh('a') AS r")), "1-a\n")

    def test_what_goes_wrong_in_them(self):
        script = "#!/usr/bin/env python3\nimport sys, time\nline = sys.stdin.readline()\n"
        cases = [
            ("hang", script + "time.sleep(1000)\n", "gave no answer within 200 ms (command_read_timeout)"),
            ("none", script, "printed no line for its row"),
            ("many", script + "print(1)\nprint(2)\n", "printed more than one line for its row"),
            ("dies", script + "sys.exit('no model here')\n", "ended with status 1: no model here"),
            ("words", script + "print('cat')\n", "printed \"cat\", which is no Array(Float32)"),
            ("empty", script + "print('[]')\n", "which is no Array(Float32)"),
        ]
        for name, body, says in cases:
            for kind in ("executable", "executable_pool"):
                self.function(name, body, type=kind, more="<command_read_timeout>200</command_read_timeout>"
                              "<command_termination_timeout>1</command_termination_timeout>"
                              if name == "hang" else "")
                self.fails(*self.args(f"SELECT {name}('x')"), says=[f"{name}()", says])

    def test_declarations(self):
        self.fails(*self.args("SELECT 1"), says=["no file matches etc/*_function.xml"])
        self.function("a", "", mode=0o644)
        self.fails(*self.args("SELECT 1"), says=["a.py can't be run: chmod +x it"])
        self.function("a", "", command="b.py")
        self.fails(*self.args("SELECT 1"), says=["a_function.xml, line 9: there is no script b.py"])
        self.function("a", "", returns="Array(Flot32)")
        self.fails(*self.args("SELECT 1"), says=["line 6: the type \"Array(Flot32)\"", "did you mean Array(Float32)"])
        self.function("a", "", format="JSONEachRow")
        self.fails(*self.args("SELECT 1"), says=["format is \"JSONEachRow\"; TabSeparated"])
        self.function("a", "", type="executable_poll")
        self.fails(*self.args("SELECT 1"), says=["type is \"executable_poll\""])
        self.function("a", "", more="<command_read_timeout>soon</command_read_timeout>")
        self.fails(*self.args("SELECT 1"), says=["command_read_timeout takes a whole number, not \"soon\""])
        with open(self.path("etc", "a_function.xml"), "w") as f:
            f.write("<functions><function></functions>")
        self.fails(*self.args("SELECT 1"), says=["a_function.xml, line 1: mismatched tag"])

    def test_they_are_not_called_from_a_view(self):
        self.function("n", "#!/bin/sh\ncat\n", returns="String")
        self.ok(*self.args("CREATE VIEW v AS SELECT n('1')"))
        self.fails(*self.args("SELECT * FROM v"), says=["unsafe use of n()"])


if __name__ == "__main__":
    harness.main()
