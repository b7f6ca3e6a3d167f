"""Roots that the server keeps, from the order to the release: an agent's stand-in asks for them, other people's clients use
them, and brambled dies, starts again and is replaced meanwhile."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import sqlite3
import time
import urllib.parse

import pytest

from fake.agent_client import AgentClient
from lab import pi
from lab.helper import end_roots, running
from lab.namespace import wait_until
from test_agent_server import MAC, SERIAL, Api, Board, commission, enlist, import_agent, state_of
from test_dhcp_clients import lease_script
from test_exporters import squashfs
from test_simulated_boards import boot_directory

SERVER = "10.77.0.1"


def import_image(daemon, folder, files):
    """A Pi's boot directory with a root file system."""
    api = Api(daemon.socket)
    number = api.ask("POST", "/imports", {"name": "small", "kind": "pi"})["id"]
    for path, octets in files.items():
        api.ask("PUT", f"/imports/{number}/files?path={urllib.parse.quote(path)}", octets)
    api.ask("PUT", f"/imports/{number}/files?path=root.squashfs&role=root-squashfs", squashfs(folder).read_bytes())
    api.ask("POST", f"/imports/{number}/finish")
    api.close()


class Diskless:
    """A machine that is Ready, and its agent."""

    def __init__(self, world, folder):
        files = boot_directory(folder / "boot")
        self.world, self.folder = world, folder
        self.daemon = world.start_daemon()
        self.roots = self.daemon.state / "roots"
        import_image(self.daemon, folder, files)
        import_agent(self.daemon, files)
        self.daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "enlist")
        self.board = Board(world, folder)
        self.agent = self.board.boot()
        self.name = enlist(self.daemon, self.agent)
        self.last = commission(self.daemon, self.agent, self.name)
        self.boots = 0

    def deploy(self, *options):
        self.daemon.cli("machine", "deploy", self.name, "--image", "small", "--done-when", "dhcp", *options)
        sent = wait_until(lambda: next((t for t in [self.agent.task(after=self.last).json] if t["kind"] == "reboot"), None), 10,
                          "its agent is told to reboot")
        self.agent.result(sent["id"])
        self.last = sent["id"]
        return self.boot()

    def boot(self):
        """Its firmware, and its agent up to the root; gives what that says."""
        self.boots += 1
        fetched = pi.fetch(self.board.namespace, "eth0", "pi4", MAC, SERIAL, self.folder / f"own-{self.boots}")
        self.agent = AgentClient(self.board.namespace, self.board.address, fetched.cmdline)
        assert self.agent.hello().status == 200
        return self.root()

    def root(self):
        answer = self.agent.ask("GET", "root")
        assert answer.status == 200, (answer.text, self.daemon.trail(self.name))
        return answer.json

    def close(self):
        end_roots(self.world)

    # What its system does.

    def nbd(self, root, *commands, check=True):
        steps = [part for command in commands for part in ("-c", command)]
        return self.board.namespace.run("qemu-io", "-f", "raw", *steps, f"nbd://{root['server']}/{root['export']}", check=check)

    def up(self):
        """Its agent makes room, and its system asks for an address."""
        self.agent.result(0)
        self.board.namespace.run("udhcpc", "-i", "eth0", "-n", "-q", "-t", "5", "-T", "1", "-s", lease_script(self.folder))
        wait_until(lambda: state_of(self.daemon, self.name) == "Deployed", 20, "its system is up")

    def is_withdrawn(self, root):
        return self.names(root) is None if "path" in root else self.nbd(root, "read 0 512", check=False).returncode != 0

    def holds(self, root, octet):
        done = self.nbd(root, f"read -P {octet} 64M 1M", check=False)
        return done.returncode == 0 and "verification failed" not in done.stdout + done.stderr

    def names(self, root):
        done = self.board.namespace.run("nfs-ls", f"nfs://{root['server']}{root['path']}?version=4", check=False)
        return {line.split()[-1] for line in done.stdout.splitlines()} if done.returncode == 0 else None

    def put(self, root, name):
        (self.folder / name).write_text("written by its system\n")
        self.board.namespace.run("nfs-cp", self.folder / name, f"nfs://{root['server']}{root['path']}/{name}?version=4")


