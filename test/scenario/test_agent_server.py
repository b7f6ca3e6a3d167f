"""The rack as an agent meets it: from simulated firmware's boot to a machine that is Ready, by a stand-in that speaks the
protocol; who is not let in; and a daemon that dies in between."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import http.client
import json
import random
import socket
import urllib.parse

import pytest

from fake.agent_client import AgentClient
from lab import eeprom, pi
from lab.dhcp import Wire
from lab.namespace import wait_until
from test_simulated_boards import boot_directory

MAC, SERIAL = "dc:a6:32:10:00:01", "10000001"
INVENTORY = {"cpu": {}, "memory": {}, "network": {"cards": [{"ports": [{"address": MAC}]}]}, "storage": {}, "board": {}}
AGENT = b"070701" + random.Random(3).randbytes(300_000)


class Api(http.client.HTTPConnection):
    """The daemon's API on its socket, for what has no command."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None):
        kind = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
        self.request(method, "/api/v1" + path, body if body is None or isinstance(body, bytes) else json.dumps(body), kind)
        response = self.getresponse()
        octets = response.read()
        assert response.status < 300, (path, response.status, octets)
        return json.loads(octets) if octets else None


def import_agent(daemon, files):
    """The agent's environment, as `image build-agent` makes it: for a Pi only the archive counts."""
    api = Api(daemon.socket)
    number = api.ask("POST", "/imports", {"name": "agent-arm64", "kind": "parts", "arch": "arm64"})["id"]
    for path, role, octets in (("vmlinuz", "kernel", files["kernel8.img"]), ("bramble/agent-arm64.cpio", "agent", AGENT)):
        api.ask("PUT", f"/imports/{number}/files?path={urllib.parse.quote(path)}&role={role}", octets)
    api.ask("POST", f"/imports/{number}/finish")
    api.close()


@pytest.fixture
def site(world, folder):
    """A subnet that enlists whoever boots on it, with a Pi's boot files and the agent."""
    files = boot_directory(folder / "boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    import_agent(daemon, files)
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "enlist")
    return world, daemon, files


class Board:
    """A simulated Pi 4 and the agent that it boots."""

    def __init__(self, world, folder, name="board", mac=MAC, serial=SERIAL):
        self.folder, self.mac, self.serial = folder, mac, serial
        self.namespace = world.client(name, mac)
        self.boots = 0

    def boot(self):
        self.boots += 1
        self.fetched = pi.fetch(self.namespace, "eth0", "pi4", self.mac, self.serial,
                                self.folder / f"{self.serial}-{self.boots}")
        self.address = self.fetched.board["ip"]
        self.namespace.run("ip", "address", "replace", f"{self.address}/24", "dev", "eth0")
        return AgentClient(self.namespace, self.address, self.fetched.cmdline)


@pytest.fixture
def board(site, folder):
    return Board(site[0], folder)


def enlisted(daemon, mac=MAC):
    """The machine of a MAC, once it is registered."""
    def found():
        return next((m for m in daemon.items("machine") if mac in m["macs"]), None)
    return wait_until(found, 10, f"{mac} is enlisted")


def state_of(daemon, name):
    return daemon.json("machine", "show", name)["state"]


def enlist(daemon, agent):
    """What an agent does on a machine that nobody knows."""
    assert agent.hello().json["machine"] is None
    assert agent.task().json == {"id": 1, "kind": "inventory"}
    assert agent.result(1, data=INVENTORY).status == 204
    return enlisted(daemon)["name"]


def test_from_unknown_to_ready_with_one_boot(site, board):
    """Enlisted, commissioned and parked: the agent is told what comes next while it waits, and nobody switches anything."""
    _, daemon, files = site
    agent = board.boot()
    initramfs = board.fetched.file("initramfs").read_bytes()
    assert initramfs.startswith(files["initramfs8"]) and initramfs.endswith(AGENT), "the agent lies behind the image's initramfs"
    assert "rdinit=/bramble/agent" in agent_words(board) and "rootwait" not in agent_words(board)

    name = enlist(daemon, agent)
    assert daemon.json("machine", "show", name)["state"] == "New"
    parked = agent.task(after=1).json
    assert parked["kind"] == "park"

    waiting = agent.begin_task(parked["id"])
    daemon.cli("machine", "commission", name)
    task = agent.end(waiting).json
    assert task["kind"] == "inventory", "it was woken"
    assert agent.progress(task["id"], "look", done=4, total=10, rate=85_000_000).status == 204
    assert agent.result(task["id"], data=INVENTORY).status == 204
    scripts = agent.task(after=task["id"], wait=10).json
    assert scripts["kind"] == "scripts"
    for script in scripts["scripts"]:
        assert agent.script(scripts["id"], script["name"]).status == 204
    assert agent.result(scripts["id"]).status == 204
    wait_until(lambda: state_of(daemon, name) == "Ready", 10, "it is Ready")

    told = daemon.trail(name)
    for words in ("hello", "agent 0.0 on arm64", f"task {task['id']}: look", "40 %, 85.0 MB/s", f"task {task['id']} done", "boots the agent"):
        assert words in told, f"\"{words}\" is not in\n{told}"
    assert agent.token not in told
    assert board.boots == 1


