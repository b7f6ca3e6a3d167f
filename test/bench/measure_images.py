"""How fast an image comes in: against the plain tools that only unpack it."""
# SPDX-License-Identifier: Apache-2.0
import random
import resource
import shutil
import subprocess
import time

import peers
import rig as ground
from lab.daemon import BUILD

TITLE = "import of a disk image, packed by xz"
SIZE_MIB, QUICK_MIB = 2048, 64
PATIENCE_S, QUIET = 15, 0.05


def disk_image(folder, size):
    """Half of it files as systems have them, a quarter noise, a quarter nothing: in one ext4 with a table around it."""
    root, disk, words = folder / "root", folder / "disk.img", random.Random(3)
    (root / "etc").mkdir(parents=True)
    (root / "sbin").mkdir()
    (root / "sbin/init").write_text("#!/bin/sh\n")  # by which it is known for a system
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


def _children_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tool(command, size):
    """The rate, by the clock, and the processor's time, which tells the same on a machine that does other things, too."""
    began, before = time.monotonic(), _children_s()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {"value": size / (time.monotonic() - began), "cpu_s": _children_s() - before}


def _import(server, command, size):
    """Likewise, with what the daemon and its children did of it."""
    with ground.Watch(server.pid) as watch:
        facts = _tool(command, size)
    return {**watch.facts(), **facts, "cpu_s": facts["cpu_s"] + watch.cpu_s}


def measure(rig, table, quick):
    size = QUICK_MIB if quick else SIZE_MIB
    folder = rig.folder / "images"
    folder.mkdir()
    packed = folder / "disk.img.xz"
    subprocess.run(["xz", "-T0", "-1", disk_image(folder, size)], check=True)
    server = peers.Brambled(rig)
    bramble = [BUILD / "bramble", "--socket", server.daemon.socket, "image", "import", "disk", packed]
    # To the same root without us: unpack, take the files out of the ext4 without being root, pack them.
    root_by_hand = (f"cd {folder} && rm -rf tree root.sqfs && mkdir tree && xz -dc {packed} >out && dd if=out of=part bs=1M skip=1 status=none && "
                    "debugfs -R 'rdump / tree' part && tar -C tree -cf - . | tar2sqfs -q -f -c gzip -X level=6 root.sqfs")
    rows = {f"{size} MiB": {
                "brambled": ("frames only", [*bramble, "--no-root"]),
                "xz -dc": ("", ["sh", "-c", f"xz -dc {packed} >{folder}/out"]),
                "xz, zstd -3": ("one after the other", ["sh", "-c", f"xz -dc {packed} >{folder}/out && zstd -q -f -3 {folder}/out"])},
            f"{size} MiB, with its root": {
                "brambled": ("frames, and a squashfs of the root", bramble),
                "xz, debugfs, tar2sqfs": ("the squashfs alone", ["sh", "-c", root_by_hand])}}
    for _ in range(table.rounds):
        for row, runs in rows.items():
            for name, (note, command) in runs.items():
                if table.wants(name):
                    ground.wait_for_quiet(PATIENCE_S, QUIET)
                    facts = _import(server, command, size) if name == "brambled" else _tool(command, size)
                    table.add(row, "MiB/s", name, {**facts, "note": note})
    server.stop()
