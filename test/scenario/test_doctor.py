"""Boards that fail as real ones do, all at once: the doctor names what is wrong with each, and shows it."""
# SPDX-License-Identifier: Apache-2.0
import shutil
import signal
import socket

import pytest

from fake.agent_client import AgentClient
from lab import eeprom
from lab.daemon import BUILD
from lab.dhcp import DISCOVER, OFFER, Wire
from lab.namespace import read_text, wait_until
from lab.world import SUBNET
from test_agent_server import INVENTORY, import_agent
from test_simulated_boards import boot_directory, card

PATIENCE_S = 3
STATIC = "10.77.0.60"
BIG = 600_000  # octets: more than 65535 blocks of 8, for a board that cannot count further


class Ward:
    """One server with an image for each complaint, and the boards that are sick of it."""

    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.daemon = world.start_daemon()
        self.boards = world.client("boards")
        self.running, self.macs = [], {}
        files = boot_directory(folder / "boot")
        self.image("card")
        import_agent(self.daemon, files)

    def image(self, name, without=(), **files):
        source = self.folder / name
        shutil.copytree(self.folder / "boot", source, dirs_exist_ok=True)
        for gone in without:
            for path in source.glob(gone):
                path.unlink()
        for path, octets in files.items():
            (source / path.replace("__", ".")).write_bytes(octets)
        self.daemon.cli("image", "import", name, source)

    def admit(self, name, oui, image="card", *options):
        """Register a board; its MAC says which one it is."""
        mac = f"{oui}:00:d0:{len(self.macs) + 1:02x}"
        self.macs[name] = mac
        self.daemon.cli("machine", "add", name, "--mac", mac, *(("--image", image) if image else ()), *options)
        return mac

    def simulate(self, name, family, *options, image="card", mac=None):
        oui = {"pi3": "b8:27:eb", "pi4": "dc:a6:32", "pi5": "2c:cf:67"}[family]
        mac = mac or self.admit(name, oui, image)
        serial = f"d0{len(self.macs):06x}"
        self.running.append(self.boards.start(BUILD / "bramble-sim", family, "--interface", "eth0", "--mac", mac, "--serial", serial,
                                              "--seed", "5", "--timeout", "20", *options, log=self.folder / f"{name}.log"))
        return mac

    def wait(self):
        for process in self.running:
            process.wait(120)

    def found(self, name):
        return self.daemon.json("doctor", name, "--patience", PATIENCE_S)["findings"]


def update_an_eeprom(ward):
    """It reads all of an update, and boots on with what it had."""
    ward.daemon.cli("eeprom", "apply", "eeprom-loop", "--config", ward.folder / "bootconf.txt")
    wait_until(lambda: ward.daemon.json("eeprom", "rollout")[0]["step"] == "offered", 10, "the update is offered")
    ward.simulate("eeprom-loop", "pi4", "--eeprom-protected", "1", "--system", mac=ward.macs["eeprom-loop"])


def offer_updates(ward):
    firmware = ward.folder / "firmware"
    firmware.mkdir()
    (firmware / "pieeprom-2026-05-17.bin").write_bytes(eeprom.image())
    (firmware / "recovery.bin").write_bytes(b"what would write it from a card")
    (ward.folder / "bootconf.txt").write_text("[all]\nBOOT_ORDER=0xf21\n")
    ward.daemon.cli("image", "import", "eeprom-2711", "--boot-dir", firmware)
    ward.admit("eeprom-loop", "dc:a6:32", "card", "--board", "pi4b")


