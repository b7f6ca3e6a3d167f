"""Images of a Raspberry Pi's boot EEPROM, made here: laid out as real ones are, with nothing of theirs."""
# SPDX-License-Identifier: Apache-2.0
import struct

SIZES = {"2711": 512 * 1024, "2712": 2 * 1024 * 1024}
CONFIG = b"[all]\nBOOT_UART=0\nBOOT_ORDER=0xf2\n"


def section(magic, octets):
    return struct.pack(">LL", magic, len(octets)) + octets + b"\xff" * (-len(octets) % 8)


def file(name, octets):
    return section(0x55AAF11F, name.encode().ljust(16, b"\0") + octets)


def padded(image, end):
    return image + section(0x55AAFEEF, b"\xff" * (end - len(image) - 8))


def image(soc="2711", config=CONFIG, has_cacert=False):
    """@has_cacert: as releases since 2024 have it, with a place for the certificate that HTTPS is believed by."""
    octets = section(0x55AAF00F, b"first stage BUILD_TIMESTAMP=1779045198 VERSION:224877da")
    octets = padded(octets, 0x10000) + file("pubkey.bin", bytes(512))
    octets = padded(octets, 0x10300) + file("bootconf.sig", bytes(1024))
    if has_cacert:
        octets = padded(octets, 0x10800) + file("cacert.der", bytes(2048))
    octets = padded(octets, 0x11800 if has_cacert else 0x10800) + file("bootconf.txt", config)
    return octets.ljust(SIZES[soc], b"\xff")
