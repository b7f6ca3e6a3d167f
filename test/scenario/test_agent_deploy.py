"""bramble-agent installs images on a disk that is a file: with holes, interrupted, damaged, beside firmware that must stay.

What lies on the disk afterwards is looked at by others' tools: sfdisk, e2fsck, debugfs, mtools.
"""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import shutil
import signal
import subprocess

import pytest
from lab import frames
from lab.namespace import read_text, wait_until

from test_agent import Agent

MIB = 1 << 20
DISK = 256 * MIB
ROOT = 44 * MIB
SEED = {"meta-data": "instance-id: i-1\nlocal-hostname: vm1\n", "user-data": "#cloud-config\n", "vendor-data": "", "network-config": ""}
SYSTEM = {
    "etc/os-release": "ID=debian\n",
    "etc/fstab": "PARTUUID=12345678-01 / ext4 defaults 0 1\n",
    "etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\told\n",
    "etc/default/grub": 'GRUB_CMDLINE_LINUX="quiet"\n',
    "boot/grub/grub.cfg": "menuentry x {\n\tlinux /vmlinuz root=PARTUUID=12345678-01 ro\n}\n",
}
CLOUD = {"usr/bin/cloud-init": "", "etc/cloud/cloud.cfg": ""}


def run(*argv, **kwargs):
    return subprocess.run([str(a) for a in argv], check=True, capture_output=True, text=True, **kwargs).stdout


def make_image(folder, files, label="dos", root=None):
    """A disk image with one partition: an ext4 with @files and 24 MiB of noise, or the octets @root."""
    tree, part, image = folder / "root", folder / "root.img", folder / "image.img"
    shutil.rmtree(tree, ignore_errors=True)
    for path, text in {**files, "noise": os.urandom(24 * MIB)}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    part.unlink(missing_ok=True)
    if root is None:
        run("mke2fs", "-q", "-t", "ext4", "-d", tree, part, f"{ROOT // MIB}M")
    else:
        part.write_bytes(root)
    with open(image, "wb") as out:
        out.truncate(ROOT + 3 * MIB)
    head = "label: dos\nlabel-id: 0x12345678\n" if label == "dos" else "label: gpt\n"
    kind = "83" if label == "dos" else "L"
    run("sfdisk", "-q", image, input=f"{head}start=2048, size={ROOT // 512}, type={kind}\n")
    run("dd", f"if={part}", f"of={image}", "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")
    shutil.rmtree(tree)
    part.unlink()
    return image


class Target(Agent):
    """An agent whose machine has one disk, full of what was there before."""

    def __init__(self, folder):
        super().__init__(folder)
        self.put("sys/block/vda/size", f"{DISK // 512}\n")
        self.put("sys/block/vda/queue/logical_block_size", "512\n")
        self.put("dev/vda", "")
        self.disk = self.root / "dev/vda"
        with open(self.disk, "wb") as out:
            out.write(os.urandom(2 * MIB))
            out.truncate(DISK)

    def order(self, image, **more):
        self.image = image
        self.map, self.frames = frames.make(image)
        return {"disk": {"hint": "", "overwrite_boot_medium": False, "keep_firmware": False},
                "map": self.server.blob(self.map), "frames": self.server.blob(self.frames), "seed": SEED, "new_disk_id": True,
                "hostname": "vm1", "authorized_keys": ["ssh-ed25519 AAAA me"], "cmdline_extra": "lab.extra=1",
                "config_txt_extra": "", "then": "reboot", **more}

    def table(self):
        return run("sfdisk", "-d", self.disk)

    def partition(self, number=1):
        """The octets of a partition as a file of its own; checked, when it is an ext4."""
        import json
        part = json.loads(run("sfdisk", "-J", self.disk))["partitiontable"]["partitions"][number - 1]
        path = self.folder / f"part{number}"
        path.unlink(missing_ok=True)
        run("dd", f"if={self.disk}", f"of={path}", "bs=512", f"skip={part['start']}", f"count={part['size']}", "conv=sparse",
            "status=none")
        return path

    def cat(self, part, path):
        return run("debugfs", "-R", f"cat /{path}", part)

    def check_system(self, part):
        run("e2fsck", "-fn", part)
        noise = run("debugfs", "-R", "stat /noise", part)
        assert f"Size: {24 * MIB}" in noise


