# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the rack as bramble-agent sees it (docs/agent.md has the protocol): it gives tasks and blobs, and notes
everything it is told.
"""
import contextlib
import hashlib
import http.server
import json
import pathlib
import re
import socketserver
import ssl
import threading
import time
import urllib.parse

from lab.patience import deadline

TOKEN = "0123456789abcdef0123456789abcdef"


class AgentServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Listens at @address in a namespace. @certificate: a file with key and chain, for HTTPS."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, namespace, address="127.0.0.1", certificate=None):
        with namespace.entered() if namespace else contextlib.nullcontext():
            super().__init__((address, 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"http{'s' if certificate else ''}://{address}:{self.server_address[1]}/a/{TOKEN}"
        self.changed = threading.Condition()
        self.task, self.blobs = None, {}
        self.root = None  # what GET root answers
        self.hellos, self.progress, self.results, self.scripts, self.ranges = [], [], {}, [], []
        self.refuses = self.is_down = False
        self.cut_after = None  # octets of blobs, after which a connection is cut
        self.slow_bps = None
        self.served = 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a client that went away is what some tests are about

    def blob(self, octets):
        """Put a blob into the store; gives what a task says of it."""
        name = hashlib.sha256(octets).hexdigest()
        self.blobs[name] = octets
        return {"path": f"blob/{name}", "size": len(octets), "sha256": name}

    def give(self, kind, **task):
        """The next task; gives its number."""
        with self.changed:
            number = (self.task or {}).get("id", 0) + 1
            self.task = {"id": number, "kind": kind, **task}
            self.changed.notify_all()
        return number

    def wait(self, claim, timeout_s, what):
        """Wait until claim() is true, asked whenever something came in."""
        end = deadline(timeout_s)
        with self.changed:
            while not (value := claim()):
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"not within {timeout_s} s: {what}; the last progress: {self.progress[-1:]}")
                self.changed.wait(min(left, 1))
        return value

    def result(self, number, timeout_s=30):
        return self.wait(lambda: self.results.get(number), timeout_s, f"the result of task {number}")

    def do(self, kind, timeout_s=30, **task):
        """A task and its result."""
        return self.result(self.give(kind, **task), timeout_s)

    def note(self, collection, value):
        with self.changed:
            collection.append(value)
            self.changed.notify_all()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body=None):
        octets = b"" if body is None else (body.encode() if isinstance(body, str) else json.dumps(body).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        if octets:
            self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(octets)

    def path_of(self):
        """What stands behind the token, or None after a refusal."""
        s = self.server
        if s.is_down:
            self.close_connection = True
            self.connection.close()
            return None
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query))
        prefix = f"/a/{TOKEN}/"
        if s.refuses or not url.path.startswith(prefix):
            self.answer(403, "this token is of another machine\n")
            return None
        return url.path.removeprefix(prefix)

    def do_POST(self):
        s, octets = self.server, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path_of()
        if path is None:
            return
        body = json.loads(octets)
        if path == "hello":
            s.note(s.hellos, body)
            self.answer(200, {"time_s": int(time.time()), "machine": "stand-in", "state": "Commissioning", "heartbeat_s": 2})
        elif path == "progress":
            s.note(s.progress, body)
            self.answer(204)
        elif path == "script":
            s.note(s.scripts, body)
            self.answer(204)
        elif path == "result":
            with s.changed:
                s.results.setdefault(body["task"], body)
                s.changed.notify_all()
            self.answer(204)
        else:
            self.answer(404, "there is no such path")

    def do_GET(self):
        path = self.path_of()
        if path is None:
            return
        if path == "task":
            self.give_task(int(self.query.get("after", 0)), min(float(self.query.get("wait", 0)), 50))
        elif path == "root":
            self.answer(*((200, self.server.root) if self.server.root else (404, "there is no root to be brought up")))
        elif path.startswith("blob/"):
            self.give_blob(path.removeprefix("blob/"))
        else:
            self.answer(404, "there is no such path")

    def give_task(self, after, wait_s):
        s, end = self.server, time.monotonic() + wait_s
        with s.changed:
            while not s.task or s.task["id"] == after:
                left = end - time.monotonic()
                if left <= 0 or s.is_down:
                    break
                s.changed.wait(min(left, 0.5))
            task = s.task
        if task and task["id"] != after:
            self.answer(200, task)
        else:
            self.answer(204)

    def give_blob(self, name):
        s = self.server
        octets = s.blobs.get(name)
        if octets is None:
            self.answer(404, "there is no such blob")
            return
        if isinstance(octets, pathlib.Path):
            octets = octets.read_bytes()
        first, last, status = 0, len(octets) - 1, 200
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted:
            first, last, status = int(wanted[1]), min(int(wanted[2]), last), 206
            s.note(s.ranges, (name, first, last))
        self.send_response(status)
        self.send_header("Content-Length", str(last - first + 1))
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(octets)}")
        self.end_headers()
        for at in range(first, last + 1, 65536):
            piece = octets[at:min(at + 65536, last + 1)]
            if s.is_down or (s.cut_after is not None and s.served + len(piece) > s.cut_after):
                s.cut_after = None
                self.close_connection = True
                self.connection.close()
                return
            self.wfile.write(piece)
            s.served += len(piece)
            if s.slow_bps:
                time.sleep(len(piece) / s.slow_bps)
