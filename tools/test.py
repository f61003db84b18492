#!/usr/bin/env python3
"""test.py - ctest, with the words that matter: all that a failed test said, and why a skipped one was skipped.

usage: tools/test.py CTEST-ARGUMENTS...     exit status: ctest's

ctest alone keeps a skipped test's reason to itself. It runs here with -V, which prefixes every line of test N
with "N: "; those lines are held back until the test's own line tells whether they are wanted. The end is
ctest's summary, as it is.
"""

import re
import subprocess
import sys

NOISE = re.compile(r"^(test \d+|\s*Start +\d+: .*|\s*|Test command: .*|Environment variables: .*|UpdateCTest.*|"
                   r"Constructing a list .*|Done constructing .*|Updating test list .*|Added \d+ tests.*|"
                   r"Checking test dependency graph.*|Connected to .*|Parse Config file:.*)$")
HEADS = ("Test command: ", "Working Directory: ", "Environment variables: ", "Test timeout ")  # by ctest
OUTPUT = re.compile(r"^(\d+): (.*)$")
RESULT = re.compile(r"^ *\d+/\d+ Test +#(\d+): ")


def show(lines, result):
    """What a test's result line makes worth reading."""
    if "Skipped" in result:
        for line in lines:
            if line.startswith("skipped: "):
                print(f"         {line}")
    elif "***" in result:
        print("\n".join(lines))


def main():
    held, summary, listing = {}, False, False
    ctest = subprocess.Popen(["ctest", *sys.argv[1:], "-V"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors="replace")
    for line in ctest.stdout:
        line = line.rstrip("\n")
        output, result = OUTPUT.match(line), RESULT.match(line)
        summary = summary or "% tests passed" in line
        listing = not summary and (listing or line == "The following tests passed:")
        if listing:
            continue
        if result:
            print(line)
            show(held.pop(result.group(1), []), line)
        elif output and not output.group(2).startswith(HEADS):
            held.setdefault(output.group(1), []).append(output.group(2))
        elif summary or not (output or NOISE.match(line)):
            print(line)
        if summary or result:
            sys.stdout.flush()
    return ctest.wait()


if __name__ == "__main__":
    sys.exit(main())
