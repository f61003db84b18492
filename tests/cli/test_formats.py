"""test_formats.py - FORMAT, --format and .mode: every form of rows to the byte, types and numbers through the engine.

docs/cli.md has the same forms; tests/unit/test_cli_formats.c has their corners.
"""

import json
import os
import re
import shlex

import harness

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "cli.md")

TABLE = """CREATE TABLE t (id Int64, name String, ratio Float32, v Array(Float32));
INSERT INTO t VALUES (1, 'a b', 0.1, '[0.5,-1]'), (2, 'it''s', NULL, '[1e-7,3]');
"""
QUERY = "SELECT id, name, ratio, v FROM t ORDER BY id"

FORMS = {
    "TabSeparated": "1\ta b\t0.1\t[0.5,-1]\n2\tit\\'s\t\\N\t[1e-7,3]\n",
    "TabSeparatedWithNames": "id\tname\tratio\tv\n1\ta b\t0.1\t[0.5,-1]\n2\tit\\'s\t\\N\t[1e-7,3]\n",
    "TabSeparatedWithNamesAndTypes":
        "id\tname\tratio\tv\nInt64\tString\tNullable(Float32)\tArray(Float32)\n"
        "1\ta b\t0.1\t[0.5,-1]\n2\tit\\'s\t\\N\t[1e-7,3]\n",
    "CSV": "1,\"a b\",0.1,\"[0.5,-1]\"\n2,\"it's\",\\N,\"[1e-7,3]\"\n",
    "CSVWithNames": "\"id\",\"name\",\"ratio\",\"v\"\n1,\"a b\",0.1,\"[0.5,-1]\"\n2,\"it's\",\\N,\"[1e-7,3]\"\n",
    "JSONEachRow": '{"id":1,"name":"a b","ratio":0.1,"v":[0.5,-1]}\n{"id":2,"name":"it\'s","ratio":null,"v":[1e-7,3]}\n',
    "Pretty": """\
   ┏━━━━┳━━━━━━┳━━━━━━━┳━━━━━━━━━━┓
   ┃ id ┃ name ┃ ratio ┃ v        ┃
   ┡━━━━╇━━━━━━╇━━━━━━━╇━━━━━━━━━━┩
1. │  1 │ a b  │   0.1 │ [0.5,-1] │
   ├────┼──────┼───────┼──────────┤
2. │  2 │ it's │  ᴺᵁᴸᴸ │ [1e-7,3] │
   └────┴──────┴───────┴──────────┘
""",
    "PrettyCompact": """\
   ┌─id─┬─name─┬─ratio─┬─v────────┐
1. │  1 │ a b  │   0.1 │ [0.5,-1] │
2. │  2 │ it's │  ᴺᵁᴸᴸ │ [1e-7,3] │
   └────┴──────┴───────┴──────────┘
""",
    "Vertical": """\
Row 1:
──────
id:    1
name:  a b
ratio: 0.1
v:     [0.5,-1]

Row 2:
──────
id:    2
name:  it's
ratio: ᴺᵁᴸᴸ
v:     [1e-7,3]
""",
    "Null": "",
    "tsv": "1\ta b\t0.1\t[0.5,-1]\n2\tit's\t\\N\t[1e-07,3]\n",
    "csv": "id,name,ratio,v\r\n1,a b,0.1,\"[0.5,-1]\"\r\n2,it's,,\"[1e-07,3]\"\r\n",
    "json": '[{"id":1,"name":"a b","ratio":0.1,"v":[0.5,-1]},\n {"id":2,"name":"it\'s","ratio":null,"v":[1e-7,3]}]\n',
    "box": """\
┌────┬──────┬───────┬───────────┐
│ id │ name │ ratio │ v         │
├────┼──────┼───────┼───────────┤
│  1 │ a b  │   0.1 │ [0.5,-1]  │
│  2 │ it's │       │ [1e-07,3] │
└────┴──────┴───────┴───────────┘
""",
}
META = [{"name": "id", "type": "Int64"}, {"name": "name", "type": "String"},
        {"name": "ratio", "type": "Nullable(Float32)"}, {"name": "v", "type": "Array(Float32)"}]


