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

    def people(self):
        """delegates, and who may what"""
        a = self.a
        password = "a passphrase of some length"
        a.get("/v1/who")
        a.do("/v1/delegates", {"title": "duty", "name": "N. N.", "roles":
                               ["watch", "reader"], "passphrase": password})
        a.do("/v1/delegates", {"title": "second", "roles":
                               ["releaser", "watch"],
                               "passphrase": password})
        a.do("/v1/delegates", {"title": "duty", "roles": ["reader"]},
             status=409)
        a.do("/v1/delegates", {"title": "x", "roles": ["king"]}, status=400)
        a.get("/v1/delegates")
        a.get("/v1/delegates?limit=1&after=1")
        a.get("/v1/delegates/duty")
        a.get("/v1/delegates/nobody", status=404)
        a.do("/v1/delegates/duty", {"roles": ["reader"]})
        a.do("/v1/delegates/duty/passphrase", {"passphrase": password + "!"})
        a.do("/v1/owner", {"title": "head"})
        duty = self.sign_in(a, "duty", password + "!")
        duty.get("/v1/who")
        duty.do("/v1/delegates", {"title": "y", "roles": ["head"]}, status=403)
        duty.do("/v1/delegates/duty/passphrase", {"passphrase": password},
                status=403)
        duty.do("/v1/delegates/duty/passphrase", {"passphrase": password,
                                                  "old": password + "!"})
        duty = self.sign_in(a, "duty", password)
        duty.do("/v1/sessions/end")
        duty.get("/v1/who", status=401)
        a.do("/v1/delegates/duty/revoke")
        a.do("/v1/delegates/head/revoke", status=409)
        self.second = self.sign_in(a, "second", password)

    def sign_in(self, post, title, passphrase):
        """Another client of the post, as that delegate."""
        session = post.do("/v1/sessions", {"title": title,
                                           "passphrase": passphrase})
        other = Post(self.contract, post.sock, self.visited, self.wrong)
        other.token = session.json.get("token", "")
        return other

    def points(self):
        """points, and what was said in public"""
        a, b = self.a, self.b
        here, there = "/v1/lines/oslo/", "/v1/lines/bergen/"
        a.do(here + "points", {"title": "Stop testing", "text": "Now.",
                               "deadline": "2100-01-01T00:00:00Z"})
        a.do(here + "points", {"title": ""}, status=400)
        a.do(here + "messages", {"text": "about it", "points": ["us/p1"]})
        self.until("the point", lambda: b.get(there + "points").lines)
        b.do(there + "points/them/p1/standing",
             {"standing": "under study", "note": "We look."})
        b.do(there + "points/them/p9/standing", {"standing": "heard"},
             status=404)
        a.do(here + "public", {"said": "2026-11-22T10:00:00Z", "point":
                               "us/p1", "speaker": "A minister", "source":
                               "Radio", "text": "Never."})
        self.until("the entry", lambda: b.get(there + "public").lines)
        b.do(there + "public/them/e1/reading",
             {"text": "Not said to this line."})
        self.until("the standing", lambda: a.get(
            here + "points/us/p1").json["their_standing"] == "under study")
        self.until("the message", lambda: b.get(
            there + "points/them/p1/messages").lines)
        a.get(here + "points?open=1")
        a.get(here + "points/us/p1/history")
        a.get(here + "points/us/p9", status=404)
        self.until("the reading", lambda: a.get(
            here + "public").lines[0]["their_reading"])

    def handling(self):
        """translations, withdrawal, passing on"""
        a, b = self.a, self.b
        here = "/v1/lines/oslo/messages"
        there = "/v1/lines/bergen/messages"
        b.do(there + "/them/1/translations", {"language": "en", "text": "x"})
        b.do(there + "/them/1/translations", {"language": "e n", "text": "x"},
             status=400)
        a.do(here + "/us/1/translations?draft=new", {"language": "fr",
                                                     "text": "x"})
        self.until("the translation", lambda: a.get(
            here + "/us/1/translations").lines)
        a.get(here + "/us/99/translations", status=404)
        a.do(here, {"text": "may be quoted", "mark": "may be quoted"})
        a.do(here, {"text": "in substance", "mark": "in substance"})
        a.do(here, {"text": "you only", "mark": "you only"})
        quoted, substance, only = [m["ref"] for m in a.get(
            here + "?limit=3").lines]
        self.second_line()
        lima = "/v1/lines/lima/pass"
        a.do(lima, {"from": "oslo", "ref": quoted, "mark": "may be quoted"})
        draft = a.do(lima + "?draft=new", {
            "from": "oslo", "ref": quoted, "mark": "may be quoted"}
            ).json["draft"]
        a.do("/v1/drafts/%d/release" % draft, {"version": 1})
        a.do(lima, {"from": "oslo", "ref": quoted, "mark": "none"}, status=403)
        a.do(lima, {"from": "oslo", "ref": only, "mark": "you only"},
             status=403)
        a.do(lima, {"from": "oslo", "ref": substance, "mark": "in substance"},
             status=403)
        a.do(lima, {"from": "oslo", "ref": substance, "mark": "in substance",
                    "text": "in substance"}, status=403)
        a.do(lima, {"from": "oslo", "ref": substance, "mark": "in substance",
                    "text": "what they mean", "subject": "Theirs"})
        a.do(lima, {"from": "oslo", "ref": "us/1", "mark": "principal"},
             status=409)
        a.do(lima, {"from": "lima", "ref": "us/1", "mark": "none"}, status=400)
        a.do(lima, {"from": "oslo", "ref": "us/99", "mark": "none"},
             status=404)
        passed = a.get("/v1/lines/oslo/passed").lines
        if [(p["ref"], p["to"], p["in_own_words"]) for p in passed] != [
                (quoted, "lima", False), (quoted, "lima", False),
                (substance, "lima", True)]:
            self.wrong.append("what was passed on is %r" % passed)
        a.do(here, {"withdraws": quoted})
        a.do(here, {"withdraws": quoted}, status=409)
        if a.get(here + "/" + quoted).json["withdrawn"] is None:
            self.wrong.append("it is not withdrawn")

    def second_line(self):
        """A line between the same posts that never comes up."""
        a, b = self.a, self.b
        offer = a.do("/v1/lines/lima/offer", {"cadence": "desk",
                                               "endpoint": "127.0.0.1:9"})
        reply = b.do("/v1/lines/turku/accept", {"file": offer.json["file"]})
        ours = a.do("/v1/lines/lima/finish", {"file": reply.json["file"]})
        theirs = b.do("/v1/lines/turku/finish", {"file": ours.json["file"]})
        a.do("/v1/lines/lima/confirm", {"words": theirs.json["check_words"]})

    def drafts(self):
        """drafts, and who must release them"""
        a = self.a
        here = "/v1/lines/oslo/"
        flash = {"text": "one", "precedence": "flash"}
        a.get(here + "rules")
        a.do(here + "rules", {"what": "flash", "emergency": True, "needs":
                              [{"role": "releaser", "count": 1}]})
        a.get(here + "rules")
        a.do(here + "messages", flash, status=409)
        draft = a.do(here + "messages?draft=new", flash).json["draft"]
        at = "/v1/drafts/%d" % draft
        a.do(here + "messages?draft=%d" % draft, {**flash, "text": "two"})
        a.get("/v1/drafts?line=oslo&all=1")
        a.get(at + "?version=1")
        a.get("/v1/drafts/99", status=404)
        a.do(at + "/comments", {"text": "Shorter."})
        a.get(at + "/history")
        self.second.do(at + "/release", {"version": 1}, status=409)
        self.second.do(at + "/release", {"version": 2})
        a.do(at + "/recall", status=409)
        upload = a.ask("POST", "/v1/uploads", raw=b"a map").json["upload"]
        other = a.do(here + "messages?draft=new", {**flash, "attachments": [
            {"upload": upload, "name": "map.png", "type": "image/png"}]
            }).json["draft"]
        at = "/v1/drafts/%d" % other
        if a.get(at + "/files/1").body != b"a map":
            self.wrong.append("the file of the draft is another")
        a.get(at + "/files/2", status=404)
        a.get(at + "/files/one", status=404)
        a.do(at + "/recall")
        a.do(here + "points?draft=new", {"title": "Perhaps"})
        a.do(here + "messages?emergency=1", flash)
        a.do(here + "rules", {"what": "flash", "needs": []})

    def alarms(self):
        """alarms"""
        a, b = self.a, self.b
        a.get("/v1/alarms/rules")
        rules = {what: "once" for what in (
            "routine", "priority", "immediate", "drill", "fault", "silent",
            "deadline")}
        rules.update(flash="until-acknowledged", repeat_s=60, step_s=300,
                     silent_s=600, wake=["head"])
        a.do("/v1/alarms/rules", rules)
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(time.time() + 3600))
        a.do("/v1/alarms/silence", {"until": soon})
        a.do("/v1/alarms/silence", {"until": "2100-01-01T00:00:00Z"},
             status=400)
        a.do("/v1/alarms/silence", {})
        b.do("/v1/lines/bergen/messages", {"text": "wake", "precedence":
                                           "flash"})
        alarm = self.until("an alarm", lambda: a.get("/v1/alarms").lines)[0]
        a.get("/v1/alarms/%d" % alarm["number"])
        a.do("/v1/alarms/%d/ack" % alarm["number"])
        a.do("/v1/alarms/test")
        a.do("/v1/alarms/ack")
        a.get("/v1/alarms?all=1")
        a.get("/v1/alarms/99999", status=404)

    def watch(self):
        """the watch, drills, the operators' talk"""
        a, b = self.a, self.b
        here, there = "/v1/lines/oslo/", "/v1/lines/bergen/"
        a.get("/v1/watch")
        a.do("/v1/watch/take", {"note": "All is well."})
        a.do("/v1/watch/hand-over", {"to": "second", "note": "Look at p1."})
        a.do("/v1/watch/hand-over", {"to": "nobody"}, status=404)
        a.do("/v1/watch/leave")
        a.get("/v1/watch/log")
        a.get("/v1/waiting")
        a.do("/v1/roster", {"places": [{"title": "head",
                                        "hours": "06:00-18:00"}]})
        a.do("/v1/roster", {"places": [{"title": ""}]}, status=400)
        a.get("/v1/roster")
        b.get(there + "roster")
        a.get(here + "drill/schedule")
        a.do(here + "drill/schedule", {"every": 43200, "at": "06:00",
                                       "within": 600})
        a.do(here + "drill/schedule", {"every": 1}, status=400)
        a.do(here + "drill/schedule", {"every": 0})
        a.get(here + "drills")
        b.get(there + "drills")
        b.do(there + "drill/ack")
        a.get(here + "drill/months")
        a.do(here + "service", {"text": "Good evening."})
        self.until("the talk", lambda: b.get(there + "service").lines)

    def forms(self):
        """forms, and what is disclosed"""
        a, b = self.a, self.b
        here, there = "/v1/lines/oslo/", "/v1/lines/bergen/"
        a.get("/v1/forms")
        a.get("/v1/forms/test")
        a.get("/v1/forms/nothing", status=404)
        a.do(here + "forms", {"shipped": "test", "languages": ["en", "fr"]})
        a.do(here + "forms", {"shipped": "nothing"}, status=404)
        number = self.until("the proposal", lambda: b.get(
            there + "forms").lines)[0]["number"]
        b.do(there + "forms/%d" % number, {"answer": "agree"})
        self.until("the form", lambda: a.get(
            here + "forms/%d" % number).json["state"] == "agreed")
        a.do(here + "messages", {"form": number, "text":
                                 "sent=2026-11-22T09:30Z\nword=heron"})
        a.do(here + "messages", {"form": number, "text": "word=heron"},
             status=400)
        a.get(here + "disclosure")
        a.do(here + "disclosure", {"discloses": ["titles", "read"]})
        self.until("the wish", lambda: b.get(
            there + "disclosure").json["proposed_by_them"])
        b.do(there + "disclosure", {"discloses": ["titles", "read"]})
        self.until("the disclosure", lambda: a.get(
            here + "disclosure").json["discloses"])
        sent = a.do(here + "messages", {"text": "read this"}).json["serial"]
        there += "messages/them/%d" % sent
        self.until("the message", lambda: b.send("GET", there).status == 200)
        b.do(there + "/read")
        self.until("that it was read", lambda: a.get(
            here + "messages/us/%d" % sent).json["receipts"]["read"])
        message = b.get(there).json
        if message["author"] != "head":
            self.wrong.append("its author is %r" % message["author"])

    def willing(self):
        """a comparison of hidden answers"""
        a, b = self.a, self.b
        here, there = "/v1/lines/oslo/willing", "/v1/lines/bergen/willing"
        a.do(here, {"question": "Talks?", "answer": "perhaps"}, status=400)
        n = a.do(here, {"question": "Talks?", "answer": "yes"}).json["n"]
        self.until("the question", lambda: b.get(there).lines)
        b.do(there + "/%d" % n, {"answer": "yes"})
        self.until("that both would", lambda: a.get(
            here + "/%d" % n).json["state"] == "both")
        a.get(here)
        a.get(here + "/99", status=404)

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
        a.get("/v1/events")
        b.get("/v1/events")
        a.do("/v1/lines/oslo/close")
        b.do("/v1/down", {})
        self.part("the end")
        missed = set(self.contract.operations) - self.visited
        self.tap.check("every route of the file was visited",
                       ["%s %s" % row for row in sorted(missed)])
        print("# %d requests" % Post.asked)
        self.tap.end()

    def run(self):
        for part in (self.ceremony, self.line, self.messages, self.events,
                     self.people, self.points, self.handling, self.drafts,
                     self.alarms, self.watch, self.forms, self.willing,
                     self.refusals):
            try:
                part()
            except (KeyError, IndexError, TypeError, ValueError) as error:
                self.wrong.append("an answer lacks %r" % error)
            self.part(part.__doc__)
        self.end()


if __name__ == "__main__":
    Walk(sys.argv[1], sys.argv[2]).run()
