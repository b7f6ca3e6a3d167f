"""An environment for U-Boot in QEMU's second flash: Debian's U-Boot ignores the MAC that QEMU gives the card."""
# SPDX-License-Identifier: Apache-2.0
import struct
import zlib

ENVIRONMENT_SIZE = 0x40000
FLASH_SIZE = 64 << 20


def write(path, **variables):
    """A flash image with the CRC and the variables at its beginning."""
    text = b"".join(f"{name}={value}".encode() + b"\0" for name, value in variables.items()) + b"\0"
    data = text.ljust(ENVIRONMENT_SIZE - 4, b"\0")
    with open(path, "wb") as flash:
        flash.write(struct.pack("<I", zlib.crc32(data)) + data)
        flash.truncate(FLASH_SIZE)
    return path


def default(u_boot):
    """The environment that a U-Boot binary brings along: the run of NAME=VALUE strings that begins with bootcmd."""
    octets = u_boot.read_bytes()
    begin = octets.index(b"bootcmd=run distro_bootcmd\0")
    text = octets[begin:octets.index(b"\0\0", begin)]
    return dict(row.decode().split("=", 1) for row in text.split(b"\0"))
