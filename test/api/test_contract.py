#!/usr/bin/python3 -B
"""Holds doc/api.yaml against the desk's tables, without a post."""

import json
import os
import subprocess

from contract import Contract, expected, expected_object, expected_view, spoil
from tap import Tap

here = os.path.dirname(os.path.abspath(__file__))
build = os.environ.get("QUIETLINE_BUILD", here + "/../../build")


WORDS = ("description", "default")


def bare(node):
    """A schema without what it says for people."""
    if isinstance(node, dict):
        return {key: bare(value) for key, value in node.items()
                if key not in WORDS or isinstance(value, dict) and
                "type" in value}
    return [bare(value) for value in node] if isinstance(node, list) else node


def differs(at, described, table):
    """What of a described schema is not as the table has it."""
    described = bare(described)
    if described == table:
        return []
    ours, theirs = described.get("properties", {}), table.get("properties", {})
    wrong = ["%s: %s is in no table" % (at, n) for n in ours if n not in theirs]
    wrong += ["%s: %s is not described" % (at, n)
              for n in theirs if n not in ours]
    wrong += ["%s: %s is %s, not %s" % (at, n, ours[n], theirs[n])
              for n in ours if n in theirs and ours[n] != theirs[n]]
    if sorted(described.get("required", [])) != \
            sorted(table.get("required", [])):
        wrong.append("%s: required is %s, not %s" % (
            at, described.get("required"), table.get("required")))
    return wrong or ["%s: %s, not %s" % (at, described, table)]


def asked(contract, rows):
    """What of bodies and queries is not as the tables have it."""
    for row in rows:
        at = "%s %s" % (row["method"], row["pattern"])
        operation = contract.operations[(row["method"], row["pattern"])]
        query = {}
        for parameter in operation.get("parameters", []):
            parameter = contract.resolve(parameter)
            query[parameter["name"]] = bare(parameter["schema"])
        names = [f["name"] for f in row["ask"]] if row["method"] == "GET" else []
        names += ["after", "limit"] if row["answers"] == "list" else \
            ["draft", "emergency"] if row["speaks"] else []
        if sorted(query) != sorted(names):
            yield "%s: the query is %s, not %s" % (at, sorted(query), names)
        if row["method"] == "GET":
            yield from ("%s: %s is %s" % (at, f["name"], query[f["name"]])
                        for f in row["ask"] if f["name"] in query and
                        query[f["name"]] != expected(f, "query"))
        else:
            schema = contract.resolve(contract.body_schema(operation))
            yield from differs(at, schema, expected_object(row["ask"], True))


def answered(contract, rows):
    """What of answers is not as the tables have it."""
    views = {}
    for row in rows:
        at = "%s %s" % (row["method"], row["pattern"])
        operation = contract.operations[(row["method"], row["pattern"])]
        answer = contract.answer_schema(operation, row["status"])
        if answer is None:
            yield "%s: does not say what status %d is" % (at, row["status"])
        elif row["has_view"] and row["answers"] != "done":
            schema = answer[1].get("anyOf", [answer[1]])[0]
            views.setdefault(schema["$ref"], []).append(row)
        if row["speaks"] and "Draft" not in json.dumps(
                contract.answer_schema(operation, 201)):
            yield at + ": does not say that it may be a draft"
    for name, of in views.items():
        yield from differs(name, contract.resolve({"$ref": name}),
                           expected_view(of))


def main():
    contract = Contract(here + "/../../doc/api.yaml")
    tap = Tap("contract")
    listed = subprocess.run([build + "/test/api/routes"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    lines = [json.loads(line) for line in listed.splitlines()]
    routes = [line for line in lines if "pattern" in line]
    rows = [(route["method"], route["pattern"]) for route in routes]
    by_table = [route for route in routes if "answers" in route and
                (route["method"], route["pattern"]) in contract.operations]
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
    tap.check("bodies and queries are as the tables take them",
              asked(contract, by_table))
    tap.check("answers are as the tables give them",
              answered(contract, by_table))
    more = next(line["message"] for line in lines if "message" in line)
    message = contract.doc["components"]["schemas"]["Message"]["properties"]
    tap.check("a message is as its table gives it",
              ["%s is %s, not %s" % (f["name"], bare(message.get(f["name"])),
                                     expected(f, False))
               for f in more if bare(message.get(f["name"])) !=
               expected(f, False)])
    words = contract.doc["components"]["schemas"]["Refusal"]["x-words"]
    tap.check("every refusal has its word", sorted({
        "%d %s" % (line["status"], line["word"]) for line in lines
        if "word" in line and
        line["word"] not in words.get(line["status"], [])}))
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
