#!/usr/bin/env python3
"""split.py - the statements of golden files as seeds of a fuzzer, one a file: short inputs are tried more often.

usage: split.py FOLDER GOLDEN.sql...     FOLDER is made
"""

import hashlib
import os
import sys


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            lines = [line for line in f if not line.startswith((".", "--"))]
        for text in "".join(lines).split(";\n"):
            seed = text.strip().encode("utf-8", "surrogateescape")
            if seed:
                with open(os.path.join(folder, hashlib.sha1(seed).hexdigest()), "wb") as f:
                    f.write(seed)


if __name__ == "__main__":
    main()
