"""Systems without a disk: the agent brings their root up, and starts them in it.

The servers are other people's: what the agent does with them hangs on nothing of ours.
"""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import re
import subprocess

import pytest

from lab import guest, machine, roots
from lab.board import MAC
from lab.namespace import read_text, wait_until
from lab.shelf import Shelf
from lab.world import World

FIRST_BOOT = {"hostname": "node7", "authorized_keys": ["ssh-ed25519 AAAA zoe"], "phone_home": "http://10.77.0.1:5248/seed/0/phone-home"}


def start(it, root, **options):
    """Power on, until the system runs in its root; what it says of itself."""
    it.server.root = {"persistent": True, "data": [], "init": "/sbin/init", "first_boot": FIRST_BOOT, **root}
    it.server.results.clear()
    it.power_on(words="panic=7 bramble.run", **options)
    result = it.server.result(0, 120)
    assert result["ok"], f"{result}\n{it.machine.console()[-3000:]}"
    said = it.machine.says(r"BRAMBLE-ROOT fs=(\S+) init=(\d+) host=(\S*) stamp=(\S*) kept=(\S*) keys=(\S*) data=(\S*) panic=7", 60)
    assert said, it.machine.console()[-3000:]
    assert it.machine.says(r"BRAMBLE-UP", 60), it.machine.console()[-2000:]
    return dict(zip(("fs", "init", "host", "stamp", "kept", "keys", "data"), said.groups()))


def empty_disk(path, mib):
    with path.open("wb") as disk:
        disk.truncate(mib << 20)
    return path


def test_ram(board, world):
    """Into memory, checked, over a broken connection; what is written is gone with the next boot, but for what is on a disk
    for data: that is made once, on a disk that is nobody's, and is found again."""
    it = board("arm64")
    others = roots.ext4("arm64", world.folder / "others", size_mib=80)
    before = others.read_bytes()
    disks = [others, empty_disk(world.folder / "empty", 128)]
    data = {"kind": "disk", "mount": "/srv/data", "uuid": "00112233445546778899aabbccddeeff"}
    image = roots.squashfs("arm64", world.folder, writes=False)
    root = {"root": "ram", "squashfs": it.server.blob(image.read_bytes())}
    it.server.cut_after = image.stat().st_size // 2
    said = start(it, {**root, "data": [{**data, "make": "empty"}]}, disks=disks)
    assert said == {"fs": "overlay", "init": "1", "host": "node7", "stamp": "v1", "kept": "", "keys": "1", "data": ""}, said
    assert len(it.server.ranges) == 2 and it.server.ranges[1][1] > 0, "it went on behind what had come"
    left = it.machine.says(r"BRAMBLE-LEFT (\d+) (\d+) (\d+)", 10)
    assert left.groups() == ("0", "0", "0"), "nothing of the agent is left"
    phases = {told["phase"] for told in it.server.progress if told["task"] == 0}
    assert "fetch" in phases, phases
    it.machine.power_off()
    again = start(it, {**root, "data": [data]}, disks=reversed(disks))
    assert again["kept"] == "" and again["data"] == "there", "written to memory, and gone; and on a disk, wherever it is now"
    it.machine.power_off()
    assert others.read_bytes() == before
    assert subprocess.run(["/usr/sbin/e2fsck", "-fp", disks[1]], capture_output=True).returncode in (0, 1)


# What is special is U-Boot: on UEFI it is the end of test_life.py, every day.
@pytest.mark.full
def test_from_unknown_to_deployed_in_memory(folder):
    """All of it with brambled: an image is imported, a stranger enlists, and its system runs in memory, without a disk."""
    world = World(folder)
    try:
        world.capture()
        shelf = Shelf(world, "arm64")
        board = shelf.board("board", MAC, machine.uboot_arm64_pxe)
        try:
            image = roots.squashfs("arm64", folder, has_kernel=True)
            shelf.daemon.cli("image", "import", "live", image, "--arch", "arm64", "--cmdline", "console=ttyAMA0,115200 root=/dev/vda1 ro", timeout_s=120)
            assert "ram" in shelf.daemon.json("image", "show", "live")["roots"]
            board.switch_on()
            board.enlisted(150, "node7")
            shelf.daemon.cli("machine", "commission", "node7", "--no-scripts")
            board.wait_for("Ready", 120)
            shelf.daemon.cli("machine", "deploy", "node7", "--image", "live", "--root", "ram", "--done-when", "phone-home")
            board.wait_for("Deployed", 200)
            console = board.machine.console()
            assert "BRAMBLE-ROOT fs=overlay init=1 host=node7" in console, console[-3000:]
            assert "root=/dev/vda1" not in console.split("Kernel command line:")[-1].splitlines()[0]
            assert board.machine.is_on() and shelf.bmc.asked == [], "one power-on was enough"
            trail = shelf.daemon.trail("node7")
            assert re.search(r"root: fetch.*[1-9]\d* %", trail) and "root done" in trail and "phone home" in trail, trail
        finally:
            shelf.close()
    finally:
        world.close()


