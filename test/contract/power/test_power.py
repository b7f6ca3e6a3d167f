#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract of power drivers: one body, every driver, against a peer that behaves and peers that do not.

usage: test_power.py TOOL FOLDER [DRIVER...]     TOOL is power-tool; FOLDER holds Bramble's own programs
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

FAKE = pathlib.Path(__file__).resolve().parents[2] / "fake"
EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "data" / "power"
sys.path.insert(0, str(FAKE))
import bmc  # noqa: E402
import plug  # noqa: E402
import poe_switch  # noqa: E402
import power_http  # noqa: E402
import redfish  # noqa: E402

TOOL = OWN = None
SECRET = "s3cret"  # part of every password here, wrong ones too, and of nothing else
# Who answers has time, however busy this machine is; who does not is given up soon.
PATIENT = {"timeout_s": 60, "tries": 1, "off_s": 0, "settle_s": 60}
IMPATIENT = {"timeout_s": 1, "tries": 2}
AT_ONCE = 12  # tests; they wait for most of their time
NOT_THERE = {"ETIMEDOUT", "ECONNREFUSED", "EHOSTUNREACH"}


def free_tcp_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Peer:
    """What a driver is tried against. parameters() are right; the others name a way to be wrong, None where the driver
    cannot be wrong in that way."""

    driver = None
    wrong_password_is = {"EACCES"}
    missing_is = {"ENOENT"}
    garbage_is = {"EBADMSG"}
    nobody_is = set()

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.stack = contextlib.ExitStack()

    def close(self):
        self.stack.close()

    def closing(self, thing):
        self.stack.callback(thing.close)
        return thing

    def turn(self, is_on):  # behind the driver's back
        raise NotImplementedError

    wrong_password = missing = deaf = refusing = None