def agent_words(board):
    return board.fetched.cmdline.split()


def test_a_key_that_is_nobodys_here_stays_in_its_eeprom(site, board):
    """A board that checks its boots is given no update before somebody says that it is one of this server's."""
    _, daemon, _ = site
    agent = board.boot()
    agent.hello()
    assert agent.result(1, data=INVENTORY | {"board": {"trust": "network-trusted"}}).status == 204
    name = enlisted(daemon)["name"]
    refused = daemon.refused("eeprom", "apply", name)
    assert "would take the key out of its EEPROM" in refused and "--require-trusted on" in refused
    daemon.cli("machine", "set", name, "--require-trusted", "on")
    assert "there is no key for it" in daemon.refused("eeprom", "apply", name)


@pytest.mark.parametrize("line", ["BOOT_ORDER=0xf127\nHTTP_HOST=10.77.0.1", "SIGNED_BOOT=1"])
def test_a_key_of_a_card_stays_in_its_eeprom(site, board, line):
    """`card make --pubkey` leaves other ways to boot, and so no level of trust: there is a key all the same."""
    _, daemon, _ = site
    agent = board.boot()
    agent.hello()
    assert agent.result(1, data=INVENTORY | {"board": {"trust": "none"}}).status == 204
    name = enlisted(daemon)["name"]
    agent.hello(eeprom={"version": "224877da", "build_timestamp": 1779045198, "config": f"[all]\n{line}\n"})
    wait_until(lambda: daemon.json("eeprom", "plan", name), 10, "its hello is heard")
    refused = daemon.refused("eeprom", "apply", name)
    assert "would take the key out of its EEPROM" in refused and "--require-trusted on" in refused


def test_a_result_counts_once(site, board):
    _, daemon, _ = site
    agent = board.boot()
    name = enlist(daemon, agent)
    daemon.cli("machine", "commission", name)
    task = agent.task(after=2, wait=10).json
    assert agent.result(task["id"], ok=False, error="the board is on fire").status == 204
    wait_until(lambda: state_of(daemon, name) == "Failed commissioning", 10, "it failed")
    for _ in range(3):
        assert agent.result(task["id"], data=INVENTORY).status == 204
    assert state_of(daemon, name) == "Failed commissioning"
    assert "on fire" in daemon.trail(name)


def test_a_board_of_a_delivery_is_claimed(site, board):
    """Registered by its serial; nothing is done with it before its code comes, also not after a restart of the server."""
    _, daemon, _ = site
    name, serial, code, _ = daemon.cli("machine", "claim-code", SERIAL).strip().split("\t")
    assert (name, serial) == (f"pi-{SERIAL}", SERIAL)
    daemon.stop()
    daemon.start()
    assert "or claim with its code" in daemon.refused("machine", "commission", name, "--no-scripts")
    assert "not the code of machine" in daemon.refused("machine", "claim", name, "--code", code[::-1])
    daemon.cli("machine", "claim", name, "--code", code.lower())
    assert "taken up already" in daemon.refused("machine", "claim", name, "--code", code)
    daemon.cli("machine", "commission", name, "--no-scripts")
    agent = board.boot()
    task = agent.task().json
    assert agent.result(task["id"], data=INVENTORY).status == 204
    wait_until(lambda: state_of(daemon, name) == "Ready", 10, "it is Ready")
    assert daemon.json("machine", "show", name)["macs"] == [MAC], "and known by its card, too"


