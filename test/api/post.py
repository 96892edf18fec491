"""Owns asking a post over its socket, and holding each answer against the
file: what is asked must be in it, and so must be what comes back."""

import http.client
import json
import socket

from contract import spoil, values


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, status, media, body):
        self.status = status
        self.media = media
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return values("application/x-ndjson", self.body)


class Post:
    """One post; `visited` and `wrong` are shared by all of a walk."""

    asked = 0  # by all of them

    def __init__(self, contract, sock, visited, wrong):
        self.contract = contract
        self.sock = sock
        self.visited = visited
        self.wrong = wrong
        self.token = None

    def send(self, method, path, body=None, raw=None):
        """Asks, and judges nothing."""
        Post.asked += 1
        connection = Connection(self.sock)
        headers = {}
        if body is not None:
            raw = json.dumps(body)
            headers["Content-Type"] = "application/json"
        if self.token is not None:
            headers["Authorization"] = "Bearer " + self.token
        connection.request(method, path, raw, headers)
        response = connection.getresponse()
        media = (response.headers.get("Content-Type") or "").split(";")[0]
        if "follow=1" in path:
            # Up to the empty line that says: nothing was missed.
            data = b""
            while not data.endswith(b"\n\n") and data != b"\n":
                data += response.readline()
        else:
            data = response.read()
        connection.close()
        return Answer(response.status, media, data)

    def judge(self, method, path, body, answer):
        pattern = self.contract.find(method, path.split("?")[0])
        at = "%s %s" % (method, path)
        if pattern is None:
            wrong = [at + " is not in the file"] if answer.status < 400 else \
                self.contract.judge_refusal(answer.status, answer.media,
                                            answer.body)
            self.wrong += ["%s: %s" % (at, each) for each in wrong]
            return
        operation = self.contract.operations[(method, pattern)]
        schema = self.contract.body_schema(operation)
        wrong = self.contract.judge(operation, answer.status, answer.media,
                                    answer.body)
        if answer.status < 400:
            self.visited.add((method, pattern))
            if body is not None and schema is not None:
                wrong += ["asked, and not refused: " + each for each in
                          self.contract.errors(schema, body)]
            if not wrong:
                wrong = self.judge_precision(operation, answer)
        self.wrong += ["%s: %s" % (at, each) for each in wrong]

    def judge_precision(self, operation, answer):
        """The file would refuse this answer with one thing wrong in it."""
        media, schema = self.contract.answer_schema(operation, answer.status)
        rows = values(media, answer.body)
        by_pages = any(self.contract.resolve(parameter)["name"] == "limit"
                       for parameter in operation.get("parameters", []))
        wrong = ["the file would take " + json.dumps(bad)[:300]
                 for row in rows[:3]
                 for bad in spoil(row, ("cursor", "line") if "fields" in row
                                  else ("cursor",))
                 if not self.contract.errors(schema, bad)]
        if by_pages and media == "application/x-ndjson":
            wrong += ["a row of a list has no cursor" for row in rows
                      if "progress" not in row and "cursor" not in row]
        else:
            wrong += ["has a cursor" for row in rows if "cursor" in row]
        return wrong

    def ask(self, method, path, body=None, raw=None, status=None):
        """Asks; the answer must be well, or have this status."""
        try:
            answer = self.send(method, path, body, raw)
        except (OSError, http.client.HTTPException) as error:
            self.wrong.append("%s %s: no answer: %r" % (method, path, error))
            return Answer(0, "", b"{}")
        self.judge(method, path, body, answer)
        is_right = answer.status < 300 if status is None else \
            answer.status == status
        if not is_right:
            self.wrong.append("%s %s: answers %d: %s" % (
                method, path, answer.status, answer.body[:300]))
        return answer

    def get(self, path, status=None):
        return self.ask("GET", path, status=status)

    def do(self, path, body=None, status=None):
        return self.ask("POST", path, body=body, status=status)
