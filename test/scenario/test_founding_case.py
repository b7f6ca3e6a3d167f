"""The founding case: a card's boot directory and an NFS export that is already there become a Pi 4 that boots from the
network, with three commands."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import random

from lab import pi
from lab.dhcp import Wire

MAC = "dc:a6:32:32:a7:ed"
SERIAL = "e5ef6e9d"
CONFIG_TXT = """[all]
kernel=vmlinuz
cmdline=cmdline.txt
initramfs initrd.img followkernel

[pi4]
max_framebuffers=2
arm_boost=1

[all]
dtparam=audio=on
dtparam=i2c_arm=on
dtoverlay=vc4-kms-v3d
# the fan that the operator has screwed on
dtoverlay=gpio-fan,gpiopin=14,temp=60000
arm_64bit=1
"""
CMDLINE_TXT = "console=serial0,115200 dwc_otg.lpm_enable=0 console=tty1 root=LABEL=writable rootfstype=ext4 rootwait fixrtc\n"
NFS = "root=/dev/nfs nfsroot=10.77.0.9:/srv/pi,vers=3 rw ip=dhcp"
# What the firmware of a Pi 4 reads, in its order.
NEEDED = ["start4.elf", "fixup4.dat", "initrd.img", "bcm2711-rpi-4-b.dtb", "overlays/overlay_map.dtb", "overlays/vc4-kms-v3d.dtbo",
          "overlays/gpio-fan.dtbo", "vmlinuz"]
# What must not be there: its presence changes what the firmware does.
MISSING = ["recovery.elf", "recover4.elf", "pieeprom.sig", "vl805.sig", "tryboot.txt", "start.elf"]


def system_boot(folder):
    """As it comes off a card, with more on it than this board needs."""
    noise = random.Random(4)
    kernel = bytearray(noise.randbytes(900_001))
    kernel[56:60] = b"ARM\x64"
    files = {"config.txt": CONFIG_TXT.encode(), "cmdline.txt": CMDLINE_TXT.encode(), "vmlinuz": bytes(kernel),
             "start4.elf": b"\x7fELF" + noise.randbytes(220_000), "fixup4.dat": noise.randbytes(5448),
             "initrd.img": b"070701" + noise.randbytes(300_000),
             "bcm2711-rpi-4-b.dtb": b"\xd0\x0d\xfe\xed" + noise.randbytes(50_000),
             "bcm2711-rpi-400.dtb": b"\xd0\x0d\xfe\xed" + noise.randbytes(50_000),
             "overlays/overlay_map.dtb": b"\xd0\x0d\xfe\xed" + noise.randbytes(2_000),
             "overlays/vc4-kms-v3d.dtbo": b"\xd0\x0d\xfe\xed" + noise.randbytes(3_000),
             "overlays/gpio-fan.dtbo": b"\xd0\x0d\xfe\xed" + noise.randbytes(1_000),
             "user-data": b"#cloud-config\n"}
    for name, octets in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
    return files


def fetch(client, folder, path):
    """A file by TFTP as the EEPROM asks for it: None when it is not there."""
    got = folder / "got"
    done = client.run("curl", "-sS", "--tftp-blksize", "1024", "-o", got, f"tftp://10.77.0.1/{path}", check=False)
    return got.read_bytes() if done.returncode == 0 else None


def test_three_commands_make_a_pi_boot_from_the_network(world, folder):
    files = system_boot(folder / "system-boot")
    daemon = world.start_daemon("--range", "10.77.0.100-10.77.0.199")                                # the first command
    daemon.cli("image", "import", "ubuntu", folder / "system-boot")                                  # the second
    daemon.cli("machine", "add", "pi", "--mac", MAC, "--serial", SERIAL, "--image", "ubuntu",
               "--cmdline-extra", NFS)                                                               # the third
    client = world.client("pi", MAC)
    wire = Wire(client)
    lease = wire.lease(MAC, 1, options=(
        (55, bytes([1, 3, 43, 60, 66, 67, *range(128, 136)])), (60, b"PXEClient:Arch:00000:UNDI:002001"), (93, b"\0\0"),
        (94, b"\1\2\1"), (97, b"\0RPi4" + bytes.fromhex("1231c000" "32a7ed89" "9d6eefe5"))))
    assert lease.siaddr == "10.77.0.1" and lease.options[66] == b"10.77.0.1" and b"Raspberry Pi Boot" in lease.options[43]
    client.run("ip", "address", "add", f"{lease.yiaddr}/24", "dev", "eth0")

    for name in NEEDED:
        got = fetch(client, folder, f"{SERIAL}/{name}")
        assert got is not None, f"{name} is missing"
        assert hashlib.sha256(got).digest() == hashlib.sha256(files[name]).digest(), f"{name} differs"
    for name in MISSING:
        assert fetch(client, folder, f"{SERIAL}/{name}") is None, f"{name} must not be there"

    # The operator's lines stay as they are; ours are laid over them.
    config = fetch(client, folder, f"{SERIAL}/config.txt").decode()
    assert config.startswith(CONFIG_TXT.rstrip("\n")) and len(config) < 4096
    # The kernel takes the last root= it reads, and its command line is one line.
    cmdline = fetch(client, folder, f"{SERIAL}/cmdline.txt").decode()
    assert cmdline.rstrip("\n") == f"{CMDLINE_TXT.strip()} {NFS}", cmdline
    assert daemon.cli("boot", "files", "pi", "cmdline.txt") == cmdline
    # The same tree without a prefix, and with the MAC before it (TFTP_PREFIX=1 with an empty string, =2).
    for prefix in ("", f"{MAC.replace(':', '-')}/", f"/{SERIAL}//"):
        assert fetch(client, folder, f"{prefix}cmdline.txt").decode() == cmdline, prefix
    wire.close()


def test_the_same_as_the_simulated_firmware_sees_it(world, folder):
    files = system_boot(folder / "system-boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "ubuntu", folder / "system-boot")
    daemon.cli("machine", "add", "pi", "--mac", MAC, "--serial", SERIAL, "--image", "ubuntu", "--cmdline-extra", NFS)
    fetched = pi.fetch(world.client("pi"), "eth0", "pi4", MAC, SERIAL, folder)
    assert fetched.file("kernel").read_bytes() == files["vmlinuz"]
    assert fetched.file("initramfs").read_bytes() == files["initrd.img"]
    assert fetched.file("device_tree").read_bytes() == files["bcm2711-rpi-4-b.dtb"]
    assert fetched.cmdline == f"{CMDLINE_TXT.strip()} {NFS}"
    assert {"vc4-kms-v3d", "gpio-fan"} <= {name.split(",")[0] for name in fetched.board["overlays"]}
    assert "start4.elf" in daemon.trail("pi") and "vmlinuz" in daemon.trail("pi")
