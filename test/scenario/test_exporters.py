"""bramble-helper and the servers of roots, asked by other people's clients: qemu-io and nbdinfo, libnfs."""
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess
import tempfile

import pytest

from lab import helper
from lab.daemon import BUILD
from lab.helper import DATA, MIB, NBD, NFS, ROOT, Helper, Refused
from lab.namespace import Namespace, wait_until

SERVER, CLIENT, OTHER = "10.77.0.1", "10.77.0.20", "10.77.0.21"
SIZE = 128 * MIB


class Site:
    """A server with bramble-helper, and a client that a volume is for."""

    def __init__(self, folder):
        self.folder = folder
        self.server, self.client = Namespace("server"), Namespace("client")
        self.server.bridge("br0", f"{SERVER}/24")
        self.server.cable("port1", self.client, "eth0")
        self.server.plug("port1", "br0")
        for address in (CLIENT, OTHER):
            self.client.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        self.helper = Helper(self.server, folder / "helper").start()
        self.image = self.helper.blob(squashfs(folder))

    def close(self):
        self.helper.close()
        shutil.rmtree(self.helper.dir, ignore_errors=True)
        for namespace in (self.client, self.server):
            namespace.close()


def squashfs(folder):
    """A small system: files of several owners, a link, a set-uid program."""
    tree = folder / "tree"
    (tree / "etc").mkdir(parents=True, exist_ok=True)
    (tree / "bin").mkdir(exist_ok=True)
    (tree / "etc/motd").write_text("as new\n")
    (tree / "bin/su").write_text("#!/bin/true\n")
    os.chown(tree / "etc/motd", 1000, 1000)
    (tree / "bin/su").chmod(0o4755)
    if not (tree / "bin/link").is_symlink():
        (tree / "bin/link").symlink_to("/etc/motd")
    if not (tree / "etc/same").exists():
        os.link(tree / "bin/su", tree / "etc/same")
    image = folder / "root.squashfs"
    image.unlink(missing_ok=True)
    subprocess.run(["mksquashfs", tree, image, "-quiet", "-no-progress"], check=True, capture_output=True)
    return image


@pytest.fixture
def site(folder):
    if not (BUILD / "app/bramble-helper/bramble-helper").exists():
        pytest.skip("bramble-helper is not built")
    site = Site(folder)
    yield site
    site.close()


# ---- NBD ----

def nbd(site, machine, *commands, check=True):
    """qemu-io on a machine's disk, from the client."""
    steps = [part for command in commands for part in ("-c", command)]
    return site.client.run("qemu-io", "-f", "raw", *steps, f"nbd://{SERVER}/m-{machine}", check=check)


def write(site, machine, octet):
    assert nbd(site, machine, f"write -P {octet} 64M 1M", "flush").returncode == 0


def holds(site, machine, octet):
    done = nbd(site, machine, f"read -P {octet} 64M 1M")
    return "Pattern verification failed" not in done.stdout + done.stderr


def disk(site, machine):
    site.helper.ask(helper.MAKE, NBD, ROOT, machine, site.image, SIZE)
    site.helper.ask(helper.OFFER, NBD, ROOT, machine, server=SERVER, client=CLIENT)


def test_each_machine_writes_to_a_disk_of_its_own(site):
    assert site.helper.ask(helper.HELLO) == (1 << NFS | 1 << NBD, "")
    disk(site, 7)
    disk(site, 8)
    listed = site.client.run("nbdinfo", "--list", "--json", f"nbd://{SERVER}").stdout
    assert '"m-7"' in listed and '"m-8"' in listed and str(SIZE) in listed
    write(site, 7, 5)
    assert holds(site, 7, 5) and holds(site, 8, 0)
    # What stands on one base is an ext4 with the image's files, as the image has them.
    raw = site.folder / "copy.img"
    site.client.run("qemu-img", "convert", "-O", "raw", f"nbd://{SERVER}/m-8", raw)
    assert subprocess.run(["debugfs", "-R", "cat /etc/motd", raw], capture_output=True, text=True).stdout == "as new\n"
    shown = subprocess.run(["debugfs", "-R", "stat /bin/su", raw], capture_output=True, text=True).stdout
    assert "Mode:  04755" in shown and "Links: 2" in shown
    assert "User:  1000" in subprocess.run(["debugfs", "-R", "stat /etc/motd", raw], capture_output=True, text=True).stdout
    assert subprocess.run(["e2fsck", "-fn", raw], capture_output=True).returncode == 0
    raw.unlink()


