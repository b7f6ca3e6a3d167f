"""A machine that boots kernel, initrd and agent directly, and a stand-in for the agent's server.

The kernel is Debian's, the initrd holds that kernel's modules as an image's does, and the agent's archive lies behind it.
"""
# SPDX-License-Identifier: Apache-2.0
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

    def power_on(self, *options, disks=(), words="", reboots=False):
        def firmware(mac, _):
            return [*QEMU[self.arch], "-smp", "2", "-m", "512", "-nodefaults", "-kernel", foreign.kernel(self.arch),
                    "-initrd", self.initrd, "-append",
                    f"console={CONSOLE[self.arch]} rdinit=/bramble/agent bramble.url={self.server.url} {words}",
                    "-device", f"virtio-net-pci,netdev=n0,mac={mac},romfile=", "-device", "virtio-rng-pci", *options]
        before = len(self.server.hellos)
        self.machine.power_on(firmware, disks=disks, reboots=reboots)
        self.server.wait(lambda: len(self.server.hellos) > before, 150, "a hello")

    def close(self):
        self.machine.power_off()
        self.server.close()
