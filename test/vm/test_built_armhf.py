"""Debian for 32-bit ARM, as `image build` makes it: for Raspberry Pis, fetched by a simulated Pi 3; and for boards with U-Boot, whose
EFI starts the GRUB that was made for it. Minutes under emulation: only in ./check full."""
# SPDX-License-Identifier: Apache-2.0
import subprocess

import pytest

from lab import built, machine, pi

pytestmark = pytest.mark.full
MAC, PI_MAC, PI_SERIAL = "52:54:00:77:32:0f", "b8:27:eb:c3:d4:0f", "00c3d40f"
BOOT_S = 300


@pytest.mark.early(4)
def test_for_raspberry_pis(world, folder):
    daemon = world.start_daemon()
    built.debian(daemon, "armhf", "raspi", "raspi")
    image = daemon.json("image", "show", "raspi")
    assert image["arch"] == "armhf" and {"pi3b", "pi3b-plus"} <= set(image["boards"]), image["boards"]
    assert {"disk", "ram", "nfs", "nbd"} <= set(image["roots"]), image["why_not"]
    daemon.cli("machine", "add", "pi3", "--mac", PI_MAC, "--serial", PI_SERIAL, "--image", "raspi")
    fetched = pi.fetch(world.client("pi3"), "eth0", "pi3", PI_MAC, PI_SERIAL, folder / "pi3")
    kernel = fetched.file("kernel").read_bytes()
    assert kernel[0x24:0x28] == b"\x18\x28\x6f\x01", "a zImage"
    assert fetched.file("initramfs").stat().st_size > 4 << 20


@pytest.mark.early(6)
def test_for_boards_with_u_boot(world, folder):
    world.capture()
    daemon = world.start_daemon()
    disk, copy = built.debian(daemon, "armhf"), folder / "disk.img"
    subprocess.run(["cp", "--sparse=always", disk, copy], check=True)
    board = world.machine("board", MAC)
    try:
        board.power_on(machine.uboot_arm32_disk, disks=[copy])
        assert board.says(r"Linux version 6\.1.*armmp", BOOT_S), board.console()[-3000:]
        assert board.says(r"EXT4-fs \(vda2\): mounted filesystem", BOOT_S), board.console()[-3000:]
    finally:
        board.power_off()
        copy.unlink()
