"""What lies on a Raspberry Pi's SD card: an image as it is published, small enough for the network card of QEMU's Pi 3.

An MBR, a FAT partition with the firmware's files, Debian's kernel and a guest, and an ext4 root. The initramfs is one that an
agent can stand behind, too: so the same image is what boards are enlisted under.
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil

from lab import agent, disk, foreign, guest, images

FAT_MIB, ROOT_MIB = 48, 8
# The card reader, the USB network card, the power management that can restart the board; and what an agent mounts.
MODULES = ["bcm2835", "bcm2835_wdt", "phy_generic", "dwc2", "usbnet", "cdc_ether", "ext4", "crc32c_generic", "vfat", "nls_cp437",
           "nls_ascii"]
INIT = guest.INIT.replace('while read -r module; do insmod "/modules/$module"; done </modules/order',
                          "modprobe -a " + " ".join(MODULES)).replace("name=$(said lab.name)",
                                                                      disk.DISK_INIT + "name=$(said lab.name)")
# What runs where the root lies in memory, with a server's seed in place of the disk's.
ROOT_INIT = r"""#!/bin/busybox sh
PATH=/bin
/bin/busybox --install -s /bin
for word in $(cat /proc/cmdline); do
        case $word in ds=nocloud-net\;s=*) seed=${word#*;s=} ;; esac
done
card=$(ls /sys/class/net | grep -v lo | head -n 1)
ip link set "$card" up
udhcpc -i "$card" -n -q -t 20 -T 1 -s /bin/lease >/dev/null 2>&1
host=$(wget -q -O - "${seed}meta-data" | sed -n 's/.*local-hostname"*: *"*\([^",}]*\).*/\1/p')
echo "BRAMBLE-ROOT host=${host:-none} type=$(sed -n 's/^[^ ]* \/ \([^ ]*\) .*/\1/p' /proc/mounts) stamp=$(cat /etc/stamp)"
url=$(wget -q -O - "${seed}vendor-data" | grep -o 'http://[^" ]*phone-home[^" ]*')
wget -q -O - --post-data "hostname=$host&instance_id=i" "$url" && echo "BRAMBLE-PHONED $url"
sleep 1000000
"""
ROOT_MODULES = ["squashfs", "overlay", "loop"]
NFS_MODULES = ["nfs", "nfsv4"]
CONFIG_TXT = """arm_64bit=1
enable_uart=1
kernel=kernel8.img
initramfs initramfs8 followkernel
"""


def initramfs():
    folders = [(name, 0o040755, b"") for name in ("bin", "dev")]
    return agent.initrd_of("arm64", "card", MODULES, INIT, [
        *folders, ("dev/console", 0o020600, b""), ("bin/busybox", 0o100755, foreign.busybox("arm64").read_bytes()),
        ("bin/lease", 0o100755, guest.LEASE.encode())])


def boot_files(folder):
    """Of a Raspberry Pi 4. Its start4.elf is a name: the simulated firmware needs no more, and 2 MB are 12 s here."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"start4.elf": "\x7fELF stands for Broadcom's\n", "fixup4.dat": "likewise\n", "config.txt": CONFIG_TXT,
             "cmdline.txt": images.PI_CMDLINE_TXT}
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in texts} | {
        "bcm2711-rpi-4-b.dtb": foreign.device_trees("arm64") / "broadcom/bcm2711-rpi-4-b.dtb",
        "kernel8.img": foreign.kernel("arm64"), "initramfs8": initramfs()}


def root_files(folder, wanted):
    """A system that can live elsewhere than on a disk, and what an import wants to know of its kernel."""
    modules = foreign.modules("arm64")
    init, lease, lists = folder / "init", folder / "lease", folder / "lists"
    for program, text in ((init, ROOT_INIT), (lease, guest.LEASE)):
        program.write_text(text)
        program.chmod(0o755)
    release = lists / "lib/modules" / modules.name
    found = {path.relative_to(modules): path for path in guest.modules_in_order(modules, wanted)}
    for path, source in found.items():
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, release / path)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(modules / name, release / name)
    disk.run("/usr/sbin/depmod", "-b", lists, modules.name)
    return {"bin/busybox": foreign.busybox("arm64"), "sbin/init": init, "bin/lease": lease,
            f"boot/config-{modules.name}": foreign.one(foreign.KERNELS["arm64"], "boot/config-*")} | {
        f"lib/modules/{modules.name}/{path}": release / path for path in [*found, "modules.dep", "modules.builtin"]}


def build(folder, stamp="v1", modules=ROOT_MODULES):
    """The image, of less than 60 MiB; its root has the @modules that reach roots."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    root = disk.ext4(folder, ROOT_MIB, stamp, root_files(folder, modules))
    volume = disk.fat(folder / "boot.fat", FAT_MIB, boot_files(folder / "boot"), "-F")
    return disk.join(folder / "card.img", "dos", [(volume, FAT_MIB, "c"), (root, ROOT_MIB, "83")])
