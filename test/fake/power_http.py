# SPDX-License-Identifier: Apache-2.0
"""What stand-ins for devices that are switched by HTTP have in common: a power state, a log, and ways to misbehave."""
import base64
import hashlib
import http.server
import json
import socket
import ssl
import threading
import urllib.parse


class Power:
    """The power of one outlet."""

    def __init__(self):
        self.is_on = False
        self.log = []  # every change, as "on" and "off"
        self.is_deaf = False  # says yes and does nothing

    def turn(self, is_on):
        self.log.append("on" if is_on else "off")
        if not self.is_deaf:
            self.is_on = is_on


class Handler(http.server.BaseHTTPRequestHandler):
    """A device answers by answer(method, path, query, body): (status, JSON or text), or None for 404."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        device = self.server.device
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with device.lock:
            device.requests.append((self.command, self.path, dict(self.headers), body))
            if not device.is_allowed(self):
                return self.send(401, {"error": "who are you?"}, device.challenge())
            answer = device.answer(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), body)
        return self.send(*(answer or (404, {"message": "no such thing"})))

    do_GET = do_POST = do_PATCH = handle_any

    def send(self, status, content, headers=()):
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Device:
    """A device on a port of its own. @credentials: what has to be shown: ("basic" or "digest", user, password),
    ("bearer", token), or None."""

    def __init__(self, credentials=None, tls=None):
        self.credentials = credentials
        self.power = Power()
        self.requests = []
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.device = self
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def challenge(self):
        if self.credentials[0] != "digest":
            return [("WWW-Authenticate", 'Basic realm="here"')]
        return [("WWW-Authenticate", 'Digest qop="auth", realm="here", nonce="60d0e6e4", algorithm=SHA-256')]

    def is_allowed(self, request):
        if not self.credentials:
            return True
        shown = request.headers.get("Authorization", "")
        kind, *secrets = self.credentials
        if kind == "bearer":
            return shown == f"Bearer {secrets[0]}"
        if kind == "basic":
            return shown == "Basic " + base64.b64encode(":".join(secrets).encode()).decode()
        return self.is_digest_right(shown, request.command, *secrets)

    @staticmethod
    def is_digest_right(shown, method, user, password):
        if not shown.startswith("Digest "):
            return False
        said = dict(part.strip().partition("=")[::2] for part in shown[len("Digest "):].split(","))
        said = {name: value.strip('"') for name, value in said.items()}

        def digest(text):
            return hashlib.sha256(text.encode()).hexdigest()

        secret = digest(f"{user}:here:{password}")
        asked = digest(f"{method}:{said.get('uri')}")
        return said.get("response") == digest(f"{secret}:60d0e6e4:{said.get('nc')}:{said.get('cnonce')}:auth:{asked}")

    def answer(self, method, path, query, body):
        raise NotImplementedError


class Rude:
    """Who listens and does not behave. @what is sent as soon as somebody connects; then nothing more comes."""

    def __init__(self, what=b""):
        self.what = what
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.open = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(peer)
            if self.what:
                peer.recv(1)
                peer.sendall(self.what)
                peer.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for peer in self.open:
            peer.close()
