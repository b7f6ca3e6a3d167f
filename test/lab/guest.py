"""The guest: a small initramfs that gets a lease, reports on its serial console, fetches a file and ends.

Made from Debian's busybox and the few modules of the kernel that reach a network card in QEMU.
"""
# SPDX-License-Identifier: Apache-2.0
import gzip
import pathlib
import re
import tempfile

from lab import foreign

# What reaches the network: virtio anywhere, and the USB network card of QEMU's Raspberry Pi 3.
MODULES = {
    "amd64": ["virtio_pci", "virtio_net"],
    "arm64": ["virtio_pci", "virtio_mmio", "virtio_net", "phy_generic", "dwc2", "usbnet", "cdc_ether"],
    "armhf": ["virtio_pci", "virtio_mmio", "virtio_net"],
}
INIT = r"""#!/bin/busybox sh
# Says what it sees, in lines that the lab reads.
/bin/busybox mkdir -p /proc /sys /dev /tmp /etc
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
cmdline=$(cat /proc/cmdline)
said() { # said KEY: its value on the command line
        for word in $cmdline; do
                case $word in "$1="*) echo "${word#*=}" && return ;; esac
        done
}
while read -r module; do insmod "/modules/$module"; done </modules/order
card=
tries=0
while [ -z "$card" ] && [ $tries -lt 300 ]; do
        for path in /sys/class/net/*; do
                [ -e "$path/device" ] && card=${path##*/}
        done
        tries=$((tries + 1))
        usleep 100000
done
ip link set "$card" up
udhcpc -i "$card" -n -q -t 20 -T 1 -s /bin/lease >/dev/null 2>&1
. /tmp/lease 2>/dev/null
name=$(said lab.name)
echo "BRAMBLE-USERSPACE name=${name:-${hostname:-none}} kernel=$(uname -r) ip=${ip:-none} cmdline=$cmdline"
url=$(said lab.fetch)
if [ -n "$url" ]; then
        sum=$(wget -q -O - "$url" | sha256sum)
        echo "BRAMBLE-FETCHED $url ${sum%% *}"
fi
echo "BRAMBLE-DONE"
# QEMU runs with -no-reboot: a reset ends it, also on boards that cannot switch themselves off.
[ -n "$(said lab.stay)" ] && exec sleep 1000000
reboot -f
"""
LEASE = r"""#!/bin/busybox sh
[ "$1" = bound ] || exit 0
ip address add "$ip/${mask:-24}" dev "$interface"
[ -n "$router" ] && ip route add default via "${router%% *}"
printf 'ip=%s\nhostname=%s\n' "$ip" "$hostname" >/tmp/lease
"""


def cpio(entries):
    """A cpio archive (newc) from rows of (name, mode, content)."""
    out = bytearray()
    for number, (name, mode, content) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        path = name.encode() + b"\0"
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 5 if mode & 0o170000 == 0o020000 else 0,
                  1 if mode & 0o170000 == 0o020000 else 0, len(path), 0]
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + path
        out += b"\0" * (-len(out) % 4) + content
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def modules_in_order(folder, wanted):
    """The files of the wanted modules with all they depend on, each after what it needs. Built-in ones have no file."""
    files = {path.stem.replace("-", "_"): path for path in folder.rglob("*.ko")}
    order = []

    def add(name):
        path = files.get(name)
        if path is None or path in order:
            return
        needs = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())
        for need in filter(None, needs.group(1).decode().split(",") if needs else []):
            add(need.replace("-", "_"))
        order.append(path)

    for name in wanted:
        add(name)
    return order


def initramfs(arch):
    """The guest for an architecture, made once for each kernel and kept in the cache."""
    modules = foreign.modules(arch)
    kept = foreign.CACHE / "guest" / f"{arch}-{modules.name}-{abs(hash_of(INIT + LEASE)):x}.cpio.gz"
    if kept.exists():
        return kept
    write_initramfs(arch, kept, INIT, MODULES[arch])
    return kept


def write_initramfs(arch, target, init, wanted, more=()):
    """An initramfs with @init, the @wanted modules of an architecture's kernel, and @more rows of (path, mode, content), whole or
    not at all."""
    order = modules_in_order(foreign.modules(arch), wanted)
    rows = [(name, 0o040755, b"") for name in ("bin", "dev", "modules")]
    rows += [("dev/console", 0o020600, b""),
             ("init", 0o100755, init.encode()),
             ("bin/busybox", 0o100755, foreign.busybox(arch).read_bytes()),
             ("bin/lease", 0o100755, LEASE.encode()),
             ("modules/order", 0o100644, "".join(f"{path.name}\n" for path in order).encode())]
    rows += [*((f"modules/{path.name}", 0o100644, path.read_bytes()) for path in order), *more]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        part.write(gzip.compress(cpio(rows), 6, mtime=0))
    pathlib.Path(part.name).chmod(0o644)
    pathlib.Path(part.name).rename(target)


def hash_of(text):
    """A number for a text that is the same in every run."""
    import zlib
    return zlib.crc32(text.encode())
