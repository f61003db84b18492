#!/usr/bin/env python3
"""test_lint.py - every rule of tools/lint.py can fail, and a clean file breaks none.

Each case is a small tree with one fault; the rule that the case names must be the only one broken.
"""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))
import lint  # noqa: E402

EXCEPTIONS_MAX = 3  # of tools/lint_exceptions.txt; this number only goes down
UNFINISHED = "TO" + "DO"


def c_file(name, body):
    return f"/* {name} - made for a test. */\n" + body


def function(lines=1, params="int a", name="f"):
    body = "    a = 0;\n" * (lines - 2)
    return f"int {name}({params})\n{{\n{body}}}\n"


def header(path, body=""):
    guard = "FOVEA_" + path[4:-2].replace("/", "_").upper() + "_H"
    return c_file(os.path.basename(path), f"#ifndef {guard}\n#define {guard}\n{body}\n#endif\n")


NESTED = "int f(int a)\n{\n" + "".join("    " * i + "if (a) {\n" for i in range(1, 5)) + \
    "".join("    " * i + "}\n" for i in range(4, 0, -1)) + "}\n"

BROKEN = [  # (rule, path, text)
    ("layers", "src/base/x.c", c_file("x.c", '#include "cli/cli.h"\n')),
    ("layers", "src/nn/x.c", c_file("x.c", '#include "image/image.h"\n')),
    ("layers", "src/image/x.c", c_file("x.c", '#include "nn/op.h"\n')),
    ("layers", "src/cli/x.c", c_file("x.c", '#include "sql/session.h"\n')),
    ("layers", "src/sql/x.c", c_file("x.c", '#include "fovea.h"\n')),
    ("layers", "src/attic/x.c", c_file("x.c", "")),
    ("door", "src/sql/x.c", c_file("x.c", "#include <sqlite3.h>\n")),
    ("door", "src/library/x.c", c_file("x.c", '#include "store/sqlite_api.h"\n')),
    ("door", "src/image/x.c", c_file("x.c", "#include <jpeglib.h>\n")),
    ("door", "src/cli/x.c", c_file("x.c", "#include <curl/curl.h>\n")),
    ("function-lines", "src/base/x.c", c_file("x.c", function(lines=71))),
    ("function-params", "src/base/x.c",
     c_file("x.c", function(params="int a, int b,\n    int c, int d, int e, int f"))),
    ("nesting", "src/base/x.c", c_file("x.c", NESTED)),
    ("file-lines", "src/base/x.c", c_file("x.c", "int a;\n" * 800)),
    ("head", "src/base/x.c", "int a;\n"),
    ("head", "src/base/x.c", c_file("y.c", "")),
    ("columns", "src/base/x.c", c_file("x.c", "/* " + "é" * 98 + " */\n")),
    ("columns", "src/base/x.c", c_file("x.c", "int a; \n")),
    ("columns", "src/base/x.c", c_file("x.c", "\tint a;\n")),
    ("banned", "src/base/x.c", c_file("x.c", "int f(int a)\n{\n    strcpy(a, b);\n}\n")),
    ("banned", "tests/unit/x.c", c_file("x.c", "int f(int a)\n{\n    sprintf (b);\n}\n")),
    ("banned", "src/base/x.c", c_file("x.c", "int f(int a)\n{\n    atoi(b);\n}\n")),
    ("memory", "src/base/x.c", c_file("x.c", "int f(int a)\n{\n    malloc(5);\n}\n")),
    ("memory", "src/nn/mem.c", c_file("mem.c", "int f(int a)\n{\n    free(a);\n}\n")),
    ("silent", "src/base/x.c", c_file("x.c", 'int f(int a)\n{\n    printf("");\n}\n')),
    ("silent", "src/sql/x.c", c_file("x.c", "int f(int a)\n{\n    exit(1);\n}\n")),
    ("unfinished", "src/base/x.c", c_file("x.c", f"/* {UNFINISHED}: later */\n")),
    ("typedef", "src/base/x.c", c_file("x.c", "typedef struct a b;\n")),
    ("guard", "src/base/x.h", c_file("x.h", "#ifndef X_H\n#define X_H\n#endif\n")),
]

CLEAN = [
    ("src/base/mem.c", c_file("mem.c", "int f(int a)\n{\n    malloc(5);\n}\n")),
    ("src/base/x.c", c_file("x.c", function(lines=70, params="int a, int b, int c, int d, int e"))),
    ("src/sql/x.c", c_file("x.c", function(params=next(iter(lint.IMPOSED))))),
    ("src/base/y.c", c_file("y.c", 'const char *s = "malloc(1) strcpy(a)"; /* exit(1) */\n')),
    ("src/base/z.c", c_file("z.c", "int g(int (*call)(int, int, int), int b, int c, int d)\n{\n}\n")),
    ("src/base/w.c", c_file("w.c", "int f(int a)\n{\n    x->free(a); snprintf(a); mem_free(a);\n}\n")),
    ("bench/x.c", c_file("x.c", "int f(int a)\n{\n    atoi(a);\n}\n")),
    ("src/cli/shell.c", c_file("shell.c", '#include <histedit.h>\n#include "fovea.h"\n')),
    ("src/cli/main.c", c_file("main.c", 'int main(void)\n{\n    printf("");\n}\n')),
    ("src/sql/a.h", header("src/sql/a.h", '#include "store/store.h"\n#include "store/sqlite_api.h"')),
    ("include/fovea.h", "/* fovea.h - " + "x" * 80 + " */\n"),
]


def lint_tree(files, exceptions=""):
    with tempfile.TemporaryDirectory() as root:
        for path, text in list(files) + [(lint.EXCEPTIONS, exceptions)]:
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(text)
        return lint.lint(root)


def rules_of(broken):
    return sorted({line.split(": ")[1] for line in broken})


class Rules(unittest.TestCase):
    def test_each_rule_fails_where_it_must(self):
        for rule, path, text in BROKEN:
            with self.subTest(rule=rule, path=path, text=text[:200]):
                self.assertEqual(rules_of(lint_tree([(path, text)])), [rule])

    def test_every_rule_has_a_case(self):
        self.assertEqual({rule for rule, _, _ in BROKEN}, set(lint.RULES))

    def test_clean_files_break_none(self):
        self.assertEqual(lint_tree(CLEAN), [])

    def test_an_exception_excuses_one_place(self):
        path, text = "src/base/x.c", c_file("x.c", function(lines=71) + function(lines=72, name="g"))
        broken = lint_tree([(path, text)], "function-lines src/base/x.c f  # why\n")
        self.assertEqual(len(broken), 1)
        self.assertIn("g has 72 lines", broken[0])

    def test_an_exception_without_need_is_an_error(self):
        broken = lint_tree(CLEAN, "memory src/base/y.c\n")
        self.assertEqual(rules_of(broken), ["exceptions"])

    def test_the_list_of_exceptions_only_shrinks(self):
        here = os.path.join(os.path.dirname(__file__), "..", "..")
        self.assertLessEqual(len(lint.read_exceptions(here)), EXCEPTIONS_MAX)


if __name__ == "__main__":
    unittest.main()
