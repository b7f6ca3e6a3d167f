"""A site that several scenarios begin with."""
# SPDX-License-Identifier: Apache-2.0
import random

import pytest

MAC = "dc:a6:32:c3:d4:04"
ADDRESS = "10.77.0.42"


@pytest.fixture
def served(world, folder):
    """A Pi's boot directory with a large kernel, and a client that has the Pi's address."""
    boot = folder / "boot"
    boot.mkdir(exist_ok=True)
    (boot / "config.txt").write_text("arm_64bit=1\nkernel=kernel8.img\n")
    (boot / "cmdline.txt").write_text("console=serial0,115200 root=/dev/mmcblk0p2\n")
    kernel = bytearray(random.Random(1).randbytes(6_000_123))
    kernel[56:60] = b"ARM\x64"
    (boot / "kernel8.img").write_bytes(kernel)
    (boot / "start4.elf").write_bytes(b"\x7fELF" + bytes(512 * 4 - 4))  # ends on a whole block
    (boot / "fixup4.dat").write_bytes(b"fixup")
    (boot / "bcm2711-rpi-4-b.dtb").write_bytes(b"\xd0\x0d\xfe\xed" + random.Random(2).randbytes(60_000))
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", boot)
    daemon.cli("machine", "add", "pi", "--mac", MAC, "--ip", ADDRESS, "--image", "card")
    client = world.client("client", MAC)
    client.run("ip", "address", "add", f"{ADDRESS}/24", "dev", "eth0")
    return world, client, boot
