"""Simulated Raspberry Pi firmware, and what it fetched started in QEMU: together, a Pi that boots from the network or its card."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import threading

from lab import foreign, machine
from lab.daemon import BUILD
from lab.namespace import Failed


class Fetched:
    """What the firmware of a simulated board read, and what it would start with which command line."""

    def __init__(self, folder, board):
        self.folder, self.board = pathlib.Path(folder), board
        self.cmdline = board["cmdline"]

    def file(self, what):
        """The file that was fetched as "kernel", "initramfs" or "device_tree"."""
        path = self.board[what]
        if not path:
            raise Failed(f"the simulated board fetched no {what}: {[row['path'] for row in self.board['files']]}")
        return self.folder / path.lstrip("/")


def firmware(interface, model, mac, serial, folder, *options):
    """The program that plays a board's firmware, and where it leaves what it fetched."""
    folder = pathlib.Path(folder)
    (folder / "fetched").mkdir(parents=True, exist_ok=True)
    return [BUILD / "bramble-sim", model, "--interface", interface, "--mac", mac, "--serial", serial, "--out", folder / "fetched",
            "--report", folder / "report.json", *options]


def fetched_in(folder):
    folder = pathlib.Path(folder)
    return Fetched(folder / "fetched", json.loads((folder / "report.json").read_text())["boards"][0])


def fetch(namespace, interface, model, mac, serial, folder, timeout_s=120, options=()):
    """Let a simulated board ask for its boot on an interface; gives what it fetched."""
    done = namespace.run(*firmware(interface, model, mac, serial, folder, *options), timeout_s=timeout_s, check=False)
    (pathlib.Path(folder) / "sim.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise Failed(f"the simulated {model} did not boot: {done.stdout.strip()}{done.stderr.strip()}")
    return fetched_in(folder)


def start_fetched(board, model, fetched, **more):
    """Power a machine on with the fetched files. QEMU has no Pi 4 that can be relied on, so what a Pi 4 fetched starts
    on the hardware of a Pi 3, under a Pi 3's device tree."""
    tree = fetched.file("device_tree") if model == "pi3" else \
        foreign.device_trees("arm64") / "broadcom/bcm2837-rpi-3-b.dtb"
    board.power_on(machine.raspi3b, kernel=fetched.file("kernel"), device_tree=tree, initramfs=fetched.file("initramfs"),
                   cmdline=fetched.cmdline, **more)


class Pi4:
    """A Raspberry Pi 4 with a card, from one power-on to the next switch-off: its firmware follows the boot order, what it
    found runs, and a restart of that begins with the firmware again. Its parts are called as lab.machine.Machine's are."""

    def __init__(self, world, name, mac, serial, card, boot_order):
        self.mac, self.serial, self.card, self.boot_order = mac, serial, card, boot_order
        self.board = world.machine(name, mac)
        self.slot = world.client(f"{name}'s firmware")
        self.modes = []  # what each boot came from
        self._off, self._life, self._firmware = threading.Event(), None, None
        self._lock = threading.Lock()

    def power_on(self):
        with self._lock:
            self._off.clear()
            self._life = threading.Thread(target=self._live, daemon=True)
            self._life.start()

    def _live(self):
        while not self._off.is_set():
            folder = self.board.folder / f"boot-{len(self.modes) + 1}"
            argv = firmware("eth0", "pi4", self.mac, self.serial, folder, "--card", self.card, "--boot-order", self.boot_order,
                            "--timeout", 3600)
            self._firmware = self.slot.start(*argv, log=folder / "sim.log")
            status = self._firmware.wait()
            if self._off.is_set() or status != 0:
                break  # a board whose firmware gave up stays on, and does nothing
            fetched = fetched_in(folder)
            self.modes.append(fetched.board["mode"])
            self.board.serial = folder / "serial.log"
            start_fetched(self.board, "pi4", fetched, card=self.card)
            self.board.process.wait()
        self._off.wait()

    def is_on(self):
        return self._life is not None and self._life.is_alive()

    def power_off(self):
        with self._lock:
            self._off.set()
            while self.is_on():
                if self._firmware and self._firmware.poll() is None:
                    self._firmware.terminate()
                self.board.power_off()
                self._life.join(0.1)

    def says(self, pattern, timeout_s):
        return self.board.says(pattern, timeout_s)

    def console(self):
        return self.board.console()
