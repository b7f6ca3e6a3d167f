"""Imports that end badly leave nothing behind: the daemon dies, the disk is full, somebody gives up."""
# SPDX-License-Identifier: Apache-2.0
import random
import signal
import subprocess
import time

from lab.daemon import BUILD
from lab.namespace import wait_until

MIB = 1 << 20


def disk(path, size):
    """A disk with one partition of noise: long to pack, and nothing of it can be left out."""
    table = bytearray(512)
    table[450] = 0xDA
    table[454:462] = (2048).to_bytes(4, "little") + ((size - MIB) // 512).to_bytes(4, "little")
    table[510:512] = b"\x55\xaa"
    noise = random.Random(7).randbytes(8 * MIB)
    with open(path, "wb") as file:
        file.write(bytes(table) + bytes(MIB - 512))
        for at in range(0, size - MIB, len(noise)):
            file.write(noise[: min(len(noise), size - MIB - at)])
    return path


def stored(daemon):
    return sorted(path for path in (daemon.state / "store").rglob("*") if path.is_file())


def begin(daemon, source):
    """An import that has begun to work on what was sent."""
    command = [BUILD / "bramble", "--socket", daemon.socket, "image", "import", "disk", source]
    process = daemon.namespace.start(*command, log=daemon.folder / "import.log")
    wait_until(lambda: any("tmp" in path.parts and path.name == "runs" for path in stored(daemon)) or process.poll() is not None,
               60, "the import packs its disk")
    assert process.poll() is None, "the import ended too early to be interrupted"
    return process


def test_killed_while_it_imports(world, folder):
    daemon = world.start_daemon()
    process = begin(daemon, disk(folder / "disk.img", 192 * MIB))
    daemon.kill()
    process.wait(30)
    daemon.start()
    assert stored(daemon) == [] and daemon.items("image") == []


def test_ctrl_c_gives_it_up(world, folder):
    daemon = world.start_daemon()
    process = begin(daemon, disk(folder / "disk.img", 192 * MIB))
    process.send_signal(signal.SIGINT)
    assert process.wait(60) != 0
    assert "the import was given up" in (daemon.folder / "import.log").read_text()
    assert stored(daemon) == [] and daemon.items("image") == []


def test_a_full_disk_is_said_before_it_is_full(world, folder):
    daemon = world.new_daemon()
    store = daemon.state / "store"
    store.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m,mode=0777", "tmpfs", store], check=True)
    try:
        daemon.start()
        began = time.monotonic()
        assert "the disk is full" in daemon.refused("image", "import", "disk", disk(folder / "large.img", 192 * MIB))
        assert time.monotonic() - began < 30  # not after it was sent
        # This one fits as it is, but not beside what is made of it.
        assert "the disk is full" in daemon.refused("image", "import", "disk", disk(folder / "small.img", 64 * MIB))
        assert stored(daemon) == [] and daemon.items("image") == []
        daemon.stop()
    finally:
        subprocess.run(["umount", "-l", store], check=True)
