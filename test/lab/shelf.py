"""A shelf of machines that nobody registered, each with an empty disk, and brambled that takes in whoever asks."""
# SPDX-License-Identifier: Apache-2.0
from lab import agent, pi
from lab.bmc import Bmc
from lab.namespace import wait_until
from lab.world import SERVER, SUBNET

MIB = 1 << 20
CARD_MIB = 128  # QEMU wants a power of two


class Shelf:
    """brambled with the agents of @archs, which enlists strangers, and a controller that can switch the boards."""

    def __init__(self, world, *archs):
        self.world = world
        self.daemon = world.start_daemon()
        for arch in archs:
            agent.environment(self.daemon, arch, world.folder)
        self.daemon.cli("subnet", "set", SUBNET, "--unknown", "enlist")
        self.bmc = Bmc(world.server, SERVER)
        self.boards = []

    def board(self, key, mac, firmware, disk_mib=256):
        """One more, switched off. @firmware: a row of lab.machine."""
        return Board(self, key, mac, firmware, disk_mib)

    def pi(self, key, mac, serial, boot_order):
        """A Raspberry Pi 4 with an empty card, switched off."""
        return PiBoard(self, key, mac, serial, boot_order)

    def close(self):
        self.bmc.close()
        for board in self.boards:
            board.machine.power_off()


class Board:
    """A machine in QEMU, which is known by its MAC until it has a name."""

    def __init__(self, shelf, key, mac, firmware, disk_mib):
        self.shelf, self.daemon, self.mac, self.firmware = shelf, shelf.daemon, mac, firmware
        self.target = shelf.world.folder / f"{key}-disk.img"
        with open(self.target, "wb") as out:
            out.truncate(disk_mib * MIB)
        self.machine = self.make_machine(key)
        shelf.boards.append(self)
        self.url = shelf.bmc.connect(key, self.machine, lambda _: self.switch_on())
        self.name = None

    def make_machine(self, key):
        return self.shelf.world.machine(key, self.mac)

    def switch_on(self):
        self.machine.power_on(self.firmware, disks=[self.target], reboots=True)

    def row(self):
        """What `machine list` has of it; None before it is enlisted."""
        return next((row for row in self.daemon.items("machine") if self.mac in row["macs"]), None)

    def enlisted(self, timeout_s, name=None):
        """Wait until it has enlisted itself, and call it @name from then on; gives its name."""
        wait_until(self.row, timeout_s, f"{self.mac} enlists itself", every_s=0.5)
        self.name = self.row()["name"]
        if name:
            self.daemon.cli("machine", "set", self.name, "--name", name)
            self.name = name
        return self.name

    def show(self):
        return self.daemon.json("machine", "show", self.name)

    def wait_for(self, state, timeout_s):
        def there():
            shown = self.show()
            assert not shown["state"].startswith("Failed"), f"{shown['state']}: {shown['reason']}\n{self.machine.console()[-3000:]}"
            return shown["state"] == state
        wait_until(there, timeout_s, f"{self.name} is {state}", every_s=0.5)

    def hand_over_power(self):
        """From now on brambled can switch it."""
        keys = [part for key, action in (("on_uri", "on"), ("off_uri", "off"), ("query_uri", "status"))
                for part in ("--key", f"{key}={self.url}/{action}")]
        self.daemon.cli("machine", "power", self.name, "--driver", "webhook", *keys)

    def taken_in(self, timeout_s, name):
        """On, enlisted as @name, with its power in brambled's hands, and commissioned: until it is Ready and off. Each step that long."""
        self.switch_on()
        self.enlisted(timeout_s, name)
        self.hand_over_power()
        self.daemon.cli("machine", "commission", name, "--no-scripts")
        self.wait_for("Ready", timeout_s)
        wait_until(lambda: not self.machine.is_on(), 60, "Ready, and its power can be switched: it is off")


class PiBoard(Board):
    """A Raspberry Pi 4, whose disk is the card in its slot."""

    def __init__(self, shelf, key, mac, serial, boot_order):
        self.serial, self.boot_order = serial, boot_order
        super().__init__(shelf, key, mac, "pi4", CARD_MIB)

    def make_machine(self, key):
        return pi.Pi4(self.shelf.world, key, self.mac, self.serial, self.target, self.boot_order)

    def switch_on(self):
        self.machine.power_on()
