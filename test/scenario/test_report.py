"""Reports of boots: whose board it was is not in them, and they are replayed as tests."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import shutil

import pytest

from lab import dhcp, replay
from lab.daemon import ROOT
from lab.namespace import wait_until
from lab.world import SERVER
from test_simulated_boards import boot_directory, simulate

FIELD = ROOT / "test/field"
MAC, SERIAL, NAME = "dc:a6:32:a7:ed:89", "e5ef6e9d", "attic-board"
OTHER_MAC, OTHER_SERIAL, OTHER_NAME = "b8:27:eb:92:00:d8", "e09200d8", "cellar-board"
STICK, HOST = "4C5300017219", "loft-system"
CONSOLE = f"""usb 1-1: SerialNumber: {STICK}
wlan0: authenticate with 66:22:11:ab:cd:ef
smsc95xx.macaddr=DC:A6:32:A7:ED:89 bcm2711.serial=0x{SERIAL}
Serial 10000000{OTHER_SERIAL}
systemd[1]: Hostname set to <{HOST}>.
"""


@pytest.fixture
def site(world, folder):
    boot_directory(folder / "boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    return world, daemon


def test_a_boot_without_its_owner(site, folder):
    """What was told of the boot is all there; what tells this board from another is nowhere, in no spelling."""
    world, daemon = site
    daemon.cli("machine", "add", NAME, "--mac", MAC, "--serial", SERIAL, "--image", "card", "--board", "pi4b")
    board, = simulate(world, folder, "pi4", "--serial", SERIAL, mac=MAC)["boards"]
    assert board["outcome"] == "booted", board["why"]

    out = folder / "boot.json"
    assert "--yes" in daemon.try_cli("report", NAME, "--out", out).stderr and not out.exists()
    shown = daemon.cli("report", NAME, "--out", out, "--led", "0,7", "--comment", "Pi 4B 1.2", "--yes")
    report = json.loads(out.read_text())
    assert json.loads(shown) == report, "all of it was shown"

    messages = [dhcp.parse(step.payload) for step in replay.steps(out) if step.what == "dhcp"]
    assert [message.kind for message in messages] == [dhcp.DISCOVER, dhcp.REQUEST]
    assert messages[0].options[97][:5] == b"\0RPi4" and messages[0].options[60].startswith(b"PXEClient:Arch:00000")
    assert messages[0].mac.hex(":") == "dc:a6:32:00:00:01" == report["boot"]["mac"]
    assert messages[0].options[97][13:] == bytes.fromhex("01000010")
    asked = [step.name for step in replay.steps(out) if step.what == "tftp"]
    assert "10000001/start4.elf" in asked and "10000001/kernel8.img" in asked, asked
    assert report["machine"]["board"] == "pi4b" and report["diagnosis"]["led"]["meaning"], report["diagnosis"]
    assert report["comment"] == "Pi 4B 1.2"
    said = out.read_text().lower() + "".join(step.payload.hex() for step in replay.steps(out))
    for mine in (MAC, MAC.replace(":", "-"), MAC.replace(":", ""), "a7ed89", SERIAL, bytes.fromhex(SERIAL)[::-1].hex(), NAME):
        assert mine not in said, mine


def test_what_nobody_registered_of_it(site, folder):
    """Serials, MACs and names are found by what they look like and by what is said of them: in paths, options, sentences, and on a
    console; also those of other boards."""
    world, daemon = site
    daemon.cli("machine", "add", NAME, "--mac", MAC, "--image", "card")
    daemon.cli("machine", "add", OTHER_NAME, "--mac", OTHER_MAC, "--serial", OTHER_SERIAL, "--image", "card")
    duid, time = b"\x5a\x1e\x6b\x01\x77\x66", b"\x2a\x51\x5b\x11"
    said_uuid = b"\0OURS" + bytes.fromhex("1231c000") + bytes.fromhex(MAC.replace(":", ""))[2:] + bytes.fromhex(SERIAL)[::-1]
    wire = dhcp.Wire(world.client("board"))
    lease = wire.lease(MAC, 1, options=((60, b"PXEClient:Arch:00000:UNDI:002001"), (93, b"\0\0"), (97, said_uuid),
                                        (12, HOST.encode()), (61, b"\xff" + time + b"\0\2\0\0\xab\x11" + duid),
                                        (81, b"\0\0\0" + HOST.encode() + b".example")))

    def say(payload, sport, dport):
        wire.send(dhcp.frame(payload, MAC, source=lease.yiaddr, target=SERVER, sport=sport, dport=dport))

    def steps():
        return daemon.json("boot", "trail", NAME)["sessions"][0]["steps"]

    def is_told(*words):
        wait_until(lambda: all(word in json.dumps(steps()) for word in words), 20, f"it is told: {words}")
    # One thing that does not fit is told of a boot, the first: two threads serve, so it is asked for alone.
    for n, name in enumerate((f"{OTHER_SERIAL}/none.txt", f"{SERIAL}/none.txt", f"{MAC.replace(':', '-')}/none.elf",
                              f"pxelinux.cfg/01-{OTHER_MAC.replace(':', '-')}")):
        say(f"\0\1{name}\0octet\0".encode(), 2000 + n, 69)
        if n == 0:
            is_told(f"that is machine {OTHER_NAME}")
    say(CONSOLE.encode(), 6665, 6666)
    is_told("none.elf", f"<{HOST}>")
    wire.close()

    out = folder / "boot.json"
    daemon.cli("report", NAME, "--out", out, "--yes", "--comment", f"it lies on {OTHER_NAME}, {MAC}")
    said = out.read_text().lower() + "".join(step.payload.hex() for step in replay.steps(out))
    for theirs in (MAC, OTHER_MAC, "66:22:11:ab:cd:ef"):
        for spelled in (theirs, theirs.replace(":", "-"), theirs.replace(":", ""), theirs.replace(":", "")[6:]):
            assert spelled not in said, spelled
    for theirs in (SERIAL, bytes.fromhex(SERIAL)[::-1].hex(), OTHER_SERIAL, NAME, OTHER_NAME, STICK.lower(), HOST, HOST.encode().hex(),
                   duid.hex(), time.hex()):
        assert theirs not in said, theirs
    report = json.loads(out.read_text())
    names = [step.name for step in replay.steps(out) if step.what == "tftp"]
    assert "10000001/none.txt" in names and "10000002/none.txt" in names and "dc-a6-32-00-00-01/none.elf" in names, names
    message = dhcp.parse(next(step.payload for step in replay.steps(out) if step.what == "dhcp"))
    assert message.options[97][13:] == bytes.fromhex("01000010") and message.options[97][1:5] == b"OURS", "the same in both"
    assert lease.yiaddr in json.dumps(report["boot"]), "addresses stay"


def test_a_machine_that_is_called_like_its_board(site, folder):
    """Its name goes, but not out of words that say what a board is."""
    world, daemon = site
    daemon.cli("machine", "add", "pi4", "--mac", MAC, "--image", "card", "--board", "pi4b")
    simulate(world, folder, "pi4", "--serial", SERIAL, mac=MAC)
    report = json.loads(daemon.cli("report", "pi4", "--out", folder / "boot.json", "--yes"))
    assert report["boot"]["machine"] == "mac" and {step["client"] for step in report["boot"]["steps"]} == {"pi4"}
    message = dhcp.parse(next(step.payload for step in replay.steps(folder / "boot.json") if step.what == "dhcp"))
    assert message.options[97][:5] == b"\0RPi4"


def test_nothing_to_report(site):
    _, daemon = site
    daemon.cli("machine", "add", NAME, "--mac", MAC)
    assert "no boot" in daemon.refused("report", NAME, "--out", "/nonexistent/report", "--yes")


@pytest.mark.parametrize("report", sorted(path.name for path in FIELD.glob("*.json")))
def test_what_a_board_asked_is_answered(site, folder, report):
    """Each board that somebody reported finds here what it found there, and misses what it missed."""
    world, daemon = site
    path = pathlib.Path(shutil.copy(FIELD / report, folder))
    boot = json.loads(path.read_text())["boot"]
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "boot=card")
    played = replay.replay(world.client("board", boot["mac"]), path)
    found = {step["what"]: step["outcome"] in ("ok", "probe") for step in boot["steps"] if step["kind"] == "tftp"}
    assert [step.answer.kind for step in played if step.what == "dhcp"] == [dhcp.OFFER, dhcp.ACK]
    got = {step.name: step.answer is not None and step.answer[1] in (3, 6) for step in played if step.what == "tftp"}
    assert got == found
