# SPDX-License-Identifier: Apache-2.0
"""A PoE switch: snmpd on a free port, with the tables of poe_agent.py in place of its own."""
import json
import os
import pathlib
import socket
import subprocess
import time

from bmc import free_port
from poe_agent import ADMIN, DETECTION

CONFIG = """agentAddress udp:127.0.0.1:{port}
rwcommunity s3cret-write
rocommunity only-reads
createUser watcher SHA "auth s3cret" AES "priv s3cret"
createUser reader SHA "auth s3cret" AES "priv s3cret"
rwuser watcher priv
rouser reader priv
{passed}
"""
# Trees that are ours; the rest of snmpd's own stays.
TREES = [".1.3.6.1.2.1.105", ".1.3.6.1.2.1.17", ".1.3.6.1.2.1.2.2", ".1.3.6.1.2.1.31", ".1.0.8802"]
# A get of sysDescr.0 by SNMP 2c as the community "only-reads".
HELLO = bytes.fromhex("302a020101040a6f6e6c792d7265616473a019020101020100020100300e300c06082b060102010101000500")
BASE_PORT_IFINDEX, FDB_PORT, QFDB_PORT = ".1.3.6.1.2.1.17.1.4.1.2.", ".1.3.6.1.2.1.17.4.3.1.2.", ".1.3.6.1.2.1.17.7.1.2.2.1.2."
QFDB_COUNT, IF_NAME, CHASSIS_ID = ".1.3.6.1.2.1.17.7.1.2.1.1.2.", ".1.3.6.1.2.1.31.1.1.1.1.", ".1.0.8802.1.1.2.1.3.2.0"


def mac_oid(mac):
    return ".".join(str(int(part, 16)) for part in mac.split(":"))


class PoeSwitch:
    """Eight ports 1.1 to 1.8; interface 100 + N, called "GiN", is port N of the bridge."""

    PORTS = 8

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.file = self.folder / "table.json"
        rows = {}
        for n in range(1, self.PORTS + 1):
            rows[f"{ADMIN}1.{n}"] = ["integer", "2"]
            rows[f"{DETECTION}1.{n}"] = ["integer", "1"]
            rows[f"{BASE_PORT_IFINDEX}{n}"] = ["integer", str(100 + n)]
            rows[f"{IF_NAME}{100 + n}"] = ["string", f"Gi{n}"]
        rows[CHASSIS_ID] = ["string", "lab-switch"]
        self.write(rows)
        for _ in range(5):
            if self.start(free_port()):
                return
        raise RuntimeError(f"snmpd does not start: {(self.folder / 'log').read_text()}")

    def start(self, port):
        self.address = f"127.0.0.1:{port}"
        agent = f"/usr/bin/python3 {pathlib.Path(__file__).with_name('poe_agent.py')} {self.file}"
        passed = "\n".join(f"pass_persist -p 10 {tree} {agent}" for tree in TREES)
        (self.folder / "snmpd.conf").write_text(CONFIG.format(port=port, passed=passed))
        self.process = subprocess.Popen(
            ["/usr/sbin/snmpd", "-f", "-r", "-C", "-c", self.folder / "snmpd.conf", "-Lf", self.folder / "log", "-I",
             "-smux,mteTrigger,mteTriggerConf,ifTable,ifXTable"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env={**os.environ, "SNMP_PERSISTENT_DIR": str(self.folder / "state"), "MIBS": ""})
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.answers(port):
                return True
        self.close()
        return False

    @staticmethod
    def answers(port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.05)
            s.connect(("127.0.0.1", port))
            try:
                s.send(HELLO)
                return bool(s.recv(1000))
            except TimeoutError:
                return False
            except ConnectionRefusedError:
                time.sleep(0.02)
                return False

    def read(self):
        return json.loads(self.file.read_text())

    def write(self, rows):
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(rows))
        new.rename(self.file)

    def change(self, **rows):
        self.write({**self.read(), **rows})

    def is_on(self, port):
        return self.read()[f"{ADMIN}1.{port}"][1] == "1"

    def turn(self, port, is_on):
        self.change(**{f"{ADMIN}1.{port}": ["integer", "1" if is_on else "2"],
                       f"{DETECTION}1.{port}": ["integer", "3" if is_on else "1"]})

    def learn(self, mac, port, vlan=None):
        """What the switch has in its forwarding table, or in that of a VLAN."""
        if vlan is None:
            return self.change(**{FDB_PORT + mac_oid(mac): ["integer", str(port)]})
        return self.change(**{f"{QFDB_COUNT}{vlan}": ["counter", "1"],
                              f"{QFDB_PORT}{vlan}.{mac_oid(mac)}": ["integer", str(port)]})

    @property
    def log(self):
        return self.read().get("log", [])

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, 15)
        self.process.wait(10)
