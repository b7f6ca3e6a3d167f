"""A machine's whole life: nobody knows it, and by power-on and the agent alone it becomes New, Ready, Deployed and Ready again.

Firmware is real, the power is a controller that starts and stops QEMU, and brambled is not told anything by hand that the
issue of a machine does not say.
"""
# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from lab import agent, disk, machine
from lab.bmc import Bmc
from lab.namespace import wait_until
from lab.world import SUBNET, World

MAC = "52:54:00:77:64:0a"
MIB = 1 << 20


class Shelf:
    """brambled, one machine with an empty disk, and what switches it."""

    def __init__(self, world, firmware, arch="arm64", disk_mib=256):
        self.world, self.firmware = world, firmware
        self.daemon = world.start_daemon()
        agent.environment(self.daemon, arch, world.folder)
        self.daemon.cli("subnet", "set", SUBNET, "--unknown", "enlist")
        self.target = world.folder / "target.img"
        with open(self.target, "wb") as out:
            out.truncate(disk_mib * MIB)
        self.board = world.machine("board", MAC)
        self.bmc = Bmc(world.server, "10.77.0.1")
        self.url = self.bmc.connect("board", self.board, lambda board: self.switch_on())

    def switch_on(self):
        self.board.power_on(self.firmware, disks=[self.target], reboots=True)

    def show(self, name):
        return self.daemon.json("machine", "show", name)

    def wait_for(self, name, state, timeout_s):
        def there():
            shown = self.show(name)
            assert not shown["state"].startswith("Failed"), f"{shown['state']}: {shown['reason']}\n{self.board.console()[-3000:]}"
            return shown["state"] == state
        wait_until(there, timeout_s, f"{name} is {state}", every_s=0.5)

    def enlisted(self, timeout_s):
        """The name of the one machine, once it is there."""
        wait_until(lambda: self.daemon.items("machine"), timeout_s, "a machine enlists itself", every_s=0.5)
        return self.daemon.items("machine")[0]["name"]

    def hand_over_power(self, name):
        self.daemon.cli("machine", "power", name, "--driver", "webhook", *(part for key, action in (("on_uri", "on"), ("off_uri", "off"), ("query_uri", "status"))
                                                                           for part in ("--key", f"{key}={self.url}/{action}")))

    def close(self):
        self.bmc.close()


def in_shelf(folder, firmware, act, **options):
    world = World(folder)
    try:
        world.capture()
        shelf = Shelf(world, firmware, **options)
        try:
            act(shelf)
        finally:
            shelf.close()
    finally:
        world.close()


def installed(shelf, name):
    """What the system on its disk says of itself, on the console."""
    said = shelf.board.says(r"BRAMBLE-DISK host=(\S+) size=(\d+)M stamp=(\S+)", 120)
    assert said, shelf.board.console()[-3000:]
    assert said.group(1) == name, "cloud-init's data name it"
    assert int(said.group(2)) > 3 * disk.ROOT_MIB, "the root grew with the disk"
    assert shelf.board.says(r"BRAMBLE-PHONED", 60), shelf.board.console()[-2000:]


@pytest.mark.full  # EDK2 tries the network by every protocol that it has before the disk: minutes
def test_from_unknown_to_deployed_and_back(folder):
    """UEFI, and a controller: no hand but the one that plugs it in."""
    def act(shelf):
        shelf.switch_on()
        name = shelf.enlisted(150)
        assert shelf.show(name)["arch"] == "arm64"
        shelf.hand_over_power(name)
        shelf.daemon.cli("machine", "set", name, "--name", "shelf-1")
        shelf.daemon.cli("machine", "commission", "shelf-1", "--no-scripts")
        shelf.wait_for("shelf-1", "Ready", 150)
        wait_until(lambda: not shelf.board.is_on(), 60, "Ready, and its power can be switched: it is off")

        image = disk.packed(disk.build("arm64", shelf.world.folder / "image"))
        shelf.daemon.cli("image", "import", "small", image, "--arch", "arm64", timeout_s=120)
        shelf.daemon.cli("machine", "deploy", "shelf-1", "--image", "small", "--root", "disk", "--done-when", "phone-home")
        shelf.wait_for("shelf-1", "Deployed", 300)
        installed(shelf, "shelf-1")
        assert re.search(r"phone home", shelf.daemon.trail("shelf-1"))

        shelf.daemon.cli("machine", "erase", "shelf-1")
        shelf.wait_for("shelf-1", "Ready", 200)
        assert not shelf.target.read_bytes()[:MIB].strip(b"\0"), "the head of its disk is erased"
    in_shelf(folder, machine.arm64_uefi_pxe, act)


def test_by_hand_one_power_on_is_enough(folder):
    """Nothing can switch it: the agent waits in RAM, and goes from one step to the next by itself."""
    def act(shelf):
        shelf.switch_on()
        name = shelf.enlisted(150)
        shelf.daemon.cli("machine", "commission", name, "--no-scripts")
        shelf.wait_for(name, "Ready", 120)
        image = disk.packed(disk.build("arm64", shelf.world.folder / "image"))
        shelf.daemon.cli("image", "import", "small", image, "--arch", "arm64", timeout_s=120)
        shelf.daemon.cli("machine", "deploy", name, "--image", "small", "--root", "disk", "--done-when", "phone-home")
        shelf.wait_for(name, "Deployed", 300)
        installed(shelf, name)
        assert shelf.bmc.asked == [], "nobody switched it"
        assert shelf.board.is_on()
    in_shelf(folder, machine.uboot_arm64_pxe, act)
