#!/usr/bin/python3
"""What ./run shows: brambled on an emulated network, and three machines that boot through it.

Run through ./run, which has root, the programs and the packages, and namespaces that end with this process.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test"))

from lab import images, machine, pi  # noqa: E402
from lab.daemon import BUILD  # noqa: E402
from lab.namespace import Failed  # noqa: E402
from lab.world import World  # noqa: E402

AT_ONCE = 2  # as many machines as a small computer emulates at a time
PI_SERIAL = "a1b2c3d4"


def say(text):
    print(f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text, flush=True)


def boot_pi4(world, name, mac):
    """Simulated EEPROM firmware fetches the tree; then what it fetched starts on an emulated Pi."""
    firmware = world.client(f"{name}-firmware")
    fetched = pi.fetch(firmware, "eth0", "pi4", mac, PI_SERIAL, world.folder / name)
    firmware.close()
    board = world.machine(f"{name}-board", mac)
    pi.start_fetched(board, "pi4", fetched)
    return board


def boot_with(firmware):
    def boot(world, name, mac):
        board = world.machine(name, mac)
        board.power_on(firmware)
        return board
    return boot


# name, MAC, image, options of `machine add`, how it is powered on
BOARDS = [
    ("pi4-demo", "40:a6:32:c3:d4:04", "pi-boot", ["--serial", PI_SERIAL], boot_pi4),
    ("uboot-demo", "52:54:00:77:64:01", "debian", ["--arch", "arm64"], boot_with(machine.uboot_arm64_pxe)),
    ("uefi-demo", "52:54:00:77:00:f0", "debian", ["--arch", "arm64"], boot_with(machine.arm64_uefi_pxe)),
]


def set_up(world, stay):
    """The commands that an operator would type."""
    say("a network of its own: br0 10.77.0.1/24, and brambled on it")
    daemon = world.start_daemon()
    for command in (["image", "import", "pi-boot", images.pi_boot(world.folder / "pi-boot")],
                    ["image", "import", "debian", *images.parts("arm64", world.folder)],
                    *(["machine", "add", name, "--mac", mac, *options, "--image", image, "--cmdline-extra",
                       f"lab.name={name}" + (" lab.stay=1" if stay else "")] for name, mac, image, options, _ in BOARDS)):
        print("$ bramble " + " ".join(f'"{a}"' if " " in str(a) else str(a) for a in command), flush=True)
        daemon.cli(*command)
    return daemon


def show_boots(world, daemon):
    """The live view, on this terminal."""
    return subprocess.Popen(["nsenter", f"--net={world.server.path}", "--", BUILD / "bramble", "--socket", daemon.socket, "boot",
                             "watch"], stdin=subprocess.DEVNULL, start_new_session=True)


def follow(world, daemon, board_row, ending):
    """Boot one board to userspace; true when it got there."""
    name, mac, _, _, power_on = board_row
    began = time.monotonic()
    try:
        power_on(world, name, mac).userspace()
    except Exception as fault:
        if not ending.is_set():
            trail = daemon.trail(name).rstrip() or "nothing was heard of it"
            say(f"board {name} did not reach userspace: {str(fault).splitlines()[0]}")
            print(trail, flush=True)
        return False
    say(f"board {name} reached userspace in {time.monotonic() - began:.1f} s")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--logs", required=True)
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell had them ignored
        signal.signal(number, signal.default_int_handler)
    ending = threading.Event()
    world = World(arguments.logs)
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    status, watch = 1, None
    try:
        daemon = set_up(world, stay=not arguments.once)
        watch = show_boots(world, daemon)
        arrived = list(pool.map(lambda row: follow(world, daemon, row, ending), BOARDS))
        status = 0 if all(arrived) else 1
        if not arguments.once:
            say(f"{sum(arrived)} of {len(arrived)} boards are up; look around from another terminal, and end with Ctrl-C:\n"
                f"  sudo {BUILD}/bramble --socket {daemon.socket} machine list\n"
                f"  sudo {BUILD}/bramble --socket {daemon.socket} boot trail pi4-demo")
            signal.pause()
    except KeyboardInterrupt:
        status = status if arguments.once else 0
    finally:
        ending.set()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if watch:
            watch.terminate()
            watch.wait()
        try:
            world.close()
        except Failed as fault:
            print(fault, file=sys.stderr)
            status = 1
    sys.stdout.flush()
    # A thread may still wait for a board; it ends with this process, and so does all else in these namespaces.
    os._exit(status)


if __name__ == "__main__":
    main()
