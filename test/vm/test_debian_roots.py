"""Debian with systemd and cloud-init lives on the server: it phones home, the operator's key logs in, and it can be restarted from
within. Minutes under emulation: only in ./check full. In memory it lives in test_raspi_roots.py."""
# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from lab import built, machine
from lab.helper import end_roots
from lab.namespace import wait_until
from lab.world import World

pytestmark = [pytest.mark.full, pytest.mark.early(2)]
MAC, NAME = "52:54:00:77:64:0d", "node7"
BOOT_S, REBOOT_S = 900, 300


class Site:
    """brambled, the image, and a machine that is Ready and whose power it can switch."""

    def __init__(self, folder):
        self.world = World(folder)
        self.world.capture()
        self.shelf = built.shelf(self.world, "amd64")
        self.operator = built.Operator(self.shelf, folder)
        self.board = self.shelf.board("board", MAC, machine.bios_ipxe)
        self.board.taken_in(BOOT_S, NAME)

    def close(self):
        self.shelf.close()
        try:
            end_roots(self.world)
        finally:
            self.world.close()


@pytest.fixture
def site(folder):
    built.can_build("amd64")
    site = Site(folder)
    yield site
    site.close()


def boots(board):
    return board.machine.console().count("Linux version ")


def boot_from_within(operator, board):
    """It goes down in order: nothing hangs for its root is away, and nothing is lost."""
    before = boots(board)
    operator.try_ssh(board, "sudo systemctl reboot")
    wait_until(lambda: boots(board) > before, REBOOT_S, f"it goes down and comes again:\n{board.machine.console()[-3000:]}")


def lives(site, root, fs):
    """One deployment that keeps what it writes, until it is given back."""
    operator, board, host = site.operator, site.board, f"host-{root}"
    operator.deploy(board, "debian", root, host, "--persistent", timeout_s=BOOT_S)
    assert "phone home" in site.shelf.daemon.trail(NAME)
    operator.finds(board, host)
    assert operator.ssh(board, "echo here | sudo tee /etc/kept; findmnt -no FSTYPE /").split() == ["here", fs]
    boot_from_within(operator, board)
    assert operator.ssh(board, "cat /etc/kept; hostname; systemctl --failed --no-legend").split() == ["here", host]
    console = board.machine.console()
    assert not re.search(r"I/O error|EXT4-fs error|recovering journal|not responding", console), console[-3000:]
    site.shelf.daemon.cli("machine", "release", NAME)
    board.wait_for("Ready", 60)


def test_debian_lives_without_a_disk(site):
    lives(site, "nfs", "nfs4")
    lives(site, "nbd", "ext4")
