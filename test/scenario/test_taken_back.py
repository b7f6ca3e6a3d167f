"""A Raspberry Pi whose system is on its card, by what stands in its EEPROM: how it gets there, and whether it comes back.

Firmware is simulated and follows its boot order, an agent is played by the test, a controller switches the board's power.
"""
# SPDX-License-Identifier: Apache-2.0
import shutil
import socket

import pytest

from fake.agent_client import AgentClient
from lab import pi
from lab.bmc import Bmc
from lab.namespace import wait_until
from lab.world import SERVER
from test_agent_server import INVENTORY, MAC, SERIAL, enlisted, site, state_of  # noqa: F401 - site is a fixture
from test_dhcp_clients import lease_script
from test_simulated_boards import card
from test_ubuntu_core import say_hello

MIB = 1 << 20


class Pi:
    """The board, its card, and its power, which does nothing by itself: boot() is what a board does that is on."""

    def __init__(self, world, folder, boot_order):
        self.folder, self.boot_order = folder, boot_order
        self.namespace = world.client("pi", MAC)
        self.card = folder / "in-slot.img"
        self.wipe()
        self.boots, self.on, self.agent = 0, True, None
        self.bmc = Bmc(world.server, SERVER)
        self.url = self.bmc.connect("pi", self, lambda board: board.power_on())

    def power_on(self):
        self.on = True

    def power_off(self):
        """Who went on answering would not be off, and that is told."""
        self.namespace.run("ip", "address", "flush", "dev", "eth0")
        self.on = False

    def is_on(self):
        return self.on

    def wipe(self):
        with open(self.card, "wb") as out:
            out.truncate(6 * MIB)

    def boot(self):
        """Gives what it tried, in its order; the last is what it booted from. From the network that is the agent."""
        wait_until(lambda: self.on, 20, "it is switched on")
        self.boots += 1
        folder = self.folder / f"boot-{self.boots}"
        self.namespace.run(*pi.firmware("eth0", "pi4", MAC, SERIAL, folder, "--card", self.card, "--boot-order", self.boot_order,
                                        "--dhcp-timeout", 5000, "--timeout", 20), check=False)
        fetched = pi.fetched_in(folder)
        if fetched.board["outcome"] == "booted" and fetched.board["mode"] == "network":
            self.namespace.run("ip", "address", "replace", f"{fetched.board['ip']}/24", "dev", "eth0")
            self.agent = AgentClient(self.namespace, fetched.board["ip"], fetched.cmdline)
            assert self.agent.hello().status == 200
        return [row["mode"] for row in fetched.board["attempts"]]

    def work(self, kind, **data):
        """Its agent does the task that it is given."""
        def given():
            task = self.agent.task().json
            return task["kind"] == kind and task
        task = wait_until(given, 10, f"a task {kind}")
        assert self.agent.result(task["id"], data=data).status == 204


@pytest.fixture
def deployed(site, folder):  # noqa: F811
    """deployed(boot order, what its agent finds of it, what counts as its sign): the board with its system on its card, and its name."""
    world, daemon, _ = site
    boards = []

    def make(boot_order, found, sign="written"):
        board = Pi(world, folder, boot_order)
        boards.append(board)
        inventory = {**INVENTORY, "board": {"boot_first": found}}
        assert board.boot()[-1] == "network", "there is nothing on its card"
        board.work("inventory", **inventory)
        name = enlisted(daemon)["name"]
        keys = [part for key, action in (("on_uri", "on"), ("off_uri", "off"), ("query_uri", "status"))
                for part in ("--key", f"{key}={board.url}/{action}")]
        daemon.cli("machine", "power", name, "--driver", "webhook", *keys)
        daemon.cli("machine", "commission", name, "--no-scripts")
        board.work("inventory", **inventory)
        wait_until(lambda: not board.on, 20, "Ready, and off")

        image, _ = card(folder)
        daemon.cli("image", "import", "small", image, "--arch", "arm64")
        daemon.cli("machine", "deploy", name, "--image", "small", "--root", "disk", "--done-when", sign)
        board.boot()
        board.work("deploy")
        shutil.copy(image, board.card)
        if sign == "written":
            wait_until(lambda: state_of(daemon, name) == "Deployed", 10, "it is Deployed")
        return board, name

    yield make
    for board in boards:
        board.bmc.close()


