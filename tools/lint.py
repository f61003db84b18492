#!/usr/bin/env python3
"""lint.py - the house rules a machine can check (shared by `make lint` and the test of the same name).

Each rule is a function that yields (line, text); RULES is their table. Comments and strings are blanked
first, so that words in them break no rule of code. Exceptions stand in tools/lint_exceptions.txt, one
`rule path [name]` a line; one that is no longer needed is an error, so the list can only shrink.

usage: lint.py [ROOT]      exit status: 0 clean, 1 broken rules (one a line on stdout)
"""

import os
import re
import sys

# --- the walls: who may include whom -------------------------------------------------------------

ROOMS = {  # room: what it may include besides itself
    "base": [],
    "simd": ["base"],
    "image": ["simd", "base"],
    "nn": ["simd", "base"],
    "vector": ["simd", "base"],
    "table": ["simd", "base"],
    "model": ["nn", "image", "simd", "base"],
    "store": ["vector", "simd", "base"],
    "sql": ["store", "model", "vector", "table", "image", "nn", "simd", "base"],
    "library": ["sql", "store", "model", "vector", "image", "simd", "base"],
    "cli": ["base"],
    "server": ["base"],
}
PUBLIC = {"library", "cli", "server"}  # may include the public header, fovea.h

DOORS = {  # foreign header: the only files that may include it
    r"sqlite3(ext)?\.h": r"src/store/sqlite_api\.h",
    r"store/sqlite_api\.h": r"src/sql/.*|src/store/sqlite[^/]*\.c",
    r"(oneapi/dnnl/)?dnnl[^/]*\.h": r"src/nn/dnnl[^/]*",
    r"jpeglib\.h|jerror\.h|turbojpeg\.h": r"src/image/decode_jpeg\.c",
    r"spng\.h": r"src/image/(decode|encode)_png\.c",
    r"webp/.*\.h": r"src/image/decode_webp\.c",
    r"gif_lib\.h": r"src/image/decode_gif\.c",
    r"jansson\.h": r"src/base/json\.c",
    r"utf8proc\.h": r"src/base/utf8\.c",
    r"curl/.*\.h": r"src/base/fetch\.c",
    r"archive(_entry)?\.h": r"src/base/archive\.c",
    r"expat\.h": r"src/base/xml\.c",
    r"xxhash\.h|openssl/.*\.h": r"src/base/hash\.c",
    r"histedit\.h|editline/.*\.h": r"src/cli/shell\.c",
    r"zlib\.h": r"src/nn/[^/]*\.c|src/image/[^/]*\.c|src/table/codec\.c",
    r"zstd\.h|snappy(-c)?\.h": r"src/table/codec\.c",
}

# --- sizes ---------------------------------------------------------------------------------------

FUNCTION_LINES_MAX = 70
FUNCTION_PARAMS_MAX = 5
IMPOSED = {  # heads that a library dictates to whoever wants to be called by it
    "sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message",
}
FILE_LINES_MAX = 800
COLUMNS_MAX = 100
NESTING_MAX = 3

BANNED = "strcpy strcat sprintf vsprintf gets alloca strtok tmpnam".split()
LAX_NUMBERS = "atoi atol atoll atof".split()  # rubbish reads as 0: fine in a benchmark, not in src/
ALLOCATORS = ("malloc calloc realloc reallocarray free strdup strndup aligned_alloc posix_memalign "
              "memalign valloc").split()
VOICES = "printf vprintf puts putchar perror exit _exit abort quick_exit".split()

FOLDERS = ("src", "include", "tests", "bench", "tools")
EXCEPTIONS = "tools/lint_exceptions.txt"


