"""What an operator waits for when a machine is taken in and installed: a life by phase, and how fast a disk is written."""
# SPDX-License-Identifier: Apache-2.0
import json
import re
import subprocess
import time
import urllib.parse

import measure_images
import peers
import rig as ground
from fake.agent_client import AgentClient
from lab import agent, disk, machine, pi
from lab.daemon import BUILD
from lab.namespace import wait_until
from lab.shelf import Shelf
from lab.world import World

TITLE = "a machine's life"
MAC, WRITE_MAC, WRITE_SERIAL = "52:54:00:77:64:0b", "dc:a6:32:10:00:01", "10000001"
PATIENCE_S = 300
WRITE_MIB, QUICK_MIB = 1024, 96
DONE = re.compile(r"task \d+ done")
TOOLS = "curl, zstd, dd"


def _steps(daemon, who):
    """Every step of a machine's boots, in their order."""
    sessions = daemon.api("GET", f"/boot/trail?of={urllib.parse.quote(who)}&limit=10")["sessions"]
    return sorted((step for session in sessions for step in session["steps"]), key=lambda step: step["at_ms"])


def _first(steps, claim, after_ms=0):
    return next(step["at_ms"] for step in steps if step["at_ms"] >= after_ms and claim(step))


def _phases(steps, power_on_ms):
    """(phase, its end in milliseconds), in their order; all as the trail has them."""
    home = _first(steps, lambda s: s["what"] == "phone home")
    done = [_first(steps, lambda s, task=task["what"]: s["what"] == f"{task} done") for task in steps if task["detail"] in ("inventory", "deploy")]
    return [("power-on to DISCOVER: the firmware's own", _first(steps, lambda s: s["kind"] == "dhcp")),
            ("DISCOVER to hello: loader, kernel, modules, address", _first(steps, lambda s: s["what"] == "hello")),
            ("hello to New: inventory, of which 5 s are spent listening for LLDP", done[0]),
            ("New to Ready: the same for its commission", done[1]),
            ("Ready to written", done[2]),
            ("written to Deployed: reset, firmware, the disk's loader and kernel, phone home", home)]


def _life(rig, table):
    """An arm64 machine with U-Boot, whose one power-on is by hand; orders follow at once."""
    world = World(rig.new_folder("life"))
    try:
        shelf = Shelf(world, "arm64")
        try:
            image = disk.packed(disk.build("arm64", world.folder / "image"))
            shelf.daemon.cli("image", "import", "small", image, "--arch", "arm64", timeout_s=120)
            board = shelf.board("board", MAC, machine.uboot_arm64_pxe)
            began_ms = time.time() * 1000
            board.switch_on()
            name = board.enlisted(PATIENCE_S)
            shelf.daemon.cli("machine", "commission", name, "--no-scripts", "--wait", timeout_s=PATIENCE_S)
            shelf.daemon.cli("machine", "deploy", name, "--image", "small", "--root", "disk", "--done-when", "phone-home", "--wait",
                             timeout_s=PATIENCE_S)
            steps = _steps(shelf.daemon, name)
        finally:
            shelf.close()
    finally:
        world.close()
    before = began_ms
    for phase, end in _phases(steps, began_ms):
        table.add(phase, "s", "brambled", {"value": (end - before) / 1000, "lower_is_better": True})
        before = end
    discover = _first(steps, lambda s: s["kind"] == "dhcp")
    table.add("in all, DISCOVER to Deployed", "s", "brambled", {"value": (before - discover) / 1000, "lower_is_better": True})


