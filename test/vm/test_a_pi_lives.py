"""The whole life of a Raspberry Pi 4 with an SD card: simulated firmware follows its boot order, QEMU's Pi 3 runs what that
found on the network or on the card, and a controller switches it. Its system lives on the card, in memory, or on the server.

It waits for a slow network card most of the time, while other machines boot.
"""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab import card, disk, foreign
from lab.helper import end_roots
from lab.namespace import wait_until
from lab.shelf import CARD_MIB, MIB, Shelf

MAC, SERIAL, NAME = "40:a6:32:c3:d4:0c", "a1b2c30c", "pi-1"
NETWORK_THEN_CARD = "f12"


def lives(world, live, modules=card.ROOT_MODULES):
    """Gives what the firmware booted from, time after time."""
    world.capture()
    shelf = Shelf(world, "arm64")
    try:
        image = disk.packed(card.build(world.folder / "image", modules=modules))
        shelf.daemon.cli("image", "import", "small-pi", image, "--arch", "arm64", timeout_s=120)
        board = shelf.pi("pi", MAC, SERIAL, NETWORK_THEN_CARD)
        with_firmware(board)
        live(shelf, board)
    finally:
        shelf.close()
        end_roots(world)
    return board.machine.modes


def with_firmware(board):
    """The card of a Pi 3 as people have it, which is the machine that QEMU plays."""
    firmware = disk.fat(board.target.with_suffix(".fat"), 4, {"bootcode.bin": foreign.pi_firmware() / "bootcode.bin"})
    disk.join(board.target, "dos", [(firmware, 4, "c")])
    with board.target.open("r+b") as out:
        out.truncate(CARD_MIB * MIB)


def says_root(board):
    said = board.machine.says(r"BRAMBLE-ROOT host=(\S+) type=(\S+) stamp=(\S+)", 10)
    assert said, board.machine.console()[-3000:]
    return said.groups()


def card_then_memory(shelf, board):
    cli, name = shelf.daemon.cli, NAME
    board.taken_in(150, NAME)

    deploy = ["machine", "deploy", name, "--image", "small-pi", "--root", "disk", "--done-when", "phone-home"]
    cli(*deploy)
    wait_until(lambda: board.show()["state"] == "Failed deployment", 100, "the only card has the firmware", every_s=0.5)
    reason = board.show()["reason"]
    assert all(words in reason for words in ("bootcode.bin", "--keep-firmware", "--overwrite-boot-medium")), reason
    cli("machine", "acquire", name)
    cli(*deploy, "--overwrite-boot-medium")
    board.wait_for("Deployed", 400)
    said = board.machine.says(r"BRAMBLE-DISK host=(\S+) size=(\d+)M stamp=(\S+)", 10)
    assert said and said.group(1) == name and int(said.group(2)) > 3 * card.ROOT_MIB, board.machine.console()[-3000:]

    cli("machine", "release", name, "--erase", "quick")
    board.wait_for("Ready", 200)
    assert not board.target.read_bytes()[:MIB].strip(b"\0"), "the head of its card is erased"
    wait_until(lambda: not board.machine.is_on(), 60, "and it is off")

    cli(*deploy[:-4], "--root", "ram", "--done-when", "phone-home")
    board.wait_for("Deployed", 300)
    assert says_root(board) == (name, "overlay", "v1")
    assert shelf.bmc.count("pi", "on") == 3, "to deploy, to erase, and to run diskless"


def on_the_server(shelf, board):
    board.taken_in(150, NAME)
    before = board.target.read_bytes()
    shelf.daemon.cli("machine", "deploy", NAME, "--image", "small-pi", "--root", "nfs", "--done-when", "phone-home")
    board.wait_for("Deployed", 300)
    assert says_root(board) == (NAME, "nfs4", "v1")
    assert board.target.read_bytes() == before, "its card is as it was"
    shelf.daemon.cli("machine", "release", NAME)
    board.wait_for("Ready", 60)


@pytest.mark.early(1)
def test_from_unknown_to_its_card_to_memory(world):
    assert lives(world, card_then_memory) == ["network", "network", "SD card", "network", "network"]


@pytest.mark.full
def test_its_system_lives_on_the_server(world):
    modules = [*card.ROOT_MODULES, *card.NFS_MODULES]
    assert lives(world, on_the_server, modules) == ["network", "network"]