@pytest.fixture
def machine(world, folder):
    machine = Diskless(world, folder)
    yield machine
    machine.close()


def test_a_root_that_the_agent_refuses_is_told(machine):
    """What it says of a squashfs that it does not use stands in the trail, and is the reason of the machine's end."""
    why = "the image's root (SHA-256 0123456789abcdef...) is none that the signed boot.img names: it is not used"
    assert machine.deploy("--root", "ram")["root"] == "ram"
    assert machine.agent.result(0, ok=False, error=why).status == 204
    wait_until(lambda: state_of(machine.daemon, machine.name) == "Failed deployment", 10, "its deployment has failed")
    assert why in machine.daemon.json("machine", "show", machine.name)["reason"]
    assert why in " ".join(machine.daemon.trail(machine.name).split())


def test_a_disk_for_each_boot_and_back(machine):
    root = machine.deploy("--root", "nbd", "--size", "256M")
    assert root["root"] == "nbd" and root["server"] == SERVER and re.fullmatch(r"m-\d+", root["export"])
    assert "its root is ready" in " ".join(machine.daemon.trail(machine.name).split())
    machine.nbd(root, "write -P 5 64M 1M", "flush")
    assert machine.root() == root and machine.holds(root, 5), "asked again in the same boot it is the same disk"
    again = machine.boot()
    assert machine.holds(again, 0), "and in the next one a new one"
    machine.daemon.cli("machine", "release", machine.name)
    wait_until(lambda: not running(machine.roots) and not list(machine.roots.glob("n*/m-*")), 20, "nothing is left of it")


def test_a_disk_that_is_persistent(machine):
    root = machine.deploy("--root", "nbd", "--size", "256M", "--persistent")
    machine.nbd(root, "write -P 5 64M 1M", "flush")
    assert machine.holds(machine.boot(), 5)
    machine.daemon.cli("machine", "release", machine.name)
    wait_until(lambda: not list(machine.roots.glob("n*/m-*")), 20, "it is removed")


def test_a_tree_for_each_boot_and_data_that_stay(machine):
    root = machine.deploy("--root", "nfs", "--data", "nfs:/srv/data")
    data = root["data"][0]
    assert data["kind"] == "nfs" and data["mount"] == "/srv/data" and data["path"] != root["path"]
    assert machine.names(root) == {"bin", "etc"} and machine.names(data) == set()
    machine.put(root, "forgotten")
    machine.put(data, "kept")
    again = machine.boot()
    assert machine.names(again) == {"bin", "etc"} and machine.names(data) == {"kept"}
    machine.daemon.cli("machine", "release", machine.name, "--keep-data")
    wait_until(lambda: machine.names(root) is None, 20, "its root is offered no more")
    wait_until(lambda: [path.name for path in machine.roots.glob("nfs/m-*/*") if path.is_dir()] == ["data"], 20, "and removed")
    machine.daemon.cli("machine", "delete", machine.name)
    wait_until(lambda: not list(machine.roots.glob("nfs/m-*")), 20, "with the machine its data go")


@pytest.mark.parametrize("kind", ["nbd", "nfs"])
def test_a_system_does_not_notice_that_brambled_dies(machine, kind):
    """Killed, started again and stopped for good: who serves the root stays, and is found again."""
    root = machine.deploy("--root", kind, "--persistent")
    works = (lambda: machine.holds(root, 5)) if kind == "nbd" else (lambda: machine.names(root) == {"bin", "etc", "mine"})
    machine.nbd(root, "write -P 5 64M 1M", "flush") if kind == "nbd" else machine.put(root, "mine")
    before = running(machine.roots)
    assert list(before) == [(kind, SERVER)]
    machine.daemon.kill()
    assert works()
    machine.daemon.start()
    assert works() and running(machine.roots) == before
    wait_until(lambda: "storage: done what=make" in machine.daemon.log.read_text().split("serving")[-1], 20, "it looked after the root")
    assert works() and running(machine.roots) == before
    machine.daemon.stop()
    assert works() and running(machine.roots) == before
    machine.daemon.start()
    os.kill(before[(kind, SERVER)], 9)
    wait_until(lambda: (kind, SERVER) in running(machine.roots) and running(machine.roots) != before, 20, "it is started again")
    wait_until(works, 20, "and serves what it did")


