"""Boards that fail as real ones do, all at once: the doctor names what is wrong with each, and shows it."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import shutil
import socket
import struct

import pytest

from lab import eeprom
from lab.daemon import BUILD
from lab.dhcp import DISCOVER, OFFER, REQUEST, Wire, frame, message, packed
from lab.namespace import wait_until
from lab.world import SUBNET
from test_simulated_boards import boot_directory

PATIENCE_S = 3
FOREIGN = "10.77.0.9"
BIG = 600_000  # octets: more than 65535 blocks of the 8 that a client may ask for


class Ward:
    """One server with an image for each complaint, and the boards that are sick of it."""

    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.daemon = world.start_daemon()
        self.boards = world.client("boards")
        self.running, self.macs = [], {}
        boot_directory(folder / "boot")
        self.image("card")

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

    def script(self, name, oui="dc:a6:32", image="card", *options):
        """A board whose every packet a test makes: it has its address."""
        mac = self.admit(name, oui, image, *options)
        client = self.world.client(name, mac)
        wire = Wire(client)
        ack = wire.lease(mac, 0x5150, options=as_pi(mac))
        wire.close()
        client.run("ip", "address", "add", f"{ack.yiaddr}/24", "dev", "eth0")
        return client

    def wait(self):
        for process in self.running:
            process.wait(60)

    def found(self, name):
        return self.daemon.json("doctor", name, "--patience", PATIENCE_S)["findings"]


def as_pi(mac):
    uuid = b"\0RPi4" + struct.pack("<I", 0xC03112) + bytes.fromhex(mac.replace(":", ""))[2:] + b"\1\2\3\4"
    return ((55, bytes((1, 3, 43, 60, 66, 67, *range(128, 136)))), (60, b"PXEClient:Arch:00000:UNDI:002001"),
            (93, b"\0\0"), (94, b"\1\2\1"), (97, uuid))


def fetch(client, path, blksize=1468, windowsize=1, until=None, losing=()):
    """A file by TFTP; broken off after block @until, and blocks @losing heard the second time only. Gives its octets, None where
    there is none."""
    with client.entered():
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.settimeout(5)
    rrq = b"\0\1" + path.encode() + f"\0octet\0blksize\0{blksize}\0windowsize\0{windowsize}\0".encode()
    asker.sendto(rrq, ("10.77.0.1", 69))
    first, server = asker.recvfrom(70000)
    if first[:2] == b"\0\5":
        asker.close()
        return None
    asker.connect(server)
    asker.send(b"\0\4\0\0")
    got, block = bytearray(), 0
    while True:
        packet = asker.recv(70000)
        if packet[:2] != b"\0\3" or struct.unpack("!H", packet[2:4])[0] != (block + 1) & 0xFFFF:
            continue
        if block + 1 in losing:
            losing = losing[1:]
            continue
        block += 1
        got += packet[4:]
        is_end = len(packet) - 4 < blksize
        if block % windowsize == 0 or is_end or block == until:
            asker.send(b"\0\4" + struct.pack("!H", block & 0xFFFF))
        if block == until:
            asker.send(b"\0\5\0\0Early terminate\0")
        if is_end or block == until:
            asker.close()
            return bytes(got)


def come_up(ward, name):
    """Its system asks for an address, so that nothing but the complaint is wrong with its boot."""
    wire = Wire(ward.boards)
    assert wire.lease(ward.macs[name], 0x05, options=((60, b"udhcp 1.35.0"), (55, b"\1\3\6")))
    wire.close()


def take_from_another_server(ward):
    mac = ward.admit("other-server", "dc:a6:32")
    wire = Wire(ward.boards)
    assert wire.ask(DISCOVER, mac, 0x77, options=as_pi(mac), want=(OFFER,))
    chosen = (*as_pi(mac), (50, packed("10.77.0.77")), (54, packed(FOREIGN)))
    wire.send(frame(message(REQUEST, mac, 0x77, options=chosen), mac))
    wire.close()


def break_the_handshake(ward):
    with ward.script("https-failed").entered():
        asker = socket.create_connection(("10.77.0.1", 5249), 5)
    asker.sendall(b"no TLS at all, and longer than a record's head\r\n\r\n")
    asker.settimeout(5)
    with contextlib.suppress(ConnectionResetError):
        while asker.recv(1000):
            pass
    asker.close()


def panic(ward):
    """Its system has an address; then its kernel says its last words, to everybody."""
    client = ward.script("no-root")
    assert fetch(client, "kernel8.img")
    come_up(ward, "no-root")
    with client.entered():
        console = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    console.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for part in (b"6,1,9,-,ncfrag=0/53;Kernel panic - not syncing: ", b"6,1,9,-,ncfrag=28/53;VFS: Unable to mount root"):
        console.sendto(part, ("10.77.0.255", 6666))
    console.close()


def read_an_update_again(ward):
    """As a board whose EEPROM cannot be written, and that begins again all the same."""
    firmware = ward.folder / "firmware"
    firmware.mkdir()
    (firmware / "pieeprom-2026-05-17.bin").write_bytes(eeprom.image())
    (firmware / "recovery.bin").write_bytes(b"what would write it from a card")
    (ward.folder / "bootconf.txt").write_text("[all]\nBOOT_ORDER=0xf21\n")
    ward.daemon.cli("image", "import", "eeprom-2711", "--boot-dir", firmware)
    client = ward.script("eeprom-loop", "dc:a6:32", "card", "--board", "pi4b")
    ward.daemon.cli("eeprom", "apply", "eeprom-loop", "--config", ward.folder / "bootconf.txt")
    wait_until(lambda: ward.daemon.json("eeprom", "rollout")[0]["step"] == "offered", 10, "the update is offered")
    assert fetch(client, "pieeprom.upd") == fetch(client, "pieeprom.upd") == eeprom.image(config=b"[all]\nBOOT_ORDER=0xf21\n")


def ask_without_an_address(ward):
    client = ward.world.client("no-lease", ward.admit("no-lease", "dc:a6:32", "card", "--ip", "10.77.0.60"))
    client.run("ip", "address", "add", "10.77.0.60/24", "dev", "eth0")
    assert fetch(client, "start4.elf")


def switch_on(ward):
    """Everything that runs by itself."""
    for image, gone in (("no-firmware", ["start*"]), ("no-dtb", ["bcm2712*"])):
        ward.image(image, without=gone)
    ward.image("other-kernel", config__txt=b"arm_64bit=1\nkernel=other.img\n", other__img=b"\0" * 56 + b"ARM\x64" + bytes(9000))
    ward.image("big", big__bin=bytes(BIG))

    ward.simulate("rom-collision", "pi3", "--fault", "deaf", "--count", "2", "--timeout", "3")
    ward.simulate("offer-not-taken", "pi4", "--fault", "deaf", "--dhcp-timeout", "12000")
    ward.simulate("wrong-tftp-server", "pi4", "--fault", "wrong-server")
    ward.simulate("no-tree", "pi4", image="no-firmware")
    ward.simulate("config-ignored", "pi4", "--fault", "ignores-config", image="other-kernel")
    ward.simulate("firmware-mismatch", "pi4", "--fault", "firmware")
    ward.simulate("no-device-tree", "pi5", image="no-dtb")
    ward.simulate("file-timeout", "pi4", "--fault", "stalls", "--file-timeout", "5000")
    ward.simulate("pi5-hang", "pi5", "--fault", "hangs")
    ward.simulate("no-network", "pi4")
    ward.simulate("disk-not-booted", "pi4", "--boot-order", "f2", "--timeout", "12", image=None)
    ward.simulate("prefix-fell-back", "pi4", "--prefix", "a-folder-whose-name-is-longer-than-firmware-allows/")


def play(ward):
    """Everything that a script does, one after the other, while the others run."""
    take_from_another_server(ward)
    break_the_handshake(ward)
    ask_without_an_address(ward)
    panic(ward)
    read_an_update_again(ward)
    assert fetch(ward.script("wrong-loader"), "undionly.kpxe") is None
    client = ward.script("signed-boot")
    assert fetch(client, "boot.img") and fetch(client, "boot.sig") is None  # the server has no key to sign with
    fetch(ward.script("block-wall", image="big"), "big.bin", blksize=8, windowsize=64, until=65535)
    fetch(ward.script("lossy-path"), "kernel8.img", losing=range(10, 130, 10))
    ward.admit("never-seen", "dc:a6:32")


@pytest.fixture(name="ward")
def make_ward(world, folder):
    return Ward(world, folder)


def test_every_complaint_has_its_name(ward):
    switch_on(ward)
    play(ward)
    ward.wait()
    ward.simulate("rom-gave-up", "pi3", "--fault", "deaf", "--timeout", "6")  # when the two others are long silent
    ward.wait()
    for name in ("config-ignored", "lossy-path", "prefix-fell-back"):
        come_up(ward, name)
    wait_until(lambda: ward.found("rom-gave-up"), 10, "silence long enough")
    wait_until(lambda: ward.found("pi5-hang"), 40, "the server gives up a board that hangs")
    named = {name: [row["id"] for row in ward.found(name)] for name in ward.macs}
    assert named == {name: [name] for name in ward.macs}
    for name in ward.macs:
        for row in ward.found(name):
            assert row["words"] and row["advice"] and (row["evidence"] or name == "never-seen"), row


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
        "foreign-dhcp": "warning", "port-clash": "fault", "links": "fault", "mtu": "warning", "boot-files": "fault"}, ill
    assert "10.77.0.250 answers on br0" in ill["foreign-dhcp"]["words"] and "4011" in ill["port-clash"]["words"]
    assert "MTU of 1400" in ill["mtu"]["words"] and "nothere" in ill["links"]["words"]
    assert "MTU of 1400" in ward.daemon.cli("doctor")
