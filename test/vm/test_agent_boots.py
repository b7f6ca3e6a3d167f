"""bramble-agent as the init of real kernels in QEMU, with a stand-in for its server.

The kernel is Debian's, the initrd holds that kernel's modules as an image's does, and the agent's archive lies behind it.
"""
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess

import pytest

from lab import disk, frames, machine
from lab.board import MAC


def is_rescued(it, world):
    """The operator's key opens a shell on a machine that has nothing but the agent; nobody else's does."""
    keys = {}
    for name in ("mine", "others"):
        keys[name] = world.folder / f"{name}.key"
        keys[name].unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys[name])], check=True)
    mine = [keys["mine"].with_suffix(".key.pub").read_text().strip()]
    result = it.server.do("rescue", 60, authorized_keys=mine)
    assert result["ok"] and result["data"]["user"] == "root", result
    address = re.search(r"eth0: address (\S+)", it.machine.console()).group(1)
    known = world.folder / "known_hosts"
    known.write_text(f"{address} {result['data']['host_key']}\n")

    def ssh(key, *command):
        return world.server.run("ssh", "-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={known}",
                                "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20",
                                f"root@{address}", *command, check=False)
    said = ssh(keys["mine"], "uname -s; id -u; cat /proc/1/comm; ls /bramble/bin | wc -l")
    assert said.returncode == 0, said.stderr
    system, uid, init, tools = said.stdout.split()
    assert (system, uid, init) == ("Linux", "0", "agent") and int(tools) > 200
    assert ssh(keys["others"], "true").returncode == 255

    # It ends with the next task, and so does what was left running there, however it hid.
    assert ssh(keys["mine"], "setsid sh -c 'trap \"\" HUP TERM; sleep 987 & sleep 987' </dev/null >/dev/null 2>&1 & sleep 1").returncode == 0
    assert "sleep 987" in ssh(keys["mine"], "ps").stdout
    assert it.server.do("park", 60)["ok"]
    assert ssh(keys["mine"], "true").returncode == 255
    assert it.server.do("rescue", 60, authorized_keys=mine)["ok"]
    said = ssh(keys["mine"], "ps")
    assert said.returncode == 0 and "sleep 987" not in said.stdout, said.stdout


@pytest.mark.parametrize("arch", ["arm64", "armhf", "amd64"])
def test_inventory_and_rescue_under_debians_kernel(board, world, arch):
    """From power-on to parked, and away by a reboot: no hand, no other program than the agent's own."""
    it = board(arch)
    it.power_on()
    hello = it.server.hellos[0]
    assert hello["arch"] == arch and hello["mac"] == MAC
    found = it.server.do("inventory", 60)
    assert found["ok"], found
    assert found["data"]["cpu"]["total"] == 2
    port = found["data"]["network"]["cards"][0]["ports"][0]
    assert port["address"] == MAC and port["link_detected"]
    is_rescued(it, world)
    assert it.server.do("park")["ok"], "the agent is there all the time"
    assert it.server.do("reboot")["ok"]
    assert it.machine.ends() == 0, "QEMU ends at a reset"


MIB = 1 << 20
SEED = {"meta-data": "instance-id: i-1\nlocal-hostname: vm1\n", "user-data": "#cloud-config\n", "vendor-data": "",
        "network-config": ""}


def empty_disk(folder, mib):
    path = folder / "target.img"
    with open(path, "wb") as out:
        out.truncate(mib * MIB)
    return path


def order(server, image, **more):
    blockmap, blob = frames.make(image)
    return {"disk": {"hint": "", "overwrite_boot_medium": False, "keep_firmware": False}, "map": server.blob(blockmap),
            "frames": server.blob(blob), "seed": SEED, "new_disk_id": True, "hostname": "vm1", "authorized_keys": [],
            "cmdline_extra": "lab.deployed=1", "config_txt_extra": "", "then": "reboot", **more}


