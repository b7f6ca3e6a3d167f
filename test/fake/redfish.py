# SPDX-License-Identifier: Apache-2.0
"""A Redfish service with one system or several, as strict as real ones: states change late, changes want the ETag."""
import json

from power_http import Device


class Redfish(Device):
    def __init__(self, systems=("1",), tls=None, late=1):
        super().__init__(("basic", "root", "s3cret"), tls)
        self.systems = list(systems)
        self.boot = {}
        self.late = late  # how many looks at the system pass before a reset shows
        self.pending = None
        self.refuses = False

    def system(self):
        if self.pending is not None:
            self.late -= 1
            if self.late < 0:
                self.power.turn(self.pending)
                self.pending = None
        state = "On" if self.power.is_on else "Off"
        return {"@odata.id": "/redfish/v1/Systems/1", "@odata.etag": 'W/"17"', "PowerState": state,
                "Boot": {"BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Hdd"]},
                "Actions": {"#ComputerSystem.Reset": {
                    "target": "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset",
                    "ResetType@Redfish.AllowableValues": ["On", "ForceOff", "GracefulShutdown"]}}}

    @staticmethod
    def problem(status, message):
        return status, {"error": {"code": "Base.1.8.GeneralError", "message": "See ExtendedInfo",
                                  "@Message.ExtendedInfo": [{"Message": message}]}}

    def reset(self, kind):
        if kind == "On" and self.power.is_on:
            return self.problem(409, "The system is already on.")
        self.pending, self.late = kind == "On", 1
        return 202, {}

    def answer(self, method, path, query, body):
        sent = json.loads(body) if body else None
        if path == "/redfish/v1/Systems":
            return 200, {"Members": [{"@odata.id": f"/redfish/v1/Systems/{name}"} for name in self.systems]}
        if path == "/redfish/v1/Systems/1" and method == "GET":
            return 200, self.system()
        if self.refuses:
            return self.problem(400, "The licence for this has run out.")
        if path == "/redfish/v1/Systems/1" and method == "PATCH":
            if self.requests[-1][2].get("If-Match") != 'W/"17"':
                return self.problem(412, "The ETag does not match.")
            self.boot = sent["Boot"]
            return 204, b""
        if path.endswith("/Actions/ComputerSystem.Reset") and method == "POST":
            return self.reset(sent["ResetType"])
        return None