class Source:
    """One .c or .h file: its lines, and the same with comments and strings blanked."""

    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
            self.text = f.read()
        self.lines = self.text.split("\n")
        self.code = blank(self.text)
        self.code_lines = self.code.split("\n")
        parts = path.split("/")
        self.room = parts[1] if parts[0] == "src" and len(parts) > 2 else None

    def functions(self):
        """(name, first line, last line, parameter list): a body opens and closes in column 0."""
        start = 0
        for i, line in enumerate(self.code_lines):
            if line == "{":
                end = next((j for j in range(i, len(self.code_lines)) if self.code_lines[j] == "}"), i)
                head = " ".join(self.code_lines[start:i])
                m = re.search(r"(\w+)\s*\((.*)\)[^()]*$", head)
                if m:
                    name, params = signature(head)
                    yield name, i, end, params
                start = end + 1
            elif line.strip() == "" or line.startswith("#") or line.rstrip().endswith((";", "}")):
                start = i + 1


def blank(text):
    """The text with comments and the insides of strings turned to spaces; newlines stay."""
    def spaces(m):
        s = m.group(0)
        if s[0] in "\"'":
            return s[0] + " " * (len(s) - 2) + s[-1]
        return re.sub(r"[^\n]", " ", s)
    pattern = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'"
    return re.sub(pattern, spaces, text, flags=re.S)


def signature(head):
    """The name and the parameters of a function's head: the first bracket behind a plain name."""
    at = next((m for m in re.finditer(r"(\w+)\s*\(", head) if m.group(1) != "__attribute__"), None)
    depth, i, params, last = 1, at.end(), [], at.end()
    while i < len(head) and depth > 0:
        depth += {"(": 1, ")": -1}.get(head[i], 0)
        if depth == 0 or (depth == 1 and head[i] == ","):
            params.append(head[last:i].strip())
            last = i + 1
        i += 1
    return at.group(1), [p for p in params if p not in ("", "void")]


def includes(source):
    for i, line in enumerate(source.lines):
        m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if m:
            yield i + 1, m.group(1), m.group(2)


def calls(source, names):
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
    for i, line in enumerate(source.code_lines):
        for m in pattern.finditer(line):
            yield i + 1, m.group(1)


# --- rules: each yields (line, words[, name that an exception can give]) ---------------------------

def rule_layers(s):
    if s.room is None:
        return
    if s.room not in ROOMS:
        yield 1, f"src/{s.room} is not a room of ROOMS in tools/lint.py"
        return
    for line, kind, header in includes(s):
        room = header.split("/")[0]
        if header == "fovea.h" and s.room not in PUBLIC:
            yield line, f"{s.room} lies below fovea.h"
        elif kind == '"' and room in ROOMS and room != s.room and room not in ROOMS[s.room]:
            yield line, f"{s.room} may not include {header}"
        elif kind == '"' and room not in ROOMS and header != "fovea.h" and s.room in ("cli", "server"):
            yield line, f"{s.room} may include only fovea.h and base/, not {header}"


def rule_door(s):
    for line, _, header in includes(s):
        for pattern, files in DOORS.items():
            if re.fullmatch(pattern, header) and not re.fullmatch(files, s.path) and s.room is not None:
                yield line, f"{header} has its one door in {files}"


def rule_function_lines(s):
    for name, first, last, _ in s.functions():
        lines = last - first + 1
        if lines > FUNCTION_LINES_MAX:
            yield first + 1, f"{name} has {lines} lines, at most {FUNCTION_LINES_MAX}", name


def rule_function_params(s):
    for name, first, _, params in s.functions():
        imposed = ", ".join(" ".join(p.split()) for p in params) in IMPOSED
        if len(params) > FUNCTION_PARAMS_MAX and not imposed:
            yield first + 1, f"{name} takes {len(params)} parameters, at most {FUNCTION_PARAMS_MAX}", name


def rule_nesting(s):
    for name, first, last, _ in s.functions():
        depth, deepest, kinds, at = 0, 0, [], first
        body = "\n".join(s.code_lines[first:last + 1])
        for m in re.finditer(r"[{}]", body):
            if m.group() == "{":
                before = body[:m.start()].rstrip()
                kinds.append(before.endswith(")") or re.search(r"\b(else|do)$", before) is not None)
                depth += kinds[-1]
                if depth > deepest:
                    deepest, at = depth, first + body.count("\n", 0, m.start())
            elif kinds:
                depth -= kinds.pop()
        if deepest > NESTING_MAX:
            yield at + 1, f"{name} nests {deepest} deep, at most {NESTING_MAX}", name


