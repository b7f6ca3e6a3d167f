"""A deployment that nothing lets come to its end at once: the network goes, brambled is killed, the machine loses its power. Real
firmware, kernel and disk; test/scenario/test_interrupted.py looks closer at each of the three."""
# SPDX-License-Identifier: Apache-2.0
import time

import pytest

from lab import disk, machine
from lab.namespace import wait_until
from lab.shelf import Shelf

MAC, NAME = "52:54:00:77:64:0f", "shelf-2"
AWAY_S = 10
RATE = "16mbit"  # half a minute for the image: time for what happens to happen in the middle
DISK_MIB = 512


@pytest.fixture
def shelf(world):
    world.capture()
    shelf = Shelf(world, "arm64")
    yield shelf
    shelf.close()


def is_at(board, percent):
    """How far the image is on its disk, as the server knows it."""
    def there():
        shown = board.show()
        assert not shown["state"].startswith("Failed"), f"{shown['reason']}\n{board.machine.console()[-3000:]}"
        progress = shown["activity"]["progress"] or {}
        return progress.get("phase") == "write" and progress["done"] * 100 >= percent * progress["total"]
    wait_until(there, 120, f"{percent} % are written", every_s=0.05)


def test_it_comes_to_its_end_all_the_same(shelf):
    """The agent waits for the network and for a server, and the next boot's agent goes on with what lies on the disk."""
    board, server = shelf.board("board", MAC, machine.uboot_arm64_pxe, DISK_MIB), shelf.world.server
    image = disk.packed(disk.build("arm64", shelf.world.folder / "image"))
    shelf.daemon.cli("image", "import", "small", image, "--arch", "arm64", timeout_s=120)
    board.switch_on()
    board.enlisted(150, NAME)
    shelf.daemon.cli("machine", "commission", NAME, "--no-scripts")
    board.wait_for("Ready", 120)
    tap = board.machine.tap
    server.run("tc", "qdisc", "add", "dev", tap, "root", "tbf", "rate", RATE, "burst", "64kb", "latency", "100ms")
    shelf.daemon.cli("machine", "deploy", NAME, "--image", "small", "--root", "disk", "--done-when", "phone-home")

    is_at(board, 20)
    server.run("ip", "link", "set", tap, "down")
    time.sleep(AWAY_S)  # what is tested is the time
    assert board.show()["state"] == "Deploying"
    server.run("ip", "link", "set", tap, "up")

    is_at(board, 40)
    shelf.daemon.kill()
    shelf.daemon.start()

    is_at(board, 60)
    server.run("tc", "qdisc", "del", "dev", tap, "root")
    board.machine.power_off()
    board.switch_on()
    board.wait_for("Deployed", 300)
    assert "of the image are on the disk already" in shelf.daemon.trail(NAME) + board.machine.console()
    assert board.machine.says(rf"BRAMBLE-DISK host={NAME} size=\d+M stamp=\S+", 60), board.machine.console()[-3000:]