def set_board(machine, board):
    """In the database, between two starts: as if the file of its board had gone, or come back."""
    with sqlite3.connect(machine.daemon.state / "bramble.db") as db:
        before = db.execute("SELECT board FROM machine WHERE name = ?", (machine.name,)).fetchone()[0]
        assert db.execute("UPDATE machine SET board = ? WHERE name = ?", (board, machine.name)).rowcount == 1
    db.close()
    return before


@pytest.mark.parametrize("kind", ["nbd", "nfs"])
def test_a_machine_that_is_not_read_keeps_what_it_has(machine, kind):
    """Its row makes no sense at a start: its system runs on, from a root that nobody ordered away, and has it in the next boot."""
    root = machine.deploy("--root", kind, "--persistent", "--data", f"{kind}:/srv/data")
    writes = (lambda at: machine.nbd(at, "write -P 5 64M 1M", "flush")) if kind == "nbd" else (lambda at: machine.put(at, "mine"))
    has = (lambda at: machine.holds(at, 5)) if kind == "nbd" else (lambda at: "mine" in (machine.names(at) or ()))
    for volume in (root, root["data"][0]):
        writes(volume)
    machine.up()
    machine.daemon.stop()
    board = set_board(machine, "gone")
    machine.daemon.start()
    log = lambda: machine.daemon.log.read_text().split("serving")[-1]
    wait_until(lambda: log().count("storage: left alone, nobody ordered it away") == 2, 20, "it is said")
    wait_until(lambda: "no machine of this number is known now" in log(), 5, "and why")
    checks = {check["id"]: check for check in machine.daemon.json("doctor")["checks"]}
    assert checks["left-volumes"]["outcome"] != "ok" and "of no machine that is known" in str(checks["left-volumes"])
    time.sleep(5)  # two of its ticks
    assert "what=remove" not in log() and has(root) and has(root["data"][0]), "what runs there goes on"
    machine.daemon.stop()
    set_board(machine, board)
    machine.daemon.start()
    again = machine.boot()
    assert has(again) and has(again["data"][0]), "and it has all of it again"
    machine.daemon.cli("machine", "release", machine.name)
    wait_until(lambda: not list(machine.roots.glob("n*/m-*")), 20, "until somebody orders it away")


def test_an_older_database_costs_no_newer_root(machine):
    """Put back from a backup, it knows of another deployment than the one whose system runs."""
    machine.deploy("--root", "nbd", "--size", "256M", "--persistent")
    machine.up()
    machine.daemon.stop()
    before = {path.name: path.read_bytes() for path in machine.daemon.state.glob("bramble.db*")}
    machine.daemon.start()
    machine.daemon.cli("machine", "release", machine.name)
    wait_until(lambda: state_of(machine.daemon, machine.name) == "Ready", 20, "it is given back")
    machine.daemon.cli("machine", "deploy", machine.name, "--image", "small", "--done-when", "dhcp", "--root", "nbd", "--size", "256M",
                       "--persistent")
    root = machine.boot()
    machine.nbd(root, "write -P 5 64M 1M", "flush")
    machine.up()
    machine.daemon.stop()
    for path in machine.daemon.state.glob("bramble.db*"):
        path.unlink()
    for name, octets in before.items():
        (machine.daemon.state / name).write_bytes(octets)
    machine.daemon.start()
    wait_until(lambda: "is there for another deployment than the one that is known" in machine.daemon.log.read_text(), 20, "it is told")
    assert machine.holds(root, 5), "what runs goes on running"


def roots_of(machine):
    return sorted(path.name for path in machine.roots.glob("n*/m-*/root*") if not path.name.endswith(".about"))


