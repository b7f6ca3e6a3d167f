#!/usr/bin/python3
"""What ./run shows: brambled on an emulated network, and three machines that it takes from unknown to Deployed.

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

from lab import card, disk, machine  # noqa: E402
from lab.daemon import BUILD  # noqa: E402
from lab.namespace import Failed  # noqa: E402
from lab.shelf import Shelf  # noqa: E402
from lab.world import World  # noqa: E402

AT_ONCE = 2  # as many machines as a small computer emulates at a time
PATIENCE_S = 400
NETWORK_THEN_CARD = "f12"


def say(text):
    print(f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text, flush=True)


def pi4(shelf, name):
    """Its EEPROM is simulated; what that finds on the network or on the card runs on an emulated Pi."""
    return shelf.pi(name, "40:a6:32:c3:d4:04", "a1b2c3d4", NETWORK_THEN_CARD)


def uboot(shelf, name):
    return shelf.board(name, "52:54:00:77:64:01", machine.uboot_arm64_pxe)


def uefi(shelf, name):
    return shelf.board(name, "52:54:00:77:00:f0", machine.arm64_uefi_pxe)


# name, what stands on the shelf, the image for its disk, whether brambled can switch its power
BOARDS = [("pi4-demo", pi4, "pi-card", True), ("uboot-demo", uboot, "small", False), ("uefi-demo", uefi, "small", True)]


def order(daemon, *command):
    """What an operator would type."""
    print("$ bramble " + " ".join(os.path.relpath(a) if isinstance(a, pathlib.Path) else a for a in command), flush=True)
    daemon.cli(*command, timeout_s=PATIENCE_S)


def set_up(world):
    say("a network of its own: br0 10.77.0.1/24, and brambled on it, which enlists machines that it does not know")
    shelf = Shelf(world, "arm64")
    order(shelf.daemon, "image", "import", "small", disk.packed(disk.build("arm64", world.folder / "small")), "--arch", "arm64")
    order(shelf.daemon, "image", "import", "pi-card", disk.packed(card.build(world.folder / "pi-card")), "--arch", "arm64")
    return shelf


def show_boots(world, daemon):
    """The live view, on this terminal."""
    return subprocess.Popen(["nsenter", f"--net={world.server.path}", "--", BUILD / "bramble", "--socket", daemon.socket, "boot",
                             "watch"], stdin=subprocess.DEVNULL, start_new_session=True)


def live(board, name, image, is_switched):
    """A machine that nobody registered is switched on; ends when it is Deployed, and its system is up."""
    board.switch_on()
    board.enlisted(PATIENCE_S, name)
    if is_switched:
        board.hand_over_power()
    order(board.daemon, "machine", "commission", name, "--no-scripts", "--wait")
    order(board.daemon, "machine", "deploy", name, "--image", image, "--root", "disk", "--done-when", "phone-home", "--wait")
    if not board.machine.says(rf"BRAMBLE-DISK host={name} ", 0):
        raise Failed("it is Deployed, and its console does not say that its own system is up")


def follow(board, name, image, is_switched, ending):
    """True when the machine went from unknown to Deployed."""
    began = time.monotonic()
    try:
        live(board, name, image, is_switched)
    except Exception as fault:
        if not ending.is_set():
            say(f"board {name} did not reach userspace: {str(fault).splitlines()[0]}")
            print(board.daemon.trail(board.name or board.mac).rstrip() or "nothing was heard of it", flush=True)
        return False
    say(f"board {name} reached userspace in {time.monotonic() - began:.1f} s: it was unknown, and is Deployed on its disk")
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
    status, watch, shelf = 1, None, None
    try:
        shelf = set_up(world)
        watch = show_boots(world, shelf.daemon)
        boards = [(make(shelf, name), name, image, is_switched) for name, make, image, is_switched in BOARDS]
        arrived = list(pool.map(lambda row: follow(*row, ending), boards))
        status = 0 if all(arrived) else 1
        if not arguments.once:
            daemon = shelf.daemon
            say(f"{sum(arrived)} of {len(arrived)} machines are Deployed; look around from another terminal, and end with Ctrl-C:\n"
                f"  sudo {BUILD}/bramble --socket {daemon.socket} machine list\n"
                f"  sudo {BUILD}/bramble --socket {daemon.socket} machine show pi4-demo\n"
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
        if shelf:
            shelf.close()
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