@pytest.fixture
def target(folder):
    target = Target(folder)
    yield target
    target.close()
    for large in ("image.img", "part1", "part2", "part3", "fat", "machine/dev/vda", "machine/dev/nvme0n1"):
        (folder / large).unlink(missing_ok=True)


def test_only_what_the_signed_volume_names(target):
    """A server that names another image than the boot.img that the firmware checked is not believed."""
    order = target.order(make_image(target.folder, SYSTEM))
    before = target.disk.read_bytes()[:MIB]
    target.put("bramble/trusted", "ab" * 32 + "\n")
    result = target.start().server.do("deploy", 60, **order)
    assert not result["ok"] and "none that the signed boot.img names" in result["error"], result
    assert target.disk.read_bytes()[:MIB] == before

    target.put("bramble/trusted", "ab" * 32 + "\n" + hashlib.sha256(target.map).hexdigest() + "\n")
    result = target.server.do("deploy", 60, **order)
    assert result["ok"], result


@pytest.mark.parametrize("label", ["dos", "gpt"])
def test_an_image_with_holes(target, label):
    """Only what the frames cover is written; the rest of the disk is given back, and the system is this machine's own."""
    result = target.start().server.do("deploy", 60, **target.order(make_image(target.folder, {**SYSTEM, **CLOUD}, label)))
    assert result["ok"], result
    data = result["data"]
    assert data["disk"] == "vda" and data["seed"] == "root" and data["cloud_init"]
    assert 24 * MIB < data["octets_written"] < 30 * MIB
    assert target.disk.stat().st_blocks * 512 < 40 * MIB, "holes stay holes"
    assert target.process.wait(10) == 10, "and then it starts the machine anew"

    run("sfdisk", "--verify", target.disk)
    part = target.partition()
    assert part.stat().st_size >= DISK - 3 * MIB, "the last partition has the rest of the disk"
    target.check_system(part)
    assert target.cat(part, "var/lib/cloud/seed/nocloud/meta-data") == SEED["meta-data"]
    assert target.cat(part, "var/lib/cloud/seed/nocloud/user-data") == SEED["user-data"]
    assert "NoCloud" in target.cat(part, "etc/cloud/cloud.cfg.d/99-bramble.cfg")
    assert target.cat(part, "etc/default/grub") == 'GRUB_CMDLINE_LINUX="quiet lab.extra=1"\n'
    assert "ro lab.extra=1\n" in target.cat(part, "boot/grub/grub.cfg")
    if label == "dos":
        assert "0x12345678" not in target.table()
        uuid = target.table().split("label-id: 0x")[1][:8] + "-01"
        assert f"PARTUUID={uuid} /" in target.cat(part, "etc/fstab")
        assert f"root=PARTUUID={uuid} " in target.cat(part, "boot/grub/grub.cfg")


def test_a_system_without_cloud_init(target):
    """It gets its name, and a unit that takes the keys and phones home when it starts."""
    files = {**SYSTEM, "usr/lib/systemd/systemd": ""}
    result = target.start().server.do("deploy", 60, **target.order(make_image(target.folder, files), then="",
                                                                   phone_home="http://10.77.0.1:5248/seed/T/phone-home"))
    assert result["ok"] and result["data"]["seed"] == "none", result
    part = target.partition()
    target.check_system(part)
    assert target.cat(part, "etc/hostname") == "vm1\n"
    assert target.cat(part, "etc/hosts") == "127.0.0.1\tlocalhost\n127.0.1.1\tvm1\n"
    assert target.cat(part, "var/lib/bramble/authorized_keys") == "ssh-ed25519 AAAA me\n"
    script = target.folder / "first-boot"
    script.write_text(target.cat(part, "var/lib/bramble/first-boot"))
    run("bash", "-n", script)
    assert "address='10.77.0.1' port='5248'" in script.read_text()
    assert "first-boot" in target.cat(part, "etc/systemd/system/bramble-first-boot.service")
    wanted = run("debugfs", "-R", "stat /etc/systemd/system/multi-user.target.wants/bramble-first-boot.service", part)
    assert "/etc/systemd/system/bramble-first-boot.service" in wanted
    assert target.server.do("park")["ok"], "without then it stays"