class Installer:
    """The agent of a simulated Pi 4, as an ordinary process beside the firmware that booted it; its disk is a file."""

    def __init__(self, rig, folder, size_mib):
        self.rig, self.folder, self.root = rig, folder, folder / "machine"
        self.process = None
        self.own_mac = json.loads(rig.client.run("ip", "-j", "link", "show", "eth0").stdout)[0]["address"]
        self._put("proc/meminfo", "MemTotal: 1000 kB\n")
        self._put("sys/block/vda/size", f"{size_mib << 11}\n")
        self._put("sys/block/vda/queue/logical_block_size", "512\n")
        self._put("dev/vda", "")
        self.disk = self.root / "dev/vda"
        with open(self.disk, "r+b") as out:
            out.truncate(size_mib << 20)

    def _put(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def boot(self):
        fetched = pi.fetch(self.rig.client, "eth0", "pi4", WRITE_MAC, WRITE_SERIAL, self.folder / "firmware")
        self.address = fetched.board["ip"]
        # It is where its firmware was: brambled speaks to that MAC, and its token hangs on that address.
        self._set_mac(WRITE_MAC)
        self.rig.client.run("ip", "address", "replace", f"{self.address}/32", "dev", "eth0")
        self.rig.client.run("ip", "route", "replace", f"{ground.SERVER}/32", "dev", "eth0", "src", self.address)
        url = AgentClient(self.rig.client, self.address, fetched.cmdline).url
        self.process = self.rig.client.start(BUILD / "bramble-agent", "--no-init", "--root", self.root, "--url", url,
                                             log=self.folder / "agent.log")

    def _set_mac(self, mac):
        self.rig.client.run("ip", "link", "set", "eth0", "address", mac)

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.rig.client.run("ip", "route", "delete", f"{ground.SERVER}/32", check=False)
            self.rig.client.run("ip", "address", "delete", f"{self.address}/32", "dev", "eth0", check=False)
            self._set_mac(self.own_mac)


def _agent_writes(rig, image, size_mib):
    """Seconds from the agent's task to its result: all is written, each frame checked, and made this machine's own."""
    server, folder = peers.Brambled(rig), rig.new_folder("installer")
    installer = Installer(rig, folder, size_mib + 64)
    cli = server.daemon.cli
    try:
        agent.environment(server.daemon, "arm64", folder)
        cli("image", "import", "disk", image, "--arch", "arm64", timeout_s=PATIENCE_S)
        # Registered, because what enlists itself says what processor it has, and this Pi has the one of this computer.
        cli("machine", "add", "writer", "--mac", WRITE_MAC, "--serial", WRITE_SERIAL, "--image", "card")
        cli("machine", "release", "writer", "--wait", timeout_s=PATIENCE_S)
        cli("machine", "deploy", "writer", "--image", "disk", "--root", "disk", "--done-when", "written")
        installer.boot()
        wait_until(lambda: server.daemon.json("machine", "show", "writer")["state"] == "Deployed", PATIENCE_S, "the disk is written", every_s=0.5)
        steps = _steps(server.daemon, "writer")
    finally:
        installer.close()
        server.stop()
    installer.disk.unlink()
    return (_first(steps, lambda s: DONE.fullmatch(s["what"])) - _first(steps, lambda s: s["detail"] == "deploy")) / 1000


def _tools_write(rig, packed, size_mib):
    """Seconds that curl, zstd and dd take for the same image on a file of the same file system."""
    server, folder = peers.nginx(rig), rig.new_folder("tools")
    target = folder / "disk"
    with open(target, "wb") as out:
        out.truncate((size_mib + 1) << 20)
    began = time.monotonic()
    rig.client.run("sh", "-c", f"curl -sSf http://{ground.SERVER}:5248/{packed} | zstd -dc | dd of={target} bs=4M iflag=fullblock "
                   "conv=notrunc,fsync status=none", timeout_s=PATIENCE_S)
    seconds = time.monotonic() - began
    server.stop()
    target.unlink()
    return seconds


def _writes(rig, table, quick):
    size_mib = QUICK_MIB if quick else WRITE_MIB
    image = measure_images.disk_image(rig.new_folder("image"), size_mib)
    packed = rig.tree / "load/disk.img.zst"
    subprocess.run(["zstd", "-q", "-3", image, "-o", packed], check=True)
    packed.chmod(0o644)
    runs = {"brambled": ("every frame checked; unused blocks are not sent", lambda: _agent_writes(rig, image, size_mib)),
            TOOLS: ("from nginx; nothing checked", lambda: _tools_write(rig, packed.relative_to(rig.tree), size_mib))}
    for _ in range(table.rounds):
        for name, (note, run) in runs.items():
            if table.wants(name):
                ground.wait_for_quiet(measure_images.PATIENCE_S, measure_images.QUIET)
                table.add(f"a disk of {size_mib} MiB is written", "MiB/s", name, {"value": size_mib / run(), "note": note})
    packed.unlink()
    image.unlink()


def measure(rig, table, quick):
    if table.wants("brambled"):
        _life(rig, table)
    _writes(rig, table, quick)
