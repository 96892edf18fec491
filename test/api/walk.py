#!/usr/bin/python3 -B
"""Walks through every route of the API with two posts and a line between them.

walk.py A-SOCKET B-SOCKET, from walk.sh, which makes the posts and says in its
environment where each listens (LISTEN_A, LISTEN_B) and where each is reached
(REACH_A, REACH_B).  Every status and every body of every answer is held against
doc/api.yaml.
"""

import os
import sys
import time

from contract import Contract
from post import Post
from tap import Tap

here = os.path.dirname(os.path.abspath(__file__))
WAIT_S = 90


class Walk:
    def __init__(self, sock_a, sock_b):
        self.contract = Contract(here + "/../../doc/api.yaml")
        self.tap = Tap("api")
        self.visited = set()
        self.wrong = []
        self.a = Post(self.contract, sock_a, self.visited, self.wrong)
        self.b = Post(self.contract, sock_b, self.visited, self.wrong)

    def part(self, name):
        """Ends a part of the walk: nothing of it was wrong."""
        self.tap.check(name, self.wrong)
        self.wrong.clear()

    def until(self, what, question):
        """Asks again until the answer is true; gives it."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            found = question()
            if found:
                return found
            time.sleep(0.2)
        self.wrong.append("never came: " + what)
        return None

    # -- parts

    def ceremony(self):
        """two people make a line"""
        a, b = self.a, self.b
        environ = os.environ
        offer = a.do("/v1/lines/oslo/offer", {
            "cadence": "1200@10", "accept": "images",
            "listen": environ["LISTEN_A"], "endpoint": environ["REACH_A"]})
        a.do("/v1/lines/oslo/offer", {}, status=409)
        file = offer.json["file"]
        b.do("/v1/lines/bergen/accept", {"file": file, "look": True})
        reply = b.do("/v1/lines/bergen/accept", {
            "file": file, "listen": environ["LISTEN_B"],
            "endpoint": environ["REACH_B"]})
        a.get("/v1/lines/oslo")
        b.do("/v1/lines/bergen/finish", {"file": "////"}, status=400)
        ours = a.do("/v1/lines/oslo/finish",
                    {"file": reply.json["file"], "carried": "hand"})
        theirs = b.do("/v1/lines/bergen/finish", {"file": ours.json["file"]})
        words = ["wrong"] * 5
        a.do("/v1/lines/oslo/confirm", {"words": words}, status=400)
        a.do("/v1/lines/oslo/confirm",
             {"words": theirs.json["check_words"]})
        b.do("/v1/lines/bergen/confirm", {"words": ours.json["check_words"]})
        self.until("the line up", lambda: all(
            post.get("/v1/lines").json["lines"][0]["state"] == "up"
            for post in (a, b)))

    def line(self):
        """a line, its paths, its terms"""
        a, b = self.a, self.b
        for post in (a, b):
            post.get("/v1/status")
            post.do("/v1/watch", {"watch": "on"})
        a.do("/v1/lines/oslo/watch",
             {"watch": "declined", "until": "2100-01-01T00:00:00Z"})
        a.do("/v1/lines/oslo/watch", {"watch": "on", "until": None})
        a.do("/v1/lines/oslo/watch",
             {"watch": "on", "until": "2100-01-01T00:00:00Z"}, status=400)
        a.get("/v1/lines/oslo/history?days=3")
        a.get("/v1/lines/oslo/history")
        a.get("/v1/lines/oslo/history?days=401", status=400)
        a.get("/v1/lines/nobody", status=404)
        a.get("/v1/lines/oslo/paths")
        added = a.do("/v1/lines/oslo/paths", {"tcp": True,
                                              "listen": "10.77.1.1:7412"})
        a.do("/v1/lines/oslo/paths", {"proxy": ""}, status=400)
        a.get("/v1/lines/oslo/paths")
        a.do("/v1/lines/oslo/paths/%d/remove" % added.json.get("path", 2))
        a.do("/v1/lines/oslo/paths/9/remove", status=404)
        a.do("/v1/lines/oslo/roaming", {"roaming": True})
        a.do("/v1/lines/oslo/roaming", {"roaming": False})
        a.do("/v1/lines/oslo/cadence", {"cadence": "1100@10"})
        self.until("the proposal there", lambda: b.get(
            "/v1/lines/bergen").json["change"]["theirs"])
        a.do("/v1/lines/oslo/cadence", {"cadence": "cancel"})
        a.do("/v1/lines/oslo/cadence", {"cadence": "1@1"}, status=413)

    def messages(self):
        """messages, files, receipts"""
        a, b = self.a, self.b
        here, there = "/v1/lines/oslo/messages", "/v1/lines/bergen/messages"
        upload = a.ask("POST", "/v1/uploads", raw=b"\x89PNG" * 1000)
        a.do(here, {"subject": "Eins", "text": "one", "language": "de",
                    "precedence": "flash", "mark": "principal",
                    "id": "00112233445566778899aabbccddeeff",
                    "attachments": [{"upload": upload.json["upload"],
                                     "name": "a.png", "type": "image/png"}]})
        a.do(here, {"text": "two", "re": "us/1", "withdraws": "us/1"})
        a.do(here, {}, status=400)
        a.do(here, {"text": "x", "re": "us/99"}, status=404)
        other = a.ask("POST", "/v1/uploads", raw=b"text")
        a.do(here, {"attachments": [{"upload": other.json["upload"],
                                     "name": "a", "type": "text/plain"}]},
             status=403)
        self.until("both delivered", lambda: all(
            message["receipts"]["delivered"]
            for message in a.get(here + "?limit=0").lines))
        b.get(there)
        b.get(there + "?since=them/1")
        b.get(there + "?since=2026-01-01T00:00:00Z&limit=1")
        b.get(there + "?since=nobody", status=400)
        b.get(there + "/them/1")
        b.get(there + "/them%2F1")
        b.get(there + "/0011223344556677")
        b.get(there + "/them/99", status=404)
        got = b.get(there + "/them/1/attachments/1")
        if got.body != b"\x89PNG" * 1000:
            self.wrong.append("the attachment is another")
        b.get(there + "/them/1/attachments/2", status=404)
        b.do(there + "/them/1/ack")
        b.do(there + "/them/1/ack", {})
        self.until("the acknowledgement", lambda: a.get(
            here + "/us/1").json["receipts"]["acknowledged"])

    def events(self):
        """events, and a drill"""
        a = self.a
        a.do("/v1/lines/oslo/drill")
        self.until("the drill's answer", lambda: any(
            event["kind"] == "drill" and event["what"] == "answered"
            for event in a.get("/v1/events").lines))
        seq = a.get("/v1/events?after=2").lines[0]["seq"]
        a.get("/v1/events?after=%d&follow=1" % seq)
        a.get("/v1/events?after=now")
        a.get("/v1/events?after=never", status=400)

    def refusals(self):
        """what no route takes is refused"""
        a = self.a
        for (method, pattern), operation in self.contract.operations.items():
            path = pattern.replace("{line}", "nobody").replace(
                "{ref}", "us/1").replace("{n}", "1").replace("{name}", "x")
            schema = self.contract.body_schema(operation)
            query = path + "?nobody-knows-this=1"
            a.ask(method, query, status=400)
            a.ask("PATCH", path, status=405)
            if method == "GET":
                a.ask("GET", path, raw=b"{}", status=400)
            if schema is not None:
                self.refuse_bodies(path, schema)
        a.ask("GET", "/v1/nothing", status=404)
        a.ask("GET", "/v2/status", status=404)

    def refuse_bodies(self, path, schema):
        a = self.a
        schema = self.contract.resolve(schema)
        a.do(path, {"nobody knows this": 1}, status=400)
        a.ask("POST", path, raw=b"{", status=400)
        a.ask("POST", path, raw=b"[]", status=400)
        for name in schema.get("properties", {}):
            wrong = a.send("POST", path, {name: {"wrong": [1]}})
            a.judge("POST", path, None, wrong)
            if wrong.status != 400:
                self.wrong.append("%s: takes %s of another type: %d" % (
                    path, name, wrong.status))
        for name in schema.get("required", []):
            a.do(path, {}, status=400)

    def end(self):
        a, b = self.a, self.b
        a.do("/v1/lines/oslo/close")
        b.do("/v1/down", {})
        self.part("the end")
        missed = set(self.contract.operations) - self.visited
        self.tap.check("every route of the file was visited",
                       ["%s %s" % row for row in sorted(missed)])
        self.tap.end()

    def run(self):
        for part in (self.ceremony, self.line, self.messages, self.events,
                     self.refusals):
            try:
                part()
            except (KeyError, IndexError, TypeError, ValueError) as error:
                self.wrong.append("an answer lacks %r" % error)
            self.part(part.__doc__)
        self.end()


if __name__ == "__main__":
    Walk(sys.argv[1], sys.argv[2]).run()
