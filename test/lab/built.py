"""Real Debian systems: built from the mirrors, kept in the cache, and spoken to by SSH."""
# SPDX-License-Identifier: Apache-2.0
import fcntl
import os
import shutil
import subprocess

import pytest

from lab import agent, foreign
from lab.daemon import BUILD
from lab.namespace import wait_until
from lab.shelf import Shelf

USER = "debian"  # whom Debian's cloud-init makes when nobody says otherwise
BUILD_S, SSH_S = 2400, 400
TOOLS = ("mmdebstrap", "arch-test", "tar2sqfs", "mke2fs", "mkfs.fat", "sfdisk", "mcopy", "depmod", "ssh", "ssh-keygen")
# cloud-init has done all, and nothing failed; what it read, and who it made.
LOOK = "cloud-init status --wait >/dev/null; cloud-id; hostname; sudo id -u; id -un op; cat /etc/made-by-user-data; systemctl --failed --no-legend"
# One kind of host key: each costs seconds under emulation.
USER_DATA = """#cloud-config
users: [default, {name: op}]
ssh_genkeytypes: [ed25519]
write_files: [{path: /etc/made-by-user-data, content: "ordered\\n"}]
"""


def can_build(arch):
    """Skips the test where it cannot be."""
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin")]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: run through ./check full")
    if subprocess.run(["arch-test", arch], check=False, stdout=subprocess.DEVNULL).returncode != 0:
        pytest.skip(f"this kernel runs no {arch} programs: it has no binfmt_misc, or nobody enabled qemu-user there")


def _mirrors(folder):
    """What apt is told by its environment: of the mirrors that this machine uses, the archive that has no news for months. What
    was built once is not built anew because some package has got a patch."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages", "Origin: Debian"],
                             capture_output=True, text=True, check=True).stdout.splitlines()
    archives = {uri for uri, codename in map(str.split, targets) if codename == "bookworm"}
    if not archives:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text("".join(f"deb {uri} bookworm main\n" for uri in sorted(archives)))
    (folder / "apt.conf").write_text(f'Dir::Etc::SourceList "{folder}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n')
    return {"APT_CONFIG": str(folder / "apt.conf")}


def build(daemon, verb, arch, *words, variant="generic"):
    """`image build` or `image build-agent`, outside of the namespace, which has no way to a mirror; gives the cache, which is one
    of its own for each image: two are built at once, and who wants the same waits."""
    cache = foreign.CACHE / "images" / f"{arch}-{variant}"
    cache.mkdir(parents=True, exist_ok=True)
    more = {**os.environ, "BRAMBLE_CACHE": str(cache), **_mirrors(cache / "apt")}
    argv = [BUILD.absolute() / "bramble", "--socket", daemon.socket, "image", verb, "--arch", arch, *words]
    with open(cache / "in-use", "w", encoding="utf-8") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=BUILD_S, check=False,
                              stdin=subprocess.DEVNULL, env=more)
    (daemon.folder / f"{verb}.log").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    return cache / "image-build"


def debian(daemon, arch, name="debian", variant="generic"):
    """A Debian of that name, from an earlier build where there is one; gives the disk image that it was imported from."""
    can_build(arch)
    cache = build(daemon, "build", arch, "debian/12", "--variant", variant, "--name", name, variant=variant)
    return max(cache.glob("disk-*/disk.img"), key=lambda path: path.stat().st_mtime)


def shelf(world, arch):
    """A shelf whose boards boot the agent's environment as it is built from packages, and an image `debian`."""
    can_build(arch)
    shelf = Shelf(world)
    build(shelf.daemon, "build-agent", arch, "--agent", agent.archive(arch).parent)
    debian(shelf.daemon, arch)
    return shelf


class Operator:
    """Who orders a deployment, and logs in to what came of it."""

    def __init__(self, shelf, folder):
        self.shelf, self.folder = shelf, folder
        self.key = folder / "key"
        self.key.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        (folder / "user-data").write_text(USER_DATA)

    def deploy(self, board, image, root, hostname, *options, timeout_s):
        self.shelf.daemon.cli("machine", "deploy", board.name, "--image", image, "--root", root, "--hostname", hostname, "--ssh-key",
                              f"{self.key}.pub", "--user-data", self.folder / "user-data", *options)
        board.wait_for("Deployed", timeout_s)

    def try_ssh(self, board, command):
        # Its system is another client than its agent, and may have another address.
        leases = [row for row in self.shelf.daemon.items("lease") if row["mac"] == board.mac and row["state"] == "bound"]
        address = max(leases, key=lambda row: row["granted"])["ip"] if leases else None
        if not address:
            return None
        done = self.shelf.world.server.run("ssh", "-i", self.key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                                           "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10",
                                           f"{USER}@{address}", command, check=False, timeout_s=120)
        return done.stdout if done.returncode == 0 else None

    def ssh(self, board, command, timeout_s=SSH_S):
        """Until the machine answers; gives what it printed."""
        return wait_until(lambda: self.try_ssh(board, command), timeout_s,
                          f"the operator's key logs in:\n{board.machine.console()[-3000:]}", every_s=2)

    def finds(self, board, hostname, datasource="nocloud"):
        """All that was ordered is there, and nothing failed."""
        answer = self.ssh(board, LOOK)
        assert answer.split() == [datasource, hostname, "0", "op", "ordered"], answer