def test_a_disk_is_new_for_a_boot_and_only_once(site):
    disk(site, 7)
    site.helper.ask(helper.RESET, NBD, ROOT, 7, site.image, SIZE, boot=99)
    site.helper.ask(helper.OFFER, NBD, ROOT, 7, server=SERVER, client=CLIENT)
    write(site, 7, 5)
    site.helper.ask(helper.RESET, NBD, ROOT, 7, site.image, SIZE, boot=100)
    site.helper.ask(helper.OFFER, NBD, ROOT, 7, server=SERVER, client=CLIENT)
    assert holds(site, 7, 0)
    write(site, 7, 6)
    site.helper.ask(helper.RESET, NBD, ROOT, 7, site.image, SIZE, boot=100)
    assert holds(site, 7, 6), "the same boot asks again"
    site.helper.ask(helper.MAKE, NBD, ROOT, 7, site.image, SIZE)
    assert holds(site, 7, 6), "what is there stays"
    site.helper.ask(helper.MAKE, NBD, ROOT, 7, site.image, SIZE, deployment=2)
    site.helper.ask(helper.RESET, NBD, ROOT, 7, site.image, SIZE, deployment=2, boot=101)
    site.helper.ask(helper.OFFER, NBD, ROOT, 7, server=SERVER, client=CLIENT)
    assert holds(site, 7, 0), "another deployment is another disk"


def test_the_server_of_disks_outlives_the_helper(site):
    disk(site, 7)
    before = site.helper.exporters()
    write(site, 7, 5)
    site.helper.kill()
    assert holds(site, 7, 5)
    site.helper.start()
    disk(site, 7)
    disk(site, 8)
    assert site.helper.exporters() == before, "it was found again"
    assert holds(site, 7, 5) and holds(site, 8, 0)


def test_the_server_of_disks_is_started_again(site):
    disk(site, 7)
    disk(site, 8)
    write(site, 7, 5)
    pid = site.helper.exporters()[("nbd", SERVER)]
    os.kill(pid, 9)
    wait_until(lambda: not site.helper.exporters(), 5, "it has ended")
    # Its last thread lets go of what it held a moment after the first.
    wait_until(lambda: "started again" in site.helper.ask(helper.CHECK), 5, "it is started again")
    assert site.helper.exporters()[("nbd", SERVER)] != pid
    assert holds(site, 7, 5) and holds(site, 8, 0)
    assert site.helper.ask(helper.CHECK) == ""


def test_a_disk_that_is_removed_leaves_nothing(site):
    disk(site, 7)
    disk(site, 8)
    site.helper.ask(helper.REMOVE, NBD, ROOT, 7)
    assert nbd(site, 7, "read 0 4k", check=False).returncode != 0
    assert holds(site, 8, 0)
    assert site.helper.ask(helper.LIST) == [(NBD, ROOT, 8)]
    site.helper.ask(helper.REMOVE, NBD, ROOT, 8)
    assert site.helper.exporters() == {}, "it serves nothing any more, and ended"
    left = sorted(str(path.relative_to(site.helper.dir)) for path in site.helper.dir.rglob("*")
                  if path.is_file() and "at-" not in str(path) and "lock" not in path.name)
    assert left == []


def test_data_outlives_a_new_root(site):
    site.helper.ask(helper.MAKE, NBD, DATA, 7, size=SIZE)
    site.helper.ask(helper.OFFER, NBD, DATA, 7, server=SERVER, client=CLIENT)
    write(site, "7-data", 9)
    site.helper.ask(helper.MAKE, NBD, DATA, 7, size=2 * SIZE)
    assert holds(site, "7-data", 9)
    assert site.helper.ask(helper.LIST) == [(NBD, DATA, 7)]


def test_what_another_deployment_has_is_not_taken(site):
    """Whoever orders a deployment replaces what was there; who only goes on does not."""
    site.helper.ask(helper.TAKE, NBD, ROOT, 7, site.image, SIZE, deployment=1)  # there is nothing: it is made
    site.helper.ask(helper.OFFER, NBD, ROOT, 7, server=SERVER, client=CLIENT)
    write(site, "7", 9)
    site.helper.ask(helper.TAKE, NBD, ROOT, 7, site.image, SIZE, deployment=1)
    with pytest.raises(Refused, match="m-7 is there for another deployment than the one that is known"):
        site.helper.ask(helper.TAKE, NBD, ROOT, 7, site.image, SIZE, deployment=2)
    assert holds(site, "7", 9), "and nobody who uses it notices"
    site.helper.ask(helper.MAKE, NBD, ROOT, 7, site.image, SIZE, deployment=2)
    site.helper.ask(helper.OFFER, NBD, ROOT, 7, server=SERVER, client=CLIENT)
    assert holds(site, "7", 0)


def test_it_is_confined(site):
    disk(site, 7)
    status = dict(line.split(":\t", 1) for line in
                  open(f"/proc/{site.helper.exporters()[('nbd', SERVER)]}/status", encoding="ascii").read().splitlines())
    assert status["CapEff"].strip() == "0" * 16 and status["CapBnd"].strip() == "0" * 16
    assert status["NoNewPrivs"].strip() == "1" and status["Uid"].split()[0] != "0"


