#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The command line against a stand-in for the API: what it sends, prints, says and exits with.

usage: test_bramble.py BRAMBLE
"""
import contextlib
import fcntl
import functools
import hashlib
import http.server
import io
import json
import os
import pathlib
import pty
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import termios
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fake"))
import api  # noqa: E402

BRAMBLE = None
OK, REFUSED, USAGE, UNREACHABLE, FAILED, LOCAL = range(6)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Commands(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.dir = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="bramble-")))
        self.socket = str(self.dir / "api.sock")
        self.server = api.Server(self.socket)
        self.world = self.server.world
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.stack.callback(thread.join)
        self.stack.callback(self.server.server_close)
        self.stack.callback(self.server.shutdown)
        self.addCleanup(self.stack.close)

    def run_bramble(self, *words, code=OK, said=None, env=None):
        """Runs it; returns what it printed. @said: what must stand on standard error, nothing if left out."""
        env = dict(os.environ, BRAMBLE_SOCKET=self.socket, http_proxy="http://127.0.0.1:1", no_proxy="127.0.0.1", TZ="UTC", LC_ALL="C.UTF-8",
                   **(env or {}))
        done = subprocess.run([BRAMBLE, *words], env=env, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        if said is None:
            self.assertEqual(done.stderr, "")
        else:
            self.assertIn(said, done.stderr)
        return done.stdout

    def sent(self):
        """The last request: method, path, query, body; not the look at the status that follows a change of a subnet."""
        return [r for r in self.world.requests if r[1] != "/api/v1/status"][-1]

    # ---- subnets ----

    def test_subnet_add_sends_every_option(self):
        self.run_bramble("subnet", "add", "10.77.0.0/24", "--interface", "br0", "--dhcp=server", "--range", "10.77.0.100-10.77.0.200",
                         "--range=10.77.0.220-10.77.0.230", "--gateway", "10.77.0.1", "--dns", "10.77.0.1", "--dns", "9.9.9.9",
                         "--option", "150=ip:10.77.0.9", "--mtu", "1400", "--route", "10.8.0.0/16=10.77.0.2", "--lease", "600")
        self.assertEqual(self.sent(), ("POST", "/api/v1/subnets", {}, {
            "net": "10.77.0.0/24", "interface": "br0", "dhcp": "server",
            "ranges": [{"first": "10.77.0.100", "last": "10.77.0.200"}, {"first": "10.77.0.220", "last": "10.77.0.230"}],
            "gateway": "10.77.0.1", "dns": ["10.77.0.1", "9.9.9.9"], "options": ["150=ip:10.77.0.9"], "mtu": 1400,
            "routes": [{"net": "10.8.0.0/16", "router": "10.77.0.2"}], "lease_s": 600}))

    def test_subnet_set_changes_and_unsets(self):
        self.run_bramble("subnet", "add", "10.77.0.0/24")
        self.run_bramble("subnet", "set", "10.77.0.0/24", "--unknown", "boot=raspios", "--gateway", "none", "--dns", "none")
        self.assertEqual(self.sent(), ("PATCH", "/api/v1/subnets/10.77.0.0/24", {},
                                       {"unknown": "boot=raspios", "gateway": None, "dns": None}))
        self.run_bramble("subnet", "set", "10.77.0.0/24", code=USAGE, said="what shall change?")

    def test_lists_follow_pages_and_are_lines_with_tabs(self):
        for i in range(5):  # the stand-in gives two a page
            self.run_bramble("subnet", "add", f"10.{i}.0.0/24", "--dhcp", "proxy")
        lines = self.run_bramble("subnet", "list").splitlines()
        self.assertEqual([line.split("\t")[:4] for line in lines],
                         [[f"10.{i}.0.0/24", "", "proxy", "discover"] for i in range(5)])
        self.assertEqual(len(json.loads(self.run_bramble("subnet", "list", "--json"))), 5)

    def test_problems_of_a_subnet_are_told_where_it_is_made(self):
        self.world.problems = ["subnet 10.77.0.0/24 is not served: there is no interface br9", "another subnet has one, too"]
        done = subprocess.run([BRAMBLE, "--socket", self.socket, "subnet", "add", "10.77.0.0/24", "--interface", "br9"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual([done.returncode, done.stdout], [OK, ""])
        self.assertEqual(done.stderr, "problem: subnet 10.77.0.0/24 is not served: there is no interface br9\n")

    def test_show_and_delete(self):
        self.run_bramble("subnet", "add", "10.77.0.0/24", "--range", "10.77.0.100-10.77.0.200")
        self.assertIn("ranges\t10.77.0.100-10.77.0.200\n", self.run_bramble("subnet", "show", "10.77.0.0/24"))
        self.run_bramble("subnet", "delete", "10.77.0.0/24")
        self.run_bramble("subnet", "show", "10.77.0.0/24", code=REFUSED, said="bramble: there is no 10.77.0.0/24\n")

    # ---- machines, leases, status ----

    def test_machines_and_what_was_discovered_stand_in_one_list(self):
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03", "--mac", "dc:a6:32:01:02:04", "--serial", "a1b2c3d4",
                         "--image", "raspios", "--ip", "10.77.0.5", "--cmdline-extra", "quiet splash")
        self.assertEqual(self.sent()[3]["cmdline_extra"], "quiet splash")
        rows = [line.split("\t") for line in self.run_bramble("machine", "list").splitlines()]
        self.assertEqual(rows[0][:7], ["New", "pi4", "dc:a6:32:01:02:03,dc:a6:32:01:02:04", "a1b2c3d4", "10.77.0.5", "", "raspios"])
        self.assertEqual(rows[1], ["discovered", "", "dc:a6:32:0a:0b:0c", "a1b2c3d4", "10.77.0.9", "pi4", "", "",
                                   "Raspberry Pi 4B 1.4, 4096 MiB, revision c03114: nobody registered it"])
        both = json.loads(self.run_bramble("--json", "machine", "list"))
        self.assertEqual([len(both["machines"]), both["discovered"][0]["pi"]["memory_mib"]], [1, 4096])
        self.assertEqual(self.run_bramble("machine", "list", "--registered").count("\n"), 1)
        self.assertEqual(self.run_bramble("machine", "list", "--discovered").count("\n"), 1)
        self.run_bramble("machine", "list", "--discovered", "--registered", code=USAGE, said="give one of --registered and --discovered")

    def test_how_far_boots_are_checked_stands_in_the_list(self):
        self.add_machines(a="x", b="x", c="x", d="x")
        for name, required, trust in (("a", False, "none"), ("b", True, "none"), ("c", True, None), ("d", True, "signed")):
            self.world.machines[name].update(require_trusted=required, trust=trust)
        rows = [line.split("\t") for line in self.run_bramble("machine", "list", "--registered").splitlines()]
        self.assertEqual([row[7] for row in rows], ["none", "none, and required", "required", "signed"])

    def test_what_is_no_firmware_and_no_key_is_told_by_its_name(self):
        junk = self.dir / "junk"
        junk.write_bytes(b"no key")
        self.run_bramble("key", "import", "lab", junk, code=LOCAL, said=f"{junk}: it holds no private key in PEM\n")
        self.run_bramble("key", "import", "far", "--signer", "hsm", "--pubkey", junk, code=LOCAL, said=f"{junk}: it holds no public key")
        self.run_bramble("eeprom", "import", self.dir, code=LOCAL, said="there is no firmware of an EEPROM in what was named")

    def test_firmware_that_is_not_whole_is_told(self):
        def put(path, size):
            (self.dir / path).parent.mkdir(parents=True, exist_ok=True)
            (self.dir / path).write_bytes(bytes(size))
        none = self.dir / "none"
        self.run_bramble("eeprom", "import", none, code=LOCAL, said=f"cannot read {none}: No such file or directory\n")
        put("2711/pieeprom-2026-05-17.bin", 512 << 10)
        alone = "left out: eeprom-2711 (there is no recovery.bin beside its pieeprom*.bin)\n"
        self.run_bramble("eeprom", "import", self.dir / "2711", code=LOCAL, said=f"nothing is imported; {alone}")
        put("both/firmware-2711/default/pieeprom-2026-05-17.bin", 512 << 10)
        put("both/firmware-2711/default/recovery.bin", 9)
        put("both/firmware-2712/default/recovery.bin", 9)
        out = self.run_bramble("eeprom", "import", self.dir / "both", said="left out: eeprom-2712 (there is no pieeprom*.bin of 2 MiB)\n")
        self.assertIn("image eeprom-2711", out)
        put("both/firmware-2712/default/pieeprom-2026-05-17.bin", 2 << 20)
        (self.dir / "both/firmware-2712/default/recovery.bin").unlink()
        self.run_bramble("eeprom", "import", self.dir / "both", said="left out: eeprom-2712 (there is no recovery.bin beside")

    def test_power_is_set_key_by_key_and_shows_no_secret(self):
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03")
        self.assertEqual(self.run_bramble("machine", "power", "pi4"), "driver\tmanual\n")
        secret = self.dir / "password"
        secret.write_text("s3cret\n")
        self.run_bramble("machine", "power", "pi4", "--driver", "ipmi", "--key", "address=10.0.0.5", "--key", f"password=@{secret}",
                         "--key", "user=a=b")
        self.assertEqual(self.sent(), ("PUT", "/api/v1/machines/pi4/power", {}, {
            "driver": "ipmi", "parameters": {"address": "10.0.0.5", "password": "s3cret", "user": "a=b"}}))
        self.assertEqual(self.run_bramble("machine", "power", "pi4"),
                         "driver\tipmi\naddress\t10.0.0.5\npassword\t(hidden)\nuser\ta=b\n")
        self.run_bramble("machine", "power", "pi4", "--key", "address=10.0.0.6", "--key=user=")
        self.assertEqual(self.sent()[3], {"driver": "ipmi", "parameters": {"address": "10.0.0.6", "password": "(hidden)"}})
        self.run_bramble("machine", "power", "pi4", "--driver", "wol")  # which begins with nothing
        self.assertEqual(self.sent()[3], {"driver": "wol", "parameters": {}})
        self.run_bramble("machine", "power", "pi4", "--driver", "nuclear", code=REFUSED, said='no power driver "nuclear"')
        self.run_bramble("machine", "power", "pi4", "--key", "address", code=USAGE, said="write it as KEY=VALUE")
        self.run_bramble("machine", "power", "pi4", "--key", "a=@/nonexistent", code=LOCAL, said="/nonexistent: No such file")

    def test_power_is_switched(self):
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03")
        self.run_bramble("machine", "power", "pi4", "cycle", code=REFUSED, said="turn pi4 cycle by hand")
        self.run_bramble("machine", "power", "pi4", "--driver", "ipmi", "--key", "address=10.0.0.5")
        self.assertEqual(self.run_bramble("machine", "power", "pi4", "off"), "pi4\toff\n")
        self.assertEqual(self.sent()[:2], ("POST", "/api/v1/machines/pi4/power/off"))
        self.assertEqual(self.run_bramble("machine", "power", "pi4", "query"), "pi4\ton\tall is well\n")
        self.assertEqual(json.loads(self.run_bramble("--json", "machine", "power", "pi4", "on"))["state"], "on")
        self.run_bramble("machine", "power", "pi4", "explode", code=USAGE, said="is none of on|off")
        self.run_bramble("machine", "power", "pi4", "on", "--driver", "ipmi", code=USAGE, said="set it first")

    def test_power_drivers_and_their_keys(self):
        self.assertEqual(self.run_bramble("power", "drivers"), "manual\tBy hand\t\nipmi\tBMC by IPMI\ton off query\n")
        self.assertEqual(self.run_bramble("power", "drivers", "ipmi"),
                         "address\thost\t\trequired\tAddress of the BMC.\npassword\ttext\t\tsecret\tPassword of that user.\n"
                         "off_mode\thard soft\thard\t\tHow.\n")
        self.run_bramble("power", "drivers", "nuclear", code=REFUSED, said="no power driver nuclear")

    def test_machine_is_changed_shown_and_deleted(self):
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03")
        self.run_bramble("machine", "set", "pi4", "--ip", "none", "--mac", "dc:a6:32:01:02:04")
        self.assertEqual(self.sent(), ("PATCH", "/api/v1/machines/pi4", {}, {"ip": None, "macs": ["dc:a6:32:01:02:04"]}))
        self.assertIn("macs\tdc:a6:32:01:02:04\n", self.run_bramble("machine", "show", "pi4"))
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03", code=REFUSED, said="there is a pi4 already")
        self.run_bramble("machine", "delete", "pi4")
        self.run_bramble("machine", "delete", "pi4", code=REFUSED, said="there is no pi4")
        self.run_bramble("machine", "add", "pi5", code=USAGE, said="how is pi5 known on the network?")

    # ---- what is done with machines ----

    def add_machines(self, **tags):
        for i, (name, tag) in enumerate(tags.items()):
            self.run_bramble("machine", "add", name, "--mac", f"dc:a6:32:01:02:{i:02x}", "--tag", tag)

    def test_an_action_is_begun_on_one_machine(self):
        self.add_machines(pi4="lab")
        keys = self.dir / "keys"
        keys.write_text("# mine\nssh-ed25519 AAAA zoe\n\nssh-rsa BBBB old\r\n")
        (self.dir / "user").write_text("#cloud-config\n")
        out = self.run_bramble("machine", "deploy", "pi4", "--image", "debian", "--root", "disk", "--done-when", "ssh", "--keep-firmware",
                               "--ssh-key", str(keys), "--ssh-key", "ssh-ed25519 CCCC other", "--user-data", str(self.dir / "user"),
                               "--keep-disk-id")
        self.assertEqual(out, "")  # a program looks at the exit code
        self.assertEqual(self.sent(), ("POST", "/api/v1/machines/pi4/actions/deploy", {}, {
            "image": "debian", "root": "disk", "done_when": "ssh", "keep_firmware": True, "new_disk_id": False,
            "authorized_keys": ["ssh-ed25519 AAAA zoe", "ssh-rsa BBBB old", "ssh-ed25519 CCCC other"], "user_data": "#cloud-config\n"}))
        self.assertEqual(json.loads(self.run_bramble("machine", "commission", "pi4", "--json"))["state"], "Commissioning")
        _, printed = self.on_terminal("machine", "commission", "pi4")
        self.assertEqual(printed, "pi4: Commissioning: its power is by hand: switch it on\n")
        self.run_bramble("machine", "deploy", "pi4", "--image", "x", "--user-data", "/nowhere", code=LOCAL, said="/nowhere: No such file")
        self.run_bramble("machine", "retire", "pi4", code=REFUSED, said="retire begins from nowhere")

    def test_scripts_are_named_or_sent(self):
        self.add_machines(pi4="lab")
        (self.dir / "99-mine").write_text("#!/bin/sh\n")
        self.run_bramble("machine", "test", "pi4", "--script", "memory", "--script", str(self.dir / "99-mine"), code=REFUSED, said="test")
        self.assertEqual(self.sent()[3], {"scripts": ["memory", {"name": "99-mine", "body_base64": "IyEvYmluL3NoCg=="}]})
        self.run_bramble("machine", "commission", "pi4", "--no-scripts")
        self.assertEqual(self.sent()[3], {"scripts": []})
        self.run_bramble("machine", "commission", "pi4")
        self.assertEqual(self.sent()[3], {})

    def test_scripts_are_stored_and_given_parameters(self):
        (self.dir / "burn-in").write_bytes(b"#!/bin/sh\n\xff")
        said = self.run_bramble("script", "add", str(self.dir / "burn-in"), said="not done: packages: nothing is installed")
        self.assertEqual(said, "")
        self.assertEqual(self.sent()[3], {"file": "burn-in", "body_base64": "IyEvYmluL3NoCv8="})
        self.assertEqual(self.run_bramble("script", "list"), "burn-in\ttesting\tlong, noauto\tstorage\tBurn?[31m it in\n")
        self.assertIn("not done\tpackages: nothing is installed\n", self.run_bramble("script", "show", "burn-in"))
        self.add_machines(pi4="lab")
        self.run_bramble("machine", "commission", "pi4", "--scripts", "burn-in, long,", "--param", "storage=sda", "--param", "a=b=c")
        self.assertEqual(self.sent()[3], {"scripts": ["burn-in", "long"], "parameters": {"storage": "sda", "a": "b=c"}})
        self.run_bramble("machine", "commission", "pi4", "--param", "storage", code=USAGE, said="NAME=VALUE")
        self.run_bramble("script", "delete", "burn-in")
        self.run_bramble("script", "show", "burn-in", code=REFUSED, said="burn-in")
        self.run_bramble("script", "add", "/nowhere/x", code=LOCAL, said="No such file")

    def test_lines_for_config_txt_are_of_a_board_a_tag_or_a_machine(self):
        (self.dir / "poe").write_text("dtoverlay=poe\n[pi5]\nx=1\n")
        lines = str(self.dir / "poe")
        self.run_bramble("config-txt", "set", "tag=rack-b", lines)
        self.assertEqual(self.sent()[1::2], ("/api/v1/config-txt/tag/rack-b", {"text": "dtoverlay=poe\n[pi5]\nx=1\n"}))
        self.run_bramble("config-txt", "set", "board=pi4b", lines)
        self.assertEqual(self.run_bramble("config-txt", "show", "tag=rack-b"), "dtoverlay=poe\n[pi5]\nx=1\n")
        self.assertIn("board\tpi4b\t2026-01-02T03:04:05Z\tdtoverlay=poe", self.run_bramble("config-txt", "list"))
        self.run_bramble("config-txt", "delete", "tag=rack-b")
        self.run_bramble("config-txt", "show", "tag=rack-b", code=REFUSED, said="rack-b")
        for word in "rack-b", "shelf=b", "tag=":
            self.run_bramble("config-txt", "set", word, lines, code=USAGE, said=f"bramble: {word}: whose lines?")
        self.run_bramble("config-txt", "set", "tag=b", "/nowhere/x", code=LOCAL, said="No such file")
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03", "--config-txt", lines)
        self.assertEqual(self.sent()[3]["config_txt_extra"], "dtoverlay=poe\n[pi5]\nx=1\n")
        self.run_bramble("machine", "set", "pi4", "--config-txt", "none")
        self.assertEqual(self.sent()[3], {"config_txt_extra": None})

    def test_profiles_of_eeproms(self):
        lines = self.dir / "lab.txt"
        lines.write_text("BOOT_ORDER=0xf21\nBOOT_ODRER=1\n")
        self.add_machines(a="lab")
        self.run_bramble("eeprom-profile", "set", "tag=lab", lines, "--firmware", "newest", said="BOOT_ORDER")
        self.assertEqual(self.sent()[1::2], ("/api/v1/eeprom/profiles/tag/lab", {"text": lines.read_text(), "firmware": "newest"}))
        self.assertEqual(self.run_bramble("eeprom-profile", "show", "tag=lab"), "# firmware: newest\n" + lines.read_text())
        self.assertIn("tag\tlab\t2026-01-02T03:04:05Z\tnewest\tBOOT_ORDER", self.run_bramble("eeprom-profile", "list"))
        self.run_bramble("eeprom-profile", "delete", "tag=lab")
        self.run_bramble("eeprom-profile", "show", "tag=lab", code=REFUSED, said="lab")
        self.run_bramble("eeprom-profile", "set", "machine=a", lines, said="BOOT_ODRER")
        self.assertEqual(self.sent()[::3], ("PATCH", {"eeprom_lines": lines.read_text(), "eeprom_firmware": None}))
        self.assertEqual(self.run_bramble("eeprom-profile", "show", "machine=a"), lines.read_text())
        self.run_bramble("eeprom-profile", "delete", "machine=a")
        self.assertEqual(self.sent()[3], {"eeprom_lines": None, "eeprom_firmware": None})
        self.run_bramble("eeprom-profile", "set", "pool=x", lines, code=USAGE, said="bramble: pool=x: whose profile?")

    def test_eeproms_are_planned_and_rolled_out(self):
        self.add_machines(a="lab", b="shop", c="lab")
        self.world.machines["a"].update(inventoried="2026-01-02T03:04:05Z", trust="none")
        config = str(self.dir / "bootconf.txt")
        pathlib.Path(config).write_text("[all]\nBOOT_ORDER=0xf2\nTFTP_IP=10.0.0.1\n")
        told = "\t\t\t\t\tits agent has not told what it has: commission it\n"  # of b nobody wants anything
        self.assertEqual(self.run_bramble("eeprom", "plan", "--all"), "a\t2026-05-17\t0xf21\tnone\t\t-A=1, +A=2\nc" + told)
        self.assertEqual(self.run_bramble("eeprom", "plan", "a", "--config", config),
                         "a\t2026-05-17\t0xf21\tnone\t\t-BOOT_ORDER=0xf21, +BOOT_ORDER=0xf2\n")
        self.assertEqual(self.run_bramble("eeprom", "plan", "--all", "--server", "10.0.0.2"), "a\t2026-05-17\t0xf21\tnone\t\tTFTP_IP=10.0.0.1\n")
        self.assertEqual(self.run_bramble("eeprom", "plan", "--all", "--server", "10.0.0.1"), "")
        for server in "10.0.0.", "10.0.0.256", "http://boot":
            self.run_bramble("eeprom", "plan", "--all", "--server", server, code=USAGE, said="is not an address or a host's name")
        self.run_bramble("eeprom", "apply", "--tag", "lab", "--config", config, "--canaries", "1", "--wave", "2")
        self.assertEqual(self.sent()[3], {"machines": ["a", "c"], "config": pathlib.Path(config).read_text(), "canaries": 1, "wave": 2})
        self.run_bramble("eeprom", "apply", "b", "--within", "2", "--by", "auto", "--roll-back", said="1 of them have it already")
        self.assertEqual(self.sent()[3], {"machines": ["b"], "within_s": 7200, "by": "auto", "roll_back": True})
        self.run_bramble("eeprom", "apply", "b")
        self.assertEqual(self.sent()[3], {"machines": ["b"]})
        pathlib.Path(config).write_text("BOOT_ODRER=0xf2\n")
        self.run_bramble("eeprom", "apply", "b", "--config", config, said=f"{config}: line 1: the bootloader has no key BOOT_ODRER")
        self.run_bramble("eeprom", "rollback", "b", code=REFUSED, said="machine b: nobody knew what it had before")
        self.assertEqual(self.sent()[1::2], ("/api/v1/eeprom/updates/back", {"machines": ["b"]}))
        self.assertEqual(self.run_bramble("eeprom", "rollout"), "b\t0\twaiting\t2026-01-02T03:04:05Z\teeprom-2711@1\t\n")
        self.run_bramble("eeprom", "stop")
        self.assertEqual(self.sent()[:2], ("DELETE", "/api/v1/eeprom/updates"))
        self.run_bramble("eeprom", "apply", code=USAGE, said="eeprom apply: which ones? Give the name of one")

    def test_a_boot_directory_may_come_with_its_root(self):
        (self.dir / "boot").mkdir()
        (self.dir / "boot/config.txt").write_text("arm_64bit=1\n")
        (self.dir / "root.tar").write_text("a root")
        self.run_bramble("image", "import", "mine", str(self.dir / "boot"), "--root", str(self.dir / "root.tar"))
        sent = {r[2]["path"]: r[3] for r in self.world.requests if r[1].endswith("/files")}
        self.assertEqual(sent.keys(), {"config.txt", ".img"})
        self.run_bramble("image", "import", "mine", str(self.dir / "root.tar"), "--root", str(self.dir / "root.tar"), code=USAGE,
                         said="--root is what belongs to a boot directory")

    def test_its_root_may_be_a_directory(self):
        boot, root = self.dir / "boot", self.dir / "root"
        boot.mkdir()
        (boot / "config.txt").write_text("arm_64bit=1\n")
        (root / "etc").mkdir(parents=True)
        (root / "etc/hostname").write_text("pi\n")
        (root / "sbin").symlink_to("usr/sbin")
        owner = root.stat().st_uid
        asked = ["image", "import", "mine", str(boot), "--root", str(root)]
        if owner:
            self.run_bramble(*asked, code=LOCAL, said=f"belongs to user {owner}")
            return
        self.run_bramble(*asked)
        sent = {r[2]["path"]: r[3] for r in self.world.requests if r[1].endswith("/files")}
        with tarfile.open(fileobj=io.BytesIO(sent[".img"])) as packed:
            self.assertEqual(sorted(packed.getnames()), [".", "./etc", "./etc/hostname", "./sbin"])
            self.assertEqual(packed.extractfile("./etc/hostname").read(), b"pi\n")
            self.assertEqual(packed.getmember("./sbin").linkname, "usr/sbin")
        os.chown(root, 12345, 0)
        self.run_bramble(*asked, code=LOCAL, said="belongs to user 12345")

    def test_results_of_scripts_are_shown(self):
        self.add_machines(pi4="lab")
        self.world.machines["pi4"].update(inventoried="2026-01-02T03:04:05Z")
        self.assertEqual(self.run_bramble("machine", "results", "pi4"), "memory\tpassed\t0\t1.5 s\t2026-01-02T03:04:05Z\t3\n")
        self.assertEqual(self.run_bramble("machine", "results", "pi4", "memory"), "fine\x1b[2J\n")
        _, printed = self.on_terminal("machine", "results", "pi4", "memory")
        self.assertEqual(printed, "fine?[2J\n")
        self.run_bramble("machine", "results", "pi4", "disk", code=REFUSED, said="has no result of a script disk")

    def test_an_action_is_begun_on_a_selection(self):
        self.add_machines(a="lab", b="shop", c="lab")
        self.assertEqual([m["name"] for m in json.loads(self.run_bramble("machine", "commission", "--tag", "lab", "--json"))], ["a", "c"])
        self.run_bramble("machine", "deploy", "--state", "new", "--image", "debian")
        self.assertEqual(self.sent()[1], "/api/v1/machines/b/actions/deploy")
        self.run_bramble("machine", "lock", "--all")
        self.assertEqual(self.sent()[1], "/api/v1/machines/c/actions/lock")
        self.run_bramble("machine", "lock", "--tag", "none", code=REFUSED, said="no machine is like that")
        self.run_bramble("machine", "lock", code=USAGE, said="machine lock: which ones?")
        self.run_bramble("machine", "lock", "a", "--all", code=USAGE, said="which ones?")

    def test_one_refusal_does_not_keep_the_others_from_it(self):
        self.add_machines(a="lab", b="lab")
        self.run_bramble("machine", "retire", "--all", code=REFUSED, said="machine b is New: retire begins from nowhere")

    def test_waiting_shows_how_far_each_machine_is(self):
        self.add_machines(a="lab", b="lab")
        writing = {"phase": "write", "done": 450_000_000, "total": 1_000_000_000, "rate": 23_000_000, "text": "", "at": ""}
        busy = {"state": "Deploying", "reason": "its agent writes the image to its disk", "progress": writing}
        self.world.lives["a"] = [busy, busy, {"state": "Deployed", "reason": None, "deadline": None}]
        self.world.lives["b"] = [{"state": "Failed deployment", "reason": "deploy failed: no disk\x1b[2J", "deadline": None}]
        env = dict(os.environ, BRAMBLE_SOCKET=self.socket, LC_ALL="C.UTF-8")
        words = [BRAMBLE, "machine", "deploy", "--all", "--image", "debian", "--wait"]
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual([done.returncode, done.stdout], [REFUSED, ""])
        self.assertEqual(done.stderr.splitlines(), ["a                    Deploying: its agent writes the image to its disk: write",
                                                    "b                    Failed deployment: deploy failed: no disk?[2J",
                                                    "a                    Deployed"])
        self.world.lives["a"] = [busy, {"state": "Deployed", "reason": None, "deadline": None}]
        del self.world.machines["b"]
        shown = self.on_error_terminal("machine", "deploy", "a", "--image", "debian", "--wait")
        self.assertIn("write 45 %, 450 MB of 1.00 GB, 23.0 MB/s", shown)
        self.assertIn("\x1b[1A\ra                    Deployed\x1b[K", shown)

    def test_what_is_to_be_known_in_the_end_is_said_in_full(self):
        self.add_machines(a="lab")
        reason = "not all of its disks are erased, as the firmware that it boots from is there: mmcblk0; to take it up again, take its disk out, and: bramble machine commission a"
        self.world.lives["a"] = [{"state": "Disk erasing", "reason": reason, "deadline": "2026-01-02T03:04:05Z"},
                                 {"state": "Ready", "reason": reason, "deadline": None}]
        shown = self.on_error_terminal("machine", "release", "a", "--erase", "quick", "--wait")
        self.assertEqual(shown.count(reason), 1, shown)
        self.world.lives["a"] = [{"state": "Ready", "reason": "short", "deadline": None}]
        self.assertEqual(self.on_error_terminal("machine", "release", "a", "--wait").count("short"), 1)

    def test_who_falls_back_from_a_trial_is_not_deployed_as_ordered(self):
        self.add_machines(a="lab")
        self.world.trials["a"] = {"image": "debian@2", "falls_back_to": "debian@1"}
        self.world.lives["a"] = [{"state": "Deployed", "reason": "debian@2 gave no sign in 10 minutes", "deadline": None}]
        for image, code in (("debian@1", REFUSED), ("debian@2", 0)):
            self.world.machines["a"]["image"] = image
            self.run_bramble("machine", "deploy", "a", "--image", "debian", "--wait", code=code, said="gave no sign")

    def test_a_machine_is_shown_with_what_it_is_made_of(self):
        self.add_machines(pi4="lab")
        self.world.machines["pi4"].update(inventoried="2026-01-02T03:04:05Z", state="Ready", reason=None)
        shown = self.run_bramble("machine", "show", "pi4")
        for line in ["state\tReady", "tags\tlab", "system\t\tRaspberry Pi 4B a1b2", "processor\taarch64\t4 x ARM Cortex-A72", "memory\t\t4.00 GB",
                     "disk\tmmcblk0\tSD32G mmc, 32.0 GB", "port\teth0\tdc:a6:32:01:02:03, 1000 Mbit/s",
                     "memory\tpassed\t0\t1.5 s\t2026-01-02T03:04:05Z\t3"]:
            self.assertIn(line + "\n", shown)
        both = json.loads(self.run_bramble("machine", "show", "pi4", "--json"))
        self.assertEqual([both["state"], both["inventory"]["memory"]["total"], both["scripts"][0]["name"], both["activity"]["agent_up"]],
                         ["Ready", 4_000_000_000, "memory", False])

    def test_lists_are_filtered(self):
        self.add_machines(a="lab", b="shop")
        self.assertEqual(self.run_bramble("machine", "list", "--tag", "shop").split("\t")[1], "b")
        self.run_bramble("machine", "list", "--state", "failed-deployment", "--pool", "class", "--owner", "zoe")
        self.assertEqual(self.sent()[2], {"state": "failed-deployment", "pool": "class", "owner": "zoe", "limit": "1000"})
        self.run_bramble("machine", "list", "--discovered", "--tag", "lab", code=USAGE, said="has no state, tag")

    def test_codes_for_the_boards_of_a_delivery(self):
        self.add_machines(a="lab")
        shown = self.run_bramble("machine", "claim-code", "10000000e5ef6e9d", "a", "--days", "7")
        one, two = (line.split("\t") for line in shown.splitlines())
        self.assertEqual((one[:2], two[:2]), (["pi-e5ef6e9d", "e5ef6e9d"], ["a", ""]))
        for row in (one, two):
            self.assertRegex(row[2], "^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$")
        self.assertNotEqual(one[2], two[2])
        self.assertEqual(self.sent(), ("POST", "/api/v1/machines/a/actions/claim-code", {}, {"code": two[2], "days": 7}))
        self.run_bramble("machine", "claim-code", "e5ef6e9d", "--code", "K7QM-2XRD-9TFA")
        self.assertEqual(self.sent()[1:4:2], ("/api/v1/machines/pi-e5ef6e9d/actions/claim-code", {"code": "K7QM-2XRD-9TFA"}))
        self.run_bramble("machine", "claim", "a", "--code", two[2])
        self.assertEqual(self.sent()[1:4:2], ("/api/v1/machines/a/actions/claim", {"code": two[2]}))
        self.run_bramble("machine", "claim-code", "a", "b", "--code", "x", code=USAGE, said="--code is for one machine")
        self.run_bramble("machine", "claim", "a", code=USAGE, said="--code")

    def test_the_authority_is_printed_as_curl_takes_it(self):
        self.assertEqual(self.run_bramble("ca", "show"), "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n")
        self.assertEqual(json.loads(self.run_bramble("ca", "show", "--json"))["pin"], "sha256:" + "ca" * 32)

    def test_the_authority_is_written_down_for_an_eeprom(self):
        out = self.dir / "ca.der"
        self.run_bramble("ca", "export", code=USAGE, said="--out")
        self.assertEqual(self.run_bramble("ca", "export", "--out", out), f"HTTP_CACERT_HASH={hashlib.sha256(b'a').hexdigest()}\n")
        self.assertEqual(out.read_bytes(), b"a")

    def test_a_subnet_has_switches(self):
        self.run_bramble("subnet", "add", "10.0.0.0/24", "--agent-https", "on")
        self.assertEqual(self.sent()[3]["agent_https"], True)
        for word, sent in (("off", False), ("none", None)):
            self.run_bramble("subnet", "set", "10.0.0.0/24", "--agent-https", word)
            self.assertEqual(self.sent()[3], {"agent_https": sent})
        self.run_bramble("subnet", "set", "10.0.0.0/24", "--agent-https", "maybe", code=USAGE, said="maybe")

    def test_leases_do_not_steer_the_terminal(self):
        row = self.run_bramble("lease", "list", "--state", "bound", "--mac", "dc:a6:32:01:02:03")
        self.assertEqual(self.sent()[2], {"state": "bound", "mac": "dc:a6:32:01:02:03", "limit": "1000"})
        self.assertEqual(row.split("\t")[:5], ["10.77.0.100", "bound", "dc:a6:32:01:02:03", "pi4", "evil?[31m"])

    def test_status(self):
        self.assertIn("revision\t7\n", self.run_bramble("status"))
        self.assertIn("dhcp_offers\t3\n", self.run_bramble("status"))

    # ---- images ----

    def pi_dir(self):
        boot = self.dir / "boot"
        (boot / "overlays").mkdir(parents=True)
        (boot / "config.txt").write_text("arm_64bit=1\n")
        (boot / "empty").write_text("")
        (boot / "overlays/a b&c.dtbo").write_bytes(b"x" * 3_000_000)
        (boot / "inside").symlink_to("config.txt")
        (boot / "outside").symlink_to("/etc/hostname")
        (boot / "nowhere").symlink_to("none")
        (boot / "loop").symlink_to(".")
        (boot / "out").symlink_to(self.dir)
        return boot

    def test_import_of_a_directory_sends_what_lies_in_it(self):
        said = "4 links that lead elsewhere, or things that are no files, are left out\n"
        out = self.run_bramble("image", "import", "raspios", str(self.pi_dir()), said=said)
        self.assertEqual(out, "image raspios: 4 files, 3.00 MB, boots pi4b\n")
        self.assertEqual([f["path"] for f in self.world.images["raspios"]["files"]],
                         ["config.txt", "empty", "inside", "overlays/a b&c.dtbo"])
        self.assertEqual(self.world.requests[0][3], {"name": "raspios", "kind": "pi"})
        shown = self.run_bramble("image", "show", "raspios")
        self.assertIn("overlays/a b&c.dtbo\tother\t3000000\t", shown)
        self.assertEqual(self.run_bramble("image", "list").split("\t")[:5], ["raspios", "1", "pi", "", "initrd"])
        self.assertIn("cannot\tdisk: it is no disk image\n", shown)
        self.run_bramble("image", "delete", "raspios")

    def test_import_of_a_disk_image_is_one_file(self):
        image = self.dir / "pi.img.xz"
        image.write_bytes(b"\xfd7zXZ\0\0\0")
        self.run_bramble("image", "import", "raspios", str(image))
        self.assertEqual([f["path"] for f in self.world.images["raspios"]["files"]], [".img"])
        self.assertEqual(self.world.requests[0][3], {"name": "raspios"})
        self.run_bramble("image", "import", "raspios", str(image), "--no-root", "--sha256", "00" * 32)
        self.assertEqual(self.world.images["raspios"]["version"], 2)
        self.assertEqual(self.world.imports, {})
        self.assertIn({"name": "raspios", "sha256": "00" * 32, "root": False}, [r[3] for r in self.world.requests])
        self.run_bramble("image", "import", "raspios", str(image), "--sha256", "ff" * 32, code=REFUSED, said="its SHA-256 is 00")
        self.run_bramble("image", "import", "raspios", str(self.pi_dir()), "--sha256", "00" * 32, code=USAGE, said="one file")

    def test_import_of_a_url_is_fetched_first(self):
        (self.dir / "served").mkdir()
        (self.dir / "served/pi.img").write_bytes(b"disk" * 1000)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(self.dir / "served")))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}"
        env = {"XDG_CACHE_HOME": str(self.dir / "cache")}
        self.run_bramble("image", "import", "raspios", f"{url}/pi.img", env=env)
        self.assertEqual(self.world.images["raspios"]["files"][0]["size"], 4000)
        self.assertEqual(list((self.dir / "cache/bramble").iterdir()), [])  # it was sent
        self.run_bramble("image", "import", "raspios", f"{url}/none.img", code=LOCAL, said="404", env=env)

    def test_verify_names_what_changed(self):
        self.run_bramble("image", "import", "raspios", str(self.pi_dir()), said="are left out")
        self.run_bramble("image", "verify")
        self.world.damaged.add("config.txt")
        out = self.run_bramble("image", "verify", "raspios@1", code=REFUSED, said="import these images again")
        self.assertTrue(out.startswith("raspios@1: config.txt: its octets have changed (blob "))
        self.run_bramble("image", "verify", "raspios@2", code=REFUSED, said="there is no image raspios@2")

    def test_import_of_parts_names_each_loader(self):
        for name in ["vmlinuz-6.1", "initrd.img", "dtbs/broadcom/bcm2711-rpi-4-b.dtb", "dtbs/README", "files/shimaa64.efi.signed",
                     "files/sub/extra.bin"]:
            (self.dir / name).parent.mkdir(parents=True, exist_ok=True)
            (self.dir / name).write_text(name)
        shim = f"shim: {self.dir.resolve()}/files/shimaa64.efi.signed\n"
        self.run_bramble("image", "import", "debian", "--arch", "arm64", "--kernel", str(self.dir / "vmlinuz-6.1"),
                         "--initrd", str(self.dir / "initrd.img"), "--dtbs", str(self.dir / "dtbs"),
                         "--boot-dir", str(self.dir / "files"), "--cmdline", "console=ttyAMA0 quiet", said=shim)
        files = {f["path"]: f["role"] for f in self.world.images["debian"]["files"] if "efi" not in f["path"] or "shim" in f["path"]}
        self.assertEqual(files, {"vmlinuz-6.1": "kernel", "initrd.img": "initrd", "dtbs/broadcom/bcm2711-rpi-4-b.dtb": "dtb",
                                 "shimaa64.efi.signed": "shim", "sub/extra.bin": "other"})
        self.assertEqual(self.world.requests[0][3], {"name": "debian", "kind": "parts", "arch": "arm64",
                                                     "cmdline": "console=ttyAMA0 quiet"})

    def test_import_that_makes_no_sense_asks_nobody(self):
        boot = str(self.pi_dir())
        for words, said in [([], "what of?"), (["--kernel", "/k"], "which architecture"),
                            ([boot, "--kernel", "/k"], "--kernel is for an image of parts")]:
            self.run_bramble("image", "import", "x", *words, code=USAGE, said=said)
        self.run_bramble("image", "import", "x", "/nonexistent", code=LOCAL, said="cannot read /nonexistent: No such file")
        self.run_bramble("image", "import", "x", "--arch", "arm64", "--kernel", "/nonexistent", code=LOCAL, said="cannot read /nonexistent")
        (self.dir / "nothing").mkdir()
        self.run_bramble("image", "import", "x", str(self.dir / "nothing"), code=REFUSED, said="there is no config.txt in ")
        (self.dir / "nothing/firmware").mkdir()
        (self.dir / "nothing/firmware/Config.TXT").write_text("")
        self.run_bramble("image", "import", "x", str(self.dir / "nothing"), code=REFUSED, said="/nothing/firmware?")
        for name in ("a", "b"):
            (self.dir / name).mkdir()
            (self.dir / name / "Image").write_text("")
        self.run_bramble("image", "import", "x", "--arch", "arm64", "--kernel", str(self.dir / "a/Image"), "--initrd",
                         str(self.dir / "b/Image"), code=USAGE, said="kernel and initrd are both called Image")
        self.assertEqual(self.world.requests, [])

    def test_import_that_fails_is_given_up(self):
        self.world.refused_file = "empty"
        self.run_bramble("image", "import", "raspios", str(self.pi_dir()), code=FAILED, said="the disk of the state directory is full\n")
        self.assertEqual(self.sent()[:2], ("DELETE", "/api/v1/imports/7"))
        self.assertEqual([self.world.imports, self.world.images], [{}, {}])
        (self.dir / "odd").mkdir()
        (self.dir / "odd/file").write_text("")
        self.run_bramble("image", "import", "odd", str(self.dir / "odd"), code=REFUSED, said="there is no config.txt")
        self.world.refused_file = "file"
        done = subprocess.run([BRAMBLE, "--socket", self.socket, "image", "import", "parts", "--arch", "arm64",
                               "--kernel", str(self.dir / "odd/file")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "bramble: the disk of the state directory is full\n", "a failure is one sentence")

    # ---- boots ----

    def test_boot_explain(self):
        out = self.run_bramble("boot", "explain", "dc:a6:32:01:02:03", "--client", "pi4")
        self.assertEqual(self.sent()[1:3], ("/api/v1/boot/explain", {"of": "dc:a6:32:01:02:03", "client": "pi4"}))
        for line in ["client\tRaspberry Pi 4 EEPROM (pi4)", "purpose\trun", "why\tits image is raspios", "next server\t10.77.0.1",
                     "config.txt\t12\tgenerated\tthe image's with 3 lines of ours"]:
            self.assertIn(line + "\n", out)
        self.run_bramble("boot", "explain", "nobody", code=REFUSED, said="there is no machine nobody")

    def test_boot_files(self):
        self.assertEqual(self.run_bramble("boot", "files", "pi4").splitlines()[1], "start4.elf\t2250000\timage\t")
        self.assertEqual(self.run_bramble("boot", "files", "pi4", "overlays/a b.dtbo"), "arm_64bit=1\n")
        self.assertEqual(self.sent()[2], {"of": "pi4", "path": "overlays/a b.dtbo"})
        self.assertEqual(self.run_bramble("boot", "files", "pi4", "start4.elf"), "\x7fELF\0")

    def test_boot_trail(self):
        self.assertEqual(self.run_bramble("boot", "trail", "pi4"), "the waterfall\n")
        self.assertEqual(self.sent()[2], {"of": "pi4"})
        self.assertEqual(json.loads(self.run_bramble("boot", "trail", "pi4", "--json", "--last", "3"))["limit"], "3")

    def test_boot_watch_goes_on_where_a_restart_left_it(self):
        watch = subprocess.Popen([BRAMBLE, "--socket", self.socket, "boot", "watch", "--since-start"], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, env=dict(os.environ, TZ="UTC"))
        lines = [watch.stdout.readline() for _ in range(2)]
        watch.terminate()
        _, said = watch.communicate()
        self.assertEqual(set(said.splitlines()), {"brambled went away; trying again for 10 s"})
        self.assertEqual(lines, ["03:04:05.123  pi4  dhcp  DISCOVER  OFFER 10.77.0.5\n",
                                 "03:04:05.123  pi4  dhcp  config.txt  1.23 kB in 4 ms  OFFER 10.77.0.5\n"])
        self.assertEqual([r[2] for r in self.world.requests][:2], [{"after": "0"}, {"after": "1"}])

    # ---- a terminal ----

    def on_terminal(self, *words, columns=80):
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        done = subprocess.run([BRAMBLE, "--socket", self.socket, *words], stdout=follower, stderr=subprocess.PIPE, text=True,
                              timeout=60)
        os.close(follower)
        printed = b""
        with contextlib.suppress(OSError):
            while chunk := os.read(leader, 65536):
                printed += chunk
        os.close(leader)
        return done, printed.decode().replace("\r\n", "\n")

    def on_error_terminal(self, *words):
        """What appears on standard error where that is a terminal."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 132, 0, 0))
        subprocess.run([BRAMBLE, "--socket", self.socket, *words], stdout=follower, stderr=follower, timeout=60, check=True)
        os.close(follower)
        printed = b""
        with contextlib.suppress(OSError):
            while chunk := os.read(leader, 65536):
                printed += chunk
        os.close(leader)
        return printed.decode().replace("\r\n", "\n")

    def test_a_terminal_is_told_what_was_done(self):
        for words, said in [(("subnet", "add", "10.77.0.0/24"), "added subnet 10.77.0.0/24\nDHCP is off on it: `bramble subnet set "
                             "10.77.0.0/24 --dhcp server`, or proxy, serves it\n"),
                            (("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03", "--image", "x"),
                             "added machine pi4\nnext: `bramble boot watch`, and switch it on\n"),
                            (("machine", "set", "pi4", "--image", "none"), "changed machine pi4\n"),
                            (("machine", "delete", "pi4"), "deleted machine pi4\n"),
                            (("machine", "list", "--registered"), "none\n")]:
            done, printed = self.on_terminal(*words)
            self.assertEqual([done.returncode, printed], [OK, said])

    def test_a_table_fits_its_terminal(self):
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03")
        _, wide = self.on_terminal("machine", "list", columns=132)
        self.assertEqual(wide.splitlines()[2], "discovered      dc:a6:32:0a:0b:0c a1b2c3d4 10.77.0.9 pi4   "
                         "Raspberry Pi 4B 1.4, 4096 MiB, revision c03114: nobody registered it")
        _, middle = self.on_terminal("machine", "list", columns=100)  # the last column wrapped
        title, _, _, rest = middle.splitlines()
        self.assertEqual(rest, title.index("ABOUT") * " " + "c03114: nobody registered it")
        _, narrow = self.on_terminal("machine", "list", columns=80)  # below its row
        self.assertEqual(narrow.splitlines()[1:], ["New        pi4  dc:a6:32:01:02:03                    ",
                                                   "discovered      dc:a6:32:0a:0b:0c a1b2c3d4 10.77.0.9 pi4",
                                                   "    Raspberry Pi 4B 1.4, 4096 MiB, revision c03114: nobody registered it"])

    def test_times_on_a_terminal_are_short(self):
        _, printed = self.on_terminal("lease", "list")
        self.assertEqual(printed.splitlines()[1], "10.77.0.100 bound dc:a6:32:01:02:03 pi4     evil?[31m 2026-01-02 03:04 2026-01-02 04:04")
        self.assertIn("2026-01-02T04:04:05Z", self.run_bramble("lease", "list"))

    def test_a_terminal_gets_titles_and_no_binary(self):
        self.run_bramble("machine", "add", "pi4", "--mac", "dc:a6:32:01:02:03")
        done, printed = self.on_terminal("machine", "list")
        self.assertEqual(done.returncode, OK)
        self.assertRegex(printed, r"STATE +NAME +MAC +SERIAL")
        done, printed = self.on_terminal("boot", "files", "pi4")
        self.assertIn("2.25 MB", printed)
        done, printed = self.on_terminal("boot", "files", "pi4", "start4.elf")
        self.assertEqual([done.returncode, printed], [LOCAL, ""])
        self.assertIn("start4.elf is no text", done.stderr)

    # ---- who cannot be reached, and slips ----

    def test_a_daemon_that_is_not_there(self):
        self.run_bramble("status", "--socket", str(self.dir / "none"), code=UNREACHABLE,
                         said=f"cannot reach brambled at {self.dir}/none: is it running? Try `systemctl status bramble`, or --socket\n")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(self.dir / "dead"))
        self.run_bramble("status", "--socket", str(self.dir / "dead"), code=UNREACHABLE, said="is it running?")
        self.run_bramble("status", "--socket", "/" + "a" * 200, code=USAGE, said="a socket's path has")
        self.world.page = 0
        self.run_bramble("status", code=FAILED, said="brambled's answer is no JSON")

    def test_slips_are_told_before_anybody_is_asked(self):
        for words, said in [
                (["machien", "list"], "unknown command 'machien', did you mean 'machine'?"),
                (["machine", "lsit"], "unknown command 'machine lsit', did you mean 'machine list'?"),
                (["machine"], "machine: what shall be done? One of add, set, list, show, delete, approve, claim-code"),
                (["machine", "add", "pi4", "--imgae", "x"], "unknown option --imgae, did you mean --image?"),
                (["machine", "add", "pi4", "--power", "x"], "unknown option --power: `bramble machine add --help` lists them"),
                (["machine", "add", "pi4", "--mac"], "--mac needs a value: --mac MAC"),
                (["machine", "add", "pi4", "--mac", "dc:a6:32"], "--mac: 'dc:a6:32' is not a MAC: six hex pairs"),
                (["machine", "add", "pi_4", "--mac", "dc:a6:32:01:02:03"], "NAME: 'pi_4' is not a name"),
                (["machine", "add", "pi4", "--ip", "10.0.0.256"], "--ip: '10.0.0.256' is not an address"),
                (["machine", "add", "pi4", "--ip", "10.0.0.1", "--ip", "10.0.0.2"], "--ip is given twice"),
                (["machine", "deploy", "pi4", "--root", "ram"], "machine deploy: --image IMAGE is missing"),
                (["machine", "replace", "pi4"], "machine replace: --with KEY is missing"),
                (["machine", "show"], "machine show: NAME is missing (a machine's name"),
                (["machine", "show", "a", "b"], "what is 'b' for? `bramble machine show --help` says how it is written"),
                (["subnet", "add", "10.77.0.1/24"], "CIDR: '10.77.0.1/24' is a host's address and not a network's, did you mean 10.77.0.0/24?"),
                (["subnet", "add", "10.77.0.1"], "CIDR: '10.77.0.1' is not a network whose host bits are zero"),
                (["subnet", "add", "10.77.0.0/33"], "CIDR: '10.77.0.0/33' is not a network whose host bits are zero"),
                (["subnet", "add", "10.77.0.0/24", "--dhcp", "prxy"], "is none of server|proxy|off, did you mean proxy?"),
                (["subnet", "add", "10.77.0.0/24", "--range", "10.77.0.9"], "is not first and last address"),
                (["subnet", "add", "10.77.0.0/24", "--gateway", "none"], "--gateway: 'none' is not an address"),
                (["status", "--json=1"], "--json takes no value"),
                (["completion", "tcsh"], "SHELL: 'tcsh' is none of bash|zsh|fish"),
                (["help", "machien"], "did you mean 'machine'?")]:
            self.run_bramble(*words, code=USAGE, said=said)
        self.assertEqual(self.world.requests, [])

    def test_help_asks_nobody(self):
        self.assertIn("--cmdline-extra TEXT", self.run_bramble("machine", "add", "--help"))
        self.assertIn("--cmdline-extra TEXT", self.run_bramble("help", "machine", "add"))
        self.assertIn("machine delete NAME", self.run_bramble("machine", "--help"))
        self.assertNotIn("subnet", self.run_bramble("help", "machine"))
        self.assertIn("boot watch", self.run_bramble("help"))
        self.assertRegex(self.run_bramble("--version"), r"^bramble \d+\.\d+\.\d+\n$")
        self.run_bramble(code=USAGE, said="usage: bramble COMMAND")
        self.assertEqual(self.world.requests, [])

    # ---- completion ----

    def complete(self, line):
        """What bash proposes for a line."""
        script = self.run_bramble("completion", "bash") + '''
                COMP_LINE=$1 COMP_POINT=${#1}
                read -ra COMP_WORDS <<<"${1}x"
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _bramble
                printf '%s\\n' "${COMPREPLY[@]}"'''
        env = dict(os.environ, BRAMBLE_SOCKET=self.socket, PATH=f"{pathlib.Path(BRAMBLE).parent}:{os.environ['PATH']}")
        done = subprocess.run(["bash", "-c", script, "bash", line], env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_completes(self):
        self.run_bramble("machine", "add", "pi4-kitchen", "--mac", "dc:a6:32:01:02:03")
        for line, proposals in [
                ("bramble ma", ["machine"]),
                ("bramble --json l", ["lease"]),
                ("bramble --socket /x image ", ["import", "catalog", "build", "build-agent", "list", "show", "verify", "delete"]),
                ("bramble image imp", ["import"]),
                ("bramble subnet add 10.0.0.0/24 --dhcp ", ["server", "proxy", "off"]),
                ("bramble machine add x --mac dc:a6:32:01:02:03 --cm", ["--cmdline-extra"]),
                ("bramble machine show pi4", ["pi4-kitchen"]),
                ("bramble boot explain pi4-kitchen --client uefi", ["uefi", "uefi-http"]),
                ("bramble completion ", ["bash", "zsh", "fish"]),
                ("bramble lease list --js", ["--json"]),
                ("bramble machine delete pi4-kitchen ", [])]:
            self.assertEqual(self.complete(line), proposals, line)


if __name__ == "__main__":
    BRAMBLE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
