"""test_document.py - runs the SQL of a document: python3 test_document.py DOCUMENT.md [--index] [--update]

A block fenced as ```sql is given to `fovea sql --box` (a PRINT: without) as it stands, in the order of the document
and on one database, in a folder with pictures/ (drawings.py) and the files of FILES. Then

  ```output   right behind it: what it prints, notes and errors too, must be this
  nothing     it must end without an error

A block behind <!-- not run: WHY --> is not run. Links to files and headings of this repository must lead somewhere.
With --index the database is a library of the pictures; with --update the outputs are written into the document as they
come. Standard library only. $FOVEA is the program.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import drawings

FOVEA = os.path.abspath(os.environ.get("FOVEA", "build/fovea"))
MODELS = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "models"))
TIMEOUT_S = 120

FENCED = re.compile(r"^(?:<!-- (?P<mark>not run[^\n]*?) -->\n)?```sql\n(?P<sql>.*?)^```\n"
                    r"(?:\n*```output\n(?P<output>.*?)^```\n)?", re.M | re.S)

SCRIPT = """#!/usr/bin/env python3
import sys
for line in sys.stdin:
    print([float(len(line.strip())), 1.0], flush=True)
"""
FUNCTION = """<functions>
  <function>
    <type>executable</type>
    <name>how_long</name>
    <return_type>Array(Float32)</return_type>
    <argument><type>String</type><name>text</name></argument>
    <format>TabSeparated</format>
    <command>how_long.py</command>
  </function>
</functions>
"""
NAMES = sorted(drawings.DRAWINGS)
LABELS = {"apple": "plant", "flower": "plant", "tree": "plant", "moon": "sky", "star": "sky"}


def label(name):
    return LABELS.get(name, "thing")


def npy(rows):
    """float32, as numpy.save writes it."""
    import struct
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    data = b"".join(struct.pack(f"<{len(r)}f", *r) for r in rows)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + data


FILES = {
    "photos.csv": "image_path,label\n" + "".join(f"pictures/{n}.png,{label(n)}\n" for n in NAMES),
    "part_0.csv": '0,http://a/1.jpg,a cat,"[1,0,0]"\n1,http://a/2.jpg,a dog,"[0,1,0]"\n',
    "part_1.csv": '0,http://b/3.jpg,a cat and a dog,"[0.7,0.7,0]"\n',
    "metadata_0.csv": "url,caption\nhttp://a/1.jpg,a cat\nhttp://a/2.jpg,a dog\n",
    "img_emb_0.npy": npy([[1, 0, 0], [0, 1, 0]]),
    "source/toys/toys.csv": "image_path,label\nthanosql-dataset/toys/star.png,sky\n",
    "source/toys/star.png": lambda: drawings.png("star", 64),
    "udf/user_scripts/how_long.py": SCRIPT,
    "udf/how_long_function.xml": FUNCTION,
}


def write(path, content):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    content = content() if callable(content) else content
    with open(path, "wb") as f:
        f.write(content.encode() if isinstance(content, str) else content)


def prepare(folder):
    for name in NAMES:
        write(os.path.join(folder, "pictures", name + ".png"), drawings.png(name, 128))
    for name, content in FILES.items():
        write(os.path.join(folder, name), content)
    os.chmod(os.path.join(folder, "udf/user_scripts/how_long.py"), 0o755)


def fovea(folder, *args, stdin=""):
    """(exit status, all that it prints)."""
    env = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_DATA_HOME": os.path.join(folder, ".data"), "LANG": "C.UTF-8",
           "FOVEA_MODELS": MODELS, "FOVEA_THREADS": "2", "FOVEA_DTYPE": "f32", "COLUMNS": "110",
           **{n: v for n, v in os.environ.items() if n.endswith("SAN_OPTIONS")}}
    done = subprocess.run([FOVEA, *args], input=stdin.encode(), cwd=folder, env=env, timeout=TIMEOUT_S,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def run(folder, sql):
    return fovea(folder, "sql", "docs.db", *([] if sql.startswith("PRINT") else ["--box"]), stdin=sql)


def timeless(text):
    """Without what is another each run, or with another SQLite."""
    return re.sub(r'[0-9.]+ ms|(?<="ms":)[0-9.]+|[0-9]+ VM steps', "T", text)


def headings(path):
    """The anchors of a document."""
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"^```.*?^```", "", f.read(), flags=re.M | re.S)
    return {re.sub(r"[^\w\- ]", "", h.lower().strip()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}


def bad_links(path, text):
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = link.partition("#")
        where = os.path.join(os.path.dirname(path), file) if file else path
        if "://" not in link and (not os.path.exists(where) or anchor and anchor not in headings(where)):
            yield link


def check(path, index, update):
    """How many blocks failed."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    folder = tempfile.mkdtemp(prefix="fovea-docs-")
    ran = compared = 0
    lost = list(bad_links(path, text))
    failed = len(lost)
    for link in lost:
        print(f"{path}: {link} leads nowhere")
    pieces, at = [], 0
    try:
        prepare(folder)
        if index and fovea(folder, "index", "pictures", "--db", "docs.db", "-q")[0] != 0:
            raise SystemExit("the pictures can't be indexed")
        for m in FENCED.finditer(text):
            if m["mark"]:
                continue
            line = text.count("\n", 0, m.start("sql"))
            code, got = run(folder, m["sql"])
            ran += 1
            if m["output"] is None:
                if code != 0:
                    failed += 1
                    print(f"{path}:{line}: this ends with an error\n{m['sql']}{got}")
                continue
            compared += 1
            if timeless(got) != timeless(m["output"]):
                pieces += [text[at:m.start("output")], got]
                at = m.end("output")
                failed += not update
                print(f"{path}:{line}:\n{m['sql']}--- wanted\n{m['output']}--- got\n{got}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if update:
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(pieces) + text[at:])
    print(f"{path}: {ran} blocks run, {compared} outputs compared, {failed} failed")
    return failed


def main():
    paths = [p for p in sys.argv[1:] if not p.startswith("--")]
    if not paths or not os.access(FOVEA, os.X_OK):
        sys.exit(__doc__ + f"\n{FOVEA} is the program")
    sys.exit(sum(check(os.path.abspath(p), "--index" in sys.argv, "--update" in sys.argv) for p in paths) > 0)


if __name__ == "__main__":
    main()
