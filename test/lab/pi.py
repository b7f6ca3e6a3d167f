"""Simulated Raspberry Pi firmware, and what it fetched started in QEMU: together, a Pi that boots from the network."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib

from lab import foreign, machine
from lab.daemon import BUILD
from lab.namespace import Failed


class Fetched:
    """What the firmware of a simulated board read, and what it would start."""

    def __init__(self, folder, report):
        self.folder, self.report = pathlib.Path(folder), report

    def _file(self, what):
        name = self.report.get(what)
        if not name:
            raise Failed(f"the simulated board fetched no {what}: {json.dumps(self.report)[:600]}")
        return self.folder / name

    @property
    def kernel(self):
        return self._file("kernel")

    @property
    def initramfs(self):
        return self._file("initramfs")

    @property
    def device_tree(self):
        return self._file("device_tree")

    @property
    def cmdline(self):
        return self._file("cmdline").read_text().strip()


def fetch(namespace, interface, model, mac, serial, folder, timeout_s=120):
    """Let a simulated board ask for its boot on an interface; gives what it fetched."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    done = namespace.run(BUILD / "bramble-sim", model, "--interface", interface, "--mac", mac, "--serial", serial, "--out",
                         folder / "fetched", "--report", folder / "report.json", timeout_s=timeout_s, check=False)
    (folder / "sim.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise Failed(f"the simulated {model} did not boot (status {done.returncode}):\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    return Fetched(folder / "fetched", json.loads((folder / "report.json").read_text()))


def start_fetched(board, model, fetched):
    """Power a machine on with the fetched files. QEMU has no Pi 4 that can be relied on, so what a Pi 4 fetched starts
    on the hardware of a Pi 3, under a Pi 3's device tree."""
    tree = fetched.device_tree if model == "pi3" else foreign.device_trees("arm64") / "broadcom/bcm2837-rpi-3-b.dtb"
    board.power_on(machine.raspi3b, kernel=fetched.kernel, initramfs=fetched.initramfs, device_tree=tree, cmdline=fetched.cmdline)