# ---- NFS ----

def url(machine, path="", part="root"):
    return f"nfs://{SERVER}/m-{machine}/{part}{path}?version=4"


def tree(site, machine):
    site.helper.ask(helper.MAKE, NFS, ROOT, machine, site.image)
    site.helper.ask(helper.OFFER, NFS, ROOT, machine, server=SERVER, client=CLIENT)


def put(site, machine, text, path="/written"):
    source = site.folder / "source"
    source.write_text(text)
    site.client.run("nfs-cp", source, url(machine, path))


def read(site, machine, path):
    return site.client.run("nfs-cat", url(machine, path)).stdout


def names(site, machine):
    return {line.split()[-1] for line in site.client.run("nfs-ls", url(machine)).stdout.splitlines()}


def test_each_machine_writes_to_a_tree_of_its_own(site):
    tree(site, 7)
    tree(site, 8)
    assert read(site, 7, "/etc/motd") == "as new\n"
    put(site, 7, "mine\n")
    assert read(site, 7, "/written") == "mine\n" and names(site, 8) == {"etc", "bin"}
    root = site.helper.dir / "nfs/m-8/root"
    assert (root / "etc/motd").stat().st_uid == 1000 and (root / "bin/su").stat().st_mode & 0o7777 == 0o4755
    assert (root / "etc/same").stat().st_nlink == 2 and os.readlink(root / "bin/link") == "/etc/motd"
    assert (root.parent.stat().st_mode & 0o077) == 0, "its set-uid programs are out of reach for this machine's users"


def test_a_tree_is_for_one_client(site):
    site.helper.ask(helper.MAKE, NFS, ROOT, 7, site.image)
    site.helper.ask(helper.OFFER, NFS, ROOT, 7, server=SERVER, client="10.77.0.99")
    refused = site.client.run("nfs-ls", url(7), check=False)
    assert refused.returncode != 0, refused.stdout
    tree(site, 7)
    assert names(site, 7) == {"etc", "bin"}


def test_a_tree_is_new_for_a_boot(site):
    tree(site, 7)
    tree(site, 8)
    site.helper.ask(helper.RESET, NFS, ROOT, 7, site.image, boot=4)
    tree(site, 7)
    put(site, 7, "gone tomorrow\n")
    put(site, 8, "stays\n")
    site.helper.ask(helper.RESET, NFS, ROOT, 7, site.image, boot=5)
    site.helper.ask(helper.OFFER, NFS, ROOT, 7, server=SERVER, client=CLIENT)
    assert names(site, 7) == {"etc", "bin"}
    assert read(site, 8, "/written") == "stays\n"
    put(site, 7, "this boot's\n")
    site.helper.ask(helper.RESET, NFS, ROOT, 7, site.image, boot=5)
    assert read(site, 7, "/written") == "this boot's\n"


def test_the_server_of_trees_outlives_the_helper_and_is_started_again(site):
    tree(site, 7)
    put(site, 7, "kept\n")
    before = site.helper.exporters()
    site.helper.kill()
    assert read(site, 7, "/written") == "kept\n"
    site.helper.start()
    tree(site, 8)
    assert site.helper.exporters() == before
    os.kill(before[("nfs", SERVER)], 9)
    wait_until(lambda: not site.helper.exporters(), 5, "it has ended")
    # Its last thread lets go of what it held a moment after the first.
    wait_until(lambda: "started again" in site.helper.ask(helper.CHECK), 5, "it is started again")
    # Files can be opened when its former clients had the time to claim theirs; these are seen at once.
    assert "written" in names(site, 7) and names(site, 8) == {"etc", "bin"}


def test_a_tree_that_is_removed_leaves_nothing(site):
    tree(site, 7)
    deep = site.helper.dir / "nfs/m-7/root"
    for _ in range(300):  # deeper than a name can be long, as any client can make it
        deep = deep / "a-long-name"
        os.mkdir(deep) if len(str(deep)) < 4000 else None
    site.helper.ask(helper.REMOVE, NFS, ROOT, 7)
    assert site.helper.ask(helper.LIST) == [] and site.helper.exporters() == {}
    assert not (site.helper.dir / "nfs/m-7").exists() and list((site.helper.dir / "nfs/tmp").iterdir()) == []


