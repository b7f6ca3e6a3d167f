"""A machine's whole life: nobody knows it, and by power-on and the agent alone it becomes New, Ready, Deployed, Ready and Deployed again.

Firmware is real, the power is a controller that starts and stops QEMU, and brambled is not told anything by hand that the
issue of a machine does not say.
"""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import re
import sqlite3
import subprocess

from lab import agent, disk, machine, roots
from lab.namespace import wait_until
from lab.shelf import MIB, Shelf
from lab.world import World

MAC = "52:54:00:77:64:0a"


def in_shelf(folder, firmware, act, arch="arm64"):
    world = World(folder)
    try:
        world.capture()
        shelf = Shelf(world, arch)
        try:
            act(shelf, shelf.board("board", MAC, firmware))
        finally:
            shelf.close()
    finally:
        world.close()


@contextlib.contextmanager
def held(database):
    """As good as away: nobody else can write to it."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


def installed(board):
    """What the system on its disk says of itself, on the console."""
    said = board.machine.says(r"BRAMBLE-DISK host=(\S+) size=(\d+)M stamp=(\S+)", 120)
    assert said, board.machine.console()[-3000:]
    assert said.group(1) == board.name, "cloud-init's data name it"
    assert int(said.group(2)) > 3 * disk.ROOT_MIB, "the root grew with the disk"
    assert board.machine.says(r"BRAMBLE-PHONED", 60), board.machine.console()[-2000:]


def import_small(shelf):
    """A disk image that says what it finds."""
    image = disk.packed(disk.build("arm64", shelf.world.folder / "image"))
    shelf.daemon.cli("image", "import", "small", image, "--arch", "arm64", timeout_s=120)


def runs_in_memory(shelf, board):
    """Once more, without its disk: GRUB is given another kernel's words by the same firmware."""
    root = roots.squashfs("arm64", shelf.world.folder, has_kernel=True)
    agent.upload(shelf.daemon, "live", "arm64", shelf.world.folder, "console=ttyAMA0,115200 root=/dev/vda1 ro", ("root-squashfs", "root.squashfs", root))
    shelf.daemon.cli("machine", "deploy", board.name, "--image", "live", "--root", "ram", "--done-when", "phone-home")
    board.wait_for("Deployed", 300)
    console = board.machine.console()
    assert f"BRAMBLE-ROOT fs=overlay init=1 host={board.name}" in console, console[-3000:]
    assert "root=/dev/vda1" not in console.split("Kernel command line:")[-1].splitlines()[0]
    assert not board.target.read_bytes()[:MIB].strip(b"\0"), "its disk is left alone"


def test_from_unknown_to_its_disk_to_memory(folder):
    """UEFI, and a controller: no hand but the one that plugs it in."""
    def act(shelf, board):
        cli = shelf.daemon.cli
        board.taken_in(150, "shelf-1")
        assert board.show()["arch"] == "arm64"

        import_small(shelf)
        cli("machine", "deploy", "shelf-1", "--image", "small", "--root", "disk", "--done-when", "phone-home", "--cmdline-extra", "lab.deployed=1")
        board.wait_for("Deployed", 300)
        installed(board)
        assert re.search(r"Kernel command line:.* lab\.deployed=1", board.machine.console()), "the kernel got the machine's words"
        subprocess.run(["sfdisk", "--verify", str(board.target)], check=True, capture_output=True)
        assert re.search(r"phone home", shelf.daemon.trail("shelf-1"))
        assert re.search(r"grub/grub\.cfg", shelf.daemon.trail("shelf-1")), "GRUB sends it to its disk, not its firmware"
        assert board.show()["boot_order_found"] == "network-first"

        cli("machine", "release", "shelf-1", "--erase", "quick")
        board.wait_for("Ready", 200)
        assert not board.target.read_bytes()[:MIB].strip(b"\0"), "the head of its disk is erased"
        wait_until(lambda: not board.machine.is_on(), 60, "and it is off")
        runs_in_memory(shelf, board)
    in_shelf(folder, machine.arm64_uefi_pxe, act)


def without_a_clock(mac, folder):
    """A board that does not know what year it is."""
    return [*machine.uboot_arm64_pxe(mac, folder), "-rtc", "base=1990-01-01T00:00:00"]


def test_by_hand_one_power_on_is_enough(folder):
    """Nothing can switch it: the agent waits in RAM, and goes from one step to the next by itself. All of it by HTTPS, from a
    server whose certificate begins long after the board's clock stands. Later it is sent to its disk while the database is away."""
    def act(shelf, board):
        cli = shelf.daemon.cli
        cli("subnet", "set", "10.77.0.0/24", "--agent-https", "on")
        board.switch_on()
        name = board.enlisted(150)
        pin = shelf.daemon.json("ca", "show")["pin"]
        assert re.search(rf"bramble\.url=https://\S+ bramble\.ca={pin}", board.machine.console())
        cli("machine", "commission", name, "--no-scripts")
        board.wait_for("Ready", 120)
        import_small(shelf)
        cli("machine", "deploy", name, "--image", "small", "--root", "disk", "--done-when", "phone-home")
        board.wait_for("Deployed", 300)
        installed(board)
        assert shelf.bmc.asked == [], "nobody switched it"
        assert board.machine.is_on()

        board.machine.power_off()
        with held(shelf.daemon.state / "bramble.db"):
            board.switch_on()
            assert board.machine.says(r"BRAMBLE-DISK .* kept=\S", 150), board.machine.console()[-3000:]
    in_shelf(folder, without_a_clock, act)
