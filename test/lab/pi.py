"""Simulated Raspberry Pi firmware, and what it fetched started in QEMU: together, a Pi that boots from the network."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib

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


def fetch(namespace, interface, model, mac, serial, folder, timeout_s=120):
    """Let a simulated board ask for its boot on an interface; gives what it fetched."""
    folder = pathlib.Path(folder)
    (folder / "fetched").mkdir(parents=True, exist_ok=True)
    done = namespace.run(BUILD / "bramble-sim", model, "--interface", interface, "--mac", mac, "--serial", serial,
                         "--out", folder / "fetched", "--report", folder / "report.json", timeout_s=timeout_s, check=False)
    (folder / "sim.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise Failed(f"the simulated {model} did not boot: {done.stdout.strip()}{done.stderr.strip()}")
    report = json.loads((folder / "report.json").read_text())
    return Fetched(folder / "fetched", report["boards"][0])


def start_fetched(board, model, fetched):
    """Power a machine on with the fetched files. QEMU has no Pi 4 that can be relied on, so what a Pi 4 fetched starts
    on the hardware of a Pi 3, under a Pi 3's device tree."""
    tree = fetched.file("device_tree") if model == "pi3" else \
        foreign.device_trees("arm64") / "broadcom/bcm2837-rpi-3-b.dtb"
    board.power_on(machine.raspi3b, kernel=fetched.file("kernel"), device_tree=tree, initramfs=fetched.file("initramfs"),
                   cmdline=fetched.cmdline)
