"""A small disk image that starts from any UEFI firmware: GRUB, Debian's kernel and a guest on the ESP, and an ext4 root.

The guest mounts the root, says what a deployment left there, and phones home as cloud-init would.
"""
# SPDX-License-Identifier: Apache-2.0
import gzip
import pathlib
import shutil
import subprocess

from lab import foreign, guest

MIB = 1 << 20
ESP_MIB, ROOT_MIB = 96, 24
SECTOR = 512
FIRST = 1 * MIB
LOADERS = {"arm64": ("grub-efi-arm64-signed-arm64", "BOOTAA64.EFI", "grubaa64.efi.signed"),
           "amd64": ("grub-efi-amd64-signed-amd64", "BOOTX64.EFI", "grubx64.efi.signed")}
CONSOLES = {"arm64": "ttyAMA0", "amd64": "ttyS0"}
# GRUB that Debian signed for disks reads its configuration from here.
GRUB_CFG = """set timeout=0
search --no-floppy --file --set=root /vmlinuz
linux /vmlinuz console={console},115200 lab.disk=1
initrd /initrd.img
boot
"""
DISK_MODULES = ["virtio_blk", "ext4", "crc32c_generic"]
SEED = "var/lib/cloud/seed/nocloud"
# What comes after the guest's address is there: the second half of guest.INIT's work, on a disk.
DISK_INIT = r"""
mkdir -p /root
for try in 1 2 3 4 5 6 7 8 9 10; do
        for part in /dev/vd?2 /dev/mmcblk?p2; do mount -t ext4 "$part" /root && break 2; done
        sleep 1
done
seed=/root/var/lib/cloud/seed/nocloud
# Written as "key: value", or as JSON, which is YAML too.
of_seed() { # of_seed KEY
        sed -n "s/.*[\"]*$1[\"]*: *[\"]*\([^\",}]*\).*/\1/p" $seed/meta-data 2>/dev/null
}
host=$(of_seed local-hostname)
size=$(df -m /root | sed -n '$s/^[^ ]* *\([0-9]*\).*/\1/p')
echo "BRAMBLE-DISK host=${host:-none} size=${size}M stamp=$(cat /root/etc/stamp) kept=$(cat /root/etc/kept 2>/dev/null)"
date >/root/etc/kept
sync
url=$(grep -o 'http://[^" ]*phone-home[^" ]*' $seed/user-data $seed/vendor-data 2>/dev/null | head -n 1 | sed 's/^[^:]*://')
[ -n "$url" ] && wget -q -O - --post-data "hostname=$host&instance_id=$(of_seed instance-id)" "$url" &&
        echo "BRAMBLE-PHONED $url"
sleep 1000000
"""


def _initramfs(arch):
    """The guest that goes on to the disk's root, made once for each kernel and kept in the cache."""
    modules = foreign.modules(arch)
    init = guest.INIT.replace('name=$(said lab.name)', DISK_INIT + 'name=$(said lab.name)')
    kept = foreign.CACHE / "guest" / f"disk-{arch}-{modules.name}-{guest.hash_of(init + guest.LEASE):x}.cpio.gz"
    if not kept.exists():
        guest.write_initramfs(arch, kept, init, guest.MODULES[arch] + DISK_MODULES)
    return kept


def run(*argv, **kwargs):
    return subprocess.run([str(a) for a in argv], check=True, capture_output=True, **kwargs)


def fat(image, size_mib, files, *options):
    """A FAT file system in an image file; @files: path in it -> path here."""
    with image.open("wb") as out:
        out.truncate(size_mib * MIB)
    run("mformat", "-i", image, *options, "::")
    made = set()
    for path, source in files.items():
        parents = [str(p) for p in reversed(pathlib.PurePosixPath(path).parents) if str(p) != "."]
        for parent in parents:
            if parent not in made:
                run("mmd", "-i", image, f"::{parent}")
                made.add(parent)
        run("mcopy", "-i", image, source, f"::{path}")
    return image


def ext4(folder, size_mib, stamp, more=None):
    """A root that says what it is, with a place for cloud-init's data; @more: path in it -> path here."""
    tree = folder / "root"
    shutil.rmtree(tree, ignore_errors=True)  # of an earlier run
    (tree / "etc").mkdir(parents=True)
    (tree / SEED).mkdir(parents=True)
    (tree / "etc/stamp").write_text(stamp + "\n")
    for path, source in (more or {}).items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, tree / path)
    image = folder / "root.img"
    run("mke2fs", "-q", "-t", "ext4", "-L", "labroot", "-d", tree, image, f"{size_mib}M")
    return image


def join(image, label, parts):
    """A disk image with a table and @parts, rows of (file, size in MiB, type), which are moved into it."""
    table, at = [f"label: {label}"], FIRST
    with image.open("wb") as out:
        out.truncate(FIRST + (sum(size for _, size, _ in parts) + 1) * MIB)
    for _, size, kind in parts:
        table.append(f"start={at // SECTOR}, size={size * MIB // SECTOR}, type={kind}")
        at += size * MIB
    run("sfdisk", "--quiet", image, input="\n".join([*table, ""]).encode())
    at = FIRST
    for part, size, _ in parts:
        run("dd", f"if={part}", f"of={image}", "bs=1M", f"seek={at // MIB}", "conv=notrunc,sparse", "status=none")
        part.unlink()
        at += size * MIB
    return image


def build(arch, folder, stamp="v1"):
    """The image, a GPT disk of some 120 MiB; most of it is holes. @stamp: what its root says that it is."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    package, removable, signed = LOADERS[arch]
    (folder / "grub.cfg").write_text(GRUB_CFG.format(console=CONSOLES[arch]))
    esp = fat(folder / "esp.img", ESP_MIB, {
        f"EFI/BOOT/{removable}": foreign.one(package, f"usr/lib/grub/*-efi-signed/{signed}"),
        "EFI/debian/grub.cfg": folder / "grub.cfg", "vmlinuz": foreign.kernel(arch), "initrd.img": _initramfs(arch)}, "-F")
    return join(folder / f"disk-{arch}.img", "gpt", [(esp, ESP_MIB, "U"), (ext4(folder, ROOT_MIB, stamp), ROOT_MIB, "L")])


def packed(image):
    """As images are published: compressed."""
    target = pathlib.Path(f"{image}.gz")
    with open(image, "rb") as source, gzip.open(target, "wb", 1) as out:
        while chunk := source.read(MIB):
            out.write(chunk)
    return target
