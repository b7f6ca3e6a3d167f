"""A Raspberry Pi 4 that UEFI on its only card started, played by files: what its agent looks at, the card, and an EEPROM's image."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import struct
import subprocess

MIB = 1 << 20
DT = "sys/firmware/devicetree/base/"
NVRAM = "reserved-memory/nvram@0"
OWN_CONFIG = "sys/devices/platform/soc/rmem0/nvmem"
CONFIG = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf21\n"
RECOVERY = b"a program that writes the EEPROM"
CONFIG_AT, CONFIG_END = 0x10000, 0x11000


def _section(magic, octets):
    return struct.pack(">II", magic, len(octets)) + octets + b"\xff" * (-len(octets) % 8)


def eeprom():
    """As small an image of an EEPROM as there can be: code up to where files lie, one file in a slot of 4 KiB, nothing else."""
    code = _section(0x55AAF00F, b"\0" * (CONFIG_AT - 8))
    config = b"[all]\nWAKE_ON_GPIO=1\n"
    slot = _section(0x55AAF11F, b"bootconf.txt\0\0\0\0" + config)
    padding = _section(0x55AAFEEF, b"\xff" * (CONFIG_END - CONFIG_AT - len(slot) - 8))
    after = _section(0x55AAF11F, b"cacert.der\0\0\0\0\0\0" + b"x")
    return (code + slot + padding + after).ljust(512 * 1024, b"\xff")


class PiWithCard:
    """The folder @root is what the agent takes for the machine. Its card, dev/vda there, is a file."""

    def __init__(self, root):
        self.root = root
        for path, octets in (("compatible", b"raspberrypi,4-model-b\0brcm,bcm2711\0"), ("serial-number", b"10000000e5ef6e9d\0"),
                             ("system/linux,revision", b"\0\xc0\x31\x12"), ("chosen/bootloader/version", b"9d8dc0c2\0"),
                             ("aliases/blconfig", b"/" + NVRAM.encode() + b"\0")):
            self.put(DT + path, octets)
        (root / DT / NVRAM).mkdir(parents=True)
        (root / "sys/firmware/efi").mkdir()
        self.put(OWN_CONFIG, CONFIG.encode())
        os.symlink(f"../../../../firmware/devicetree/base/{NVRAM}", root / "sys/devices/platform/soc/rmem0/of_node")
        (root / "sys/bus/nvmem/devices").mkdir(parents=True)
        os.symlink("../../../devices/platform/soc/rmem0", root / "sys/bus/nvmem/devices/rmem0")

        self.put("sys/block/vda/size", f"{64 * MIB // 512}\n".encode())
        self.put("sys/block/vda/queue/logical_block_size", b"512\n")
        self.card = root / "dev/vda"
        self.put("dev/vda", b"")
        with open(self.card, "wb") as out:
            out.truncate(64 * MIB)
        subprocess.run(["sfdisk", "-q", self.card], input="label: dos\nstart=2048, size=81920, type=c\n", text=True, check=True)
        subprocess.run(["mformat", "-i", self.fat, "-F", "-T", "81920", "::"], check=True)
        self.copy_in("RPI_EFI.fd", b"UEFI")

    @property
    def fat(self):
        return f"{self.card}@@{MIB}"

    def put(self, path, octets):
        """A file of the machine."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(octets)

    def copy_in(self, name, octets):
        subprocess.run(["mcopy", "-i", self.fat, "-", f"::{name}"], input=octets, check=True)

    def copy_out(self, name):
        return subprocess.run(["mcopy", "-i", self.fat, f"::{name}", "-"], capture_output=True, check=True).stdout

    def names(self):
        listed = subprocess.run(["mdir", "-b", "-i", self.fat, "::"], capture_output=True, text=True, check=True).stdout
        return {line.removeprefix("::/") for line in listed.split()}

    def convert(self, server, image=None):
        """The task, by the agent's server; gives its result."""
        return server.do("convert", to="eeprom", eeprom=server.blob(image or eeprom()), recovery=server.blob(RECOVERY), then="reboot")

    def check_update(self):
        """What lies on the card now: an update with what the board has configured, but for its order."""
        update, plain = self.copy_out("pieeprom.upd"), eeprom()
        first, second, *_ = self.copy_out("pieeprom.sig").decode().splitlines()
        assert first == hashlib.sha256(update).hexdigest() and second.startswith("ts: ")
        assert self.copy_out("recovery.bin") == RECOVERY
        assert len(update) == len(plain) and update[:CONFIG_AT] == plain[:CONFIG_AT] and update[CONFIG_END:] == plain[CONFIG_END:]
        (size,) = struct.unpack(">I", update[CONFIG_AT + 4:CONFIG_AT + 8])
        assert update[CONFIG_AT + 0x18:CONFIG_AT + size + 8].decode() == CONFIG.replace("0xf21", "0xf12").rstrip()
        assert self.copy_out("RPI_EFI.fd") == b"UEFI"
