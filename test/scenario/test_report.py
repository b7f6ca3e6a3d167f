"""Reports of boots: whose board it was is not in them, and they are replayed as tests."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import shutil

import pytest

from lab import dhcp, replay
from lab.daemon import ROOT
from test_simulated_boards import boot_directory, simulate

FIELD = ROOT / "test/field"
MAC, SERIAL, NAME = "dc:a6:32:a7:ed:89", "e5ef6e9d", "attic-board"


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