@pytest.mark.parametrize("kind", ["nbd", "nfs"])
def test_a_new_revision_is_tried_beside_the_good_one(machine, kind):
    """Given up it leaves the one before as it was, with what its system wrote; given its sign it is the only one."""
    writes = (lambda root: machine.nbd(root, "write -P 5 64M 1M", "flush")) if kind == "nbd" else (lambda root: machine.put(root, "mine"))
    has = (lambda root: machine.holds(root, 5)) if kind == "nbd" else (lambda root: "mine" in (machine.names(root) or ()))
    good = machine.deploy("--root", kind, "--persistent")
    writes(good)
    machine.up()

    machine.daemon.cli("machine", "deploy", machine.name, "--image", "small", "--done-when", "dhcp")
    machine.daemon.kill()  # nothing of it is in its memory alone
    assert has(good), "what runs goes on running"
    machine.daemon.start()
    tried = machine.boot()
    assert tried["persistent"] and tried["volume"] == "root2" and not has(tried), "it is asked for as what ran, and is as new"
    wait_until(lambda: machine.is_withdrawn(good), 20, "nobody reaches the good one meanwhile")
    assert len(roots_of(machine)) == 2
    machine.daemon.cli("machine", "abort", machine.name)
    reason = machine.daemon.json("machine", "show", machine.name)["reason"]
    assert "the trial was given up" in reason
    assert not machine.is_withdrawn(tried), "its system may still run from it"
    again = machine.boot()
    assert again["volume"] == "root" and has(again), "and what was written is there"
    wait_until(lambda: len(roots_of(machine)) == 1, 20, "what was not taken is gone")
    assert machine.daemon.json("machine", "show", machine.name)["reason"] == reason

    machine.daemon.cli("machine", "deploy", machine.name, "--image", "small", "--done-when", "dhcp")
    taken = machine.boot()
    machine.up()
    wait_until(lambda: len(roots_of(machine)) == 1, 20, "the one before is gone")
    assert roots_of(machine)[0].startswith("root2") and not machine.is_withdrawn(taken)


def test_data_on_a_disk_of_the_machine(machine):
    """Made once, missed afterwards; and what is not kept is erased by the agent, alone."""
    data = machine.deploy("--root", "ram", "--data", "disk:/srv/data", "--data-disk", "/dev/sda")["data"][0]
    uuid = data["uuid"]
    assert data == {"kind": "disk", "mount": "/srv/data", "disk": "/dev/sda", "uuid": uuid, "make": "empty"}, data
    machine.up()
    assert "make" not in machine.boot()["data"][0]
    machine.daemon.cli("machine", "release", machine.name)
    assert state_of(machine.daemon, machine.name) == "Disk erasing"
    agent = machine.board.boot()
    assert agent.hello().status == 200
    task = agent.task(after=machine.last).json
    assert task["kind"] == "erase" and task["how"] == "quick" and task["volumes"] == [uuid] and task["is_made"], task
    agent.result(task["id"])
    wait_until(lambda: state_of(machine.daemon, machine.name) == "Ready", 10, "it is given back")


def test_a_root_that_cannot_be_made_fails_the_deployment(machine):
    digest = next(line for line in machine.daemon.json("image", "show", "small")["files"] if line["path"] == "root.squashfs")["sha256"]
    blob = machine.daemon.state / "store" / digest[:2] / digest[2:]
    blob.write_bytes(b"no squashfs any more")
    machine.daemon.cli("machine", "deploy", machine.name, "--image", "small", "--root", "nfs")
    wait_until(lambda: state_of(machine.daemon, machine.name) == "Failed deployment", 20, "it is told")
    assert "unsquashfs" in machine.daemon.json("machine", "show", machine.name)["reason"]


def test_what_makes_no_sense_is_refused(machine):
    def refused(*options):
        return machine.daemon.refused("machine", "deploy", machine.name, "--image", "small", *options)
    assert "root initrd cannot be persistent" in refused("--root", "initrd", "--persistent")
    assert "root nfs has no size" in refused("--root", "nfs", "--size", "1G")
    assert "mounts no volume" in refused("--root", "initrd", "--data", "nfs:/srv")
    assert "no path where a volume" in refused("--root", "nfs", "--data", "nfs:/")
    assert "says more than it can" in refused("--root", "nfs", "--data", "nfs:/srv", "--data-overwrite")