EFI_VARIABLE = "sys/firmware/efi/efivars/{}-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def give_uefi(target):
    """Firmware that looks at the disk first, and has an entry for the network."""
    card, disk, end = b"\3\x0b\x25\0" + bytes(33), b"\4\1\x2a\0" + bytes(38), b"\x7f\xff\4\0"
    variables = {"BootOrder": b"\1\0\3\0", "Boot0001": (b"d\0\0\0", disk + end), "Boot0003": (b"n\0\0\0", card + end)}
    for name, value in variables.items():
        if isinstance(value, tuple):
            value = b"\1\0\0\0" + len(value[1]).to_bytes(2, "little") + b"".join(value)
        target.put(EFI_VARIABLE.format(name), "")
        (target.root / EFI_VARIABLE.format(name)).write_bytes(b"\7\0\0\0" + value)


def test_a_way_back_is_seen_to(target):
    """The network first in the boot order, and a system that asks whether it is wanted; and nothing is written where neither can be."""
    image = make_image(target.folder, {**SYSTEM, **CLOUD, "usr/lib/systemd/systemd": ""})
    for more in ({"network_first": True}, {"wanted": "http://10.77.0.1:5248/seed/T/wanted"}):
        result = target.start().server.do("deploy", 60, **target.order(image, then="", **more))
        assert not result["ok"] and "no UEFI" in result["error"], result
        target.process.terminate()
        target.process.wait(10)
    with pytest.raises(subprocess.CalledProcessError):
        target.table()

    give_uefi(target)
    result = target.start().server.do("deploy", 60, **target.order(image, then="", network_first=True,
                                                                   wanted="http://10.77.0.1:5248/seed/T/wanted"))
    assert result["ok"] and result["data"]["boot_first"] == "network-first", result
    assert (target.root / EFI_VARIABLE.format("BootOrder")).read_bytes() == b"\7\0\0\0\3\0\1\0"
    part = target.partition()
    target.check_system(part)
    script = target.folder / "wanted-back"
    script.write_text(target.cat(part, "var/lib/bramble/wanted-back"))
    run("bash", "-n", script)
    assert "path='/seed/T/wanted'" in script.read_text() and "entry='0003'" in script.read_text()
    assert "wanted-back" in target.cat(part, "etc/systemd/system/bramble-wanted-back.service")


def test_a_root_that_cannot_be_read(target):
    """cloud-init's data lies in a volume of its own, the ids stay."""
    locked = bytearray(os.urandom(4 * MIB))
    locked[:6] = b"LUKS\xba\xbe"
    result = target.start().server.do("deploy", 60, **target.order(make_image(target.folder, {}, "gpt", locked), then=""))
    assert result["ok"] and result["data"]["seed"] == "partition", result
    assert any("LUKS" in note and "ids" in note for note in result["data"]["notes"]), result
    run("sfdisk", "--verify", target.disk)
    volume = target.partition(2)
    assert volume.stat().st_size == 4 * MIB
    assert "CIDATA" in run("mdir", "-i", volume, "::") or "CIDATA" in run("mlabel", "-s", "-i", volume, "::")
    assert run("mtype", "-i", volume, "::meta-data") == SEED["meta-data"]
    assert run("mtype", "-i", volume, "::user-data") == SEED["user-data"]
    subprocess.run(["fsck.vfat", "-n", str(volume)], check=True, capture_output=True)


def test_killed_in_the_middle(target):
    """The agent dies at half of it; another one goes on where it was."""
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}))
    target.server.slow_bps = 8 * MIB
    task = target.start().server.give("deploy", **order)
    target.server.wait(lambda: target.server.progress and target.server.progress[-1]["done"] > 10 * MIB, 60, "some of it is written")
    target.process.send_signal(signal.SIGKILL)
    target.process.wait(5)
    table = subprocess.run(["sfdisk", "-d", str(target.disk)], capture_output=True, text=True)
    assert table.returncode != 0, "a disk that is half written shows no system"
    target.server.slow_bps = None
    served = target.server.served
    target.start()
    result = target.server.result(task, 60)
    assert result["ok"] and result["data"]["octets_kept"] >= 8 * MIB, result
    assert target.server.served - served < len(target.frames) - 7 * MIB, "what was there was not fetched again"
    target.check_system(target.partition())


