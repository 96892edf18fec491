"""Owns doc/api.yaml as a judge of what is asked and what is answered."""

import json
import re

import yaml
from jsonschema import Draft202012Validator, RefResolver
from jsonschema.exceptions import SchemaError

METHODS = ("get", "post", "put", "delete", "patch")


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.doc = yaml.safe_load(file)
        self.resolver = RefResolver("", self.doc)
        # (method, pattern) -> operation, with the parameters of its path.
        self.operations = {}
        for pattern, item in self.doc["paths"].items():
            for method in METHODS:
                if method in item:
                    self.operations[(method.upper(), pattern)] = item[method]

    def resolve(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def find(self, method, path):
        """The pattern of a path; literal segments win over variables."""
        fits = []
        for known, pattern in self.operations:
            expression = re.sub(r"\{ref\}", r"(?:(?:us|them)/)?[^/]+", pattern)
            expression = re.sub(r"\{[a-z]+\}", "[^/]+", expression)
            if known == method and re.fullmatch(expression, path):
                fits.append(pattern)
        return min(fits, key=lambda pattern: pattern.count("{"), default=None)

    def errors(self, schema, value):
        validator = Draft202012Validator(schema, resolver=self.resolver)
        return ["%s: %s" % ("/".join(map(str, error.absolute_path)) or ".",
                            error.message[:300])
                for error in validator.iter_errors(value)]

    def body_schema(self, operation):
        """The schema of the JSON that an operation takes; None: it takes none."""
        body = operation.get("requestBody")
        if body is None:
            return None
        media = self.resolve(body)["content"].get("application/json")
        return None if media is None else media["schema"]

    def answer_schema(self, operation, status):
        """(media type, schema or None) of an answer that is no refusal."""
        response = operation["responses"].get(str(status))
        if response is None:
            return None
        (media, content), = self.resolve(response)["content"].items()
        return media, content.get("schema")

    def judge_refusal(self, status, media, body):
        schema = self.doc["components"]["schemas"]["Refusal"]
        if media != "application/json":
            return ["a refusal comes as %s" % media]
        value = json.loads(body)
        wrong = self.errors(schema, value)
        if not wrong and value["error"] not in schema["x-words"].get(status, []):
            wrong = ["%r is no word of %d" % (value["error"], status)]
        return wrong

    def judge(self, operation, status, media, body):
        """What is wrong with an answer: a list of sentences."""
        if status >= 400:
            return self.judge_refusal(status, media, body)
        known = self.answer_schema(operation, status)
        if known is None:
            return ["status %d is not in the file" % status]
        if media != known[0]:
            return ["comes as %s, not as %s" % (media, known[0])]
        return [wrong for value in values(media, body)
                for wrong in self.errors(known[1], value)]

    # -- of the file itself

    def nodes(self, node=None, at="#"):
        """Every object and list of the file, with its place."""
        node = self.doc if node is None else node
        yield at, node
        children = node.items() if isinstance(node, dict) else enumerate(node)
        for key, child in children:
            if isinstance(child, (dict, list)):
                yield from self.nodes(child, "%s/%s" % (at, key))

    def schemas(self):
        for at, node in self.nodes():
            parent, _, key = at.rpartition("/")
            if key == "schema" or parent == "#/components/schemas":
                yield at, node

    def refs(self):
        return {node["$ref"] for _, node in self.nodes()
                if isinstance(node, dict) and "$ref" in node}

    def faults(self):
        """What is wrong with the file, but for what it says of the post."""
        for at, schema in self.schemas():
            try:
                Draft202012Validator.check_schema(schema)
            except SchemaError as error:
                yield "%s: %s" % (at, error.message)
        used = self.refs()
        for ref in used:
            try:
                self.resolver.resolve(ref)
            except Exception as error:
                yield "%s: %s" % (ref, error)
        for section, parts in self.doc["components"].items():
            for name in parts:
                if "#/components/%s/%s" % (section, name) not in used and \
                        name != "Refusal":
                    yield "%s %s is used nowhere" % (section, name)
        for at, node in self.nodes():
            if is_loose(node):
                yield at + ": takes fields that it does not name"
        yield from self.operation_faults()

    def operation_faults(self):
        names = [op.get("operationId") for op in self.operations.values()]
        tags = [tag["name"] for tag in self.doc["tags"]]
        for (method, pattern), operation in self.operations.items():
            at = "%s %s" % (method, pattern)
            if names.count(operation.get("operationId")) != 1:
                yield at + ": its operationId is not its own"
            if not operation.get("summary", "").endswith("."):
                yield at + ": its summary is no sentence"
            if [t for t in operation.get("tags", [None]) if t not in tags]:
                yield at + ": its tag is not known"
            if "default" not in operation["responses"]:
                yield at + ": it does not say how it refuses"
            wants = set(re.findall(r"\{([a-z]+)\}", pattern))
            item = self.doc["paths"][pattern]
            has = {self.resolve(p)["name"] for p in item.get("parameters", [])}
            if wants != has:
                yield "%s: variables %s, described %s" % (at, wants, has)


def is_loose(node):
    """A schema of objects that would take anything."""
    types = node.get("type") if isinstance(node, dict) else None
    return (types == "object" or isinstance(types, list) and
            "object" in types) and \
        node.get("additionalProperties") is not False


def values(media, body):
    """The JSON values of an answer."""
    if media == "application/json":
        return [json.loads(body)]
    if media == "application/x-ndjson":
        return [json.loads(line) for line in body.splitlines() if line]
    return []


def spoil(value, may_miss=("cursor",)):
    """Values that are each wrong in one place: a field is missing, is one too
    many, or holds what no field may hold."""
    for name in value:
        if name not in may_miss:
            yield {k: v for k, v in value.items() if k != name}
        yield {**value, name: {"wrong": [1]}}
        inner = value[name]
        if isinstance(inner, dict):
            for bad in spoil(inner):
                yield {**value, name: bad}
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            for bad in spoil(inner[0]):
                yield {**value, name: [bad] + inner[1:]}
    yield {**value, "nobody knows this": None}


# -- what the desk's tables say, as schemas

REF = "#/components/schemas/"


def nullable(schema, null):
    if not null:
        return schema
    if "enum" in schema:
        return {"type": [schema["type"], "null"], "enum": [None] + schema["enum"]}
    if "anyOf" in schema:
        return {"anyOf": schema["anyOf"] + [{"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def expected_number(field, asked):
    least = 1 if field["zero_is_null"] and not asked else 0
    schema = {"type": "integer", "minimum": least}
    if field["most"]:
        schema["maximum"] = field["most"]
    return nullable(schema, field["zero_is_null"] and not asked)


def expected_list(field, asked):
    items = field["of"]
    if items[0].get("name") is None:
        schema = expected({**items[0], "must": True}, asked)
    else:
        schema = expected_object(items, asked)
    return {"type": "array", "maxItems": field["most"], "items": schema}


def expected_object(fields, asked):
    schema = {"type": "object", "additionalProperties": False}
    required = [f["name"] for f in fields if f["must"] or not asked]
    if required:
        schema["required"] = required
    if fields:
        schema["properties"] = {f["name"]: expected(f, asked) for f in fields}
    return schema


def expected(field, asked):
    """The schema of one field of a table, without its description.  `asked`: in
    a body (True), a query ("query") or an answer (False)."""
    kind = field["kind"]
    if kind in ("line", "cursor"):
        return {"$ref": REF + ("String" if kind == "line" else "Cursor")}
    words = field["words"]
    null = not field["must"] and asked != "query"
    if kind == "list":
        schema = expected_list(field, asked)
        return nullable(schema, asked and null)
    if kind == "set":
        if asked == "query":
            return {"type": "string"}
        schema = {"type": "array", "uniqueItems": True,
                  "items": {"type": "string", "enum": words}}
        return nullable(schema, asked and null)
    if kind == "bool":
        if asked == "query":
            return {"type": "integer", "enum": [0, 1]}
        return nullable({"type": "boolean"}, asked and null)
    if kind == "number":
        schema = expected_number(field, asked)
        return nullable(schema, bool(asked) and null)
    if kind == "word":
        lacks = field["zero_is_null"] and not asked
        return nullable({"type": "string", "enum": words[1:] if lacks else words},
                        lacks or (asked is True and null))
    return expected_string(kind, asked, field["must"])


def expected_string(kind, asked, must):
    names = {"text": ("String", "Text"), "ref": ("Ref", "AskRefOrNull" if asked else "RefOrNull"),
             "time": ("AskTime", "AskTimeOrNull") if asked
             else ("Time", "TimeOrNull"), "id": ("Id", "IdOrNull")}[kind]
    return {"$ref": REF + names[0 if asked == "query" or (asked and must) else 1]}


def expected_view(rows):
    """The schema of a view, from all rows of the table that are answered with it:
    those of a line begin with its name, those of a list end with where it stands."""
    fields = list(rows[0]["view"])
    of_line = ["{line}" in row["pattern"] and
               "line" not in [f["name"] for f in fields] for row in rows]
    if any(of_line):
        fields.insert(0, {"name": "line", "kind": "line"})
    if any(row["answers"] == "list" for row in rows):
        fields.append({"name": "cursor", "kind": "cursor"})
    schema = {"type": "object", "additionalProperties": False, "required":
              [f["name"] for f in fields if f["name"] != "cursor" and
               (f["kind"] != "line" or all(of_line))],
              "properties": {f["name"]: expected(f, False) for f in fields}}
    return schema