class HttpPeer(Peer):
    device_class = None

    def __init__(self, folder):
        super().__init__(folder)
        self.device = self.closing(self.device_class())

    def turn(self, is_on):
        self.device.power.is_on = is_on

    @property
    def is_on(self):
        return self.device.power.is_on

    @property
    def log(self):
        return self.device.power.log

    def at(self, address, **changes):
        raise NotImplementedError

    def parameters(self):
        return self.at(self.device.address)

    def nobody(self):
        return self.at(f"127.0.0.1:{free_tcp_port()}")

    def hanging(self):
        return self.at(self.closing(power_http.Rude()).address)

    def garbage(self):
        rude = power_http.Rude(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\xff{]\x00\x1b[31m")
        return self.at(self.closing(rude).address)

    def deaf(self):
        self.device.power.is_deaf = True
        return self.parameters()


class PlugPeer(HttpPeer):
    outlet, wrong_outlet = 0, 7

    def at(self, address, **changes):
        return {"address": address, "outlet": self.outlet, "password": SECRET, **changes}

    def wrong_password(self):
        return self.at(self.device.address, password=f"wrong-{SECRET}")

    def missing(self):
        return self.at(self.device.address, outlet=self.wrong_outlet)


class Tasmota(PlugPeer):
    driver, device_class = "tasmota", plug.Tasmota
    outlet, wrong_outlet = 2, 3
    # It says the new state itself, so a plug that does not obey is seen at once.


class Shelly1(PlugPeer):
    driver, device_class = "shelly", plug.Shelly1


class Shelly2(PlugPeer):
    driver, device_class = "shelly", plug.Shelly2


class Webhook(HttpPeer):
    driver = "webhook"
    garbage_is = None  # any answer is one that says nothing

    @staticmethod
    def device_class():
        return plug.Webhook(("basic", "me", SECRET))

    def at(self, address, **changes):
        return {**{f"{word}_uri": f"http://{address}/{path}" for word, path in
                   (("on", "on"), ("off", "off"), ("query", "status?token=here"))}, "user": "me", "password": SECRET,
                **changes}

    def wrong_password(self):
        return self.at(self.device.address, password=f"wrong-{SECRET}")

    def missing(self):
        return self.at(self.device.address, query_uri=f"http://{self.device.address}/elsewhere")


class Redfish(HttpPeer):
    driver, device_class = "redfish", redfish.Redfish
    refused_is = {"EREMOTEIO"}

    def at(self, address, **changes):
        return {"address": address, "user": "root", "password": SECRET, "scheme": "http", **changes}

    def wrong_password(self):
        return self.at(self.device.address, password=f"wrong-{SECRET}")

    def missing(self):
        return self.at(self.device.address, node_id="7")

    def refusing(self):
        self.device.refuses = True
        return self.parameters()


class Babbler:
    """Answers every datagram with what makes no sense, until an empty one comes."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.babble)
        self.thread.start()

    def babble(self):
        while True:
            said, peer = self.socket.recvfrom(4096)
            if not said:
                return
            self.socket.sendto(b"\xff{]\x00" * 20, peer)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


class UdpPeer(Peer):
    """Where nobody is looks like who does not answer."""

    def hanging(self):
        silent = self.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        silent.bind(("127.0.0.1", 0))
        return self.at(f"127.0.0.1:{silent.getsockname()[1]}")

    def nobody(self):
        return self.at(f"127.0.0.1:{bmc.free_port()}")

    def garbage(self):
        return self.at(self.closing(Babbler()).address)


class Ipmi(UdpPeer):
    driver = "ipmi"
    garbage_is = {"ETIMEDOUT", "EBADMSG"}  # what is no IPMI is not looked at
    password = f'{SECRET}#"\\'  # with all that FreeIPMI's configuration file would misread

    def __init__(self, folder):
        super().__init__(folder)
        self.bmc = self.closing(bmc.Bmc(self.folder / "bmc", self.password))

    def at(self, address, **changes):
        return {"address": address, "user": "admin", "password": self.password, "privilege": "ADMIN", **changes}

    def parameters(self):
        return self.at(self.bmc.address)

    def turn(self, is_on):
        (self.bmc.folder / "power").write_text("1\n" if is_on else "0\n")

    @property
    def is_on(self):
        return self.bmc.is_on

    @property
    def log(self):
        return self.bmc.log

    def wrong_password(self):
        return self.at(self.bmc.address, password=f"wrong-{SECRET}")

    def refusing(self):
        return self.at(self.bmc.address, user="nobody")

    refused_is = {"EACCES"}

    def deaf(self):
        self.bmc.be_deaf()
        return self.parameters()


class Snmp(UdpPeer):
    driver = "snmp_poe"
    garbage_is = {"ETIMEDOUT", "EBADMSG"}
    PORT = 3
    credentials = {"community": f"{SECRET}-write"}
    wrong_credentials = {"community": f"wrong-{SECRET}"}
    powerless_credentials = {"community": "only-reads"}
    wrong_password_is = {"ETIMEDOUT"}  # an agent is silent to a community that it does not know
    refused_is = {"EACCES"}

    def __init__(self, folder):
        super().__init__(folder)
        self.switch = self.closing(poe_switch.PoeSwitch(self.folder / "switch"))

    def at(self, address, **changes):
        return {"address": address, "port": str(self.PORT), **self.credentials, **changes}

    def parameters(self):
        return self.at(self.switch.address)

    def turn(self, is_on):
        self.switch.turn(self.PORT, is_on)

    @property
    def is_on(self):
        return self.switch.is_on(self.PORT)

    @property
    def log(self):
        return self.switch.log

    def wrong_password(self):
        return self.at(self.switch.address, **self.wrong_credentials)

    def missing(self):
        return self.at(self.switch.address, port="2.3")

    def refusing(self):
        return self.at(self.switch.address, **self.powerless_credentials)

    def deaf(self):
        self.switch.change(deaf=True)
        return self.parameters()


class Snmp3(Snmp):
    credentials = {"version": "3", "user": "watcher", "auth_password": f"auth {SECRET}", "priv_password": f"priv {SECRET}"}
    wrong_credentials = {"auth_password": f"wrong {SECRET}"}
    powerless_credentials = {"user": "reader"}
    wrong_password_is = {"EACCES"}


PROGRAM = """#!/usr/bin/python3
import pathlib, sys, time
said = [line.rstrip("\\n").partition(" ")[::2] for line in sys.stdin]
words = dict(said)
given = dict(value.partition(" ")[::2] for word, value in said if word == "parameter")
state, log = pathlib.Path({folder!r}, "state"), pathlib.Path({folder!r}, "log")
assert said[0] == ("bramble-power", "1") and said[-1] == ("end", ""), said
sys.stderr.write("what people may read\\n")
if given["mode"] == "hang":
    time.sleep(1000)
elif given["mode"] == "garbage":
    print("state perhaps")
elif given["mode"] == "refuse":
    print("error refused the lever is stuck")
elif given["password"] != {secret!r}:
    print("error credentials wrong password")
elif given["outlet"] != "7":
    print("error not-found there is no outlet", given["outlet"])
elif words["action"] == "query":
    print("state", state.read_text())
elif given["mode"] != "deaf":
    state.write_text(words["action"])
    log.open("a").write(words["action"] + "\\n")
"""


class Exec(Peer):
    driver = "exec"
    refused_is = {"EREMOTEIO"}
    nobody_is = {"ENOENT"}

    def __init__(self, folder):
        super().__init__(folder)
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        (self.folder / "state").write_text("off")
        (self.folder / "log").touch()
        program = self.programs / "lever"
        program.write_text(PROGRAM.format(folder=str(self.folder), secret=SECRET))
        program.chmod(0o755)

    def at(self, mode="", **changes):
        return {"program": "lever", "outlet": 7, "password": SECRET, "mode": mode or "obey", **changes}

    def parameters(self):
        return self.at()

    def turn(self, is_on):
        (self.folder / "state").write_text("on" if is_on else "off")

    @property
    def is_on(self):
        return (self.folder / "state").read_text() == "on"

    @property
    def log(self):
        return (self.folder / "log").read_text().split()

    def wrong_password(self):
        return self.at(password=f"wrong-{SECRET}")

    def missing(self):
        return self.at(outlet=8)

    def nobody(self):
        return self.at(program="nobody")

    def hanging(self):
        return self.at("hang")

    def garbage(self):
        return self.at("garbage")

    def refusing(self):
        return self.at("refuse")

    def deaf(self):
        return self.at("deaf")


# What uhubctl writes, of a hub at 1-1.4 whose second port has power.
UHUBCTL = """#!/bin/sh
cd {folder} || exit 1
while getopts l:p:a: option; do
        case $option in l) hub=$OPTARG ;; p) port=$OPTARG ;; a) action=$OPTARG ;; esac
