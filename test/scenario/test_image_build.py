"""bramble image build with a Debian that takes a second (lab/builder.py): what it makes, and that nothing it made is made
again. The real Debian is built and booted in test/vm/test_built_image.py."""
# SPDX-License-Identifier: Apache-2.0
import gzip
import json
import os
import shutil
import signal
import subprocess

import pytest

from lab import builder
from lab.daemon import BUILD
from lab.namespace import read_text, wait_until

LOCAL, REFUSED = 5, 1
SIZE = "500M"


class Site:
    """A daemon, and a machine with its own cache on which images are built."""

    def __init__(self, world, folder):
        self.daemon, self.folder = world.start_daemon(), folder / "builder"
        self.cache = self.folder / "cache"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.env = builder.environment(self.folder, self.cache)

    def build(self, *options, verb="build", code=0):
        words = ["image", verb, *options]
        if verb == "build":
            words += ["debian/12", "--arch", "arm64", *([] if "--size" in options else ["--size", SIZE])]
        done = self.daemon.try_cli(*words, timeout_s=300, env=self.env)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def say(self, name, text=""):
        (self.folder / name).write_text(text)

    def unsay(self, name):
        (self.folder / name).unlink()

    def n_roots(self):
        return len(builder.calls(self.folder, "mmdebstrap --mode"))

    def result(self, pattern):
        found = list((self.cache / "image-build").glob(pattern))
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def site(world, folder):
    for tool in ("tar2sqfs", "mke2fs", "mkfs.fat", "sfdisk", "mcopy", "depmod"):
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin"):
            pytest.skip(f"{tool} is not installed")
    return Site(world, folder)


def has_ended(pid):
    """Whether it is gone, or only waits for who inherited it."""
    stat = read_text(f"/proc/{pid}/stat")
    return not stat or stat.rsplit(")", 1)[1].split()[0] == "Z"


def text_of(*argv):
    return subprocess.run(list(map(str, argv)), check=True, capture_output=True, text=True).stdout


def test_an_image_has_all_that_boots_it(site):
    site.build()
    image = site.daemon.json("image", "show", "debian-12-arm64")
    roles = {file["path"]: file["role"] for file in image["files"]}
    assert image["arch"] == "arm64" and "console=ttyAMA0" in image["cmdline"]
    assert roles["vmlinuz"] == "kernel" and roles["initrd.img"] == "initrd" and roles["dtbs/vendor/board.dtb"] == "dtb"
    assert roles["root.squashfs"] == "root-squashfs"
    assert {"shim", "grub", "efi-stub"} <= set(roles.values())
    assert roles["disk.map"] == "disk-map" and roles["disk.frames"] == "disk-frames"
    assert "disk" in image["roots"]

    # The initrd is the root's, then drivers where a folder does not take a link's place.
    initrd = site.result("boot-*/boot/initrd.img-*").read_bytes()
    assert initrd.startswith(b"\x1f\x8b\x08" + bytes(98)) and initrd[104:108] == b"\x28\xb5\x2f\xfd"
    drivers = subprocess.run(["zstd", "-dc"], input=initrd[104:], capture_output=True, check=True).stdout
    assert b"usr/lib/modules/" + builder.RELEASE.encode() + b"/kernel/fs/jbd2/jbd2.ko\0" in drivers
    assert b"drm.ko\0" not in drivers and b"\0lib\0" not in drivers

    squashfs = site.result("squashfs-*/root.squashfs")
    listing = text_of("unsquashfs", "-lln", squashfs)
    assert "1000/1000" in listing and "home/user/private" in listing, "owners are kept"
    assert "/boot\n" in listing and "vmlinuz-" not in listing, "who was booted needs no kernel"


def test_the_disk_finds_its_root_by_the_file_system(site):
    site.build()
    disk = site.result("disk-*/disk.img")
    table = json.loads(text_of("sfdisk", "--json", disk))["partitiontable"]
    boot, root = table["partitions"]
    assert table["label"] == "gpt" and disk.stat().st_size == 500 << 20
    assert (boot["start"], boot["size"]) == (2048, 524288)

    seen = text_of("blkid", "-p", "-o", "export", "-O", boot["start"] * 512, "-S", boot["size"] * 512, disk)
    assert "TYPE=vfat" in seen and "PTTYPE" not in seen, "Linux takes it for a FAT, and for nothing beside"
    fat_uuid = next(line.removeprefix("UUID=") for line in seen.splitlines() if line.startswith("UUID="))

    at = f"{disk}@@{boot['start'] * 512}"
    volume = text_of("mdir", "-b", "-/", "-i", at, "::/")
    for name in ("EFI/BOOT/BOOTAA64.EFI", "EFI/BOOT/grubaa64.efi", "EFI/BOOT/mmaa64.efi", "EFI/debian/grub.cfg"):
        assert f"::/{name}\n" in volume
    first = text_of("mtype", "-i", at, "::/EFI/debian/grub.cfg")

    with open(disk, "rb") as whole, open(site.folder / "root.ext4", "wb") as part:
        whole.seek(root["start"] * 512)
        part.write(whole.read(root["size"] * 512))
    text_of("e2fsck", "-fn", site.folder / "root.ext4")

    def read(path):
        return text_of("debugfs", "-R", f"cat {path}", site.folder / "root.ext4")

    uuid = next(line.split()[-1] for line in text_of("dumpe2fs", "-h", site.folder / "root.ext4").splitlines()
                if line.startswith("Filesystem UUID"))
    assert f"search.fs_uuid {uuid} root" in first
    assert f"root=UUID={uuid}" in read("/boot/grub/grub.cfg")
    assert read("/etc/fstab").startswith(f"UUID={uuid} / ext4")
    assert f"UUID={fat_uuid} /boot/efi vfat" in read("/etc/fstab")
    assert "PARTUUID" not in first + read("/etc/fstab") + read("/boot/grub/grub.cfg"), "a new disk id must not matter"
    owner = text_of("debugfs", "-R", "stat /home/user/private", site.folder / "root.ext4")
    assert "User:  1000" in owner and "Mode:  0600" in owner


