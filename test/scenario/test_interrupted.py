"""A deploy that is cut off in its middle: brambled dies, the machine loses its power, the network goes away. The real agent
on a disk that is a file, and the real server; only firmware and kernel of the machine are not there."""
# SPDX-License-Identifier: Apache-2.0
import random
import signal
import subprocess
import time
import urllib.parse

import pytest

from fake.agent_client import WORD
from lab.daemon import BUILD
from lab.dhcp import Wire
from lab.namespace import read_text, wait_until
from lab.world import SUBNET
from test_agent_deploy import MIB, SYSTEM, make_image, run
from test_agent_server import Api, enlisted, state_of

MAC = "52:54:00:10:00:01"
DISK = 256 * MIB
AWAY_S = 10
IPXE = ((60, b"PXEClient:Arch:00000:UNDI:002001"), (93, b"\0\0"), (77, b"iPXE"), (55, bytes([1, 3, 6, 66, 67])))


def import_agent(daemon):
    """An environment whose kernel nobody starts."""
    kernel = bytearray(random.Random(4).randbytes(100_000))
    kernel[0x1fe:0x200], kernel[0x202:0x208], kernel[0x236:0x237] = b"\x55\xaa", b"HdrS\x0f\x02", b"\x01"
    api = Api(daemon.socket)
    number = api.ask("POST", "/imports", {"name": "agent-amd64", "kind": "parts", "arch": "amd64"})["id"]
    for path, role, octets in (("vmlinuz", "kernel", bytes(kernel)), ("agent-amd64.cpio", "agent", b"070701" + bytes(1000))):
        api.ask("PUT", f"/imports/{number}/files?path={urllib.parse.quote(path)}&role={role}", octets)
    api.ask("POST", f"/imports/{number}/finish")
    api.close()


class Machine:
    """A PC with iPXE and one disk, and an agent that starts on it whenever it boots."""

    def __init__(self, world, folder):
        self.namespace = world.client("machine", MAC)
        self.folder, self.log, self.root = folder, folder / "agent.log", folder / "machine"
        self.process, self.boots = None, 0
        self.put("proc/meminfo", "MemTotal: 1000 kB\n")
        self.put("sys/block/vda/size", f"{DISK // 512}\n")
        self.put("sys/block/vda/queue/logical_block_size", "512\n")
        self.put("dev/vda", "")
        self.disk = self.root / "dev/vda"
        with open(self.disk, "wb") as out:
            out.truncate(DISK)

    def put(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def boot(self):
        """What the kernel is told, by way of the script that iPXE gets."""
        self.boots += 1
        wire = Wire(self.namespace)
        ack = wire.lease(MAC, 0x4700 + self.boots, options=IPXE)
        wire.close()
        self.namespace.run("ip", "address", "replace", f"{ack.yiaddr}/24", "dev", "eth0")
        script = ack.options.get(67, ack.file).rstrip(b"\0").decode()
        return self.namespace.run("curl", "-sSf", "--interface", ack.yiaddr, script).stdout

    def power_on(self):
        self.process = self.namespace.start(BUILD / "bramble-agent", "--no-init", "--root", self.root, "--url",
                                            WORD.search(self.boot()).group(1), log=self.log)
        return self

    def hold(self):
        """Time stands still on it, so that what happens now happens in the middle."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def cut_power(self):
        self.process.kill()
        self.process.wait(10)

    def written(self):
        """Octets that lie on its disk."""
        return self.disk.stat().st_blocks * 512

    def has_table(self):
        return subprocess.run(["sfdisk", "-d", str(self.disk)], capture_output=True, check=False).returncode == 0

    def partition(self):
        part = self.folder / "part1"
        run("dd", f"if={self.disk}", f"of={part}", "bs=1M", "skip=1", "conv=sparse", "status=none")
        return part


@pytest.fixture
def machine(world, folder):
    """Enlisted, commissioned, and in the middle of a deploy: half of the image is on its disk."""
    daemon = world.start_daemon()
    import_agent(daemon)
    daemon.cli("subnet", "set", SUBNET, "--unknown", "enlist")
    image = make_image(folder, SYSTEM)
    daemon.cli("image", "import", "small", image, "--arch", "amd64", timeout_s=120)
    image.unlink()
    machine = Machine(world, folder).power_on()
    machine.daemon = daemon
    machine.name = enlisted(daemon, MAC)["name"]
    daemon.cli("machine", "commission", machine.name, "--no-scripts")
    wait_until(lambda: state_of(daemon, machine.name) == "Ready", 30, "it is Ready")
    daemon.cli("machine", "deploy", machine.name, "--image", "small", "--root", "disk", "--done-when", "written")
    wait_until(lambda: machine.written() > 12 * MIB, 60, "half of it is written", every_s=0.002)
    machine.hold()
    assert not machine.has_table(), "half of a system is none to start from"
    yield machine
    for large in ("part1", "machine/dev/vda"):
        (folder / large).unlink(missing_ok=True)
    assert "Sanitizer" not in read_text(machine.log), read_text(machine.log)


def deployed(machine):
    """It went on to the end, and what lies on the disk is whole."""
    daemon = machine.daemon

    def over():
        state = state_of(daemon, machine.name)
        assert not state.startswith("Failed"), daemon.json("machine", "show", machine.name)["reason"]
        return state == "Deployed"
    wait_until(over, 90, f"it is Deployed:\n{read_text(machine.log)}", every_s=0.2)
    part = machine.partition()
    run("e2fsck", "-fn", part)
    assert f"Size: {24 * MIB}" in run("debugfs", "-R", "stat /noise", part)
    assert run("debugfs", "-R", "cat /etc/hostname", part) == f"{machine.name}\n"


def test_brambled_is_killed(machine):
    """The agent asks again until a server is there, and goes on by itself."""
    machine.daemon.kill()
    machine.go_on()
    machine.daemon.start()
    deployed(machine)
    assert machine.boots == 1, "and nobody switched it"


def test_the_machine_loses_its_power(machine):
    """The next boot's agent goes on where the first one was."""
    machine.cut_power()
    assert state_of(machine.daemon, machine.name) == "Deploying"
    machine.power_on()
    deployed(machine)
    assert "MB of the image are on the disk already" in read_text(machine.log)


def test_the_network_goes_away(machine):
    machine.namespace.run("ip", "link", "set", "eth0", "down")
    machine.go_on()
    time.sleep(AWAY_S)  # what is tested is the time
    assert not machine.has_table()
    assert state_of(machine.daemon, machine.name) == "Deploying"
    machine.namespace.run("ip", "link", "set", "eth0", "up")
    deployed(machine)
    assert machine.boots == 1
