"""A baseboard controller that is not there: switches machines in QEMU on and off when brambled's webhook driver asks it to.

Speaks the contract of MAAS' webhook power driver: PUT or POST to .../on and .../off, GET .../status says
{"status": "running"} or "stopped". Counts what was asked, so that tests can say "exactly one power-on".
"""
# SPDX-License-Identifier: Apache-2.0
import http.server
import json
import threading


class Bmc:
    """One controller for several machines, listening in the server's namespace on a free port."""

    def __init__(self, namespace, address):
        self.switches, self.asked = {}, []
        self._lock = threading.Lock()
        with namespace.entered():
            self._server = http.server.ThreadingHTTPServer((address, 0), self._handler())
        self.url = f"http://{address}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def connect(self, name, machine, power_on):
        """From now on NAME is @machine; @power_on(machine) starts it."""
        self.switches[name] = (machine, power_on)
        return f"{self.url}/{name}"

    def count(self, name, action):
        """How often somebody asked for it."""
        return self.asked.count((name, action))

    def _act(self, name, action):
        machine, power_on = self.switches[name]
        with self._lock:
            self.asked.append((name, action))
            if action == "on" and not machine.is_on():
                power_on(machine)
            elif action == "off":
                machine.power_off()
            return "running" if machine.is_on() else "stopped"

    def _handler(bmc):  # noqa: N805 - the handler's own self is another
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                name, _, action = self.path.strip("/").partition("/")
                known = name in bmc.switches and action in ("on", "off", "status")
                body = json.dumps({"status": bmc._act(name, action)} if known else {"error": "no such machine"}).encode()
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = answer

            def log_message(self, *_):
                pass

        return Handler

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
