"""A real Debian is built from the mirrors, and Bramble installs it: cloud-init reads our data and phones home, and the SSH key
that was given logs in. Minutes under emulation: only in ./check full."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab import built, machine

pytestmark = [pytest.mark.full, pytest.mark.early(1)]
MAC, NAME, HOST = "52:54:00:77:0d:12", "shelf-9", "seeded-host"
BOOT_S = 900
DISK_MIB = 4096  # more than the image


def disk_first(mac, folder):
    """arm64 UEFI that comes to the network only while its disk starts nothing."""
    return [part.replace("bootindex=0", "bootindex=9") for part in machine.arm64_uefi_pxe(mac, folder)]


@pytest.fixture
def shelf(world):
    world.capture()
    shelf = built.shelf(world, "arm64")
    yield shelf
    shelf.close()


def test_a_debian_is_installed_and_asks_back(shelf, folder):
    """By hand, on firmware that starts the disk first: it is given back by its own system, which asks at its next start."""
    operator, board = built.Operator(shelf, folder), shelf.board("board", MAC, disk_first, DISK_MIB)
    board.switch_on()
    board.enlisted(BOOT_S, NAME)
    shelf.daemon.cli("machine", "commission", NAME, "--no-scripts")
    board.wait_for("Ready", BOOT_S)
    assert board.show()["boot_order_found"] == "disk-first"
    operator.deploy(board, "debian", "disk", HOST, "--asks-back", timeout_s=BOOT_S)
    assert "phone home" in shelf.daemon.trail(NAME)

    operator.finds(board, HOST)
    answer = operator.ssh(board, "findmnt -no SOURCE,SIZE -b /; sudo mount -a; findmnt -no SOURCE /boot/efi; cat /proc/cmdline; "
                                 "systemctl is-active bramble-wanted-back || true")
    size = next(int(line.split()[1]) for line in answer.splitlines() if line.startswith("/dev/vda2"))
    assert size > 3 << 30, "the root grew with its disk"
    assert "root=UUID=" in answer and "/dev/vda1" in answer.split(), answer
    assert board.show()["state"] == "Deployed", "nobody wants it back"

    shelf.daemon.cli("machine", "erase", NAME)
    assert "asks at its next start" in board.show()["reason"]
    operator.try_ssh(board, "sudo systemctl reboot")
    board.wait_for("Ready", BOOT_S)
    assert not board.target.read_bytes()[:1 << 20].strip(b"\0"), "the head of its disk is erased"
    assert shelf.bmc.asked == [], "one power-on was enough"
