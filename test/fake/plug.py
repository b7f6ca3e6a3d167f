# SPDX-License-Identifier: Apache-2.0
"""Smart plugs, a switch with a web interface, and a web server in front of a power switch."""
import json

from power_http import Device


class Tasmota(Device):
    """Two outlets; the second is the one with power. The password stands in the query."""

    def __init__(self, password="s3cret"):
        super().__init__()
        self.password = password

    def answer(self, method, path, query, body):
        if path != "/cm":
            return None
        if self.password and (query.get("user"), query.get("password")) != ("admin", self.password):
            return 401, {"WARNING": "Need user=<username>&password=<password>"}
        name, _, value = query.get("cmnd", "").partition(" ")
        if name != "Power2":
            return 200, {"Command": "Unknown"}
        if value:
            self.power.turn(value.lower() == "on")
        return 200, {"POWER2": "ON" if self.power.is_on else "OFF"}


class Shelly1(Device):
    def __init__(self):
        super().__init__(("basic", "admin", "s3cret"))

    def is_allowed(self, request):
        return request.path == "/shelly" or super().is_allowed(request)

    def answer(self, method, path, query, body):
        if path == "/shelly":
            return 200, {"type": "SHPLG-S", "mac": "E098068D5F44", "auth": True}
        if path != "/relay/0":
            return None
        if "turn" in query:
            self.power.turn(query["turn"] == "on")
        return 200, {"ison": self.power.is_on, "has_timer": False}


class Shelly2(Device):
    def __init__(self):
        super().__init__(("digest", "admin", "s3cret"))

    def is_allowed(self, request):
        return request.path == "/shelly" or super().is_allowed(request)

    def answer(self, method, path, query, body):
        if path == "/shelly":
            return 200, {"id": "shellyplusplugs-b0b21c", "gen": 2, "auth_en": True}
        if query.get("id") != "0":
            return 404, {"code": -105, "message": "Argument 'id', value 7 not found!"}
        if path == "/rpc/Switch.Set":
            was_on = self.power.is_on
            self.power.turn(query["on"] == "true")
            return 200, {"was_on": was_on}
        if path == "/rpc/Switch.GetStatus":
            return 200, {"id": 0, "source": "init", "output": self.power.is_on, "apower": 0.0}
        return None


class Webhook(Device):
    def answer(self, method, path, query, body):
        if (method, path) == ("GET", "/status"):
            return 200, {"status": "running" if self.power.is_on else "stopped"}
        if method == "POST" and path in ("/on", "/off"):
            self.power.turn(path == "/on")
            return 200, {}
        return None


class Mikrotik(Device):
    """A PoE port of RouterOS' REST interface."""

    def answer(self, method, path, query, body):
        if path != "/rest/interface/ethernet/poe/ether5":
            return 404, {"error": 404, "message": "Not Found", "detail": "no such item"}
        if method == "PATCH":
            self.power.turn(json.loads(body)["poe-out"] != "off")
        return 200, {".id": "*5", "name": "ether5", "poe-out": "auto-on" if self.power.is_on else "off"}