def test_ram_that_cannot_be(board, world):
    """Too little memory, or a damaged image: a sentence, and an agent that waits for something else to do."""
    it = board("arm64")
    image = roots.squashfs("arm64", world.folder)
    large = it.server.blob(image.read_bytes())
    it.server.root = {"root": "ram", "persistent": False, "data": [], "init": "/sbin/init", "squashfs": {**large, "size": 1 << 34}}
    it.power_on(words="bramble.run")
    told = it.server.result(0, 60)
    assert not told["ok"] and "16384 MiB of memory" in told["error"] and "root nfs or nbd" in told["error"], told
    assert it.server.do("park")["ok"], "it is an agent as any other"
    it.server.root = it.server.task = None
    it.machine.power_off()

    it.server.results.clear()
    it.server.blobs[large["sha256"]] = bytes(large["size"])
    it.server.root = {"root": "ram", "persistent": False, "data": [], "init": "/sbin/init", "squashfs": large}
    it.power_on(words="bramble.run")
    told = it.server.result(0, 90)
    assert not told["ok"] and "not what its SHA-256 says, twice" in told["error"], told


@pytest.mark.full
def test_only_the_root_that_the_signed_volume_names(board, world):
    """The list that lies beside the agent in a signed boot.img: a squashfs that was exchanged on the server is not even fetched, a volume on
    it is not mounted, and what cloud-init is to read comes with the word about the root."""
    it = board("arm64")
    named, other = roots.squashfs("arm64", world.folder), it.server.blob(b"another root" * 1000)
    listed = f"{hashlib.sha256(named.read_bytes()).hexdigest()}\n".encode()
    octets = it.initrd.read_bytes()
    it.initrd.write_bytes(octets + bytes(4 + -len(octets) % 4) +
                          guest.cpio([("bramble", 0o040755, b""), ("bramble/trusted", 0o100644, listed)]))
    it.server.root = {"root": "ram", "persistent": False, "data": [], "init": "/sbin/init", "squashfs": other}
    it.power_on(words="bramble.run")
    told = it.server.result(0, 60)
    assert not told["ok"] and "none that the signed boot.img names" in told["error"], told
    assert not it.server.ranges, "nothing of it was asked for"
    it.machine.power_off()
    root, nfs = {"root": "ram", "squashfs": it.server.blob(named.read_bytes())}, {"server": "10.77.0.1", "port": 2049, "options": "vers=4.2"}
    it.server.results.clear()
    it.server.root = {"init": "/sbin/init", **root, "data": [{"kind": "nfs", "path": "/m-7/data", **nfs, "mount": "/srv/data"}]}
    it.power_on(words="bramble.run")
    told = it.server.result(0, 60)
    assert not told["ok"] and "a volume by nfs cannot be checked" in told["error"], told
    it.machine.power_off()
    start(it, {**root, "seed": {"meta-data": "instance-id: seven", "user-data": "#cloud-config"}})
    assert it.machine.says(r"BRAMBLE-SEED instance-id: seven", 10), it.machine.console()[-3000:]


class Nbd:
    """qemu-nbd, which knows nothing of us; it can die and come back."""

    def __init__(self, world, exports):
        self.world, self.exports, self.servers = world, exports, []
        self.start()

    def start(self):
        for number, (name, image) in enumerate(self.exports.items()):
            log = self.world.folder / f"nbd-{name}.log"
            self.servers.append(self.world.server.start("qemu-nbd", "--bind=10.77.0.1", f"--port={10809 + number}", "--shared=8", "--persistent",
                                                        f"--export-name={name}", "--format=raw", image, log=log))

    def kill(self):
        for server in self.servers:
            server.kill()
            server.wait(10)
        self.servers.clear()