def rule_file_lines(s):
    lines = len(s.text.splitlines())
    if lines > FILE_LINES_MAX:
        yield lines, f"{lines} lines, at most {FILE_LINES_MAX}"


def rule_head(s):
    name = os.path.basename(s.path)
    if not s.text.startswith("/* " + name + " - "):
        yield 1, f"does not open with /* {name} - what it is"


def rule_columns(s):
    for i, line in enumerate(s.lines):
        if len(line) > COLUMNS_MAX:
            yield i + 1, f"{len(line)} columns, at most {COLUMNS_MAX}"
        elif line != line.rstrip():
            yield i + 1, "blanks at the end of the line"
        elif "\t" in line:
            yield i + 1, "a tab"


def rule_banned(s):
    for line, name in calls(s, BANNED + (LAX_NUMBERS if s.room is not None else [])):
        yield line, f"{name} is banned"


def rule_memory(s):
    if s.room is not None and s.path != "src/base/mem.c":
        for line, name in calls(s, ALLOCATORS):
            yield line, f"{name} outside base/mem.c"


def rule_silent(s):
    if s.room is not None and s.room not in ("cli", "server"):
        for line, name in calls(s, VOICES):
            yield line, f"{name}: nothing below cli/ and server/ prints, exits or aborts"


def rule_unfinished(s):
    for i, line in enumerate(s.lines):
        m = re.search(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b", line)
        if m:
            yield i + 1, f"{m.group(1)} is unfinished work"


def rule_typedef(s):
    for i, line in enumerate(s.code_lines):
        hides = re.search(r"\btypedef\s+(struct|union|enum)\b", line) and "(*" not in line
        if s.room is not None and hides:
            yield i + 1, "a typedef hides a struct"


def rule_guard(s):
    if s.path.endswith(".h") and not s.path.endswith("_body.h") and s.room is not None:
        stem = re.sub(r"\W", "_", "/".join(s.path.split("/")[1:])[:-2]).upper()
        want = f"FOVEA_{stem}_H"
        if f"#ifndef {want}\n#define {want}\n" not in s.text:
            yield 1, f"its guard is not {want}"


RULES = {
    "layers": rule_layers,
    "door": rule_door,
    "function-lines": rule_function_lines,
    "function-params": rule_function_params,
    "nesting": rule_nesting,
    "file-lines": rule_file_lines,
    "head": rule_head,
    "columns": rule_columns,
    "banned": rule_banned,
    "memory": rule_memory,
    "silent": rule_silent,
    "unfinished": rule_unfinished,
    "typedef": rule_typedef,
    "guard": rule_guard,
}


def sources(root):
    for folder in FOLDERS:
        for at, dirs, names in os.walk(os.path.join(root, folder)):
            dirs.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield Source(root, os.path.relpath(os.path.join(at, name), root))


def read_exceptions(root):
    path = os.path.join(root, EXCEPTIONS)
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as f:
        rows = [line.split("#")[0].split() for line in f]
    return {tuple(row) for row in rows if row}


def lint(root):
    """All broken rules as lines of text."""
    broken, exceptions, used = [], read_exceptions(root), set()
    for source in sources(root):
        for rule, check in RULES.items():
            for line, words, *name in check(source):
                key = (rule, source.path, *name)
                if key in exceptions:
                    used.add(key)
                else:
                    broken.append(f"{source.path}:{line}: {rule}: {words}")
    for row in sorted(exceptions - used):
        broken.append(f"{EXCEPTIONS}:1: exceptions: \"{' '.join(row)}\" is no longer needed; take it out")
    return broken


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    broken = lint(root)
    for line in broken:
        print(line)
    print(f"lint: {len(broken)} broken rules" if broken else "lint: clean")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
