"""Cards that `bramble card make` wrote, in the slots of simulated Raspberry Pis."""
# SPDX-License-Identifier: Apache-2.0
import random
import subprocess

import pytest

from lab import pi_with_card
from lab.daemon import BUILD
from test_simulated_boards import FAMILIES, boot_directory, simulate

FIRMWARE = {"bootcode.bin": 52_000, "start.elf": 60_000, "fixup.dat": 7_000, "start4.elf": 60_000, "fixup4.dat": 5_000,
            "bcm2710-rpi-3-b.dtb": 9_000, "bcm2711-rpi-4-b.dtb": 9_000, "u-boot.bin": 90_000, "RPI_EFI.fd": 90_000}


@pytest.fixture
def firmware(folder):
    """A folder with octets in place of everybody's firmware."""
    noise = random.Random(7)
    (folder / "firmware").mkdir()
    for name, size in FIRMWARE.items():
        (folder / "firmware" / name).write_bytes(noise.randbytes(size))
    return folder / "firmware"


def make(world, folder, kind, family, firmware):
    done = world.server.run(BUILD / "bramble", "card", "make", kind, "--board", family, "--firmware", firmware, "--out",
                            folder / "made.img")
    assert done.returncode == 0, done.stderr
    return folder / "made.img"


def test_bootcode_takes_the_place_of_the_boot_rom(world, folder, firmware):
    """The card's one file starts the board, which goes on over the network: its ROM says nothing there."""
    boot_directory(folder / "boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "boot=card")
    report = simulate(world, folder, "pi3", "--card", make(world, folder, "bootcode", "pi3", firmware), "--boot-order", "e21")
    board, = report["boards"]
    assert board["outcome"] == "booted", board["why"]
    assert [row["mode"] for row in board["attempts"]] == ["SD card", "network"]
    trail = daemon.trail(FAMILIES["pi3"])
    assert "kernel8.img" in trail and "bootcode.bin" not in trail, trail


@pytest.fixture
def eeprom_site(world, folder, firmware):
    """A server with an image for whoever comes, and firmware of an EEPROM; which server it is, its interface says."""
    boot_directory(folder / "boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "boot=card")
    (firmware / "pieeprom.bin").write_bytes(pi_with_card.eeprom())
    (firmware / "recovery.bin").write_bytes(b"recovery")

    def make_eeprom(*options):
        daemon.cli("card", "make", "eeprom", "--board", "pi4", "--firmware", firmware, "--out", folder / "made.img", *options)
        return folder / "made.img"
    return world, daemon, make_eeprom


FACTORY = "f41"  # SD, USB, again: it never asks the network


def test_a_board_from_its_box_is_brought_to_the_network(eeprom_site, folder):
    """Its EEPROM is written from the card, which stays as it is for the next board; switched on again it asks the network."""
    world, daemon, make_eeprom = eeprom_site
    made = make_eeprom()
    board, = simulate(world, folder, "pi4", "--boot-order", FACTORY, "--card", made, "--timeout", "20")["boards"]
    assert board["eeprom_updates"] == 1 and "light blinks" in board["why"], board
    again, = simulate(world, folder, "pi4", "--boot-order", f"{board['boot_order']:x}")["boards"]
    assert again["outcome"] == "booted" and again["mode"] == "network", again["why"]

    written = folder / "pieeprom.bin"
    subprocess.run(["mcopy", "-n", "-i", f"{made}@@1M", "::/pieeprom.bin", written], check=True)
    assert "TFTP_IP=10.77.0.1\n" in daemon.cli("eeprom", "show", written, "--config")


def test_a_card_that_is_for_once(eeprom_site, folder):
    """The board starts again by itself, with the card in its slot, and boots from the network."""
    world, _, make_eeprom = eeprom_site
    board, = simulate(world, folder, "pi4", "--boot-order", FACTORY, "--card", make_eeprom("--once"), "--timeout", "60")["boards"]
    assert board["outcome"] == "booted" and board["eeprom_updates"] == 1, board["why"]
    assert [row["mode"] for row in board["attempts"]] == ["recovery.bin", "network"], board["attempts"]


@pytest.mark.parametrize("kind,family,kernel", [("uboot", "pi3", "u-boot.bin"), ("uboot", "pi4", "u-boot.bin"),
                                                ("uefi", "pi3", "RPI_EFI.fd"), ("uefi", "pi4", "RPI_EFI.fd"),
                                                ("uefi", "pi5", "RPI_EFI.fd")])
def test_other_firmware_starts_from_its_card(world, folder, firmware, kind, family, kernel):
    if family == "pi5":
        (firmware / "bcm2712-rpi-5-b.dtb").write_bytes(b"tree")
    report = simulate(world, folder, family, "--card", make(world, folder, kind, family, firmware), "--boot-order", "e1", "--timeout",
                      "30")
    board, = report["boards"]
    assert board["outcome"] == "booted" and board["mode"] == "SD card", board["why"]
    assert board["kernel"] == kernel
    assert (folder / "fetched" / kernel).read_bytes() == (firmware / kernel).read_bytes()