def reason_of(daemon, name):
    return daemon.json("machine", "show", name)["reason"] or ""


def test_network_first(site, deployed):  # noqa: F811
    """0xf12: sent to its card as long as it is Deployed, and back whenever it is wanted."""
    _, daemon, _ = site
    board, name = deployed("f12", "network-first")
    assert board.boot() == ["network", "SD card"]
    switched_on = board.bmc.count("pi", "on")
    daemon.cli("machine", "release", name, "--erase", "quick")
    wait_until(lambda: board.bmc.count("pi", "on") > switched_on, 20, "it is switched off and on")
    assert board.boot() == ["network"]
    board.work("erase")
    wait_until(lambda: state_of(daemon, name) == "Ready" and not board.on, 20, "it is Ready, and off")
    wait_until(lambda: reason_of(daemon, name) == "", 10, "and there is nothing to say about it")


def test_network_first_and_brambled_is_off(site, deployed):  # noqa: F811
    """Its system is on its card, and needs nobody."""
    _, daemon, _ = site
    board, _ = deployed("f12", "network-first")
    daemon.stop()
    assert board.boot() == ["network", "SD card"]
    daemon.start()
    assert board.boot() == ["network", "SD card"]


@pytest.mark.parametrize("boot_order,found,says", [("f21", "disk-first", "take its disk out"),
                                                   ("f41", "disk-only", "put the network into its boot order")])
def test_its_card_first(site, deployed, boot_order, found, says):  # noqa: F811
    """Its firmware does not ask us: the release waits for no boot that cannot come, and says what a hand must do."""
    _, daemon, _ = site
    if boot_order == "f41":  # by hand, once: it could never have come to us
        board, name = deployed("f412", found)
        board.boot_order = boot_order
    else:
        board, name = deployed(boot_order, found)
    assert board.boot() == ["SD card"]
    assert "put the network before the disk" in reason_of(daemon, name)

    daemon.cli("machine", "release", name, "--erase", "quick")
    wait_until(lambda: state_of(daemon, name) == "Ready", 20, "it is not waited for")
    assert says in reason_of(daemon, name) and "not erased" in reason_of(daemon, name), reason_of(daemon, name)
    assert daemon.json("machine", "show", name)["deadline"] is None
    wait_until(lambda: not board.on, 20, "off")

    board.wipe()  # that is the hand
    if boot_order == "f41":
        board.boot_order = "f412"
    daemon.cli("machine", "commission", name, "--no-scripts")
    assert board.boot()[-1] == "network"
    board.work("inventory", **INVENTORY)
    wait_until(lambda: state_of(daemon, name) == "Ready" and not reason_of(daemon, name), 20, "it is ours again")


@pytest.mark.parametrize("sign", ["dhcp", "ssh"])
def test_its_card_first_and_its_system_gives_a_sign(site, deployed, folder, sign):  # noqa: F811
    """Its firmware asks us for nothing: after the agent's last word it is the system that asks for an address."""
    _, daemon, _ = site
    board, name = deployed("f21", "disk-first", sign)
    assert board.boot() == ["SD card"] and state_of(daemon, name) == "Deploying"
    with board.namespace.entered():
        listener = socket.create_server(("", 22))
    board.namespace.run("udhcpc", "-i", "eth0", "-n", "-q", "-t", "5", "-T", "1", "-s", lease_script(folder))
    if sign == "ssh":
        say_hello(listener)
    wait_until(lambda: state_of(daemon, name) == "Deployed", 20, "its system is up")
    listener.close()
