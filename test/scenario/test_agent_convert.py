"""A Raspberry Pi whose card carries the firmware that it starts from: refused, and the two ways on that the refusal names."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import pathlib
import struct
import subprocess

import pytest

from lab.frames import make as make_frames
from test_agent import Agent

MIB = 1 << 20
DT = "sys/firmware/devicetree/base/"
NVRAM = "reserved-memory/nvram@0"
CONFIG = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf21\n"
RECOVERY = b"a program that writes the EEPROM"


def section(magic, octets):
    return struct.pack(">II", magic, len(octets)) + octets + b"\xff" * (-len(octets) % 8)


def eeprom():
    """As small an image of an EEPROM as there can be: code up to where files lie, one file in a slot of 4 KiB, nothing else."""
    code = section(0x55AAF00F, b"\0" * (0x10000 - 8))
    config = b"[all]\nWAKE_ON_GPIO=1\n"
    slot = section(0x55AAF11F, b"bootconf.txt\0\0\0\0" + config)
    padding = section(0x55AAFEEF, b"\xff" * (0x1000 - len(slot) - 8))
    after = section(0x55AAF11F, b"cacert.der\0\0\0\0\0\0" + b"x")
    return (code + slot + padding + after).ljust(512 * 1024, b"\xff")


class Card(Agent):
    """A Pi 4 that UEFI on its card started."""

    def __init__(self, folder):
        super().__init__(folder)
        for path, octets in (("compatible", b"raspberrypi,4-model-b\0brcm,bcm2711\0"), ("serial-number", b"10000000e5ef6e9d\0"),
                             ("system/linux,revision", b"\0\xc0\x31\x12"), ("chosen/bootloader/version", b"9d8dc0c2\0"),
                             ("aliases/blconfig", b"/" + NVRAM.encode() + b"\0")):
            self.put(DT + path, octets.decode("latin-1"))
            (self.root / DT / path).write_bytes(octets)
        (self.root / DT / NVRAM).mkdir(parents=True)
        (self.root / "sys/firmware/efi").mkdir()
        self.put("sys/devices/platform/soc/rmem0/nvmem", CONFIG)
        os.symlink(f"../../../../firmware/devicetree/base/{NVRAM}", self.root / "sys/devices/platform/soc/rmem0/of_node")
        (self.root / "sys/bus/nvmem/devices").mkdir(parents=True)
        os.symlink("../../../devices/platform/soc/rmem0", self.root / "sys/bus/nvmem/devices/rmem0")

        self.put("sys/block/vda/size", f"{64 * MIB // 512}\n")
        self.put("sys/block/vda/queue/logical_block_size", "512\n")
        self.put("dev/vda", "")
        self.disk = self.root / "dev/vda"
        with open(self.disk, "wb") as out:
            out.truncate(64 * MIB)
        subprocess.run(["sfdisk", "-q", self.disk], input="label: dos\nstart=2048, size=81920, type=c\n", text=True, check=True)
        self.fat = f"{self.disk}@@{MIB}"
        subprocess.run(["mformat", "-i", self.fat, "-F", "-T", "81920", "::"], check=True)
        self.copy_in("RPI_EFI.fd", b"UEFI")

    def copy_in(self, name, octets):
        subprocess.run(["mcopy", "-i", self.fat, "-", f"::{name}"], input=octets, check=True)

    def copy_out(self, name):
        return subprocess.run(["mcopy", "-i", self.fat, f"::{name}", "-"], capture_output=True, check=True).stdout

    def convert(self, image=None, **more):
        return self.server.do("convert", to="eeprom", eeprom=self.server.blob(image or eeprom()),
                              recovery=self.server.blob(RECOVERY), then="reboot", **more)


# Small computers that play many others have kernels of few file systems: so these two run when they are named.
KNOWS_VFAT = "\tvfat\n" in pathlib.Path("/proc/filesystems").read_text()


def needs_vfat(test):
    why = "this kernel knows no vfat: it cannot look into a card's first partition"
    return pytest.mark.full(pytest.mark.skipif(not KNOWS_VFAT, reason=why)(test))


@pytest.fixture
def card(folder):
    card = Card(folder)
    yield card
    card.close()
    (folder / "machine/dev/vda").unlink(missing_ok=True)


@needs_vfat
def test_the_refusal_names_two_ways_on(card):
    image = card.folder / "image.img"
    with open(image, "wb") as out:
        out.truncate(4 * MIB)
        out.seek(MIB)
        out.write(os.urandom(MIB))
    blob_map, frames = make_frames(image)
    result = card.start().server.do("deploy", disk={"hint": "", "overwrite_boot_medium": False, "keep_firmware": False}, seed={},
                                    map=card.server.blob(blob_map), frames=card.server.blob(frames), hostname="vm1")
    assert not result["ok"]
    for words in ("UEFI for Raspberry Pi lies on it", "--keep-firmware", "bramble machine convert --to eeprom"):
        assert words in result["error"], result["error"]
    assert card.copy_out("RPI_EFI.fd") == b"UEFI", "and nothing is written"


@needs_vfat
def test_its_eeprom_is_told_to_boot_from_the_network(card):
    result = card.start().convert()
    assert result["ok"] and result["data"] == {"disk": "vda", "boot_order": "0xf12"}, result
    assert card.process.wait(10) == 10, "it reboots, so that the EEPROM finds the update"

    update = card.copy_out("pieeprom.upd")
    first, second, *_ = card.copy_out("pieeprom.sig").decode().splitlines()
    assert first == hashlib.sha256(update).hexdigest() and second.startswith("ts: ")
    assert card.copy_out("recovery.bin") == RECOVERY
    plain = eeprom()
    assert len(update) == len(plain) and update[:0x10000] == plain[:0x10000] and update[0x11000:] == plain[0x11000:]
    config = update[0x10018:0x10018 + struct.unpack(">I", update[0x10004:0x10008])[0] - 16].decode()
    assert config == CONFIG.replace("0xf21", "0xf12").rstrip(), "what the board has, but for its order"
    assert card.copy_out("RPI_EFI.fd") == b"UEFI"


def test_what_cannot_be_converted(card):
    card.put("sys/devices/platform/soc/rmem0/nvmem", CONFIG.replace("0xf21", "0xf12"))
    result = card.start().convert()
    assert result["ok"] and not result["data"], "the network is first already"

    card.put("sys/devices/platform/soc/rmem0/nvmem", CONFIG)
    result = card.convert(image=os.urandom(512 * 1024))
    assert not result["ok"] and "is none" in result["error"]
    (card.root / DT / "chosen/bootloader/signed").write_bytes(b"\0\0\0\1")
    result = card.convert()
    assert not result["ok"] and "signed updates only" in result["error"]
    (card.root / DT / "compatible").write_bytes(b"some,board\0")
    result = card.convert()
    assert not result["ok"] and "no Raspberry Pi" in result["error"]
    listed = subprocess.run(["mdir", "-b", "-i", card.fat, "::"], capture_output=True, text=True, check=True).stdout
    assert "recovery" not in listed.lower()
