"""Owns how a test here says what it found (TAP)."""

import sys


class Tap:
    def __init__(self, name):
        self.name = name
        self.count = 0
        self.failed = 0

    def check(self, what, wrong):
        """A claim, and what speaks against it: a list of sentences."""
        wrong = list(wrong)
        self.count += 1
        print("%sok %d - %s: %s" % ("not " if wrong else "", self.count,
                                    self.name, what))
        for line in wrong[:20]:
            print("#   " + line, file=sys.stderr)
        self.failed += bool(wrong)
        sys.stdout.flush()

    def end(self):
        print("1..%d" % self.count)
        sys.exit(self.failed > 0)
