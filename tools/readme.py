#!/usr/bin/env python3
"""readme.py - puts what `make demo` and `make test` really print into README.md, between its markers.

usage: make demo >demo.log 2>&1; make test >test.log 2>&1; tools/readme.py demo.log test.log
Make the logs in a clone whose path may be read by anyone: it is in them.
"""

import os
import re
import sys

README = os.path.join(os.path.dirname(__file__), "..", "README.md")


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def demo_part(log):
    """The searches by words, and the one with a condition: what the README has room for."""
    parts = re.split(r"\n(?=\$ build/fovea search )", log)[1:]
    tables = [part[:part.rindex("┘") + 1] for part in parts]
    return "\n\n".join(tables[:4] + tables[5:])


def test_part(log):
    return log[log.index("% tests passed") - 3:].split("\n\nreal")[0].split("\nThe following tests did")[0].strip()


def put(text, marker, body):
    return re.sub(rf"<!-- {marker} -->.*?<!-- /{marker} -->",
                  lambda _: f"<!-- {marker} -->\n```\n{body}\n```\n<!-- /{marker} -->", text, flags=re.S)


def main():
    text = put(read(README), "demo", demo_part(read(sys.argv[1])))
    text = put(text, "test", test_part(read(sys.argv[2])))
    with open(README, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