def killed_halfway(target, order):
    target.server.slow_bps = 8 * MIB
    task = target.start().server.give("deploy", **order)
    target.server.wait(lambda: target.server.progress and target.server.progress[-1]["done"] > 10 * MIB, 60, "some of it is written")
    target.process.send_signal(signal.SIGKILL)
    target.process.wait(5)
    target.server.slow_bps = None
    return task


def another_disk(target, name, size=DISK):
    target.put(f"sys/block/{name}/size", f"{size // 512}\n")
    target.put(f"sys/block/{name}/queue/logical_block_size", "512\n")
    target.put(f"dev/{name}", "")
    disk = target.root / "dev" / name
    with open(disk, "wb") as out:
        out.write(MIB * b"not yours")
        out.truncate(size)
    return disk


@pytest.mark.parametrize("hint", ["", "/dev/nvme0n1"])
def test_another_disk_comes_while_the_power_is_gone(target, hint):
    """It goes on where it began: neither the rule, nor a name that is another disk's now, has a second one written over."""
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}))
    order["disk"]["hint"] = hint and "/dev/vda"
    task = killed_halfway(target, order)
    other = another_disk(target, "nvme0n1")
    before = other.read_bytes()
    if hint:  # the kernel has given it another name
        target.server.task["disk"]["hint"] = hint
    result = target.start().server.result(task, 60)
    assert result["ok"] and result["data"]["disk"] == "vda" and result["data"]["octets_kept"] >= 8 * MIB, result
    assert other.read_bytes() == before
    target.check_system(target.partition())


def test_another_deployment_chooses_anew(target):
    """What somebody else's left half written says nothing to the next one."""
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}))
    killed_halfway(target, order)
    another_disk(target, "nvme0n1")
    seed = {**SEED, "meta-data": "instance-id: i-2\nlocal-hostname: vm1\n"}
    result = target.start().server.do("deploy", 60, **{**order, "seed": seed})
    assert result["ok"] and result["data"]["disk"] == "nvme0n1", result


def test_killed_after_the_table_was_written(target):
    """Once more the same image over a finished system: what changed since is put back, and made this machine's own again."""
    image = make_image(target.folder, {**SYSTEM, **CLOUD})
    order = target.order(image, then="")
    assert target.start().server.do("deploy", 60, **order)["ok"]
    again = target.server.do("deploy", 60, **order)
    assert again["ok"] and again["data"]["octets_kept"] > 20 * MIB, again
    part = target.partition()
    target.check_system(part)
    assert target.cat(part, "etc/default/grub") == 'GRUB_CMDLINE_LINUX="quiet lab.extra=1"\n', "once, not twice"


def test_killed_while_it_replaces_a_system(target):
    """Another version over a finished system: much of it is there already, and yet half of each is no system to start from."""
    image = make_image(target.folder, {**SYSTEM, **CLOUD})
    assert target.start().server.do("deploy", 60, **target.order(image, then=""))["ok"]
    run("sfdisk", "--verify", target.disk)
    with open(image, "r+b") as out:
        out.seek(20 * MIB)
        out.write(os.urandom(12 * MIB))
    server = target.server
    server.slow_bps, began = 4 * MIB, len(server.progress)
    server.give("deploy", **target.order(image, then=""))
    server.wait(lambda: [p for p in server.progress[began:] if p["phase"] == "write" and p["rate"] > 0], 60, "some of it is written")
    target.process.send_signal(signal.SIGKILL)
    target.process.wait(5)
    table = subprocess.run(["sfdisk", "-d", str(target.disk)], capture_output=True, text=True)
    assert table.returncode != 0, table.stdout


