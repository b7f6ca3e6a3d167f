"""What an agent boots in: an initrd as an image has it, with modules and their lists, and the agent's archive behind it."""
# SPDX-License-Identifier: Apache-2.0
import gzip
import json
import pathlib
import shutil
import subprocess
import tempfile

from lab import foreign, guest, images
from lab.daemon import BUILD

# Drivers for what QEMU plays, and file systems to look into what was written.
MODULES = ["virtio_pci", "virtio_mmio", "virtio_net", "virtio_blk", "virtio_scsi", "sd_mod", "ahci", "nvme", "xhci_pci", "usb_storage",
           "ext4", "crc32c_generic", "vfat", "nls_cp437", "nls_ascii", "nls_iso8859_1", "virtio_rng", "efivarfs"]
# What reaches the roots of diskless systems.
ROOT_MODULES = ["squashfs", "overlay", "loop", "nbd", "nfs", "nfsv4", "ext4"]


def archive(arch):
    """The agent's archive, as the build made it."""
    return BUILD.parent / "build" / "agent" / f"bramble-agent-{arch}.cpio.gz"


def image_initrd(arch):
    """An image's own initrd: folders, modules, depmod's lists, and an init that says that it was not asked for."""
    return initrd_of(arch, "agent", MODULES, "#!/bin/false\n")


def initrd_of(arch, name, wanted, init, more=()):
    """An initrd as distributions make them: @wanted modules where modprobe looks for them, @init, and @more rows of (path,
    mode, content). Made once for each kernel and kept in the cache."""
    modules = foreign.modules(arch)
    contents = guest.hash_of(init + " ".join([*wanted, *(path for path, _, _ in more)]))
    kept = foreign.CACHE / "guest" / f"{name}-{arch}-{modules.name}-{contents:x}.cpio.gz"
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as root:
        release = pathlib.Path(root) / "lib/modules" / modules.name
        for path in guest.modules_in_order(modules, wanted):
            target = release / path.relative_to(modules)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        for listed in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            shutil.copy(modules / listed, release / listed)
        subprocess.run(["/usr/sbin/depmod", "-b", root, modules.name], check=True)
        rows = [("init", 0o100755, init.encode()), *more]
        for path in sorted(pathlib.Path(root).rglob("*")):
            place = str(path.relative_to(root))
            rows.append((place, 0o040755, b"") if path.is_dir() else (place, 0o100644, path.read_bytes()))
        part = kept.with_suffix(".part")
        part.write_bytes(gzip.compress(guest.cpio(rows), 6, mtime=0))
        part.rename(kept)
    return kept


def kept_modules(arch):
    """What import keeps of a kernel's modules for roots, as src/core/image/modules.c packs it."""
    folder = foreign.modules(arch)
    release, dep, rows = folder.name, "", [(name, 0o040755, b"") for name in ("bramble", "bramble/modules", f"bramble/modules/{folder.name}")]
    for name in ROOT_MODULES:
        for path in guest.modules_in_order(folder, [name]):
            needs = reversed(guest.modules_in_order(folder, [path.stem])[:-1])
            line = f"{path.name}:{''.join(f' {need.name}' for need in needs)}\n"
            if line not in dep:
                dep += line
                rows.append((f"bramble/modules/{release}/{path.name}", 0o100644, path.read_bytes()))
    rows.append((f"bramble/modules/{release}/modules.dep", 0o100644, dep.encode()))
    return guest.cpio(rows)


def initrd(arch, folder):
    """All of it, one behind the other, each at a multiple of four, as src/core/boot/initrd.c puts them."""
    path, octets = pathlib.Path(folder) / f"initrd-{arch}", b""
    for part in (image_initrd(arch).read_bytes(), kept_modules(arch), archive(arch).read_bytes()):
        octets += bytes(4 + -len(octets) % 4) if octets else b""
        octets += part
    path.write_bytes(octets)
    return path


def environment(daemon, arch, folder):
    """Gives a daemon the image that agents of an architecture boot, as `bramble image build-agent` makes it."""
    upload(daemon, f"agent-{arch}", arch, folder, f"console={images.CONSOLES[arch]},115200", ("agent", f"bramble/agent-{arch}.cpio.gz", archive(arch)))


def upload(daemon, name, arch, folder, cmdline, *more):
    """An image as `bramble image build` uploads it: kernel, initrd, what firmware loads before them, and @more rows of (role, path
    in it, file here)."""
    about = {"name": name, "kind": "parts", "arch": arch, "cmdline": cmdline}
    number = daemon.api("POST", "/imports", "-H", "Content-Type: application/json", "-d", json.dumps(about))["id"]
    files = [("kernel", "vmlinuz", foreign.kernel(arch)), ("initrd", "initrd.img", image_initrd(arch)), *more]
    files += [("", path.name, path) for path in sorted(images.loaders(arch, pathlib.Path(folder) / f"agent-loaders-{arch}").iterdir())]
    for role, place, path in files:
        query = f"?path={place}" + (f"&role={role}" if role else "")
        daemon.api("PUT", f"/imports/{number}/files{query}", "-H", "Content-Type: application/octet-stream", "-T", path)
    daemon.api("POST", f"/imports/{number}/finish")
