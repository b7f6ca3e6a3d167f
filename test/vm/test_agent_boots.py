"""bramble-agent as the init of real kernels in QEMU, with a stand-in for its server.

The kernel is Debian's, the initrd holds that kernel's modules as an image's does, and the agent's archive lies behind it.
"""
# SPDX-License-Identifier: Apache-2.0
import pytest

from fake.agent_server import AgentServer
from lab import agent, foreign
from lab.namespace import read_text, wait_until

MAC = "52:54:00:77:64:01"
QEMU = {
    "amd64": ["qemu-system-x86_64", "-M", "q35", "-vga", "none"],
    "arm64": ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72"],
    # Debian's armmp kernel has no large address space, where QEMU would put PCI.
    "armhf": ["qemu-system-arm", "-M", "virt,highmem=off", "-cpu", "cortex-a15"],
}
CONSOLE = {"amd64": "ttyS0", "arm64": "ttyAMA0", "armhf": "ttyAMA0"}


class Board:
    """A machine that boots kernel, image's initrd and agent directly, and the server that it finds."""

    def __init__(self, world, arch):
        self.world, self.arch = world, arch
        log = world.folder / "dnsmasq.log"
        world.server.start("dnsmasq", "-k", "--port=0", "--conf-file=/dev/null", "--interface=br0", "--bind-interfaces",
                           "--no-ping", "--dhcp-range=10.77.0.50,10.77.0.99", "--dhcp-authoritative", "--log-dhcp",
                           "--log-facility=-", "--user=root", "--leasefile-ro", log=log)
        wait_until(lambda: "IP range" in read_text(log), 5, "dnsmasq listens")
        self.server = AgentServer(world.server, "10.77.0.1")
        self.machine = world.machine("board", MAC)
        self.initrd = agent.initrd(arch, world.folder)

    def power_on(self, *options, words=""):
        def firmware(mac, _):
            return [*QEMU[self.arch], "-smp", "2", "-m", "512", "-nodefaults", "-kernel", foreign.kernel(self.arch),
                    "-initrd", self.initrd, "-append",
                    f"console={CONSOLE[self.arch]} rdinit=/bramble/agent bramble.url={self.server.url} {words}",
                    "-device", f"virtio-net-pci,netdev=n0,mac={mac},romfile=", "-device", "virtio-rng-pci", *options]
        self.machine.power_on(firmware)
        self.server.wait(lambda: self.server.hellos, 150, "a hello")

    def close(self):
        self.machine.power_off()
        self.server.close()


@pytest.fixture
def board(world):
    boards = []

    def make(arch):
        boards.append(Board(world, arch))
        return boards[-1]
    yield make
    for made in boards:
        made.close()


@pytest.mark.parametrize("arch", ["arm64", "armhf", "amd64"])
def test_inventory_under_debians_kernel(board, arch):
    """From power-on to parked, and away by a reboot: no hand, no other program than the agent's own."""
    machine = board(arch)
    machine.power_on()
    hello = machine.server.hellos[0]
    assert hello["arch"] == arch and hello["mac"] == MAC
    found = machine.server.do("inventory", 60)
    assert found["ok"], found
    assert found["data"]["cpu"]["total"] == 2
    port = found["data"]["network"]["cards"][0]["ports"][0]
    assert port["address"] == MAC and port["link_detected"]
    assert machine.server.do("park")["ok"]
    assert machine.server.do("reboot")["ok"]
    assert machine.machine.process.wait(30) == 0, "QEMU ends at a reset"