def from_disk(mac, folder):
    """UEFI that has nothing but a disk to start from."""
    return [*machine.AARCH64, *machine._flash(machine.AAVMF / "AAVMF_CODE.fd", machine.AAVMF / "AAVMF_VARS.fd", folder),
            "-device", f"virtio-net-pci,netdev=n0,mac={mac},romfile=", "-device", "virtio-rng-pci"]


# With brambled it is a part of test_life.py, every day.
@pytest.mark.full
def test_deploy_and_start_from_the_disk(board, world):
    """A small system of GRUB, kernel and ext4 onto a disk four times its size; then the machine's firmware starts it."""
    it = board("arm64")
    image = disk.build("arm64", world.folder / "image")
    target = empty_disk(world.folder, 512)
    it.power_on(disks=[target])
    result = it.server.do("deploy", 180, **order(it.server, image))
    assert result["ok"], f"{result}\n{it.machine.console()[-2000:]}"
    data = result["data"]
    assert data["disk"] == "vda" and data["seed"] == "root" and data["new_disk_id"], data
    assert data["grown_to"] > 380 * MIB, data
    assert it.machine.ends() == 0, "it starts the machine anew"
    subprocess.run(["sfdisk", "--verify", str(target)], check=True, capture_output=True)

    it.machine.power_on(from_disk, disks=[target])
    said = it.machine.says(r"BRAMBLE-DISK host=(\S+) size=(\d+)M stamp=(\S+)", 150)
    assert said, it.machine.console()[-3000:]
    assert said.group(1) == "vm1", "cloud-init's data is where it is looked for"
    assert int(said.group(2)) > 330, "the file system has the rest of the disk"
    assert re.search(r"cmdline=.*lab\.deployed=1|lab\.deployed=1", it.machine.console()), "the kernel got the machine's words"
    target.unlink()


def nvme(folder, mib=64):
    """A disk on NVMe, full of what somebody left there."""
    path = folder / "nvme.img"
    path.write_bytes(b"secret" * (mib * MIB // 6))
    path.open("r+b").truncate(mib * MIB)
    return path, ["-drive", f"if=none,format=raw,id=n,file={path}", "-device", "nvme,drive=n,serial=NV0"]


def sata(folder, mib=8):
    """The same on SATA; QEMU's has no command to erase itself."""
    path = folder / "sata.img"
    path.write_bytes(b"secret" * (mib * MIB // 6))
    path.open("r+b").truncate(mib * MIB)
    return path, ["-device", "ich9-ahci,id=sata", "-drive", f"if=none,format=raw,id=s,file={path}", "-device", "ide-hd,drive=s,bus=sata.0"]


def test_health_and_erase_of_nvme(board, world):
    """A disk tells its health, and is erased by its own command; one that has none is asked for it, and written with zeros."""
    it = board("arm64")
    path, options = nvme(world.folder)
    sata_path, sata_options = sata(world.folder)
    it.power_on(*options, *sata_options)
    found = it.server.do("inventory", 60, lldp_s=0)
    row = next(row for row in found["data"]["storage"]["disks"] if row["id"] == "nvme0n1")
    assert row["type"] == "nvme" and row["serial"] == "NV0" and not row["boot_medium"], row
    assert it.server.do("scripts", 90, scripts=[{"name": "storage", "builtin": "storage", "parameters": {"seconds": 1}}])["ok"]
    told = it.server.scripts[-1]
    assert told["status"] == "passed", told
    health = told["results"]["nvme0n1"]
    assert health["read_octets_per_s"] > MIB and not health["failing"] and health["used_percent"] == 0, health
    erased = it.server.do("erase", 90, how="full", disks=[])
    assert erased["ok"] and erased["data"]["disks"] == {"nvme0n1": "nvme-format", "sda": "zeros"}, erased
    assert it.machine.says("disk sda is cleared with zeros: it has no command for it", 20), "its log; progress may be gone by then"
    assert it.server.do("reboot")["ok"]
    assert it.machine.ends() == 0
    for disk in (path, sata_path):
        assert b"secret" not in disk.read_bytes()
        disk.unlink()
