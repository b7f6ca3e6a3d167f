"""The root of a Debian for Raspberry Pis lives in memory and on the server. QEMU's Pi 3 is too slow for it: it runs on QEMU's `virt`
under U-Boot, by the kernel, the initramfs and the modules of that image, which know those devices, too. Minutes: only in
./check full."""
# SPDX-License-Identifier: Apache-2.0
import pytest

from lab import built, machine
from lab.helper import end_roots
from lab.shelf import Shelf

pytestmark = [pytest.mark.full, pytest.mark.early(3)]
MAC, NAME = "52:54:00:77:64:0e", "virt-1"
BOOT_S, LOGIN_S = 400, 900
# systemd's 90 s for a service are few where somebody else has the processors, too.
WORDS = f"console=ttyAMA0,115200 systemd.default_timeout_start_sec={LOGIN_S}"


@pytest.fixture
def shelf(world):
    built.can_build("arm64")
    world.capture()
    shelf = Shelf(world, "arm64")
    built.debian(shelf.daemon, "arm64", "raspi", "raspi")
    yield shelf
    shelf.close()
    end_roots(world)


def test_up_to_a_login(shelf, folder):
    """The one that a person sees, and the operator's."""
    operator, board = built.Operator(shelf, folder), shelf.board("virt", MAC, machine.uboot_arm64_pxe)
    board.taken_in(BOOT_S, NAME)
    shelf.daemon.cli("machine", "set", NAME, "--cmdline-extra", WORDS)
    for root, fs in (("nfs", "nfs4"), ("nbd", "ext4"), ("ram", "overlay")):
        operator.deploy(board, "raspi", root, f"pi-{root}", timeout_s=LOGIN_S)
        operator.finds(board, f"pi-{root}")
        assert operator.ssh(board, "findmnt -no FSTYPE /").split() == [fs]
        assert board.machine.says(rf"pi-{root} login:", LOGIN_S), board.machine.console()[-3000:]
        shelf.daemon.cli("machine", "release", NAME)
        board.wait_for("Ready", 60)
