"""How fast an image comes in: against the plain tools that only unpack it."""
# SPDX-License-Identifier: Apache-2.0
import random
import shutil
import subprocess
import time

import peers
import rig as ground
from lab.daemon import BUILD

TITLE = "import of a disk image, packed by xz"
SIZE_MIB, QUICK_MIB = 512, 64
PATIENCE_S, QUIET = 15, 0.05


def disk_image(folder, size):
    """Half of it files as systems have them, a quarter noise, a quarter nothing: in one ext4 with a table around it."""
    root, disk, words = folder / "root", folder / "disk.img", random.Random(3)
    (root / "etc").mkdir(parents=True)
    text = " ".join(str(words.randrange(10**6)) for _ in range(150_000)).encode()
    for n in range(size // 2):
        (root / f"text{n}").write_bytes(text[n:] + text[:n])
    for n in range(size // 4):
        (root / f"noise{n}").write_bytes(words.randbytes(1 << 20))
    table = bytearray(512)
    table[450] = 0x83
    table[454:458] = (2048).to_bytes(4, "little")
    table[458:462] = (size * 2048).to_bytes(4, "little")
    table[510:512] = b"\x55\xaa"
    disk.write_bytes(table)
    subprocess.run(["truncate", "-s", f"{size + 1}M", disk], check=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, "-E", "offset=1048576", disk, f"{size}M"], check=True)
    shutil.rmtree(root)
    return disk


def _timed(command):
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def measure(rig, table, quick):
    size = QUICK_MIB if quick else SIZE_MIB
    folder = rig.folder / "images"
    folder.mkdir()
    packed = folder / "disk.img.xz"
    subprocess.run(["xz", "-T0", "-1", disk_image(folder, size)], check=True)
    server = peers.Brambled(rig)
    bramble = [BUILD / "bramble", "--socket", server.daemon.socket, "image", "import", "disk", packed]
    runs = {"brambled": ("frames only", [*bramble, "--no-root"]),
            "xz -dc": ("", ["sh", "-c", f"xz -dc {packed} >{folder}/out"]),
            "xz, zstd -3": ("one after the other", ["sh", "-c", f"xz -dc {packed} >{folder}/out && zstd -q -f -3 {folder}/out"])}
    for _ in range(table.rounds):
        for name, (note, command) in runs.items():
            if table.wants(name):
                ground.wait_for_quiet(PATIENCE_S, QUIET)
                table.add(f"{size} MiB", "MiB/s", name, {"value": size / _timed(command), "note": note})
    server.stop()
