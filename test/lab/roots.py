"""A small system to be started in a root: busybox, and an init that says where it runs and what it finds there.

It asks for a lease and phones home as cloud-init would; where its root has a file /etc/writes it writes for as long as it runs.
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import subprocess

from lab import agent, foreign, guest

INIT = r"""#!/bin/busybox sh
export PATH=/bin:/sbin
said() { for word in $(cat /proc/cmdline); do case $word in "$1="*) echo "${word#*=}" && return ;; esac; done; }
fs=$(awk '$2 == "/" { fs = $3 } END { print fs }' /proc/mounts)
echo "BRAMBLE-ROOT fs=$fs init=$$ host=$(cat /etc/hostname 2>/dev/null) stamp=$(cat /etc/stamp) kept=$(cat /etc/kept 2>/dev/null) keys=$(grep -c . /var/lib/bramble/authorized_keys 2>/dev/null) data=$(cat /srv/data/kept 2>/dev/null) panic=$(cat /proc/sys/kernel/panic)"
echo "BRAMBLE-LEFT $(ps -o args | grep -c '[b]ramble/') $(ps -o args | grep -c '[@]bramble-nbd') $(awk '$2 ~ "bramble" { n++ } END { print n + 0 }' /proc/mounts)"
[ -e /var/lib/cloud/seed/nocloud/user-data ] && echo "BRAMBLE-SEED $(cat /var/lib/cloud/seed/nocloud/meta-data)"
echo here >/etc/kept && sync
[ -d /srv/data ] && echo there >/srv/data/kept && sync
card=$(ls /sys/class/net | grep -v lo | head -n 1)
ip link set "$card" up
udhcpc -i "$card" -n -q -t 20 -T 1 -s /sbin/lease >/dev/null 2>&1
seed=$(cat /proc/cmdline | sed -n 's/.*ds=nocloud-net;s=\([^ ]*\).*/\1/p')
url=$([ -n "$seed" ] && wget -q -O - "${seed}vendor-data" | grep -o 'http://[^"]*phone-home')
[ -n "$url" ] && wget -q -O - --post-data "hostname=$(cat /etc/hostname)" "$url" && echo "BRAMBLE-PHONED $url"
echo "BRAMBLE-UP"
n=0
while [ -e /etc/writes ]; do
        n=$((n + 1))
        dd if=/dev/urandom of=/var/written bs=4k count=16 conv=fsync 2>/dev/null && echo "BRAMBLE-WROTE $n" || echo "BRAMBLE-FAILED $n"
        usleep 200000
done
exec sleep 1000000
"""
LEASE = r"""#!/bin/busybox sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/${mask:-24}" dev "$interface"
"""


def tree(arch, folder, stamp="v1", writes=False):
    """The root as a folder."""
    folder = pathlib.Path(folder)
    for name in ("bin", "sbin", "etc", "var", "dev", "proc", "sys", "run", "tmp", "srv"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(foreign.busybox(arch), folder / "bin/busybox")
    for name in ("sh", "cat", "sed", "awk", "grep", "ps", "sync", "ls", "head", "udhcpc", "wget", "dd", "usleep", "sleep", "ip"):
        link = folder / "bin" / name
        if not link.is_symlink():
            link.symlink_to("busybox")
    for name, text in (("init.real", INIT), ("lease", LEASE)):
        (folder / "sbin" / name).write_text(text)
        (folder / "sbin" / name).chmod(0o755)
    # As Debian's /sbin/init, it leads to an absolute path, which is the root's own.
    if not (folder / "sbin/init").is_symlink():
        (folder / "sbin/init").symlink_to("/sbin/init.real")
    (folder / "etc/stamp").write_text(f"{stamp}\n")
    if writes:
        (folder / "etc/writes").touch()
    return folder


def with_kernel(arch, folder):
    """The same with what a distribution's root has beside it: a kernel, its initrd, its configuration and its modules."""
    folder, modules, kernel = pathlib.Path(folder), foreign.modules(arch), foreign.kernel(arch)
    for name, source in (("vmlinuz", kernel), ("config", kernel.with_name(kernel.name.replace("vmlinuz", "config"))),
                         ("initrd.img", agent.image_initrd(arch))):
        (folder / "boot").mkdir(exist_ok=True)
        shutil.copy(source, folder / "boot" / f"{name}-{modules.name}")
    for path in guest.modules_in_order(modules, agent.ROOT_MODULES):
        target = folder / "lib/modules" / modules.name / path.relative_to(modules)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(modules / name, folder / "lib/modules" / modules.name / name)
    subprocess.run(["/usr/sbin/depmod", "-b", folder, modules.name], check=True)
    return folder


def squashfs(arch, folder, has_kernel=False, **options):
    """The root as import makes it of an image: a squashfs of a few MB, or one that can be imported."""
    image = pathlib.Path(folder) / f"root-{arch}.squashfs"
    root = tree(arch, pathlib.Path(folder) / f"root-{arch}", **options)
    if has_kernel:
        with_kernel(arch, root)
    image.unlink(missing_ok=True)
    subprocess.run(["mksquashfs", str(root), str(image), "-all-root", "-quiet",
                    "-no-progress", "-comp", "gzip"], check=True, capture_output=True)
    return image


def ext4(arch, folder, size_mib=32, **options):
    """The root as a disk."""
    image = pathlib.Path(folder) / f"root-{arch}.ext4"
    image.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-E", "root_owner=0:0", "-d", str(tree(arch, pathlib.Path(folder) / f"root-{arch}", **options)),
                    str(image), f"{size_mib}M"], check=True, capture_output=True)
    return image