def writes(machine):
    return [int(n) for n in re.findall(r"BRAMBLE-WROTE (\d+)", machine.console())]


def test_nbd(board, world):
    """A disk on a server: what is written stays, also when the server is away for a while in the middle of it."""
    it = board("amd64")
    image, data = roots.ext4("amd64", world.folder, writes=True), roots.ext4("amd64", world.folder / "data")
    root = {"root": "nbd", "server": "10.77.0.1", "port": 10809, "export": "m-7", "fs": "ext4",
            "data": [{"kind": "nbd", "server": "10.77.0.1", "port": 10810, "export": "m-7-data", "fs": "ext4", "mount": "/srv/data"}]}
    nbd = Nbd(world, {"m-7": image, "m-7-data": data})
    try:
        said = start(it, root)
        assert said == {"fs": "ext4", "init": "1", "host": "node7", "stamp": "v1", "kept": "", "keys": "1", "data": ""}, said
        assert it.machine.says(r"BRAMBLE-LEFT 0 2 0", 10), "what keeps its disks alive stays, under a name that is spared"
        wait_until(lambda: len(writes(it.machine)) > 3, 30, "it writes")
        nbd.kill()
        before = len(writes(it.machine))
        wait_until(lambda: "the connection to its server is dead" in it.machine.console(), 40, "it is noticed")
        nbd.start()
        wait_until(lambda: len(writes(it.machine)) > before + 5, 60, "it goes on writing")
        console = it.machine.console()
        assert "BRAMBLE-FAILED" not in console and "I/O error" not in console, console[-3000:]
        it.machine.power_off()
        again = start(it, root)
        assert again["kept"] == "here" and again["data"] == "there", "both are disks"
        assert again["keys"] == "1"
    finally:
        nbd.kill()


GANESHA = """NFS_CORE_PARAM {{ NFS_Protocols = 4; NFS_Port = 2049; Enable_NLM = false; Enable_RQUOTA = false; Bind_addr = 10.77.0.1; }}
NFSv4 {{ Graceless = true; Minor_Versions = 1, 2; RecoveryBackend = fs; }}
EXPORT {{ Export_Id = 1; Path = {path}; Pseudo = /m-7; Access_Type = RW; Squash = None; SecType = sys; Protocols = 4; Transports = TCP; FSAL {{ Name = VFS; }} }}
"""


def test_nfs(board, world):
    """A folder on a server, asked for before the server is there: the machine waits for it."""
    it = board("amd64")
    exported = world.folder / "exported"
    roots.tree("amd64", exported / "root")
    (exported / "data").mkdir()
    (world.folder / "ganesha.conf").write_text(GANESHA.format(path=exported))
    nfs = {"server": "10.77.0.1", "port": 2049, "options": "vers=4.2,proto=tcp,hard"}
    root = {"root": "nfs", "path": "/m-7/root", **nfs, "data": [{"kind": "nfs", "path": "/m-7/data", **nfs, "mount": "/srv/data"}]}
    it.server.root = {"persistent": True, "init": "/sbin/init", "first_boot": FIRST_BOOT, **root}
    it.power_on(words="bramble.run")
    it.server.wait(lambda: [told for told in it.server.progress if "NFS server at 10.77.0.1 port 2049 is away" in told.get("text", "")], 60, "it says what it waits for")
    it.machine.power_off()

    log = world.folder / "ganesha.log"
    server = world.server.start("unshare", "-m", "--", "sh", "-c", f"mount -t tmpfs none /run && mkdir -p /run/ganesha && mount -t tmpfs none /var/lib/nfs && "
                                f"exec ganesha.nfsd -F -L {log} -N NIV_EVENT -f {world.folder / 'ganesha.conf'} -p /run/ganesha.pid", log=world.folder / "ganesha.out")
    try:
        wait_until(lambda: "NFS SERVER INITIALIZED" in read_text(log), 20, "the NFS server is there")
        said = start(it, root)
        assert said == {"fs": "nfs4", "init": "1", "host": "node7", "stamp": "v1", "kept": "", "keys": "1", "data": ""}, said
        assert it.machine.says(r"BRAMBLE-LEFT 0 0 0", 10)
        it.machine.power_off()
        again = start(it, root)
        assert again["kept"] == "here" and again["data"] == "there", again
    finally:
        server.terminate()
        server.wait(10)
