"""Systems whose root the server keeps: what is written is there after the next boot, or is not, as was asked for; and who runs
does not notice that brambled is killed, started again, or another one than before."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import shutil

import pytest

from lab import machine, roots
from lab.daemon import BUILD
from lab.helper import end_roots, running
from lab.namespace import wait_until
from lab.shelf import Shelf
from lab.world import SERVER, World

MAC = "52:54:00:77:64:0b"
SAID = re.compile(r"BRAMBLE-ROOT fs=(\S+) .*?kept=(\S*) keys=\S* data=(\S*)")


class Kept:
    """brambled, and one machine that was Ready and is deployed without a disk."""

    def __init__(self, folder):
        self.world = World(folder)
        self.world.capture()
        self.shelf = Shelf(self.world, "amd64")
        self.daemon = self.shelf.daemon
        self.volumes = self.daemon.state / "roots"
        image = roots.squashfs("amd64", folder, has_kernel=True, writes=True)
        self.daemon.cli("image", "import", "small", image, "--arch", "amd64", "--cmdline", "console=ttyS0,115200", timeout_s=120)
        self.board = self.shelf.board("board", MAC, machine.bios_ipxe)
        self.board.taken_in(150, "node7")

    @property
    def console(self):
        return self.board.machine.console()

    def deploy(self, *options):
        self.daemon.cli("machine", "deploy", "node7", "--image", "small", "--done-when", "dhcp", *options)
        self.board.wait_for("Deployed", 240)

    def said(self):
        """What its system says of the root that it finds: its kind, and what an earlier boot left there."""
        found = wait_until(lambda: SAID.search(self.console), 150, f"its system starts:\n{self.console[-3000:]}", every_s=0.5)
        return found.groups()

    def boot_again(self):
        """Off and on: its console begins anew."""
        self.board.machine.power_off()
        self.board.switch_on()
        return self.said()

    def writes(self):
        return len(re.findall(r"BRAMBLE-WROTE \d+", self.console))

    def goes_on(self, timeout_s=60):
        """It writes, and each write reaches the server: it waits for that."""
        before = self.writes()
        wait_until(lambda: self.writes() > before + 3, timeout_s, f"it goes on writing:\n{self.console[-2000:]}")

    def close(self):
        self.shelf.close()
        try:
            end_roots(self.world)
        finally:
            self.world.close()


@pytest.fixture
def kept(folder):
    kept = Kept(folder)
    yield kept
    kept.close()


def no_fault(console):
    return not re.search(r"BRAMBLE-FAILED|I/O error|EXT4-fs error|Stale file handle", console)


def a_new_revision_is_tried(kept, fs):
    """Its root is as new, and made beside the good one, which goes when it gave its sign; the data are the same."""
    kept.deploy()
    assert kept.said() == (fs, "", "there") and no_fault(kept.console)
    wait_until(lambda: [path.name for path in kept.volumes.glob("n*/m-*/root*.qcow2")] == ["root2.qcow2"], 30, "the one before is removed")


@pytest.mark.parametrize("kind, fs, is_persistent", [
    ("nbd", "ext4", True), ("nfs", "nfs4", False),
    pytest.param("nbd", "ext4", False, marks=pytest.mark.full), pytest.param("nfs", "nfs4", True, marks=pytest.mark.full)])
def test_a_system_whose_root_the_server_keeps(kept, kind, fs, is_persistent):
    """One life: deployed, used while everything else is killed, booted again, and given back with its data kept."""
    kept.deploy("--root", kind, "--data", f"{kind}:/srv/data", *(["--persistent"] if is_persistent else []))
    assert kept.said() == (fs, "", "")
    kept.goes_on()
    servers = running(kept.volumes)
    assert list(servers) == [(kind, SERVER)]

    kept.daemon.kill()
    kept.goes_on()
    kept.daemon.start()
    kept.goes_on()
    another = kept.world.folder / "another" / "brambled"  # an upgrade: another file, with the same programs beside it
    another.parent.mkdir(exist_ok=True)
    for name in ("brambled", "bramble-helper", "bramble-unpack", "bramble-power-snmp"):
        shutil.copy(BUILD / name, another.parent / name)
    kept.daemon.stop()
    kept.daemon.start(program=another)
    kept.goes_on()
    assert running(kept.volumes) == servers, "who serves the root was never touched"

    os.kill(servers[(kind, SERVER)], 9)
    wait_until(lambda: (kind, SERVER) in running(kept.volumes) and running(kept.volumes) != servers, 30, "it is started again")
    kept.goes_on(180)
    assert no_fault(kept.console), kept.console[-3000:]

    assert kept.boot_again() == (fs, "here" if is_persistent else "", "there")
    assert no_fault(kept.console)
    if is_persistent and kind == "nbd":
        a_new_revision_is_tried(kept, fs)
    kept.daemon.cli("machine", "release", "node7", "--keep-data")
    kept.board.wait_for("Ready", 60)
    wait_until(lambda: not list(kept.volumes.glob("n*/m-*/root*")) and list(kept.volumes.glob("n*/m-*/data*")), 30, "its root is removed")
