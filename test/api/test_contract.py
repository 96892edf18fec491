#!/usr/bin/python3 -B
"""Holds doc/api.yaml against the desk's table of routes, without a post.

test_contract.py [ROUTES-PROGRAM]
"""

import os
import subprocess
import sys

from contract import Contract, spoil
from tap import Tap

here = os.path.dirname(os.path.abspath(__file__))
build = os.environ.get("QUIETLINE_BUILD", here + "/../../build")


def main():
    contract = Contract(here + "/../../doc/api.yaml")
    tap = Tap("contract")
    listed = subprocess.run([build + "/test/api/routes"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    rows = [tuple(line.split(" ")) for line in listed.splitlines()]
    known = set(contract.operations)
    tap.check("every route of the desk is described",
              ["%s %s" % row for row in rows if row not in known])
    tap.check("no other route is described",
              ["%s %s" % row for row in sorted(known - set(rows))])
    tap.check("the file is sound and says all it names", contract.faults())
    tap.check("a path finds its own pattern", [
        "%s %s: %s" % (method, pattern, contract.find(method, path))
        for method, pattern in known
        for path in [pattern.replace("{line}", "o").replace("{ref}", "us/1")
                     .replace("{n}", "1").replace("{name}", "x")]
        if contract.find(method, path) != pattern])
    done = {"line": "o", "days": [{"date": "2026-11-22", "ours": None,
                                   "theirs": None}]}
    schema = contract.doc["components"]["schemas"]["History"]
    tap.check("a right answer is taken", contract.errors(schema, done))
    tap.check("answers with one thing wrong are refused",
              [str(bad) for bad in spoil(done)
               if not contract.errors(schema, bad)])
    tap.end()


if __name__ == "__main__":
    main()