def test_nothing_is_made_twice(site):
    site.build()
    again = site.build("--name", "again").stderr
    assert site.n_roots() == 1 and again.count("there already") == 5
    site.build("--name", "larger", "--size", "501M")
    assert site.n_roots() == 1, "only the disk differs"
    site.say("packages", "Package: second\n")
    site.build("--name", "newer")
    assert site.n_roots() == 2, "the mirror has other packages"
    site.build("--name", "with-htop", "--include", "htop", "--include", "vim")
    assert site.n_roots() == 3
    assert ",htop,vim " in builder.calls(site.folder, "mmdebstrap --mode")[-1]
    assert len(list((site.cache / "image-build").glob("root-*"))) == 1, "what is not wanted any more is gone"


def test_an_interrupted_build_goes_on(site):
    site.say("hang")
    with subprocess.Popen([BUILD / "bramble", "--socket", site.daemon.socket, "image", "build", "debian/12", "--arch", "arm64"],
                          env=site.env, stderr=subprocess.PIPE) as cli:
        wait_until(lambda: read_text(site.folder / "hanging"), 60, "mmdebstrap is at work")
        busy = site.build(code=LOCAL).stderr
        assert "another image is being built" in busy
        cli.send_signal(signal.SIGKILL)
    wait_until(lambda: has_ended(read_text(site.folder / "hanging")), 10, "mmdebstrap ended with us")
    assert list((site.cache / "image-build").glob("root-*.part")) and not site.daemon.items("image")

    site.unsay("hang")
    loaders = len(builder.calls(site.folder, "apt-get -oDir::Etc::SourceParts"))
    said = site.build().stderr
    assert "boot loaders: there already" in said and "root file system: there already" not in said
    assert len(builder.calls(site.folder, "apt-get -oDir::Etc::SourceParts")) == loaders + 1, "an update, no download"
    assert not list((site.cache / "image-build").glob("*.part")), "half a root is gone"
    assert site.daemon.items("image")[0]["name"] == "debian-12-arm64"


def test_a_build_that_fails_says_why(site):
    site.say("fail", "E: Unable to locate package nosuch\nE: mmdebstrap failed to run")
    said = site.build("--include", "nosuch", code=LOCAL).stderr.splitlines()[-1]
    assert said.startswith("bramble: root file system: mmdebstrap failed (status 1): E: Unable to locate package nosuch (")
    log = said.rsplit(" ", 1)[1].rstrip(")")
    assert "failed to run" in open(log, encoding="utf-8").read()
    site.unsay("fail")

    assert "give --size" in site.build("--size", "300M", code=LOCAL).stderr
    site.say("no-mirror")
    assert "/etc/apt/sources.list.d" in site.build(code=LOCAL).stderr
    site.unsay("no-mirror")
    assert not site.daemon.items("image")
    site.build()
    calls = len(builder.calls(site.folder, ""))
    assert "there is an image debian-12-arm64 already" in site.build(code=REFUSED).stderr
    assert len(builder.calls(site.folder, "")) == calls, "nothing is built that could not be imported"


def test_an_agent_environment(site):
    site.build("--arch", "arm64", verb="build-agent", code=LOCAL)
    agent = site.folder / "agent/bramble-agent-arm64.cpio.gz"
    agent.parent.mkdir(parents=True)
    agent.write_bytes(gzip.compress(b"an agent"))
    site.build("--arch", "arm64", "--agent", agent.parent, verb="build-agent")
    image = site.daemon.json("image", "show", "agent-arm64")
    files = {file["path"]: file for file in image["files"]}
    assert files["bramble/agent-arm64.cpio"]["role"] == "agent"
    assert files["initrd.img"]["role"] == "initrd" and 0 < files["initrd.img"]["size"] < 32 << 20

    with open(site.result("initrd-*/initrd.img"), "rb") as packed:
        drivers = subprocess.run(["zstd", "-dc"], stdin=packed, capture_output=True, check=True).stdout
    for module in (b"virtio_net.ko", b"squashfs.ko", b"overlay.ko", b"nbd.ko", b"modules.alias"):
        assert b"/" + module + b"\0" in drivers

    agent.write_bytes(gzip.compress(b"another agent"))
    said = site.build("--arch", "arm64", "--agent", agent.parent, verb="build-agent").stderr
    assert said.count("there already") == 2
    assert [row["name"] for row in site.daemon.items("image")] == ["agent-arm64"], "the old one was replaced"
    again = {file["path"]: file for file in site.daemon.json("image", "show", "agent-arm64")["files"]}
    assert again["bramble/agent-arm64.cpio"]["sha256"] != files["bramble/agent-arm64.cpio"]["sha256"]
