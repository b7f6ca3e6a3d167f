"""boot.img: until one is there that was never asked for, and again; against the plain tools, which write it to a disk."""
# SPDX-License-Identifier: Apache-2.0
import random
import subprocess
import time

import peers
import rig as ground
from lab.daemon import BUILD

TITLE = "boot.img"
SERIAL = "a1b2c3d4"
OVERLAYS = 320  # as many as Raspberry Pi OS has
SIZES = {"start4.elf": 2_250_000, "fixup4.dat": 5_400, "kernel8.img": 9_500_000, "initramfs8": 12_000_000,
         "bcm2711-rpi-4-b.dtb": 56_000}
ATTEMPTS = 5


def _tree(folder):
    """What a Pi 4 reads of a card: noise under the names and with the magic numbers that firmware expects."""
    noise = random.Random(11)
    for name, size in (SIZES | {f"overlays/overlay-{n:03}.dtbo": noise.randrange(300, 4000) for n in range(OVERLAYS)}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        magic = ground.MAGIC.get(path.name, ground.MAGIC.get(path.suffix, b""))
        octets = bytearray(magic + noise.randbytes(size - len(magic)))
        if name == "kernel8.img":
            octets[56:60] = b"ARM\x64"
        path.write_bytes(octets)
    (folder / "config.txt").write_text("arm_64bit=1\nkernel=kernel8.img\ninitramfs initramfs8 followkernel\n")
    (folder / "cmdline.txt").write_text("console=serial0,115200 rootwait\n")
    return folder


def _ask(rig):
    """Milliseconds until its size and tag are told, for which all of it is put together."""
    done = rig.client.run("curl", "-sS", "-f", "-I", "-o", "/dev/null", "-w", "%{time_total}",
                          f"http://{ground.SERVER}:5248/{SERIAL}/boot.img")
    return float(done.stdout) * 1000


def _timed_ms(*command):
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.monotonic() - began) * 1000


def _middle(run, times):
    took = sorted(run() for _ in range(times))
    return {"value": took[times // 2], "lower_is_better": True}


def _as_brambled(rig, table, row, tree):
    server = peers.Brambled(rig)
    server.daemon.cli("image", "import", "large", tree, timeout_s=120)
    server.daemon.cli("machine", "add", "pi", "--serial", SERIAL, "--mac", "dc:a6:32:00:00:01", "--board", "pi4b", "--image", "large")
    numbers = iter(range(1000))

    def anew():
        server.daemon.cli("machine", "set", "pi", "--cmdline-extra", f"number={next(numbers)}")
        return _ask(rig)
    _ask(rig)  # its files are open then, as they are for all boards but the first
    for _ in range(table.rounds):
        table.add(row, "ms", "brambled", _middle(anew, ATTEMPTS) | {"note": "made for one machine; nothing is written"})
        table.add(f"{row}, asked for again", "ms", "brambled", _middle(lambda: _ask(rig), ATTEMPTS) | {"note": "a whole HEAD request"})
    server.stop()


def measure(rig, table, _quick):
    folder = rig.folder / "bootimg"
    tree, out = _tree(folder / "tree"), folder / "boot.img"
    row = f"{sum(SIZES.values()) / 1e6:.0f} MB and {OVERLAYS} overlays"
    by_hand = f"rm -f {out} && truncate -s 32M {out} && mformat -i {out} :: && mcopy -s -i {out} {tree}/* ::/"
    if table.wants("brambled"):
        _as_brambled(rig, table, row, tree)
    runs = {"bramble bootimg make": [BUILD / "bramble", "bootimg", "make", tree, "--out", out], "mformat, mcopy": ["sh", "-c", by_hand]}
    for _ in range(table.rounds):
        for name, command in runs.items():
            if table.wants(name):
                table.add(row, "ms", name, _middle(lambda: _timed_ms(*command), ATTEMPTS) | {"note": "a file"})