def switch_on(ward):
    """Boards that are sick of what they have, or of what they are given."""
    for image, gone in (("no-firmware", ["start*"]), ("no-dtb", ["bcm2712*"])):
        ward.image(image, without=gone)
    ward.image("other-kernel", config__txt=b"arm_64bit=1\nkernel=other.img\n", other__img=b"\0" * 56 + b"ARM\x64" + bytes(9000))
    ward.image("big", kernel8__img=b"\0" * 56 + b"ARM\x64" + bytes(BIG))
    offer_updates(ward)

    ward.simulate("never-seen", "pi4", "--boot-order", "e1")
    ward.simulate("rom-collision", "pi3", "--fault", "deaf", "--count", "2", "--timeout", "3")
    ward.simulate("offer-not-taken", "pi4", "--fault", "deaf", "--dhcp-timeout", "12000")
    ward.simulate("other-server", "pi4", "--fault", "other-server")
    ward.simulate("wrong-tftp-server", "pi4", "--fault", "wrong-server")
    ward.simulate("no-lease", "pi4", "--client-ip", STATIC, "--tftp-ip", "10.77.0.1",
                  mac=ward.admit("no-lease", "dc:a6:32", "card", "--ip", STATIC))
    ward.simulate("wrong-loader", "pi4", "--fault", "pc-loader")
    ward.simulate("no-tree", "pi4", image="no-firmware")
    ward.simulate("prefix-fell-back", "pi4", "--prefix", "a-folder-whose-name-is-longer-than-firmware-allows/", "--system")
    ward.simulate("config-ignored", "pi4", "--fault", "ignores-config", image="other-kernel")
    ward.simulate("firmware-mismatch", "pi4", "--fault", "firmware")
    ward.simulate("no-device-tree", "pi5", image="no-dtb")
    ward.simulate("block-wall", "pi4", "--fault", "block-wall", "--timeout", "100", image="big")  # 65535 answers to wait for
    ward.simulate("file-timeout", "pi4", "--fault", "stalls", "--file-timeout", "5000")
    ward.simulate("pi5-hang", "pi5", "--fault", "hangs")
    ward.simulate("lossy-path", "pi4", "--fault", "lossy", "--system")
    ward.simulate("signed-boot", "pi5", "--signed")  # the server has no key to sign with
    ward.simulate("https-failed", "pi5", "--boot-order", "e7", "--http", "10.77.0.1:5249/")  # and this one speaks no TLS
    update_an_eeprom(ward)
    ward.simulate("wrong-identity", "pi4", "--system", mac=ward.admit("wrong-identity", "dc:a6:32", "card", "--serial", "5b154510"))
    ward.simulate("no-root", "pi4", "--fault", "panics")
    for name in ("no-network", "changed"):
        ward.simulate(name, "pi4")
    ward.simulate("disk-not-booted", "pi4", "--boot-order", "f2", "--timeout", "12", image=None)
    ward.simulate("well-changed", "pi4", "--system")
    for family in ("pi3", "pi4", "pi5"):
        ward.simulate(f"well-{family}", family, "--system")


class Restarted:
    """A board that its agent, played by the test, restarts into its system."""

    def __init__(self, ward, name, *options):
        self.ward, self.name = ward, name
        self.mac = ward.admit(name, "dc:a6:32", None, "--board", "pi4b")
        self.serial = f"e0{len(ward.macs):06x}"
        ward.daemon.cli("machine", "commission", name, "--no-scripts")
        self.namespace, self.folder = ward.world.client(name, self.mac), ward.folder / name
        self.sim = self.namespace.start(BUILD / "bramble-sim", "pi4", "--interface", "eth0", "--mac", self.mac, "--serial", self.serial,
                                        "--stay", "--system", "--out", self.folder, "--timeout", "60", *options,
                                        log=ward.folder / f"{name}.log")
        self.await_boots(1)

    def await_boots(self, n):
        wait_until(lambda: read_text(self.ward.folder / f"{self.name}.log").count("fetched everything") == n, 20, f"boot {n}")

    def is_in(self, state):
        return self.ward.daemon.json("machine", "show", self.name)["state"] == state

    def restart(self, task, *wish):
        ip = next(row["ip"] for row in self.ward.daemon.items("lease") if row["mac"] == self.mac)
        self.namespace.run("ip", "address", "add", f"{ip}/24", "dev", "eth0")
        agent = AgentClient(self.namespace, ip, (self.folder / self.serial / "cmdline.txt").read_text())
        assert agent.hello().status == 200
        self.work(agent, "inventory", INVENTORY)
        wait_until(lambda: self.is_in("Ready"), 10, "it is Ready")
        self.ward.daemon.cli("machine", "deploy", self.name, *wish)
        self.work(agent, task, {})
        self.namespace.run("ip", "address", "flush", "dev", "eth0")
        self.sim.send_signal(signal.SIGUSR1)

    def work(self, agent, kind, data):
        task = wait_until(lambda: (said := agent.task().json)["kind"] == kind and said, 10, f"a task {kind}")
        assert agent.result(task["id"], data=data).status == 204

    def switch_off(self):
        self.sim.terminate()
        self.sim.wait(10)


@pytest.fixture(name="ward")
def make_ward(world, folder):
    return Ward(world, folder)


