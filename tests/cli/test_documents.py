"""test_documents.py - the documents' SQL as a person has it: pasted into the shell on a terminal, a cell at a time.

The cells are those of tests/sql/documents_*.sql; the model is the one that ships, under the name that the documents'
CLIP resolves to; the pictures are drawn.
"""

import os
import sys

import harness
from terminal import Terminal

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.append(os.path.join(ROOT, "tests", "docs"))
import drawings  # noqa: E402

# What the shell says when a cell is done, by its first word.
SAYS = {"GET": "Success", "COPY": "Success", "CREATE": "Ok.", "INSERT": "Ok.", "ALTER": "Ok.", "SET": "Ok.",
        "BUILD": "fovea: training is not part of this version"}

# The guide's own two functions, but for what they compute.
SCRIPT = """#!/usr/bin/env python3
import sys
for text in sys.stdin:
    print([1.0 if i == {place} else 0.0 for i in range(512)])
    sys.stdout.flush()
"""
FUNCTION = """<functions>
    <function>
        <type>{type}</type>
        <name>{name}</name>
        <return_type>Array(Float32)</return_type>
        <argument>
            <type>String</type>
            <name>{argument}</name>
        </argument>
        <format>TabSeparated</format>
        <command>{name}.py</command>
        <command_read_timeout>1000000</command_read_timeout>
    </function>
</functions>
"""


class Documents(harness.Case):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path("models", "openai"))
        for name in ("mini", "openai/clip-vit-base-patch32"):
            os.symlink(os.path.join(ROOT, "models", "mini"), self.path("models", *name.split("/")))
        self.env["FOVEA_MODELS"] = self.path("models")

    def write(self, path, data):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "wb") as f:
            f.write(data)

    def cells(self, name):
        """The file's statements; the files that its lines of dots describe are written."""
        names = sorted(drawings.DRAWINGS)
        with open(os.path.join(ROOT, "tests", "sql", name), encoding="utf-8") as f:
            lines = f.read().splitlines(keepends=True)
        for line in lines:
            if line.startswith(".file"):
                path = line.split(" ", 2)[1]
                self.write(path, drawings.png(names[sum(path.encode()) % len(names)], 32))
            elif line.startswith(".write"):
                _, path, text = line.split(" ", 2)
                self.write(path, text.strip().replace("\\n", "\n").encode())
        text = "".join(line for line in lines if not line.startswith((".", "--")))
        return [cell.strip() for part in text.split("\n\n") for cell in part.split(";\n") if cell.strip()]

    def paste(self, name, *options):
        """Pastes every cell and waits for its answer."""
        t = Terminal(self, "sql", *options, f"{name}.db")
        t.expect("fovea> ")
        for cell in self.cells(f"{name}.sql"):
            wanted = SAYS.get(cell.split()[0], "in set. Elapsed: ")
            if "PREDICT" in cell and "labels" not in cell:
                wanted = "fovea: "  # it was to be trained
            t.wait_for_prompt()
            t.send(cell.replace("\n", "\r") + "\r\r")
            said = t.expect(wanted)
            self.assertNotIn("fovea: ", said, cell)  # no other error
            t.expect("fovea> ")
        t.send(".quit\r")
        self.assertEqual(t.close(), 0)

    def test_thanosql(self):
        for tutorial in ("image", "text", "keyword"):
            for dialect in "abc":
                with self.subTest(tutorial + " " + dialect):
                    self.paste(f"documents_thanosql_{tutorial}_{dialect}")

    def test_laion_with_its_own_functions(self):
        for name, kind, argument, place in (("encode_text", "executable", "text", 284),
                                            ("encode_image", "executable_pool", "path", 501)):
            self.write(f"etc/{name}_function.xml", FUNCTION.format(type=kind, name=name, argument=argument).encode())
            self.write(f"etc/user_scripts/{name}.py", SCRIPT.format(place=place).encode())
            os.chmod(self.path("etc", "user_scripts", name + ".py"), 0o755)
        os.makedirs(self.path("models"), exist_ok=True)
        os.symlink(os.path.join(ROOT, "models", "mini"), self.path("models", "large"))  # a name that the file sets
        self.paste("documents_clickhouse", "--functions", "etc/*_function.xml")


if __name__ == "__main__":
    harness.main()
