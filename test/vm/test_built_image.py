"""A real Debian is built from the mirrors, and its disk image boots by the firmware's removable path: cloud-init reads a
NoCloud seed from a second disk, and its SSH key logs in. Minutes under emulation: only in ./check full."""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import subprocess

import pytest

from lab import foreign, machine
from lab.namespace import read_text, wait_until

pytestmark = pytest.mark.full
MAC, NAME, USER = "52:54:00:77:0d:12", "seeded-host", "debian"
BUILD_S, BOOT_S = 1500, 900
TOOLS = ("mmdebstrap", "arch-test", "tar2sqfs", "mke2fs", "mkfs.fat", "sfdisk", "mcopy", "depmod", "ssh", "ssh-keygen")


def from_disk(mac, folder):
    """arm64 UEFI whose boot order begins with its disk; nothing on the network is booted."""
    return [*machine.AARCH64, *machine._flash(machine.AAVMF / "AAVMF_CODE.fd", machine.AAVMF / "AAVMF_VARS.fd", folder),
            "-smp", "2", "-drive", f"if=none,id=disk,format=raw,discard=unmap,file={folder}/disk.img",
            "-device", "virtio-blk-pci,drive=disk,bootindex=0,serial=system",
            "-drive", f"if=none,id=seed,format=raw,readonly=on,file={folder}/seed.img", "-device", "virtio-blk-pci,drive=seed",
            "-device", f"virtio-net-pci,netdev=n0,mac={mac},romfile=", "-device", "virtio-rng-pci"]


def new_identity(disk):
    """What a deploy does where two disks of one image would be alike: the disk and its partitions get other numbers."""
    for number in (1, 2):
        subprocess.run(["sfdisk", "--quiet", "--part-uuid", disk, str(number), f"00000000-0000-4000-8000-00000000000{number}"],
                       check=True)
    subprocess.run(["sfdisk", "--quiet", "--disk-id", disk, "00000000-0000-4000-8000-000000000009"], check=True)


def seed(folder, public_key):
    """A small FAT volume labelled CIDATA."""
    (folder / "meta-data").write_text(f"instance-id: i-1\nlocal-hostname: {NAME}\n")
    (folder / "user-data").write_text("#cloud-config\nssh_authorized_keys:\n  - " + public_key)
    subprocess.run(["truncate", "-s", "1M", folder / "seed.img"], check=True)
    subprocess.run(["mformat", "-i", folder / "seed.img", "-v", "CIDATA", "-T", "2048", "-h", "1", "-s", "32", "::"], check=True)
    subprocess.run(["mcopy", "-i", folder / "seed.img", folder / "meta-data", folder / "user-data", "::/"], check=True)


@pytest.fixture
def site(world):
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin")]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: run through ./check full")
    if subprocess.run(["arch-test", "arm64"], check=False, stdout=subprocess.DEVNULL).returncode != 0:
        pytest.skip("this kernel runs no arm64 programs: it has no binfmt_misc, or nobody enabled qemu-aarch64 there")
    world.start_daemon()
    return world


def build(site, *options):
    """Outside of the namespace, which has no way to a mirror."""
    argv = [machine_build() / "bramble", "--socket", site.daemon.socket, "image", "build", "debian/12", *options]
    done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=BUILD_S, check=False,
                          stdin=subprocess.DEVNULL, env={**os.environ, "BRAMBLE_CACHE": str(foreign.CACHE)})
    (site.folder / "build.log").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr


def machine_build():
    return pathlib.Path(os.environ.get("BRAMBLE_BUILD", "build")).absolute()


def ssh(site, folder, address, *command):
    done = site.server.run("ssh", "-i", folder / "key", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                           "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=60", f"{USER}@{address}", *command, check=False,
                           timeout_s=180)
    return done.stdout if done.returncode == 0 else None


def test_the_disk_image_boots_and_is_seeded(site, folder):
    build(site, "--arch", "arm64")
    board = site.machine("board", MAC)
    (disk,) = (foreign.CACHE / "image-build").glob("disk-bookworm-arm64-generic-*/disk.img")
    subprocess.run(["cp", "--sparse=always", disk, board.folder / "disk.img"], check=True)
    new_identity(board.folder / "disk.img")
    subprocess.run(["truncate", "-s", "+1G", board.folder / "disk.img"], check=True)  # a larger disk than the image
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    seed(board.folder, read_text(folder / "key.pub"))

    board.power_on(from_disk)
    assert board.says(rf"{NAME} login:", BOOT_S), "\n".join(board.console().splitlines()[-40:])

    def lease():
        return next((row["ip"] for row in site.daemon.items("lease") if row["mac"] == MAC and row["state"] == "bound"), None)

    address = wait_until(lease, 60, "the guest has an address", every_s=1)
    answer = wait_until(lambda: ssh(site, folder, address, "cloud-init status --wait >/dev/null; cloud-id; hostname; "
                                                           "findmnt -no SOURCE,SIZE -b /; sudo mount -a; findmnt -no SOURCE /boot/efi; "
                                                           "cat /proc/cmdline; sudo id -u; systemctl --failed --no-legend"),
                        600, "the key of the seed logs in", every_s=5)
    board.power_off()
    assert {"nocloud", NAME, "0"} <= set(answer.split()), answer
    size = next(int(line.split()[1]) for line in answer.splitlines() if line.startswith("/dev/vda2"))
    assert size > 3 << 30, "the root grew with its disk"
    assert "root=UUID=" in answer and "/dev/vda1" in answer.split(), answer
    assert "failed" not in answer, answer