def test_who_is_not_let_in(site, board, folder):
    world, daemon, _ = site
    first = board.boot()
    name = enlist(daemon, first)
    other = Board(world, folder, "other board", "dc:a6:32:10:00:02", "10000002").boot()
    assert other.hello().status == 200
    forged = first.token.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))

    def refused(agent, token, words, **kwargs):
        answer = agent.ask("GET", f"/a/{token}/task", **kwargs)
        assert answer.status == 403 and words in answer.text and answer.text.count("\n") == 1, (answer.status, answer.text)

    refused(other, first.token, "not of this address's boot")  # another machine's
    refused(first, forged, "not of this address's boot")
    board.namespace.run("ip", "address", "add", "10.77.0.77/24", "dev", "eth0")
    refused(first, first.token, "must boot again", source="10.77.0.77")  # another address
    assert first.ask("GET", f"/b/{first.token}/config.txt").status == 403  # another use

    again = board.boot()
    assert again.token != first.token and again.hello().status == 200
    refused(again, first.token, "not of this address's boot")  # of a boot that is over

    daemon.cli("machine", "delete", name)
    daemon.cli("machine", "add", "pi", "--mac", MAC, "--image", "card")
    refused(again, again.token, "machine pi is Deployed")  # of another state
    assert "GET 403: machine pi is Deployed" in daemon.trail("pi")
    assert again.ask("POST", f"/a/{again.token}/result", {"task": 1, "ok": True, "data": INVENTORY}).status == 403


def test_bodies_that_are_none_or_too_much(site, board):
    agent = board.boot()
    assert agent.ask("POST", "hello", b"{").status == 400
    assert agent.ask("POST", "hello", b"").status == 400
    assert agent.ask("POST", "result", b'{"task":1,"ok":true,"data":"' + b"x" * (1 << 20) + b'"}').status == 413
    assert agent.ask("POST", f"/a/{'0' * 32}/result", b"x" * (1 << 20)).status == 403
    assert agent.hello().status == 200


def test_blobs_of_its_images_and_of_no_other(site, board, folder):
    _, daemon, files = site
    agent = board.boot()
    digest = hashlib.sha256(AGENT).hexdigest()
    whole = agent.ask("GET", f"blob/{digest}")
    assert whole.status == 200 and whole.octets == AGENT
    part = agent.ask("GET", f"blob/{digest}", headers={"Range": "bytes=1000-1999"})
    assert part.status == 206 and part.octets == AGENT[1000:2000]
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(AGENT)}"
    kernel = hashlib.sha256(files["kernel8.img"]).hexdigest()
    assert agent.ask("GET", f"blob/{kernel}").status == 200  # the agent's environment has the same one
    start = hashlib.sha256(files["start4.elf"]).hexdigest()
    assert agent.ask("GET", f"blob/{start}").status == 403  # in the store, but of no image of its own


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_the_daemon_dies_and_the_agent_goes_on(site, board, how):
    """Its token is as good as before, its story goes on, and what it waits for reaches it."""
    _, daemon, _ = site
    agent = board.boot()
    name = enlist(daemon, agent)
    waiting = agent.begin_task(2)
    if how == "killed":
        wait_until(lambda: any(b"task 1 done" in part.read_bytes() for part in (daemon.state / "trail").iterdir()), 5,
                   "the trail is on disk, which may take a second")
        daemon.kill()
    else:
        daemon.stop()
    with pytest.raises(OSError):
        raise_for(agent.end(waiting))
    daemon.start()
    assert agent.hello().json["machine"] == name
    waiting = agent.begin_task(2)
    daemon.cli("machine", "commission", name)
    assert agent.end(waiting).json["kind"] == "inventory"
    told = daemon.trail(name)
    assert told.count("hello") == 2 and "DISCOVER" in told, f"one story:\n{told}"


def raise_for(answer):
    """A daemon that ends says 503 to who waits; one that is killed says nothing."""
    if answer.status == 503:
        raise OSError("503")


def test_a_parked_agent_outlives_its_firmwares_silence(site, board):
    """Its own DHCP client is no system that is up, and leaves its token as it is."""
    _, daemon, _ = site
    agent = board.boot()
    name = enlist(daemon, agent)
    from lab.dhcp import Wire
    wire = Wire(board.namespace)
    ack = wire.lease(MAC, 0x4711, options=((60, b"udhcp 1.36"), (55, bytes([1, 3, 6]))))
    wire.close()
    assert ack.yiaddr == board.address
    assert agent.hello().json["machine"] == name
    assert "finished" not in daemon.trail(name).lower().replace("not finished", "")
    knows_its_eeprom(daemon, agent, name, board.folder)