@pytest.mark.parametrize("fault", ["a connection that breaks", "a server that is away for a while"])
def test_a_broken_way_to_the_server(target, fault):
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}))
    server = target.server
    server.slow_bps = 16 * MIB
    if fault.startswith("a connection"):
        server.cut_after = 10 * MIB + 12345
    task = target.start().server.give("deploy", **order)
    if fault.startswith("a server"):
        server.wait(lambda: server.progress and server.progress[-1]["done"] > 5 * MIB, 60, "some of it is written")
        server.is_down = True
        target.says("the image's frames stopped coming")
        server.is_down = False
    server.slow_bps = None
    result = server.result(task, 60)
    assert result["ok"], result
    ranges = [r for r in server.ranges if r[0] == order["frames"]["sha256"]]
    assert len(ranges) >= 3, "one that broke, the rest, and the partition table last"
    assert server.served < len(target.frames) + 3 * MIB, "what had come was not fetched again"
    target.check_system(target.partition())


def test_a_flipped_bit(target):
    """A frame that is not what the map says is written nowhere."""
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}))
    damaged = bytearray(target.frames)
    damaged[len(damaged) // 2] ^= 0x10
    target.server.blobs[order["frames"]["sha256"]] = bytes(damaged)
    result = target.start().server.do("deploy", 60, **order)
    assert not result["ok"]
    assert "frame" in result["error"] and "twice" in result["error"] and "bramble image verify" in result["error"]
    assert subprocess.run(["sfdisk", "-d", str(target.disk)], capture_output=True).returncode != 0
    assert target.process.poll() is None, "and it waits for what comes next"


def test_a_map_that_is_another_one(target):
    order = target.order(make_image(target.folder, SYSTEM))
    before = target.disk.read_bytes()[:4 * MIB]
    target.server.blobs[order["map"]["sha256"]] = target.map[:-1] + bytes([target.map[-1] ^ 1])
    result = target.start().server.do("deploy", **order)
    assert not result["ok"] and "the image's map is not what the task says" in result["error"]
    assert target.disk.read_bytes()[:4 * MIB] == before, "nothing was touched"


def test_another_task_meanwhile(target):
    """An operator who aborts is heard at once."""
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}))
    target.server.slow_bps = 2 * MIB
    task = target.start().server.give("deploy", **order)
    target.server.wait(lambda: target.server.progress and target.server.progress[-1]["phase"] == "write", 30, "it writes")
    parked = target.server.give("park")
    stopped = target.server.result(task, 20)
    assert not stopped["ok"] and stopped["error"] == "stopped: the server gave another task"
    assert target.server.result(parked, 10)["ok"]


def test_behind_firmware_that_stays(target):
    """The card's first partition is kept, the image stands behind it, and its texts name their partitions anew."""
    run("sfdisk", "-q", target.disk, input="label: dos\nlabel-id: 0xcafe0001\nstart=2048, size=32768, type=c, bootable\n"
        "start=34816, size=65536, type=83\n")
    firmware = os.urandom(16 * MIB)
    with open(target.disk, "r+b") as disk:
        disk.seek(MIB)
        disk.write(firmware)
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}), new_disk_id=False, then="")
    order["disk"]["keep_firmware"] = True
    result = target.start().server.do("deploy", 60, **order)
    assert result["ok"], result
    assert "label-id: 0xcafe0001" in target.table()
    with open(target.disk, "rb") as disk:
        disk.seek(MIB)
        assert disk.read(16 * MIB) == firmware
    part = target.partition(2)
    target.check_system(part)
    assert "PARTUUID=cafe0001-02 /" in target.cat(part, "etc/fstab")
    assert part.stat().st_size >= DISK - 19 * MIB


