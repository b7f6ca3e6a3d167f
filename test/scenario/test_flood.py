"""Thousands of machines that are not there: what they cost those that are."""
# SPDX-License-Identifier: Apache-2.0
from lab.dhcp import DISCOVER, OFFER, Wire, frame, message

BOARD, ADDRESS = "dc:a6:32:c3:d4:04", "10.77.0.42"  # of the fixture `served`
PI4 = ((55, bytes([1, 3, 43, 60, 66, 67, *range(128, 136)])), (60, b"PXEClient:Arch:00000:UNDI:002001"), (93, b"\0\0"),
       (94, b"\1\2\1"), (97, b"\0RPi4" + bytes.fromhex("1231c000" "ebc3d404" "9d6eefe5")))
UEFI = ((60, b"PXEClient:Arch:00007:UNDI:003016"), (93, b"\0\7"), (94, b"\1\3\x10"), (55, bytes([1, 3, 60, 66, 67])))
STRANGERS = 9000  # more than there are boot sessions
ASKER = "52:54:00:10:00:01"


def flood(wire, macs, at_once=48):
    """A DISCOVER of firmware from each. Some at a time, and then one that is answered: so the server hears them all."""
    assert wire.ask(DISCOVER, ASKER, 1, want=(OFFER,))
    for first in range(0, len(macs), at_once):
        for mac in macs[first:first + at_once]:
            wire.send(frame(message(DISCOVER, mac, 2, options=UEFI), mac))
        assert wire.ask(DISCOVER, ASKER, 3 + first, want=(OFFER,))


def test_made_up_machines_cost_nobody_his_boot(served):
    """A board in the middle of its boot goes on with it, and whoever looks for a new board finds it among all others."""
    world, board, _ = served
    daemon, wire = world.daemon, Wire(world.client("stranger"))
    macs = [f"02:f1:{n & 15:02x}:00:{n >> 8:02x}:{n & 255:02x}" for n in range(STRANGERS)]
    assert wire.ask(DISCOVER, BOARD, 1, options=PI4, want=(OFFER,)).yiaddr == ADDRESS
    flood(wire, macs)
    wire.close()
    board.run("curl", "-sSf", "tftp://10.77.0.1/config.txt")

    story = daemon.trail("pi")
    assert "DISCOVER" in story and "config.txt" in story, story
    assert [row["mac"] for row in daemon.json("machine", "list")["discovered"]] == sorted([*macs, ASKER])