@pytest.fixture
def sharing(site):
    """Its directory on a file system whose files can share octets."""
    site.helper.stop()
    shutil.rmtree(site.helper.dir)
    site.helper.dir.mkdir()
    disk = site.folder / "xfs.img"
    with open(disk, "wb") as file:
        file.truncate(512 * MIB)
    subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", disk], check=True)
    if subprocess.run(["mount", "-o", "loop", disk, site.helper.dir], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine mounts no file by a loop device")
    site.helper.start()
    yield site
    site.helper.stop()
    helper.end_exporters(site.helper.dir)
    subprocess.run(["umount", site.helper.dir], check=True)
    disk.unlink()


def test_trees_share_octets_where_they_can(sharing):
    """The image is unpacked once; each machine's tree is a clone, and its own from the first write."""
    large = sharing.folder / "tree/large"
    large.write_bytes(os.urandom(64 * MIB))
    sharing.image = sharing.helper.blob(squashfs(sharing.folder))
    large.unlink()
    free = []
    for machine in (7, 8, 9):
        tree(sharing, machine)
        os.sync()
        free.append(os.statvfs(sharing.helper.dir).f_bfree * os.statvfs(sharing.helper.dir).f_bsize)
    assert free[0] - free[2] < 8 * MIB, "the others take no room"
    put(sharing, 7, "mine\n")
    assert "written" in names(sharing, 7) and "written" not in names(sharing, 8)
    root = sharing.helper.dir / "nfs/m-8/root"
    assert (root / "etc/motd").stat().st_uid == 1000 and (root / "etc/same").stat().st_nlink == 2
    for machine in (7, 8, 9):
        assert len(list((sharing.helper.dir / "nfs/base").iterdir())) == 1
        sharing.helper.ask(helper.REMOVE, NFS, ROOT, machine)
    assert list((sharing.helper.dir / "nfs/base").iterdir()) == [], "with the last tree its origin goes"


# ---- as a unit ----

def test_one_that_systemd_starts_serves_one_brambled_after_another(site):
    site.helper.stop()
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        path = f"{short}/socket"
        site.helper.listen(path)
        for _ in range(2):
            site.helper.connect(path)
            disk(site, 7)
            assert site.helper.ask(helper.LIST) == [(NBD, ROOT, 7)]
            site.helper.wire.close()
        assert site.helper.process.poll() is None
        site.helper.connect(path)
        site.helper.kill()


# ---- what goes wrong ----


def test_a_disk_that_is_too_small_is_told_before_it_is_full(site):
    """Of an image that says that it takes more than there is nothing is begun."""
    image = site.folder / "huge.squashfs"
    shutil.copy(site.folder / "root.squashfs", image)
    content = site.helper.blob(image)
    blob = site.helper.store / content.hex()[:2] / content.hex()[2:]
    os.truncate(blob, 1 << 43)
    with pytest.raises(Refused, match="takes about .* MiB and the server's disk has"):
        site.helper.ask(helper.MAKE, NFS, ROOT, 7, content)
    blob.unlink()
    assert site.helper.ask(helper.LIST) == []


def test_what_is_no_request_is_the_end_of_the_talk(site):
    site.helper.wire.send(b"\x01\x03" + bytes(78))
    assert site.helper.wire.recv(1) == b""
    site.helper.process.wait(10)


def test_what_an_ended_helper_left_half_done_is_removed(site):
    left = site.helper.dir / "nfs/tmp/abcdef/root"
    site.helper.stop()
    left.mkdir(parents=True)
    site.helper.start()
    site.helper.ask(helper.HELLO)
    assert not left.exists()


def test_an_image_that_is_no_squashfs_is_refused_with_a_sentence(site):
    junk = site.folder / "junk"
    junk.write_bytes(b"no squashfs" * 1000)
    content = site.helper.blob(junk)
    for kind, size in ((NFS, 0), (NBD, SIZE)):
        with pytest.raises(Refused, match="unsquashfs: "):
            site.helper.ask(helper.MAKE, kind, ROOT, 7, content, size)
    with pytest.raises(Refused, match="not in the store any more"):
        site.helper.ask(helper.MAKE, NFS, ROOT, 7, b"\x01" * 32)
    assert site.helper.ask(helper.LIST) == []
    assert list((site.helper.dir / "nfs/tmp").iterdir()) == list((site.helper.dir / "nbd/tmp").iterdir()) == []


def test_a_port_that_is_taken_is_named(site):
    site.server.start("python3", "-c", f"import socket,time; s = socket.create_server(('{SERVER}', 10809)); print('up', flush=True); time.sleep(99)",
                      log=site.folder / "squatter.log")
    wait_until(lambda: "up" in (site.folder / "squatter.log").read_text(), 10, "the squatter listens")
    site.helper.ask(helper.MAKE, NBD, ROOT, 7, site.image, SIZE)
    with pytest.raises(Refused, match="port 10809: .* another server is there"):
        site.helper.ask(helper.OFFER, NBD, ROOT, 7, server=SERVER, client=CLIENT)
