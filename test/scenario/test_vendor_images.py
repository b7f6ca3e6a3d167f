"""Cards as vendors publish them, small: one file makes the boot set, the root and the disk, and simulated boards of each family
fetch from it what their firmware would read. Names and idioms are the vendors', not an octet is."""
# SPDX-License-Identifier: Apache-2.0
import json
import lzma
import pathlib
import random

import pytest

from lab import disk
from lab.daemon import BUILD

MACS = {"pi3": "b8:27:eb:10:00:01", "pi4": "dc:a6:32:10:00:01", "pi5": "2c:cf:67:10:00:01"}
FAT_MIB, ROOT_MIB = 6, 8
RELEASE = "6.12.25+rpt-rpi-v8"
NOISE = random.Random(11)
TREE = b"\xd0\x0d\xfe\xed" + NOISE.randbytes(2_000)
OS_RELEASE = 'PRETTY_NAME="{}"\n'
LINE = "console=serial0,115200 console=tty1 {} rootfstype=ext4 rootwait quiet"


def kernel(stamp):
    """As far as anybody looks, a kernel of arm64."""
    octets = bytearray(f"{stamp}\n".encode().ljust(64, b"\0") + NOISE.randbytes(60_000))
    octets[56:60] = b"ARM\x64"
    octets[8_000:8_000 + 40] = f"Linux version {RELEASE} (gcc)".encode().ljust(40, b"\0")
    return bytes(octets)


FIRMWARE = {name: b"\x7fELF" + NOISE.randbytes(3_000) for name in ("bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat")}
DTBS = {f"{name}.dtb": TREE + name.encode() for name in ("bcm2710-rpi-3-b", "bcm2710-rpi-3-b-plus", "bcm2711-rpi-4-b", "bcm2712-rpi-5-b")}
OVERLAYS = {"overlays/overlay_map.dtb": TREE, "overlays/README": b"overlays", "overlays/bcm2712d0.dtbo": TREE, "overlays/vc4-kms-v3d.dtbo": TREE}


def under(folder, files):
    return {f"{folder}{name}": octets for name, octets in files.items()}