class Formats(harness.Case):
    def setUp(self):
        super().setUp()
        self.ok("sql", "f.db", stdin=TABLE)

    def rows(self, text, *more, **how):
        return self.ok("sql", "f.db", "-c", text, *more, **how)

    def test_every_form_by_all_its_ways(self):
        for form, text in FORMS.items():
            with self.subTest(form):
                self.assertEqual(self.rows(QUERY, "--format", form), text)
                self.assertEqual(self.ok("sql", "f.db", stdin=f".mode {form}\n{QUERY};\n"), text)
                if form[0].isupper():
                    self.assertEqual(self.rows(f"{QUERY} FORMAT {form}"), text)

    def test_json_with_types_and_statistics(self):
        for form in ("JSON", "JSONCompact"):
            text = self.rows(f"{QUERY} FORMAT {form};")
            self.assertTrue(text.startswith('{\n\t"meta":\n\t[\n\t\t{\n\t\t\t"name": "id",\n\t\t\t"type": "Int64"\n\t\t},'))
            self.assertTrue(text.endswith("\n\t}\n}\n"))
            reply = json.loads(text)
            self.assertEqual(list(reply), ["meta", "data", "rows", "statistics"])
            self.assertEqual(reply["meta"], META)
            self.assertEqual(reply["rows"], 2)
            self.assertEqual(list(reply["statistics"]), ["elapsed"])  # SQLite alone read them
        self.assertEqual(reply["data"], [[1, "a b", 0.1, [0.5, -1]], [2, "it's", None, [1e-7, 3]]])

    def test_rows_read_are_the_engines(self):
        make = """CREATE TABLE p(id INTEGER PRIMARY KEY, v vector(8));
                  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000)
                  INSERT INTO p SELECT i, vector(format('[%d,1,2,3,4,5,6,7]', i)) FROM n;"""
        self.rows(make)
        reply = json.loads(self.rows(
            "SELECT id FROM p ORDER BY L2Distance(v, '[9,1,2,3,4,5,6,7]') LIMIT 3 FORMAT JSON"))
        self.assertEqual(reply["data"][0], {"id": 9})
        self.assertGreaterEqual(reply["statistics"]["rows_read"], 3000)
        self.assertGreaterEqual(reply["statistics"]["bytes_read"], 3000 * 12)

    def test_format_wins_over_mode_and_options(self):
        self.assertEqual(self.rows("SELECT 1 AS a FORMAT CSV", "--json"), "1\n")
        self.assertEqual(self.rows("SELECT 1 AS a FORMAT CSV; SELECT 2 AS b", "--json"), '1\n[{"b":2}]\n')
        self.assertEqual(self.rows(".mode Vertical\nSELECT 1 AS a FORMAT JSONEachRow;\nSELECT 2 AS b;"),
                         '{"a":1}\nRow 1:\n──────\nb: 2\n')

    def test_vertical_ends(self):
        vertical = "Row 1:\n──────\na: 1\n"
        for text in ("SELECT 1 AS a \\G", "SELECT 1 AS a\n\\G\n", "SELECT 1 AS a\\G;"):
            self.assertEqual(self.rows(text), vertical)
        self.assertEqual(self.rows("SELECT 1 AS a \\G SELECT 2 AS b \\g SELECT '\\G' AS c"), vertical + "2\n\\\\G\n")
        self.assertEqual(self.rows("\\x on\nSELECT 1 AS a;", "--box"), vertical)
        self.assertEqual(self.rows("\\x on\nSELECT 1 AS a;"), "1\n")  # for people only

    def test_the_page_says_what_is_printed(self):
        with open(DOCS, encoding="utf-8") as f:
            page = f.read()
        blocks = re.findall(r"^```\n(fovea sql .*)\n((?:.*\n)*?)```$", page, re.M)
        self.assertEqual(len(blocks), 6)
        for command, output in blocks:
            self.assertEqual(self.ok(*shlex.split(command)[1:]), output)
        [whole] = re.findall(r"^```json\n((?:.*\n)*?)```$", page, re.M)
        said = self.rows("SELECT 1 AS id FORMAT JSON")
        self.assertEqual(re.sub(r'"elapsed": .*', "", said), re.sub(r'"elapsed": .*', "", whole))

    def test_no_rows(self):
        for form, text in (("JSONEachRow", ""), ("Pretty", ""), ("CSVWithNames", '"a"\n'), ("Vertical", ""),
                           ("TabSeparatedWithNamesAndTypes", "a\nNullable(Nothing)\n")):
            self.assertEqual(self.rows(f"SELECT 1 AS a WHERE 0 FORMAT {form}"), text)

    def test_unknown_forms_are_named_with_the_nearest(self):
        self.fails("sql", "f.db", "-c", "SELECT 1", "--format", "JSONEachRwo", says="JSONEachRow")
        self.fails("sql", "f.db", "-c", "SELECT 1", "--format", "yaml", says='no mode "yaml"')
        self.fails("sql", "f.db", "-c", "SELECT 1", "--format", "Pretty", "--json", says="choose one")
        self.fails("sql", "f.db", "-c", "SELECT 1 FORMAT JSONEachRwo", says="JSONEachRow")

    def test_control_bytes_never_drive_a_terminal(self):
        text = "SELECT char(27) || '[31mred' AS \"n\x1bame\""
        for form in ("box", "Pretty", "PrettyCompact", "Vertical"):
            out = self.rows(text, "--format", form)
            self.assertNotIn("\x1b", out)
            self.assertIn("\\x1b[31mred", out)
            self.assertIn("n\\x1bame", out)


if __name__ == "__main__":
    harness.main()
