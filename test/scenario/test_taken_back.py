"""A Raspberry Pi with its system on its card is taken back, by every boot order: with a hand that switches it, and with nobody there to ask."""
# SPDX-License-Identifier: Apache-2.0
import json
import random

import pytest

from lab import disk
from lab.daemon import BUILD
from lab.namespace import wait_until
from test_agent_server import Board, enlist, site, state_of  # noqa: F401
from test_simulated_boards import boot_directory

MAC, SERIAL = "dc:a6:32:10:00:01", "10000001"
ORDERS = {"f12": "network-first", "f21": "disk-first", "f41": "disk-only"}


class Shelf(Board):
    """A Pi 4 with a card in its slot, and the order in which its EEPROM looks."""

    def __init__(self, world, folder, order):
        super().__init__(world, folder)
        self.order = order
        boot_directory(folder / "on-card")
        names = [p for p in (folder / "on-card").rglob("*") if p.is_file()]
        volume = disk.fat(folder / "card.fat", 4, {str(p.relative_to(folder / "on-card")): p for p in names})
        self.card = disk.join(folder / "card.img", "dos", [(volume, 4, "c")])

    def switch_on(self):
        """What its EEPROM tried, by name, the last of them with success."""
        self.boots += 1
        out = self.folder / f"on-{self.boots}"
        out.mkdir()
        self.namespace.run(BUILD / "bramble-sim", "pi4", "--interface", "eth0", "--mac", MAC, "--serial", SERIAL, "--seed", "5",
                           "--card", self.card, "--boot-order", self.order, "--out", out, "--report", out / "report.json",
                           check=False, timeout_s=120)
        board, = json.loads((out / "report.json").read_text())["boards"]
        assert board["outcome"] == "booted", board["why"]
        return [row["mode"] for row in board["attempts"]]


def import_disk(daemon, folder):
    """A disk image in which nothing tells that it is up."""
    (folder / "volume").write_bytes(random.Random(7).randbytes(disk.MIB))
    daemon.cli("image", "import", "appliance", disk.join(folder / "appliance.img", "dos", [(folder / "volume", 1, "83")]))


def deploy(daemon, agent, name, first):
    """Commissioned with what the agent finds, and written to its card."""
    found = {"board": {"boot_first": first}}
    daemon.cli("machine", "commission", name, "--no-scripts")
    task = agent.task(after=2, wait=10).json
    assert task["kind"] == "inventory" and agent.result(task["id"], data=found).status == 204
    wait_until(lambda: state_of(daemon, name) == "Ready", 10, "it is Ready")
    daemon.cli("machine", "deploy", name, "--image", "appliance", "--root", "disk", "--done-when", "written")
    task = wait_until(lambda: next((t for t in [agent.task(after=task["id"], wait=5).json] if t["kind"] == "deploy"), None), 10,
                      "its agent is told to write")
    assert agent.result(task["id"], data={"boot_first": first}).status == 204
    wait_until(lambda: state_of(daemon, name) == "Deployed", 10, "it is Deployed")


@pytest.mark.parametrize("order", ORDERS)
def test_taken_back(site, folder, order):  # noqa: F811
    world, daemon, _ = site
    board = Shelf(world, folder, order)
    agent = board.boot()  # by a card without a system, by its boot menu: somehow it came here
    name = enlist(daemon, agent)
    import_disk(daemon, folder)
    deploy(daemon, agent, name, ORDERS[order])
    shown = daemon.json("machine", "show", name)
    assert shown["boot_order_found"] == ORDERS[order]
    assert bool(shown["reason"]) == (order != "f12"), "who will not come back says so in time"
    assert board.switch_on() == (["network", "SD card"] if order == "f12" else ["SD card"])

    # With brambled off it boots its card all the same. That the network is waited for first is firmware's own.
    if order != "f12":
        daemon.stop()
        assert board.switch_on() == ["SD card"]
        daemon.start()

    daemon.cli("machine", "erase", name)
    shown = daemon.json("machine", "show", name)
    if order == "f12":
        assert shown["state"] == "Disk erasing" and "by hand" in shown["reason"]
        assert board.switch_on() == ["network"], "and it comes"
        return
    assert shown["state"] == "Ready" and shown["deadline"] is None, "nothing waits for a boot that cannot come"
    assert "not erased" in shown["reason"] and f"machine commission {name}" in shown["reason"]
    assert board.switch_on() == ["SD card"]