done
[ "$hub" != 1-9 ] || sleep 1000
if [ "$hub" = 1-2 ]; then
        echo "Permission denied. Try running as root"
elif [ "$hub" != 1-1.4 ]; then
        echo "No compatible devices detected at location $hub!"
        exit 1
elif [ "$port" = 3 ]; then
        echo "out of words"
else
        show() {{
                echo "$1 status for hub 1-1.4 [2109:3431, USB 2.10, 4 ports, ppps]"
                [ "$port" != 2 ] || echo "  Port 2: $([ "$(cat state)" = on ] && echo '0503 power highspeed enable connect' || echo '0000 off')"
        }}
        show Current
        if [ "$action" ]; then
                echo "Sent power $action request"
                [ -e deaf ] || echo "$action" >state
                echo "$action" >>log
                show New
        fi
fi
"""


class UsbHub(Peer):
    """The example data/power/usb-hub, with a stand-in for uhubctl beside it."""

    driver = "exec"
    nobody_is = missing_is = garbage_is = {"ENOENT"}

    def __init__(self, folder):
        super().__init__(folder)
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        shutil.copy(EXAMPLES / "usb-hub", self.programs)
        tool = self.programs / "uhubctl"
        tool.write_text(UHUBCTL.format(folder=self.folder))
        tool.chmod(0o755)
        self.turn(False)
        (self.folder / "log").touch()

    def at(self, **changes):
        return {"program": "usb-hub", "hub": "1-1.4", "port": 2, **changes}

    def parameters(self):
        return self.at()

    def turn(self, is_on):
        (self.folder / "state").write_text("on\n" if is_on else "off\n")

    @property
    def is_on(self):
        return (self.folder / "state").read_text() == "on\n"

    @property
    def log(self):
        return (self.folder / "log").read_text().split()

    def wrong_password(self):
        return self.at(hub="1-2")  # who may not open it is no friend either

    def nobody(self):
        return self.at(hub="1-3")

    def hanging(self):
        return self.at(hub="1-9")

    def garbage(self):
        return self.at(port=3)

    def missing(self):
        return self.at(port=4)

    def deaf(self):
        (self.folder / "deaf").touch()
        return self.parameters()


class Mikrotik(HttpPeer):
    """The example data/power/mikrotik-poe, and a stand-in for RouterOS."""

    driver = "exec"

    def __init__(self, folder):
        super().__init__(folder)
        self.programs = EXAMPLES

    @staticmethod
    def device_class():
        return plug.Mikrotik(("basic", "admin", SECRET))

    def at(self, address, **changes):
        return {"program": "mikrotik-poe", "address": address, "interface": "ether5", "user": "admin", "password": SECRET,
                "scheme": "http", **changes}

    def wrong_password(self):
        return self.at(self.device.address, password=f"wrong-{SECRET}")

    def missing(self):
        return self.at(self.device.address, interface="ether9")


class Question:
    """An action as it was asked for, with all that is known of the machine."""

    def __init__(self, peer, action, parameters, **known):
        self.driver = peer.driver
        self.text = json.dumps({"action": action, "parameters": {**PATIENT, **parameters}, "own_dir": str(OWN),
                                "programs_dir": str(getattr(peer, "programs", peer.folder)), **known})
        self.command = [TOOL, self.driver]

    def ask(self):
        done = subprocess.run(self.command, input=self.text, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"{self.driver}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def ask_and_look(self):
        """The same, and what meanwhile stood in argument lists and environments."""
        with subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            process.stdin.write(self.text)
            process.stdin.close()
            seen = set()
            while process.poll() is None:
                for pid in {process.pid, *children_of(process.pid)}:
                    with contextlib.suppress(OSError):
                        seen.add(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
                        seen.add(pathlib.Path(f"/proc/{pid}/environ").read_bytes())
                time.sleep(0.02)
            return json.loads(process.stdout.read()), seen


class Contract(unittest.TestCase):
    peer_class = None

    def setUp(self):
        self.peer = self.peer_class(self.enter(tempfile.TemporaryDirectory(prefix="bramble-power-")))
        self.addCleanup(self.peer.close)

    def enter(self, context):
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def act(self, action, parameters=None, **known):
        return Question(self.peer, action, parameters or self.peer.parameters(), **known).ask()

    def done(self, action, **known):
        answer = self.act(action, **known)
        self.assertEqual(answer["result"], 0, answer)
        return answer

    def fails(self, parameters, errors, action="query"):
        """It fails, in one sentence that names the driver, and no secret."""
        if not parameters:
            self.skipTest(f"{self.peer.driver} cannot fail in this way")
        answer = self.act(action, parameters)
        self.assertIn(answer["error"], errors, answer)
        sentence = answer["sentence"]
        self.assertTrue(sentence.startswith(f"power driver {self.peer.driver}: "), sentence)
        self.assertTrue(sentence.isprintable(), sentence)
        self.assertNotIn(SECRET, sentence)
        name = parameters.get("program") or parameters.get("address") or "/".join(parameters["query_uri"].split("/")[:3])
        self.assertIn(name, sentence)
        return sentence

    def test_turns_on_and_off(self):
        for action in ("on", "on", "off", "off"):
            self.assertEqual(self.done(action)["state"], action)
            self.assertEqual(self.peer.is_on, action == "on")
        self.peer.turn(True)
        self.assertEqual(self.done("query")["state"], "on")
        self.assertEqual(self.done("off")["state"], "off")

    def test_a_cycle_is_off_and_then_on(self):
        self.peer.turn(True)
        self.assertEqual(self.done("cycle")["state"], "on")
        self.assertEqual(self.peer.log, ["off", "on"])
        self.assertTrue(self.peer.is_on)

    def test_a_cycle_of_what_is_off_turns_it_on(self):
        self.done("cycle")
        self.assertTrue(self.peer.is_on)

    def test_a_cycle_that_the_machine_survives_is_told(self):
        self.peer.turn(True)
        answer = self.act("cycle", is_answering=True)
        self.assertEqual(answer["error"], "EREMOTE", answer)
        self.assertIn("still powered from elsewhere", answer["sentence"])
        self.assertTrue(self.peer.is_on)  # and is not left without it

    def test_wrong_password(self):
        # An agent of SNMP is silent to a wrong community.
        is_silent = "ETIMEDOUT" in self.peer.wrong_password_is
        self.fails({**self.peer.wrong_password(), **({"timeout_s": 2} if is_silent else {})}, self.peer.wrong_password_is)

    def test_nobody_there(self):
        self.fails({**self.peer.nobody(), "timeout_s": 1}, NOT_THERE | self.peer.nobody_is)

    def test_a_peer_that_hangs_has_an_end(self):
        """It is asked as often as was said, and no secret stands in an argument list meanwhile."""
        question = Question(self.peer, "query", {**self.peer.hanging(), **IMPATIENT})
        answer, seen = question.ask_and_look()
        self.assertEqual(answer["error"], "ETIMEDOUT", answer)
        self.assertRegex(answer["sentence"], r"no answer in 1 s.*\(tried 2 times\)")
        self.assertGreaterEqual(len(seen), 2)
        for words in seen:
            self.assertNotIn(SECRET.encode(), words)

    def test_no_such_outlet(self):
        self.fails(self.peer.missing and self.peer.missing(), self.peer.missing_is, "on")

    def test_a_refusal(self):
        self.fails(self.peer.refusing and self.peer.refusing(), getattr(self.peer, "refused_is", None), "on")
        self.assertFalse(self.peer.is_on)

    def test_an_answer_that_makes_no_sense(self):
        if self.peer.garbage_is is None:
            answer = self.act("query", self.peer.garbage())
            self.assertEqual((answer["result"], answer["state"]), (0, "unknown"), answer)
            self.assertTrue(answer["note"].isprintable() and answer["note"], answer)
        else:
            is_silent = "ETIMEDOUT" in self.peer.garbage_is
            self.fails({**self.peer.garbage(), **({"timeout_s": 1} if is_silent else {})}, self.peer.garbage_is)

    def test_a_peer_that_says_yes_and_does_nothing(self):
        answer = self.act("on", {**self.peer.deaf(), "settle_s": 1})
        self.assertEqual(answer["error"], "ETIME", answer)
        self.assertIn("after 1 s its power is off", answer["sentence"])


def children_of(pid):
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            text = pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text()
            yield from (int(child) for child in text.split())


class IpmiContract(Contract):
    peer_class = Ipmi

    def test_boots_from_the_network_once(self):
        self.done("network-once")
        self.assertEqual(self.peer.bmc.boot, "pxe")
        self.fails(self.peer.wrong_password(), {"EACCES"}, "network-once")

    def test_version_1_5(self):
        answer = self.act("on", {**self.peer.parameters(), "driver": "LAN"})
        self.assertEqual((answer["result"], answer["state"]), (0, "on"), answer)


class RedfishContract(Contract):
    peer_class = Redfish

    def test_boots_from_the_network_once(self):
        self.done("network-once")
        self.assertEqual(self.peer.device.boot, {"BootSourceOverrideEnabled": "Once", "BootSourceOverrideTarget": "Pxe"})
        sentence = self.fails({**self.peer.parameters(), "boot_target": "UefiHttp"}, {"EOPNOTSUPP"}, "network-once")
        self.assertIn("cannot boot from UefiHttp once", sentence)

    def test_says_why_the_service_refused(self):
        sentence = self.fails(self.peer.refusing(), {"EREMOTEIO"}, "on")
        self.assertIn("status 400: The licence for this has run out.", sentence)

    def test_which_of_several(self):
        device = self.peer.closing(redfish.Redfish(systems=("2", "1")))
        sentence = self.fails(self.peer.at(device.address), {"EINVAL"})
        self.assertIn("set node_id to one of 2, 1", sentence)
        self.assertEqual(self.act("on", self.peer.at(device.address, node_id="1"))["state"], "on")

    def test_a_path_to_elsewhere_gets_no_password(self):
        elsewhere = self.peer.closing(redfish.Redfish())
        self.peer.device.systems = [f"../../..@{elsewhere.address}/redfish/v1/Systems/1"]
        self.peer.device.answer = lambda *_: (200, {"Members": [{"@odata.id": f"@{elsewhere.address}/redfish/v1/Systems/1"}]})
        self.fails(self.peer.parameters(), {"EBADMSG"})
        self.assertEqual(elsewhere.requests, [])

    def test_a_certificate_that_nobody_vouches_for(self):
        pem = self.peer.folder / "bmc.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                        "/CN=127.0.0.1", "-days", "2", "-keyout", pem, "-out", self.peer.folder / "cert.pem"],
                       check=True, capture_output=True)
        pem.write_text(pem.read_text() + (self.peer.folder / "cert.pem").read_text())
        device = self.peer.closing(redfish.Redfish(tls=pem))
        parameters = {**self.peer.at(device.address), "scheme": "https"}
        sentence = self.fails(parameters, {"EKEYREJECTED"})
        self.assertIn("verify_ssl=false", sentence)
        self.assertEqual(device.requests, [])
        self.assertEqual(self.act("query", {**parameters, "verify_ssl": "false"})["state"], "off")


class SnmpContract(Contract):
    peer_class = Snmp
    MAC = "dc:a6:32:01:02:03"

    def unplaced(self):
        parameters = self.peer.parameters()
        del parameters["port"]
        return parameters

    def find(self, **known):
        return self.act("on", self.unplaced(), **{"macs": [self.MAC], **known})

    def test_finds_the_port_by_the_forwarding_table(self):
        self.peer.switch.learn(self.MAC, 3)
        self.peer.switch.learn("dc:a6:32:09:09:09", 4)
        answer = self.find()
        self.assertEqual((answer["result"], answer["learned_name"], answer["learned_value"]), (0, "port", "1.3"), answer)
        self.assertTrue(self.peer.is_on)

    def test_finds_the_port_by_the_forwarding_table_of_a_vlan(self):
        self.peer.switch.learn("dc:a6:32:09:09:09", 4, vlan=1)
        self.peer.switch.learn(self.MAC, 5, vlan=20)
        answer = self.find()
        self.assertEqual(answer["learned_value"], "1.5", answer)
        self.assertTrue(self.peer.switch.is_on(5))

    def test_finds_the_port_by_lldp(self):
        self.peer.switch.learn(self.MAC, 4)  # what LLDP says counts more than an address that may have moved
        answer = self.find(neighbour={"chassis": "lab-switch", "port": "Gi6"})
        self.assertEqual(answer["learned_value"], "1.6", answer)

    def test_a_neighbour_of_another_switch_does_not_mislead(self):
        self.peer.switch.learn(self.MAC, 4)
        answer = self.find(neighbour={"chassis": "another-switch", "port": "Gi6"})
        self.assertEqual(answer["learned_value"], "1.4", answer)

    def test_a_port_to_another_switch_is_left_alone(self):
        for i in range(6):
            self.peer.switch.learn(f"dc:a6:32:01:02:{i:02x}", 2)
        answer = self.find()
        self.assertEqual(answer["error"], "EINVAL", answer)
        self.assertIn("leads to another switch", answer["sentence"])
        self.assertEqual(self.peer.log, [])

    def test_a_machine_that_it_has_not_seen(self):
        answer = self.find()
        self.assertEqual(answer["error"], "ENOENT", answer)
        self.assertIn("has not seen pi4 lately", answer["sentence"])

    def test_a_port_whose_power_nobody_takes(self):
        self.peer.switch.turn(3, True)
        self.peer.switch.change(**{f"{poe_switch.DETECTION}1.3": ["integer", "2"]})
        answer = self.done("query")
        self.assertEqual(answer["state"], "off")
        self.assertIn("powered from elsewhere", answer["note"])


class WebhookContract(Contract):
    peer_class = Webhook

    def test_says_whose_power(self):
        self.done("on")
        method, path, headers, body = self.peer.device.requests[-2]
        self.assertEqual((method, path, headers["System_Id"], body), ("POST", "/on", "pi4", b""))
        self.assertNotIn("Content-Type", headers)

    def test_a_token(self):
        device = self.peer.closing(plug.Webhook(("bearer", SECRET)))
        parameters = self.peer.at(device.address, token=SECRET)
        self.assertEqual(self.act("on", parameters)["state"], "on")
        self.fails({**parameters, "token": f"wrong-{SECRET}"}, {"EACCES"})

    def test_expressions_of_ones_own(self):
        self.peer.turn(True)
        answer = self.act("query", self.peer.at(self.peer.device.address, on_regex="never", off_regex='"running"'))
        self.assertEqual(answer["state"], "off", answer)

    def test_an_expression_that_takes_an_age(self):
        self.peer.device.answer = lambda *_: (200, "a" * 500 + "!c")
        sentence = self.fails(self.peer.at(self.peer.device.address, on_regex="(a|aa)+$"), {"E2BIG"})
        self.assertIn("write a simpler one", sentence)


class TasmotaContract(Contract):
    peer_class = Tasmota


class Shelly1Contract(Contract):
    peer_class = Shelly1


class Shelly2Contract(Contract):
    peer_class = Shelly2


class ExecContract(Contract):
    peer_class = Exec


class UsbHubContract(Contract):
    peer_class = UsbHub


class MikrotikContract(Contract):
    peer_class = Mikrotik


class Snmp3Contract(Contract):
    peer_class = Snmp3

    def test_a_key_that_cannot_be_read(self):
        self.fails(self.peer.at(self.peer.switch.address, priv_password=f"wrong {SECRET}", timeout_s=1), {"ETIMEDOUT", "EACCES"})


class WolContract(unittest.TestCase):
    """It can do one thing, and nobody answers."""

    def test_wakes(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as card:
            card.bind(("127.0.0.1", 0))
            card.settimeout(20)
            peer = Peer(folder)
            peer.driver = "wol"
            parameters = {"address": f"127.0.0.1:{card.getsockname()[1]}", "password": "01:02:03:04:05:06"}
            question = Question(peer, "on", {}, macs=["dc:a6:32:01:02:03"])
            question.text = json.dumps({**json.loads(question.text), "parameters": parameters})
            self.assertEqual(question.ask()["result"], 0)
            packet = card.recv(200)
        mac = bytes.fromhex("dca632010203")
        self.assertEqual(packet, b"\xff" * 6 + mac * 16 + bytes(range(1, 7)))


class ByHandContract(unittest.TestCase):
    """What no driver can do is asked of a person, in words."""

    def test_asks_in_words(self):
        for driver, action, asked in (
                ("manual", "on", "turn pi4 on by hand: its power is manual"),
                ("manual", "cycle", "turn pi4 off and on again by hand: its power is manual"),
                ("wol", "off", "turn pi4 off by hand: the power driver wol cannot"),
                ("wol", "cycle", "turn pi4 off and on again by hand: the power driver wol cannot"),
                ("fake", "on", None)):
            answer = self.ask(driver, action)
            self.assertEqual((answer["result"], answer["sentence"]), (1, asked) if asked else (0, ""), answer)

    def test_states_and_refusals(self):
        for driver, action, result, state in (("manual", "query", 0, "unknown"), ("fake", "off", 0, "off"),
                                              ("fake", "cycle", 0, "on")):
            answer = self.ask(driver, action)
            self.assertEqual((answer["result"], answer["state"]), (result, state), answer)
        self.assertEqual(self.ask("manual", "network-once")["error"], "EOPNOTSUPP")
        self.assertEqual(self.ask("fake", "on", outcome="credentials")["error"], "EACCES")

    def ask(self, driver, action, **parameters):
        with tempfile.TemporaryDirectory() as folder:
            peer = Peer(folder)
            peer.driver = driver
            question = Question(peer, action, {})
            question.text = json.dumps({**json.loads(question.text), "parameters": parameters})
            return question.ask()


CONTRACTS = {"ipmi": IpmiContract, "redfish": RedfishContract, "snmp_poe-2c": SnmpContract, "snmp_poe-3": Snmp3Contract,
             "webhook": WebhookContract, "tasmota": TasmotaContract, "shelly-1": Shelly1Contract, "shelly-2": Shelly2Contract,
             "exec": ExecContract, "usb-hub": UsbHubContract, "mikrotik-poe": MikrotikContract, "wol": WolContract, "by-hand": ByHandContract}



def run_at_once(names):
    """Each test in a thread."""
    def run(test):
        result = unittest.TestResult()
        test.run(result)
        return test, result

    is_right = True
    tests = [test for name in names for test in unittest.TestLoader().loadTestsFromTestCase(CONTRACTS[name])]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
        for test, result in threads.map(run, tests):
            faults = "".join(text for _, text in result.failures + result.errors)
            skipped = "".join(f" (skipped: {why})" for _, why in result.skipped)
            print(f"{test.id()}: {'FAILED' if faults else 'ok'}{skipped}\n{faults}", end="", flush=True)
            is_right = is_right and not faults
    return is_right


if __name__ == "__main__":
    TOOL, OWN = sys.argv[1], pathlib.Path(sys.argv[2]).absolute()
    os.environ["PATH"] += ":/usr/sbin"
    missing = [program for program in ("ipmi_sim", "ipmipower", "snmpd", "openssl") if not shutil.which(program)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)} (tools/packages.txt says what the tests need)")
    sys.exit(not run_at_once(sys.argv[3:] or CONTRACTS))