def knows_its_eeprom(daemon, agent, name, folder):
    """What its hello tells is compared with what is wanted, and with where this server is."""
    agent.hello(eeprom={"version": "224877da", "build_timestamp": 1779045198, "config": "[all]\nBOOT_ORDER=0xf21\nTFTP_IP=192.0.2.9\n"})

    def plan():
        return daemon.json("eeprom", "plan", name)

    wait_until(plan, 10, "its hello is heard")
    assert [(row["version"], row["boot_order"], row["changes"]) for row in plan()] == [("224877da", "0xf21", "")]
    (folder / "lab.txt").write_text("BOOT_ORDER=0xf12\n")
    daemon.cli("eeprom-profile", "set", "board=pi4b", folder / "lab.txt")
    daemon.cli("machine", "set", name, "--netconsole", "on")
    assert plan()[0]["changes"] == "-BOOT_ORDER=0xf21, +NETCONSOLE=6665@169.254.1.1/,6666@/, +BOOT_ORDER=0xf12"
    assert "BOOT_ORDER=0xf12" in daemon.cli("machine", "show", name)
    checks = {row["id"]: row for row in daemon.json("doctor")["checks"]}
    firmware = folder / "firmware"
    firmware.mkdir()
    (firmware / "pieeprom-2026-05-17.bin").write_bytes(eeprom.image())
    (firmware / "recovery.bin").write_bytes(b"what would write it from a card")
    daemon.cli("eeprom", "import", firmware)
    (update,) = daemon.json("eeprom", "apply", name)
    assert update["config"] == "[all]\nTFTP_IP=192.0.2.9\nNETCONSOLE=6665@169.254.1.1/,6666@/\nBOOT_ORDER=0xf12\n", update
    assert update["former_image"] == "eeprom-2711@1", "what it had can be given back"
    daemon.cli("eeprom", "stop")
    agent.hello(eeprom={"version": "224877da", "build_timestamp": 1779045198, "config": "# mine\n" + update["config"]})
    wait_until(lambda: plan()[0]["changes"] == "", 10, "it has all that is wanted")
    assert daemon.json("eeprom", "apply", name) == [], "and is left alone"
    daemon.cli("eeprom", "apply", name, "--by", "agent", "--config", folder / "lab.txt")
    wait_until(lambda: agent.task().json["kind"] == "eeprom", 10, "its agent is told to write it")
    task = agent.task().json
    assert task["config"] == "BOOT_ORDER=0xf12\n" and agent.ask("GET", task["eeprom"]["path"]).octets == eeprom.image()
    assert agent.result(task["id"], data={"sectors": 1}).status == 204
    wait_until(lambda: daemon.json("eeprom", "rollout")[0]["step"] == "taken", 10, "it is to come back")
    assert checks["eeprom-server"]["outcome"] == "warning" and f"{name} has TFTP_IP=192.0.2.9" in checks["eeprom-server"]["words"]


def test_many_agents_wait_and_hold_nothing_up(site, board):
    """A hundred questions wait at once, files are served beside them, and all are answered when there is news."""
    _, daemon, files = site
    agent = board.boot()
    name = enlist(daemon, agent)
    waiting = [agent.begin_task(2) for _ in range(100)]
    got = agent.namespace.run("curl", "-sS", "--interface", board.address, "http://10.77.0.1:5248/start4.elf", "-o",
                              board.folder / "got", "-w", "%{http_code}").stdout
    assert got == "200" and (board.folder / "got").read_bytes() == files["start4.elf"]
    daemon.cli("machine", "commission", name)
    assert {agent.end(connection).json["kind"] for connection in waiting} == {"inventory"}


def commission(daemon, agent, name):
    """Until the machine is Ready; gives the number of the last task."""
    daemon.cli("machine", "commission", name)
    task = agent.task(after=2, wait=10).json
    assert agent.result(task["id"], data=INVENTORY).status == 204
    scripts = agent.task(after=task["id"], wait=10).json
    assert agent.result(scripts["id"]).status == 204
    wait_until(lambda: state_of(daemon, name) == "Ready", 10, "it is Ready")
    return scripts["id"]


SECRET = "#cloud-config\npassword: of-this-machine\n"


