"""Ubuntu Core from a disk image as Canonical's are laid out: brambled knows it, the agent leaves it as it is, who may log in is
said on a medium beside it, and it is up when SSH answers.

The machine is a folder: a disk, a stick that nobody emptied, and later one that is empty. Its agent is the real one, as soon as it
is Ready.
"""
# SPDX-License-Identifier: Apache-2.0
import socket
import subprocess

import pytest

from fake.agent_client import AgentClient
from lab import disk, pi
from lab.daemon import BUILD
from lab.dhcp import Wire
from lab.namespace import read_text, wait_until
from test_agent_server import INVENTORY, MAC, SERIAL, enlist, site, state_of  # noqa: F401 - site is a fixture

MIB = 1 << 20
NAME = "core-1"
ASSERTION = """type: account-key
authority-id: canonical
body-length: 8

AcbBTQRW

AcLBUgQAAQoABgUC

type: system-user
authority-id: acme
email: jo@example.com
models:
  - shelf
username: jo

AcLBUgQAAQoABgUC
VFsdGhQ=
"""


def run(*argv):
    return subprocess.run(list(map(str, argv)), check=True, capture_output=True, text=True).stdout


def core_image(folder):
    """A GPT, and the FAT that Ubuntu Core is installed from at its first start."""
    (folder / "model").write_text("type: model\n")
    seed = disk.fat(folder / "seed.fat", 8, {f"{name}/model": folder / "model" for name in ("EFI", "systems", "snaps")}, "-v", "ubuntu-seed")
    return disk.join(folder / "core.img", "gpt", [(seed, 8, "U")])


class Machine:
    """A simulated Pi's boot, and bramble-agent on a machine that is a folder."""

    def __init__(self, world, folder):
        self.folder, self.root = folder, folder / "machine"
        self.namespace = world.client("board", MAC)
        fetched = pi.fetch(self.namespace, "eth0", "pi4", MAC, SERIAL, folder / "boot-1")
        self.namespace.run("ip", "address", "replace", f"{fetched.board['ip']}/24", "dev", "eth0")
        self.stand_in = AgentClient(self.namespace, fetched.board["ip"], fetched.cmdline)
        self.disk = self.add_disk("vda", 64 * MIB)

    def start_agent(self):
        self.agent = self.namespace.start(BUILD / "bramble-agent", "--no-init", "--root", self.root, "--url", self.stand_in.url,
                                          log=self.folder / "agent.log")

    def put(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def add_disk(self, name, size, octets=b"", removable=0):
        self.put(f"sys/block/{name}/removable", f"{removable}\n")
        self.put(f"sys/block/{name}/queue/logical_block_size", "512\n")
        self.put(f"dev/{name}", "")
        path = self.root / "dev" / name
        with open(path, "wb") as out:
            out.write(octets)
            out.truncate(size)
        self.put(f"sys/block/{name}/size", f"{size // 512}\n")  # with it, it is a disk
        return path

    def starts_from_its_disk(self):
        """Firmware, which the network sends on; then a system with an address, and with SSH."""
        self.namespace.run(*pi.firmware("eth0", "pi4", MAC, SERIAL, self.folder / "boot-2", "--dhcp-timeout", 5000, "--timeout", 10), check=False)
        wire = Wire(self.namespace)
        lease = wire.lease(MAC, 0x1234, options=((60, b"systemd"), (61, b"\xff" + bytes(18))))
        wire.close()
        self.namespace.run("ip", "address", "replace", f"{lease.yiaddr}/24", "dev", "eth0")
        with self.namespace.entered():
            return socket.create_server(("", 22))


def say_hello(listener):
    """As an SSH server does, to who comes."""
    listener.settimeout(20)
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.fixture
def machine(site, folder):  # noqa: F811
    world, daemon, _ = site
    machine = Machine(world, folder)
    daemon.cli("machine", "set", enlist(daemon, machine.stand_in), "--name", NAME)
    daemon.cli("machine", "commission", NAME, "--no-scripts")
    assert machine.stand_in.result(machine.stand_in.task(after=1).json["id"], data=INVENTORY).status == 204
    wait_until(lambda: state_of(daemon, NAME) == "Ready", 10, "it is Ready")
    machine.start_agent()
    yield machine
    for name in ("vda", "sda", "sdb"):
        (machine.root / "dev" / name).unlink(missing_ok=True)
    (folder / "core.img").unlink(missing_ok=True)


def test_ubuntu_core_is_written_unchanged(site, machine, folder):  # noqa: F811
    _, daemon, _ = site
    image = core_image(folder)
    daemon.cli("image", "import", "core", image, "--arch", "arm64")
    shown = daemon.json("image", "show", "core")
    assert (shown["os"], shown["done_signals"], shown["roots"]) == ("Ubuntu Core", ["ssh"], ["disk"]), shown
    (folder / "key.pub").write_text("ssh-ed25519 AAAA jo\n")
    (folder / "jo.assert").write_text(ASSERTION)
    deploy = ("machine", "deploy", NAME, "--image", "core", "--disk", "vda")
    assert "--assertion FILE" in daemon.refused(*deploy, "--ssh-key", folder / "key.pub")
    assert "no assertions that snapd could read" in daemon.refused(*deploy, "--assertion", folder / "key.pub")

    somebodys = machine.add_disk("sda", 16 * MIB, b"\xeb\x3c\x90 somebody's photographs", removable=1)
    photographs = somebodys.read_bytes()
    deploy += ("--assertion", folder / "jo.assert")
    daemon.cli(*deploy)
    wait_until(lambda: state_of(daemon, NAME) == "Failed deployment", 20, "there is no medium for it")
    assert "plug in an empty USB stick" in daemon.json("machine", "show", NAME)["reason"]
    assert somebodys.read_bytes() == photographs and not machine.disk.read_bytes().strip(b"\0"), "and nothing is written"

    stick = machine.add_disk("sdb", 16 * MIB, removable=1)
    daemon.cli("machine", "acquire", NAME)
    daemon.cli(*deploy)
    assert machine.agent.wait(30) == 10, f"it starts the machine anew: {read_text(folder / 'agent.log')}"
    written, octets = machine.disk.read_bytes(), image.read_bytes()
    assert written[:len(octets)] == octets and not written[len(octets):].strip(b"\0"), "to the last octet"
    assert run("mtype", "-i", stick, "::auto-import.assert") == ASSERTION
    run("fsck.vfat", "-n", stick)
    assert somebodys.read_bytes() == photographs

    assert state_of(daemon, NAME) == "Deploying"
    with machine.starts_from_its_disk() as listener:
        say_hello(listener)
    wait_until(lambda: state_of(daemon, NAME) == "Deployed", 10, "it is up")