# What each vendor puts on its card, and what a board of each family fetches of it.
VENDORS = {
    "raspios": {
        "boot": FIRMWARE | DTBS | OVERLAYS | {
            "kernel8.img": kernel("v8"), "kernel_2712.img": kernel("2712"), "initramfs8": b"070701 v8", "initramfs_2712": b"070701 2712",
            "config.txt": b"dtparam=audio=on\ncamera_auto_detect=1\nauto_initramfs=1\ndtoverlay=vc4-kms-v3d\narm_64bit=1\n"
                          b"\n[cm4]\notg_mode=1\n\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n\n[all]\n",
            "cmdline.txt": (LINE.format("root=PARTUUID=4d0a5a4b-02") + " init=/usr/lib/raspberrypi-sys-mods/firstboot systemd.run_success_action=x\n").encode(),
            "user-data": b"#cloud-config\n", "meta-data": b"instance_id: rpios-image\n", "network-config": b"network: {}\n"},
        "root": {"etc/os-release": OS_RELEASE.format("Debian GNU/Linux 13 (trixie)"), "etc/rpi-issue": "Raspberry Pi reference\n",
                 "etc/fstab": "proc /proc proc defaults 0 0\nPARTUUID=4d0a5a4b-01 /boot/firmware vfat defaults 0 2\n"
                              "PARTUUID=4d0a5a4b-02 / ext4 defaults,noatime 0 1\n",
                 "etc/rpi/swap.conf": "[Main]\n", "usr/lib/systemd/system/ssh.service": "[Unit]\n", "etc/machine-id": "",
                 "usr/lib/systemd/system/sshswitch.service": "[Unit]\n", "usr/lib/userconf-pi/userconf-service": "#!/bin/sh\n"},
        "ties": ["fstab", "ssh-keys-anew", "rpi-swap", "ssh-on", "user"],
        "kernels": {"pi3": ("kernel8.img", "initramfs8"), "pi4": ("kernel8.img", "initramfs8"), "pi5": ("kernel_2712.img", "initramfs_2712")},
        "dtb": ""},
    "ubuntu": {
        "boot": FIRMWARE | under("current/", DTBS | OVERLAYS | {"vmlinuz": kernel("ubuntu"), "initrd.img": b"070701 ubuntu",
                                                                "cmdline.txt": LINE.format("root=LABEL=writable multipath=off").encode()}) | {
            "config.txt": b"[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\ninitramfs initrd.img followkernel\narm_64bit=1\nos_prefix=current/\n"
                          b"\n[tryboot]\nos_prefix=new/\n\n[all]\ndtoverlay=vc4-kms-v3d\n\n[pi3+]\ndtoverlay=x,cma-128\n\n[cm4]\n"
                          b"dtoverlay=dwc2,dr_mode=host\n\n[all]\n",
            "user-data": b"#cloud-config\n", "meta-data": b"instance-id: nocloud\n", "network-config": b"version: 2\n", "README": b"card"},
        "root": {"etc/os-release": OS_RELEASE.format("Ubuntu 24.04.3 LTS"), "usr/bin/cloud-init": "#!/usr/bin/python3\n",
                 "etc/fstab": "LABEL=writable / ext4 discard 0 1\nLABEL=system-boot /boot/firmware vfat defaults 0 1\n",
                 "etc/machine-id": "uninitialized\n", "etc/cloud/cloud.cfg": "x\n", "usr/lib/systemd/system/ssh.service": "[Unit]\n"},
        "ties": ["fstab", "machine-id", "ssh-keys-anew", "growpart"],
        "kernels": dict.fromkeys(MACS, ("current/vmlinuz", "current/initrd.img")),
        "dtb": "current/"},
    "debian": {
        "boot": FIRMWARE | DTBS | {
            "bcm2837-rpi-3-b.dtb": TREE + b"mainline", "vmlinuz-6.12-arm64": kernel("debian"), "initrd.img-6.12-arm64": b"070701 debian",
            "sysconf.txt": b"#root_authorized_key=\n",
            "config.txt": b"arm_64bit=1\nenable_uart=1\nupstream_kernel=1\nkernel=vmlinuz-6.12-arm64\n"
                          b"initramfs initrd.img-6.12-arm64 followkernel\n",
            "cmdline.txt": (LINE.format("root=LABEL=RASPIROOT rw") + " fsck.repair=yes\n").encode()},
        "root": {"etc/os-release": OS_RELEASE.format("Debian GNU/Linux 12 (bookworm)"),
                 "etc/fstab": "LABEL=RASPIROOT / ext4 rw 0 1\nLABEL=RASPIFIRM /boot/firmware vfat rw 0 2\n",
                 "usr/sbin/rpi-resizerootfs": "#!/bin/sh\n", "etc/ssh/ssh_host_rsa_key": "a key"},
        "ties": ["fstab", "ssh-keys", "resize-raspi"],
        "kernels": dict.fromkeys(MACS, ("vmlinuz-6.12-arm64", "initrd.img-6.12-arm64")),
        "dtb": ""},
}