def test_a_card_that_a_board_boots_from(target):
    """Known without mounting it; and where nobody can read it, taken for one."""
    target.put("sys/firmware/devicetree/base/compatible", "raspberrypi,3-model-b\0brcm,bcm2837\0")
    target.put("sys/block/vda/removable", "1\n")
    run("sfdisk", "-q", target.disk, input="label: dos\nstart=2048, size=81920, type=c\n")
    fat = target.folder / "fat"
    run("mkfs.vfat", "-F", "32", "-s", "1", "-C", fat, 40 * 1024)
    (target.folder / "bootcode.bin").write_text("x")
    run("mcopy", "-i", fat, target.folder / "bootcode.bin", "::bootcode.bin")
    with open(target.disk, "r+b") as disk:
        disk.seek(MIB)
        disk.write(fat.read_bytes())
    order = target.order(make_image(target.folder, SYSTEM), then="")
    refused = target.start().server.do("deploy", **order)
    assert not refused["ok"] and "starts bootcode.bin from it" in refused["error"], refused
    with open(target.disk, "r+b") as disk:  # where the FAT says that its root begins
        disk.seek(MIB + 44)
        disk.write(b"\0\0\0\x0f")
    refused = target.server.do("deploy", **order)
    assert not refused["ok"] and "cannot be read" in refused["error"] and "--overwrite-boot-medium" in refused["error"], refused
    order["disk"]["overwrite_boot_medium"] = True
    assert target.server.do("deploy", 60, **order)["ok"]


def test_the_stick_that_a_pc_was_started_from(target):
    """UEFI says which partition of which disk it was."""
    give_uefi(target)
    run("sfdisk", "-q", target.disk, input="label: gpt\nstart=2048, size=32768, type=U, uuid=01020304-0506-0708-090A-0B0C0D0E0F10\n")
    uuid = bytes.fromhex("0403020106050807090a0b0c0d0e0f10")
    node = b"\4\1\x2a\0" + b"\1\0\0\0" + (2048).to_bytes(8, "little") + (32768).to_bytes(8, "little") + uuid + b"\2\2"
    path = node + b"\x7f\xff\4\0"
    for name, value in (("Boot0007", b"\1\0\0\0" + len(path).to_bytes(2, "little") + b"s\0\0\0" + path), ("BootCurrent", b"\7\0")):
        target.put(EFI_VARIABLE.format(name), "")
        (target.root / EFI_VARIABLE.format(name)).write_bytes(b"\6\0\0\0" + value)
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}), then="")
    refused = target.start().server.do("deploy", **order)
    assert not refused["ok"] and "UEFI started this machine from it" in refused["error"], refused
    (target.root / EFI_VARIABLE.format("BootCurrent")).write_bytes(b"\6\0\0\0\3\0")  # by the network
    assert target.server.do("deploy", 60, **order)["ok"]


def test_links_in_an_image_lead_nowhere_else(target):
    """A link to an absolute path means the image's own, whatever the agent's own system has there."""
    outside = target.folder / "outside"
    outside.write_text("not yours\n")
    image = make_image(target.folder, {**SYSTEM, "usr/lib/systemd/systemd": ""})
    part = target.folder / "part"
    run("dd", f"if={image}", f"of={part}", "bs=1M", "skip=1", f"count={ROOT // MIB}", "conv=sparse", "status=none")
    run("debugfs", "-w", "-R", f"symlink /etc/hostname {outside}", part)
    run("dd", f"if={part}", f"of={image}", "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")
    part.unlink()
    result = target.start().server.do("deploy", 60, **target.order(image, then=""))
    assert outside.read_text() == "not yours\n"
    assert not result["ok"] and "etc/hostname" in result["error"], "there is no such folder in the image"


def test_a_disk_that_is_too_small(target):
    target.put("sys/block/vda/size", "65536\n")
    result = target.start().server.do("deploy", **target.order(make_image(target.folder, SYSTEM)))
    assert not result["ok"] and "disk vda has 0.0 GB, and the image needs" in result["error"]


def test_progress_is_told(target):
    order = target.order(make_image(target.folder, {**SYSTEM, **CLOUD}))
    target.server.slow_bps = 8 * MIB
    assert target.start().server.do("deploy", 60, **order)["ok"]
    told = [p for p in target.server.progress if p["phase"] == "write"]
    assert len(told) >= 2 and told[0]["total"] == told[-1]["total"] > 24 * MIB
    assert all(a["done"] <= b["done"] for a, b in zip(told, told[1:]))
    assert any(4 * MIB < p["rate"] < 20 * MIB for p in told), told
    wait_until(lambda: "starting the machine anew" in read_text(target.log), 5, "it leaves")