@pytest.fixture
def diskless(site, board, folder):
    """A machine that was given a system which it boots over the network, in the middle of its first boot."""
    _, daemon, _ = site
    agent = board.boot()
    name = enlist(daemon, agent)
    last = commission(daemon, agent, name)
    (folder / "user-data").write_text(SECRET)
    daemon.cli("machine", "acquire", name)
    daemon.cli("machine", "deploy", name, "--image", "card", "--root", "initrd", "--done-when", "phone-home", "--user-data",
               folder / "user-data")
    sent = wait_until(lambda: next((t for t in [agent.task(after=last).json] if t["kind"] == "reboot"), None), 10,
                      "its agent is told to reboot")
    assert agent.result(sent["id"]).status == 204
    board.fetched = pi.fetch(board.namespace, "eth0", "pi4", MAC, SERIAL, folder / "own")
    word = next(w for w in board.fetched.cmdline.split() if w.startswith("ds=nocloud-net;s="))
    assert "bramble.url" not in board.fetched.cmdline, "the agent is not booted"
    agent.seed = urllib.parse.urlsplit(word.split("s=", 2)[2]).path
    return daemon, name, agent


def test_a_seed_as_cloud_init_asks_for_it(diskless, board):
    """Its secrets are for this boot and this address, until the system says that it is up."""
    daemon, name, system = diskless
    assert json.loads(system.ask("GET", system.seed + "meta-data").text)["local-hostname"] == name
    assert system.ask("GET", system.seed + "network-config").status == 404
    assert system.ask("GET", system.seed + "user-data").text == SECRET
    board.namespace.run("ip", "address", "add", "10.77.0.77/24", "dev", "eth0")
    assert system.ask("GET", system.seed + "user-data", source="10.77.0.77").status == 403
    assert system.hello().status == 403, "the agent's token is of a boot that is over"

    vendor = json.loads(system.ask("GET", system.seed + "vendor-data").text.split("\n", 1)[1])
    url = urllib.parse.urlsplit(vendor["phone_home"]["url"])
    assert url.netloc == "10.77.0.1:5248"
    assert system.ask("GET", url.path.replace("phone-home", "user-data")).status == 403, "the deployment's token opens nothing"
    form = b"instance_id=i&hostname=pi%2Dfour"
    assert system.ask("POST", f"/seed/{'0' * 64}/phone-home", form).status == 403
    assert system.ask("POST", url.path, form, headers={"Content-Type": "application/x-www-form-urlencoded"}).status == 204
    wait_until(lambda: state_of(daemon, name) == "Deployed", 10, "it is Deployed")
    wait_until(lambda: system.ask("GET", system.seed + "user-data").status == 403, 5, "its secrets are told no more")
    assert system.ask("GET", system.seed + "meta-data").status == 200
    told = " ".join(daemon.trail(name).split())
    assert "phone home" in told and "host name pi-four" in told and "seed/user-data" in told
    assert system.seed.split("/")[2] not in told and url.path.split("/")[2] not in told


def test_a_seed_goes_along_with_its_system(diskless, board):
    """systemd names itself to DHCP by a number of its own, so it gets another address than the firmware and the agent had."""
    _, _, system = diskless
    wire = Wire(board.namespace)
    ack = wire.lease(MAC, 7, options=((60, b"systemd"), (61, b"\xff" + bytes(18))))
    wire.close()
    assert ack.yiaddr != board.address
    board.namespace.run("ip", "address", "add", f"{ack.yiaddr}/24", "dev", "eth0")
    assert system.ask("GET", system.seed + "user-data", source=ack.yiaddr).text == SECRET
    assert system.ask("GET", system.seed + "user-data").status == 403, "nobody speaks from the old one any more"


def test_a_deployments_token_ends_with_it(diskless):
    """Said again it changes nothing, and after the release it is nobody's."""
    daemon, name, system = diskless
    vendor = json.loads(system.ask("GET", system.seed + "vendor-data").text.split("\n", 1)[1])
    path = urllib.parse.urlsplit(vendor["phone_home"]["url"]).path

    def phone_home():
        return system.ask("POST", path, {"instance_id": "i", "hostname": "pi"}, headers={"Content-Type": "application/json"})

    assert phone_home().status == 204
    wait_until(lambda: state_of(daemon, name) == "Deployed", 10, "it is Deployed")
    assert phone_home().status == 204 and state_of(daemon, name) == "Deployed"
    daemon.cli("machine", "release", name)
    answer = phone_home()
    assert answer.status == 403, answer.text
    assert state_of(daemon, name) in ("Releasing", "Ready")


def test_a_seed_outlives_the_daemon(diskless):
    daemon, name, system = diskless
    wait_until(lambda: "cmdline.txt" in daemon.trail(name), 5, "the trail has its boot")
    daemon.stop()
    daemon.start()
    assert system.ask("GET", system.seed + "user-data").text == SECRET