def test_every_complaint_has_its_name(ward):
    """Each board is called as what it lacks; nothing is said of those that are well, and of one a second thing that is true."""
    switch_on(ward)
    restarted = [Restarted(ward, "no-warm-reboot", "--fault", "no-restart"), Restarted(ward, "well-restarted"),
                 Restarted(ward, "well-quiet", "--fault", "no-restart")]
    for board in restarted[:2]:
        board.restart("reboot", "--image", "card", "--root", "initrd")
    ward.daemon.cli("image", "import", "small", card(ward.folder)[0], "--arch", "arm64")
    restarted[2].restart("deploy", "--image", "small", "--root", "disk", "--done-when", "written")
    restarted[1].await_boots(2)
    ward.wait()
    ward.daemon.cli("machine", "set", "well-changed", "--image", "other-kernel")
    ward.daemon.cli("machine", "set", "changed", "--image", "other-kernel")
    update_an_eeprom(ward)
    ward.simulate("rom-gave-up", "pi3", "--fault", "deaf", "--timeout", "6")  # when the two others are long silent
    ward.wait()
    wait_until(lambda: ward.found("rom-gave-up"), 10, "silence long enough")
    wait_until(lambda: ward.found("pi5-hang"), 40, "the server gives up a board that hangs")
    named = {name: [row["id"] for row in ward.found(name)] for name in ward.macs}
    wanted = {name: [] if name.startswith("well-") else [name] for name in ward.macs}
    assert named == wanted | {"no-lease": ["no-lease", "no-network"], "changed": ["no-network"]}
    assert "its agent restarts it" in ward.daemon.trail("well-quiet")
    for name in ward.macs:
        for row in ward.found(name):
            assert row["words"] and row["advice"] and (row["evidence"] or name == "never-seen"), row
    for board in restarted:
        board.switch_off()


def test_people_and_programs_read_it(ward):
    """The same in words, and what the LED says beside it; and a MAC that nobody registered."""
    ward.admit("ghost", "dc:a6:32")
    told = ward.daemon.cli("doctor", "ghost", "--led", "4,4")
    assert "summary\tNothing of it was ever seen on the network." in told
    assert "finding\tnever-seen\thint\tNo packet of ghost ever came here." in told
    assert "led\t4 long and 4 short flashes: its firmware does not know this board." in told
    assert "page\tdoctor/asking.md#never-seen" in told
    assert ward.daemon.json("doctor", "dc:a6:32:ff:ff:ff")["findings"] == []
    assert "LONG,SHORT is wanted" in ward.daemon.refused("doctor", "ghost", "--led", "four")
    assert "there is no machine" in ward.daemon.refused("doctor", "nobody")


def test_a_console_is_in_the_trail(ward):
    """What firmware writes before it asks for anything, in pieces, and from an address that it made up."""
    mac = ward.admit("pi", "dc:a6:32", "card", "--netconsole", "on")
    ward.simulate("pi", "pi4", "--netconsole", mac=mac)
    ward.wait()
    lines = [row["what"] for row in ward.daemon.json("boot", "trail", "pi")["sessions"][0]["steps"] if row["kind"] == "console"]
    assert lines[0] == "NETCONSOLE 6665@169.254.1.1,6666:255.255.255.255" and lines[1] == "Boot mode: network order e"
    assert any(line.startswith("Read ") and "fixup4.dat bytes" in line for line in lines), lines
    assert len(ward.daemon.json("boot", "trail", "pi", "--last", "9")["sessions"]) == 1
    assert "netconsole=+6665@" in ward.daemon.cli("boot", "files", "pi", "cmdline.txt")
    assert "NETCONSOLE=6665@169.254.1.1/,6666@/" in ward.daemon.cli("boot", "explain", "pi")


def outcomes(daemon):
    return {row["id"]: row for row in daemon.json("doctor")["checks"]}


def test_the_site_itself(ward):
    """Each thing that a laboratory can break; the clock is the machine's own."""
    well = outcomes(ward.daemon)
    assert all(row["outcome"] == "ok" for name, row in well.items() if name != "clock"), well
    ward.world.foreign_dhcp_server()
    Wire(ward.boards).ask(DISCOVER, "52:54:00:00:00:09", 9, want=(OFFER,), tries=1)
    wait_until(lambda: outcomes(ward.daemon)["foreign-dhcp"]["outcome"] == "warning", 10, "it is heard")
    ward.admit("ghost", "dc:a6:32", "card")
    ward.daemon.cli("subnet", "add", "10.99.0.0/24", "--interface", "nothere", "--dhcp", "server")
    ward.world.server.run("ip", "link", "set", "br0", "mtu", "1400")
    ward.daemon.cli("subnet", "set", SUBNET, "--dhcp", "off")
    with ward.world.server.entered():
        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        other.bind(("0.0.0.0", 4011))
    ward.daemon.cli("subnet", "set", SUBNET, "--dhcp", "server")
    max((path for path in (ward.daemon.state / "store").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size).unlink()
    ill = outcomes(ward.daemon)
    other.close()
    assert {name: row["outcome"] for name, row in ill.items() if name not in ("clock", "rights", "firewall", "boot-plans")} == {
        "foreign-dhcp": "warning", "port-clash": "fault", "links": "fault", "mtu": "warning", "boot-files": "fault", "eeprom-server": "ok", "left-volumes": "ok"}, ill
    assert "10.77.0.250 answers on br0" in ill["foreign-dhcp"]["words"] and "4011" in ill["port-clash"]["words"]
    assert "MTU of 1400" in ill["mtu"]["words"] and "nothere" in ill["links"]["words"]
    assert "MTU of 1400" in ward.daemon.cli("doctor")