def put(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return {name: folder / name for name in files}


def card(folder, vendor):
    """As it is published: partitions, a file system in each, packed by xz."""
    boot = disk.fat(folder / "boot.fat", FAT_MIB, put(folder / "boot", vendor["boot"]))
    root = disk.ext4(folder, ROOT_MIB, "v1", put(folder / "tree", vendor["root"] | {"sbin/init": "#!/bin/sh\n"}))
    image = disk.join(folder / "card.img", "dos", [(boot, FAT_MIB, "c"), (root, ROOT_MIB, "83")])
    packed = pathlib.Path(f"{image}.xz")
    packed.write_bytes(lzma.compress(image.read_bytes(), preset=0))
    return packed


def simulate(world, folder, family, *options):
    out = folder / "".join([family, *options])
    out.mkdir()
    done = world.client(family).run(BUILD / "bramble-sim", family, "--interface", "eth0", "--mac", MACS[family], "--serial", "10000001",
                                    "--seed", "5", "--out", out, "--report", out / "report.json", *options, check=False, timeout_s=120)
    report = json.loads((out / "report.json").read_text())
    assert report["summary"]["booted"] == 1, f"{done.stdout}{done.stderr}{report['boards']}"
    return out, report["boards"][0]


@pytest.mark.parametrize("name", VENDORS)
def test_a_card_boots_every_family(world, folder, name):
    vendor = VENDORS[name]
    daemon = world.start_daemon()
    daemon.cli("image", "import", name, card(folder, vendor))
    image = daemon.json("image", "show", name)
    assert image["kind"] == "pi" and {"pi3b", "pi4b", "pi5"} <= set(image["boards"]), image
    assert {"disk.map", "disk.frames", "root.squashfs"} <= {row["path"] for row in image["files"]}
    assert [tie["name"] for tie in image["changed_over_network"]] == vendor["ties"]
    assert vendor["root"]["etc/os-release"].split('"')[1] == image["os"]
    assert "disk" in image["roots"]

    (folder / "fan").write_text("dtoverlay=fan\n")
    daemon.cli("config-txt", "set", "board=pi4b", folder / "fan")
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", f"boot={name}")
    for family in MACS:
        out, board = simulate(world, folder, family)
        kernel_path, initramfs = vendor["kernels"][family]
        assert (board["kernel"].rsplit("/", 1)[-1], board["initramfs"].rsplit("/", 1)[-1]) == (
            kernel_path.rsplit("/", 1)[-1], initramfs.rsplit("/", 1)[-1])
        for row in board["files"]:
            fetched = out / row["path"].lstrip("/")
            of_image = vendor["boot"].get(row["path"].lstrip("/").removeprefix("10000001/").lstrip("/"))
            made = fetched.name in ("config.txt", "cmdline.txt")
            if fetched.is_file() and of_image is not None and not made:
                assert fetched.read_bytes() == of_image, row["path"]
        config = next(out.rglob("config.txt")).read_bytes()
        assert config.startswith(vendor["boot"]["config.txt"]) and len(config) < 4096
        assert config.endswith(b"[all]\ndtoverlay=fan\n") == (family == "pi4")
    if name != "debian":  # which has no tree for it
        simulate(world, folder, "pi5", "--revision", "d04171")


def test_a_board_that_it_cannot_start_is_told_what_is_missing(world, folder):
    """Ubuntu's card without the device tree of a Pi 5: a Pi 4 boots, a Pi 5 goes on to the next entry of its boot order."""
    vendor = VENDORS["ubuntu"]
    boot = {name: octets for name, octets in vendor["boot"].items() if "bcm2712-rpi" not in name}
    put(folder / "boot", boot)
    daemon = world.start_daemon()
    daemon.cli("image", "import", "old", folder / "boot")
    daemon.cli("machine", "add", "new-board", "--mac", MACS["pi5"], "--board", "pi5", "--image", "old")
    why = ("image old has no kernel for a Raspberry Pi 5: its os_prefix counts only where the kernel and bcm2712-rpi-5-b.dtb lie below "
           "it, and without it vmlinuz is not there")
    assert f"refused\t{why}\n" in daemon.cli("machine", "show", "new-board")
    assert daemon.json("boot", "explain", "new-board")["reasons"][-1] == why
    out = folder / "pi5"
    out.mkdir()
    world.client("pi5").run(BUILD / "bramble-sim", "pi5", "--interface", "eth0", "--mac", MACS["pi5"], "--serial", "10000001", "--seed", "5",
                            "--out", out, "--report", out / "report.json", "--timeout", "15", check=False, timeout_s=60)
    assert json.loads((out / "report.json").read_text())["summary"]["booted"] == 0
    assert why in " ".join(daemon.trail("new-board").split())


def test_a_boot_directory_comes_with_its_root(world, folder):
    """What somebody copied from a card: the FAT as a folder, the root as a tarball or a folder, too."""
    vendor, tree, tarball = VENDORS["debian"], folder / "tree", folder / "root.tar.gz"
    put(folder / "boot", vendor["boot"])
    put(tree, vendor["root"])
    disk.run("tar", "-C", tree, "-czf", tarball, ".")
    daemon = world.start_daemon()
    for name, root in (("packed", tarball), ("copied", tree)):
        daemon.cli("image", "import", name, folder / "boot", "--root", root)
        image = daemon.json("image", "show", name)
        assert image["kind"] == "pi" and "pi4b" in image["boards"] and image["os"].startswith("Debian")
        assert [tie["name"] for tie in image["changed_over_network"]] == vendor["ties"]
        assert "root.squashfs" in {row["path"] for row in image["files"]} and "disk" not in image["roots"]
