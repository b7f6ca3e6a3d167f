# SPDX-License-Identifier: Apache-2.0
"""A stand-in for bramble-agent as its rack sees it (docs/agent-protocol.md has the protocol): speaks when the test says so."""
import http.client
import json
import re
import urllib.parse

WORD = re.compile(r"\bbramble\.url=(\S+)")


class Answer:
    """What the rack said."""

    def __init__(self, response):
        self.status, self.octets = response.status, response.read()
        self.headers = response.headers

    @property
    def json(self):
        return json.loads(self.octets)

    @property
    def text(self):
        return self.octets.decode()


class AgentClient:
    """An agent in a namespace, at the address that its firmware was given."""

    def __init__(self, namespace, address, cmdline):
        self.namespace, self.address = namespace, address
        self.url = WORD.search(cmdline).group(1)
        self.server = urllib.parse.urlsplit(self.url).netloc
        self.base = urllib.parse.urlsplit(self.url).path

    @property
    def token(self):
        return self.base.rsplit("/", 1)[-1]

    def begin(self, method, path, body=None, headers=None, source=None, timeout_s=60):
        """Send a request without waiting for its answer: give what this returns to end()."""
        with self.namespace.entered():
            connection = http.client.HTTPConnection(self.server, timeout=timeout_s, source_address=(source or self.address, 0))
            connection.connect()
        octets = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request(method, path, octets, {"Connection": "close", **(headers or {})})
        return connection

    @staticmethod
    def end(connection):
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def ask(self, method, path, body=None, **kwargs):
        """One request, of a whole path or of one behind the agent's own."""
        return self.end(self.begin(method, path if path.startswith("/") else f"{self.base}/{path}", body, **kwargs))

    def hello(self, eeprom=None, **kwargs):
        said = {"agent": "0.0", "arch": "arm64", "boot_id": "b", "mac": "x", "serial": None, "uptime_s": 9}
        return self.ask("POST", "hello", dict(said, eeprom=eeprom) if eeprom else said, **kwargs)

    def task(self, after=0, wait=0):
        return self.ask("GET", f"task?after={after}&wait={wait}")

    def begin_task(self, after, wait=50):
        return self.begin("GET", f"{self.base}/task?after={after}&wait={wait}")

    def progress(self, task, phase="idle", **fields):
        return self.ask("POST", "progress", {"task": task, "phase": phase, **fields})

    def result(self, task, ok=True, error=None, data=None):
        return self.ask("POST", "result", {"task": task, "ok": ok, "error": error, "data": data or {}})

    def script(self, task, name, status="passed", **fields):
        return self.ask("POST", "script", {"task": task, "name": name, "status": status, "exit": 0, "runtime_s": 0.1, "output": "",
                                           **fields})
