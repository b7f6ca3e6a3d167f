#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for brambled's API on a Unix socket, for tests of what speaks it (docs/api/openapi.yaml has the shapes).

It keeps what it is told in memory, checks little, and notes every request, so that a test can look at what was sent.
"""
import hashlib
import http.server
import json
import socketserver
import urllib.parse

MACHINE = {"id": 1, "uuid": None, "client_id": None, "serial": None, "arch": None, "board": None, "ip": None, "image": None,
           "cmdline_extra": None, "config_txt_extra": None, "macs": [], "created": "2026-01-02T03:04:05Z", "state": "New", "state_since": "2026-01-02T03:04:05Z",
           "reason": None, "deadline": None, "locked": False, "needs_approval": False, "inventoried": None, "root": None, "power": None,
           "tags": [], "pool": None, "zone": None, "owner": None, "note": None}
ACTIONS = {"commission": "Commissioning", "deploy": "Deploying", "release": "Releasing", "rescue": "Entering rescue mode", "lock": None,
           "claim-code": None, "claim": None}
INVENTORY = {"system": {"vendor": "Raspberry Pi", "product": "4B", "serial": "a1b2"}, "memory": {"total": 4_000_000_000},
             "cpu": {"architecture": "aarch64", "sockets": [{"name": "Cortex-A72", "vendor": "ARM", "cores": [{}, {}, {}, {}]}]},
             "storage": {"disks": [{"id": "mmcblk0", "model": "SD32G", "type": "mmc", "size": 32_000_000_000}]},
             "network": {"cards": [{"ports": [{"id": "eth0", "address": "dc:a6:32:01:02:03", "link_speed": 1000}]}]},
             "board": {"pi": {"eeprom": {"version": "2026-05-17", "boot_order": "0xf21",
                                         "config": "[all]\nBOOT_ORDER=0xf21\nTFTP_IP=10.0.0.1\n"}}}}
SCRIPT = {"task": 3, "name": "memory", "status": "passed", "exit": 0, "runtime_ms": 1500, "finished": "2026-01-02T03:04:05Z", "results": None}
SUBNET = {"id": 1, "interface": None, "dhcp": "off", "unknown": "discover", "ranges": [], "gateway": None, "dns": [],
          "ntp": [], "domain": None, "search": [], "mtu": None, "routes": [], "lease_s": 3600, "options": [],
          "allow": [], "agent_https": False}
STORED = {"id": 1, "name": "x", "type": "testing", "title": "Burn\x1b[31m it in", "description": None, "timeout_s": None,
          "destructive": False, "tags": ["long", "noauto"], "parameters": ["storage"],
          "notes": ["packages: nothing is installed"], "created": "2026-01-02T03:04:05Z", "size": 11}
SIGHTING = {"mac": "dc:a6:32:0a:0b:0c", "ip": "10.77.0.9", "client": "pi4", "first": "2026-01-02T03:04:05Z",
            "last": "2026-01-02T03:04:06Z", "why": "nobody registered it",
            "pi": {"model": "Raspberry Pi 4B", "memory_mib": 4096, "revision": "c03114", "serial": "a1b2c3d4", "stepping": "1.4"}}
LEASE = {"ip": "10.77.0.100", "state": "bound", "mac": "dc:a6:32:01:02:03", "client_id": None, "hostname": "evil\x1b[31m",
         "subnet": "10.77.0.0/24", "machine": "pi4", "granted": "2026-01-02T03:04:05Z", "expires": "2026-01-02T04:04:05Z"}
STEP = {"kind": "dhcp", "outcome": "ok", "at": "2026-01-02T03:04:05.123Z", "at_ms": 1767323045123, "took_ms": 4, "octets": 0,
        "size": 0, "resent": 0, "what": "DISCOVER", "detail": "OFFER 10.77.0.5", "client": "pi4", "session": 1,
        "mac": "dc:a6:32:01:02:03", "ip": None, "machine": "pi4"}

KEY = {"name": "address", "type": "host", "required": True, "secret": False, "default": None, "choices": None, "least": None,
       "most": None, "help": "Address of the BMC."}
DRIVERS = [{"name": "manual", "title": "By hand", "actions": [], "any_key": False, "keys": []},
           {"name": "ipmi", "title": "BMC by IPMI", "actions": ["on", "off", "query"], "any_key": False, "keys": [
               KEY, dict(KEY, name="password", type="text", required=False, secret=True, help="Password of that user."),
               dict(KEY, name="off_mode", type="choice", required=False, default="hard", choices=["hard", "soft"], help="How.")]}]


class Problem(Exception):
    def __init__(self, status, detail):
        super().__init__(detail)
        self.status, self.detail = status, detail


class World:
    """What the fake knows; `page` items at most on one page of a list."""

    def __init__(self, page=2):
        self.page, self.requests = page, []
        self.machines, self.subnets, self.images, self.imports, self.scripts = {}, {}, {}, {}, {}
        self.powers, self.lines, self.profiles = {}, {}, {}
        self.damaged = set()  # paths of files that image verify finds changed
        self.refused_file = None  # a path whose upload is answered with 507
        self.event_streams = 0
        self.trials = {}  # what an order's answer says of a machine, of its new image and the one before
        self.lives = {}  # what a machine's activity says, one look after another; the last stays
        self.problems = ["there is no interface br9"]

    # ---- resources: each returns (status, JSON), or raises Problem ----

    def put(self, table, key, template, body):
        if key in table:
            raise Problem(409, f"there is a {key} already")
        table[key] = dict(template, **{k: v for k, v in body.items() if v is not None})
        return 201, table[key]

    def patch(self, table, key, template, body):
        item = self.get(table, key)[1]
        for name, value in body.items():
            item[name] = template.get(name) if value is None else value
        return 200, item

    def get(self, table, key):
        if key not in table:
            raise Problem(404, f"there is no {key}")
        return 200, table[key]

    def delete(self, table, key):
        self.get(table, key)
        del table[key]
        return 204, None

    def list(self, items, query):
        at = int(query.get("cursor", 0))
        return 200, {"items": items[at:at + self.page], "next": str(at + self.page) if at + self.page < len(items) else None}

    def of(self, table, template, key_name, method, key, body, query):
        if key is None:
            return self.put(table, body[key_name], template, body) if method == "POST" \
                else self.list([table[k] for k in sorted(table)], query)
        return {"GET": lambda: self.get(table, key), "DELETE": lambda: self.delete(table, key),
                "PATCH": lambda: self.patch(table, key, template, body)}[method]()

    def image_of(self, begun):
        files = [{"path": p, "role": r or "other", "size": len(d), "sha256": hashlib.sha256(d).hexdigest()}
                 for p, (r, d) in sorted(begun["received"].items())]
        kind = begun.get("kind", "pi")
        return {"id": 1, "name": begun["name"], "version": begun["version"], "kind": kind, "arch": begun.get("arch"),
                "cmdline": begun.get("cmdline"), "boards": ["pi4b"] if kind == "pi" else [], "os": None, "roots": ["initrd"],
                "why_not": {"disk": "it is no disk image"}, "done_signals": [],
                "changed_over_network": [{"name": "fstab", "what": "/etc/fstab", "why": "no disk"}], "created": "2026-01-02T03:04:05Z",
                "n_files": len(files), "size": sum(f["size"] for f in files), "files": files}

    def import_of(self, key):
        begun = self.imports[key]
        return {"id": key, "name": begun["name"], "kind": begun.get("kind"), "files": len(begun["received"]), "octets": 0,
                "phase": "receiving", "done": 0, "total": 0}

    def verify(self, ref):
        image = self.get(self.images, ref.split("@")[0])[1]
        bad = [{"path": f["path"], "sha256": f["sha256"], "why": "its octets have changed"} for f in image["files"]
               if f["path"] in self.damaged]
        return 200, {"octets": image["size"], "bad": bad}

    def importing(self, method, rest, body, query):
        if not rest:
            version = self.images[body["name"]]["version"] + 1 if body["name"] in self.images else 1
            self.imports["7"] = dict(body, received={}, version=version)
            return 201, self.import_of("7")
        begun = self.get(self.imports, rest[0])[1]
        if method == "GET":
            return 200, self.import_of(rest[0])
        if rest[1:] == ["files"]:
            if query["path"] == self.refused_file:
                raise Problem(507, "the disk of the state directory is full")
            begun["received"][query["path"]] = (query.get("role"), body)
            return 204, None
        del self.imports[rest[0]]
        if method == "DELETE":
            return 204, None
        if begun.get("sha256", "0").startswith("f"):
            raise Problem(422, "its SHA-256 is 00, not ff")
        if begun.get("kind") == "pi" and not {"config.txt", ".img"} & begun["received"].keys():
            raise Problem(422, f"image {begun['name']}: there is no config.txt, so this is no boot directory of a Raspberry Pi")
        self.images[begun["name"]] = self.image_of(begun)
        return 201, self.images[begun["name"]]

    def boot(self, what, query):
        who = query["of"]
        files = [{"path": "config.txt", "size": 12, "generated": True, "why": "the image's with 3 lines of ours"},
                 {"path": "start4.elf", "size": 2250000, "generated": False, "why": None}]
        if who == "nobody":
            raise Problem(404, "there is no machine nobody")
        if what == "explain":
            return 200, {"mac": "dc:a6:32:01:02:03", "client": {"name": query.get("client", "pi4"), "title": "Raspberry Pi 4 EEPROM"},
                         "purpose": "run", "method": "pi-tree", "machine": who, "subnet": "10.77.0.0/24", "image": "raspios",
                         "reasons": ["it is machine pi4", "its image is raspios"], "files": files,
                         "offer": {"next_server": "10.77.0.1", "bootfile": None, "vendor_class": "PXEClient",
                                   "server_name": True, "pxe_config": None}}
        return 200, {"machine": who, "client": "pi4", "files": files, "reasons": []}

    def act(self, name, action, body):
        machine = self.get(self.machines, name)[1]
        if action not in ACTIONS:
            raise Problem(409, f"machine {name} is {machine['state']}: {action} begins from nowhere")
        if ACTIONS[action]:
            machine.update(state=ACTIONS[action], reason="its power is by hand: switch it on", deadline="2026-01-02T04:04:05Z")
        return 200, {**machine, **self.trials.get(name, {})}

    def power(self, method, name, turn, body):
        self.get(self.machines, name)
        kept = self.powers.setdefault(name, {"driver": None, "parameters": {}})
        if method == "PUT":
            if body["driver"] == "nuclear":
                raise Problem(422, "there is no power driver \"nuclear\"")
            old = kept["parameters"]
            kept = self.powers[name] = {"driver": body["driver"], "parameters": {
                k: old[k] if v == "(hidden)" else v for k, v in body["parameters"].items()}}
        if not turn:
            return 200, {**kept, "parameters": {k: "(hidden)" if k == "password" else v for k, v in kept["parameters"].items()}}
        if not kept["driver"]:
            return 200, {"result": "by-hand", "state": "unknown", "note": None, "words": f"turn {name} {turn} by hand"}
        return 200, {"result": "done", "state": "off" if turn == "off" else "on", "note": "all is well" if turn == "query" else None,
                     "words": None}

    def machine(self, method, rest, body, query):
        if rest[1:2] == ["power"]:
            return self.power(method, rest[0], rest[2] if rest[2:] else None, body)
        if rest[1:2] == ["actions"]:
            return self.act(rest[0], rest[2], body)
        if not rest[1:]:
            found = {n: m for n, m in self.machines.items() if query.get("tag", "") in ("", *m["tags"]) and query.get("serial", m["serial"]) == m["serial"]
                     and query.get("state", m["state"]).lower() == m["state"].lower()}
            return self.of(self.machines if rest or method == "POST" else found, MACHINE, "name", method, rest[0] if rest else None, body, query)
        machine = self.get(self.machines, rest[0])[1]
        if rest[1] == "eeprom":
            found = INVENTORY["board"]["pi"]["eeprom"] if machine["inventoried"] else None
            wants = {"config_of": "tag lab" if "lab" in machine["tags"] else None}
            return 200, {"machine": rest[0], "trust": machine.get("trust"), "found": found, "wanted": wants, "changes": ["-A=1", "+A=2"] if found else [], "update": None}
        if rest[1] == "activity":
            now = {"state": machine["state"], "reason": machine["reason"], "deadline": machine["deadline"], "agent_up": False,
                   "heard": None, "progress": None}
            looks = self.lives.get(rest[0])
            return 200, dict(now, **(looks.pop(0) if len(looks) > 1 else looks[0])) if looks else now
        if rest[3:]:
            return 200, dict(SCRIPT, output="fine\x1b[2J\n")
        return 200, INVENTORY if rest[1] == "inventory" else {"items": [SCRIPT] if machine["inventoried"] else []}

    def profile(self, method, key, body):
        if method == "PUT":
            scope, name = key.split("=")
            self.profiles[key] = {"id": 1, "scope": scope, "name": name, "created": "2026-01-02T03:04:05Z", **body}
        if key:
            self.get(self.profiles, key)
            return (204, self.profiles.pop(key) and None) if method == "DELETE" else (200, self.profiles[key])
        return 200, {"items": list(self.profiles.values()), "next": None}

    def answer(self, method, path, body, query):
        parts = path.removeprefix("/api/v1/").split("/")
        noun, rest = parts[0], parts[1:]
        if noun == "status":
            return 200, {"version": "0.1.0", "revision": 7, "subnets": len(self.subnets), "machines": len(self.machines),
                         "images": len(self.images), "problems": self.problems, "counters": {"dhcp_offers": 3}}
        if noun == "scripts":
            if method == "POST":
                name = body["file"]
                self.scripts[name] = dict(STORED, name=name, body_base64=body["body_base64"])
                return 201, self.scripts[name]
            if rest:
                self.get(self.scripts, rest[0])
                return (204, self.scripts.pop(rest[0]) and None) if method == "DELETE" else (200, self.scripts[rest[0]])
            return 200, {"items": list(self.scripts.values()), "next": None}
        if noun == "eeprom" and rest[0] == "profiles":
            return self.profile(method, "=".join(rest[1:]), body)
        if noun == "eeprom" and rest[1:] == ["back"]:
            return 200, {"items": self.updates, "refused": [{"machine": "b", "why": "machine b: nobody knew what it had before"}]}
        if noun == "eeprom":
            if method == "POST":
                self.updates = [{"machine": m, "wave": i, "step": "waiting", "since": "2026-01-02T03:04:05Z", "image": "eeprom-2711@1", "why": None}
                                for i, m in enumerate(body["machines"])]
                return 201, {"items": self.updates, "unchanged": ["z"] if "within_s" in body else []}
            return (204, None) if method == "DELETE" else (200, {"items": self.updates, "next": None})
        if noun == "config-txt":
            key = "=".join(rest)
            if method == "PUT":
                self.lines[key] = {"id": 1, "scope": rest[0], "name": rest[1], "text": body["text"], "created": "2026-01-02T03:04:05Z"}
            if rest:
                self.get(self.lines, key)
                return (204, self.lines.pop(key) and None) if method == "DELETE" else (200, self.lines[key])
            return 200, {"items": list(self.lines.values()), "next": None}
        if noun == "ca":
            return 200, {"pin": "sha256:" + "ca" * 32, "pem": "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"}
        if noun == "subnets":
            return self.of(self.subnets, SUBNET, "net", method, "/".join(rest) or None, body, query)
        if noun == "machines":
            return self.machine(method, rest, body, query)
        if noun == "images" and rest[1:] == ["verify"]:
            return self.verify(rest[0])
        if noun == "images":
            return self.of(self.images, {}, "name", method, rest[0] if rest else None, body, query)
        if noun == "imports":
            return self.importing(method, rest, body, query)
        if noun == "power-drivers":
            return self.list(DRIVERS, query)
        if noun == "leases":
            return self.list([LEASE], query)
        if noun == "sightings":
            return self.list([SIGHTING], query)
        if noun == "boot":
            return self.boot(rest[0], query)
        raise Problem(404, f"there is no {path}")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "local"

    def send(self, status, content_type, octets):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def body(self):
        octets = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return json.loads(octets) if self.headers.get("Content-Type") == "application/json" and octets else octets

    def stream_events(self, query):
        """The first stream ends after one event, as at a restart; the second gives the next, and then one that is cut off."""
        world = self.server.world
        world.event_streams += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        number = int(query.get("after", 0)) + 1
        event = dict(STEP, what="DISCOVER" if number == 1 else "config.txt", octets=0 if number == 1 else 1234)
        self.wfile.write(f": hello\n\nid: {number}\nevent: boot\ndata: {json.dumps(event)}\n\n".encode())
        self.close_connection = True

    def special(self, path, query):
        """Answers that are no JSON; true when it was one."""
        if path.endswith("/boot/files/content"):
            self.send(200, "application/octet-stream", b"\x7fELF\0" if query["path"].endswith(".elf") else b"arm_64bit=1\n")
        elif path.endswith("/boot/trail") and self.headers.get("Accept") == "text/plain":
            self.send(200, "text/plain", b"the waterfall\n")
        elif path.endswith("/boot/trail"):
            self.send(200, "application/json", json.dumps({"sessions": [], "limit": query.get("limit")}).encode())
        elif path.endswith("/events"):
            self.stream_events(query)
        elif path.endswith("/status") and self.server.world.page == 0:
            self.send(200, "text/html", b"<p>another daemon</p>")
        else:
            return False
        return True

    def handle_one(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        path, body = urllib.parse.unquote(url.path), self.body()
        self.server.world.requests.append((self.command, path, query, body))
        if self.special(path, query):
            return
        try:
            status, answer = self.server.world.answer(self.command, path, body, query)
        except Problem as problem:
            detail = {"type": "about:blank", "title": "no", "status": problem.status, "detail": problem.detail}
            self.send(problem.status, "application/problem+json", json.dumps(detail).encode())
            return
        self.send(status, "application/json", b"" if answer is None else json.dumps(answer).encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def __init__(self, path, world=None):
        self.world = world or World()
        super().__init__(path, Handler)

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("local", 0)


if __name__ == "__main__":
    import sys
    Server(sys.argv[1]).serve_forever()
