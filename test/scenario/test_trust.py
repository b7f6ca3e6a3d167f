"""Boots that a board checks: keys, boot.img and boot.sig, by HTTP and TFTP, and what is refused."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import random
import shutil
import subprocess
import threading

import pytest

from fake.agent_client import AgentClient
from lab import eeprom, pi
from lab.daemon import BUILD
from lab.dhcp import Wire
from lab.namespace import read_text, wait_until
from lab.world import without_offloads
from test_agent_server import Board, commission, enlist, import_agent, state_of
from test_simulated_boards import boot_directory as simulated_boot_directory

MAC = "2c:cf:67:10:00:01"
OVERLAYS = 40  # some beside others, as in a real boot partition; small files are put together in memory


def boot_directory(folder):
    noise = random.Random(5)
    kernel = bytearray(noise.randbytes(3_000_000))
    kernel[56:60] = b"ARM\x64"
    tree = b"\xd0\x0d\xfe\xed" + noise.randbytes(70_000)
    files = {"config.txt": b"arm_64bit=1\nauto_initramfs=1\n", "cmdline.txt": b"console=serial0,115200\n",
             "start4.elf": b"\x7fELF" + noise.randbytes(120_000), "fixup4.dat": noise.randbytes(5_000),
             "kernel8.img": bytes(kernel), "kernel_2712.img": bytes(kernel) + b"16K pages",
             "initramfs8": b"070701" + noise.randbytes(200_000), "initramfs_2712": b"070701" + noise.randbytes(300_000),
             "bcm2711-rpi-4-b.dtb": tree, "bcm2712-rpi-5-b.dtb": tree + b"5", "overlays/overlay_map.dtb": tree[:1000]}
    files |= {f"overlays/overlay-number-{i}.dtbo": noise.randbytes(700 + i) for i in range(OVERLAYS)}
    for name, octets in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
    return files


@pytest.fixture
def site(world, folder):
    """A Pi 5 that requires trust, a key, and a wire that firmware's own TCP can follow."""
    files = boot_directory(folder / "boot")
    daemon = world.start_daemon()
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("key", "create", "first")
    daemon.cli("key", "export", "first", "--public", "--out", folder / "first.bin")
    daemon.cli("machine", "add", "five", "--mac", MAC, "--board", "pi5", "--image", "card", "--require-trusted", "on")
    client = world.client("boards")
    without_offloads(client, "eth0")
    without_offloads(world.server, f"port{world.cables}")
    return daemon, client, files


def power_on(client, folder, *options, family="pi5"):
    """The simulated board; gives the report of it."""
    (folder / "fetched").mkdir(exist_ok=True)
    done = client.run(BUILD / "bramble-sim", family, "--interface", "eth0", "--mac", MAC, "--seed", "5", "--out", folder / "fetched",
                      "--report", folder / "report.json", "--timeout", "60", *options, check=False, timeout_s=90)
    assert (folder / "report.json").exists(), done.stdout + done.stderr
    board, = json.loads((folder / "report.json").read_text())["boards"]
    return board


def by_http(folder, key):
    return ("--boot-order", "e7", "--http", "10.77.0.1:5248/some/path/", "--pubkey", folder / key)


BY_HTTPS = """[all]
BOOT_ORDER=0xe7
HTTP_HOST=10.77.0.1
HTTP_PORT=5249
HTTP_PATH=boot
ENABLE_SELF_UPDATE=0
"""


def by_https(daemon, folder, soc, ca, line):
    """An EEPROM that boots by HTTPS, as the commands make it; @line: of bootconf.txt, on whom it believes."""
    (folder / "stock.bin").write_bytes(eeprom.image(soc, has_cacert=True))
    (folder / "boot.conf").write_text(BY_HTTPS + line)
    if not (folder / "first.pem").exists():
        daemon.cli("key", "export", "first", "--out", folder / "first.pem")
    daemon.cli("eeprom", "edit", folder / "stock.bin", "--config", folder / "boot.conf", "--pubkey", folder / "first.pem", "--cacert", ca,
               "--out", folder / "pieeprom.upd")
    return "--eeprom", folder / "pieeprom.upd"


def octets_in(volume, name):
    return subprocess.run(["mcopy", "-i", volume, f"::{name}", "-"], capture_output=True, check=True).stdout


def lies(world, folder, volume):
    """A server at 10.77.0.66 with what was fetched, and another command line in the volume."""
    told, cmdline, log = folder / "lies" / volume.relative_to(folder / "fetched"), folder / "cmdline.txt", folder / "liar.log"
    shutil.copytree(folder / "fetched", folder / "lies")
    cmdline.write_bytes(octets_in(told, "cmdline.txt").rstrip() + b" init=/bin/sh\n")
    subprocess.run(["mcopy", "-o", "-i", told, cmdline, "::cmdline.txt"], check=True)
    liar = world.client("liar")
    without_offloads(liar, "eth0")
    without_offloads(world.server, f"port{world.cables}")
    liar.run("ip", "address", "add", "10.77.0.66/24", "dev", "eth0")
    liar.start("/usr/bin/python3", "-um", "http.server", "--bind", "10.77.0.66", "--directory", folder / "lies", "5248", log=log)
    wait_until(lambda: "Serving" in read_text(log), 10, "the false server serves")


def test_a_signed_boot_by_http(world, site, folder):
    daemon, client, files = site
    board = power_on(client, folder, *by_http(folder, "first.bin"))
    assert board["outcome"] == "booted", board
    assert [file["path"] for file in board["files"]] == ["some/path/boot.sig", "some/path/boot.img"]

    volume = folder / "fetched/some/path/boot.img"
    subprocess.run(["fsck.vfat", "-n", volume], check=True, capture_output=True)
    for name in ("kernel_2712.img", "initramfs_2712", "bcm2712-rpi-5-b.dtb", "overlays/overlay-number-7.dtbo"):
        assert octets_in(volume, name) == files[name], name
    listed = subprocess.run(["mdir", "-b", "-/", "-i", volume, "::"], capture_output=True, text=True, check=True).stdout
    assert "kernel8.img" not in listed and "start4.elf" not in listed
    assert listed.count(".dtbo") == OVERLAYS
    assert b"console=serial0,115200" in octets_in(volume, "cmdline.txt")
    told = daemon.trail("five")
    assert "boot.sig" in told and "boot.img" in told

    # A false server, which gives what it heard of the true one, with another command line in the volume.
    lies(world, folder, volume)
    board = power_on(client, folder, "--boot-order", "e7", "--http", "10.77.0.66:5248/some/path/", "--pubkey", folder / "first.bin")
    assert [file["outcome"] for file in board["files"]] == ["fetched", "fetched"], board
    assert board["outcome"] != "booted" and "not signed with the key" in board["why"], board


def step_of(daemon):
    return daemon.json("eeprom", "rollout")[0]["step"]


def test_an_update_keeps_what_a_board_checks_its_boots_by(world, site, folder):
    """Its key, the signature of its configuration and its authority are in it, and a board that has it boots by them."""
    daemon, client, files = site
    (folder / "firmware").mkdir()
    (folder / "firmware/pieeprom-2026-05-17.bin").write_bytes(eeprom.image("2712", has_cacert=True))
    (folder / "firmware/recovery.bin").write_bytes(b"what would write it from a card")
    daemon.cli("eeprom", "import", folder / "firmware")
    config, update = folder / "boot.conf", folder / "pieeprom.upd"
    config.write_text(BY_HTTPS.replace("ENABLE_SELF_UPDATE=0", "SIGNED_BOOT=1") + "HTTP_CACERT_HASH=" + 64 * "0" + "\n")
    refused = daemon.refused("eeprom", "apply", "five", "--config", config)
    assert "machine five: its HTTP_CACERT_HASH is not that of this server's authority" in refused
    line = daemon.cli("ca", "export", "--out", folder / "ca.der")
    config.write_text(BY_HTTPS.replace("ENABLE_SELF_UPDATE=0", "SIGNED_BOOT=1") + line)
    daemon.cli("eeprom", "apply", "five", "--config", config)
    wait_until(lambda: step_of(daemon) == "offered", 10, "the update is offered")

    digest, *lines = daemon.cli("boot", "files", "five", "pieeprom.sig", "--client", "pi5").splitlines()
    before = power_on(client, folder, *by_http(folder, "first.bin"))
    client.run("ip", "link", "set", "eth0", "address", MAC)
    client.run("ip", "address", "add", before["ip"] + "/24", "dev", "eth0")
    client.run("curl", "-sSf", "-m", "30", "-o", update, "tftp://10.77.0.1/pieeprom.upd")
    client.run("ip", "address", "flush", "dev", "eth0")
    wait_until(lambda: step_of(daemon) == "taken", 10, "it has fetched it")
    for name, octets in (("pubkey.bin", (folder / "first.bin").read_bytes()), ("cacert.der", (folder / "ca.der").read_bytes()),
                         ("bootconf.txt", config.read_bytes())):
        daemon.cli("eeprom", "show", update, "--extract", name, "--out", folder / "part")
        assert (folder / "part").read_bytes() == octets, name
    assert digest == hashlib.sha256(update.read_bytes()).hexdigest() and "target-soc: 2712" in lines
    daemon.cli("key", "export", "first", "--out", folder / "first.pem")
    signature, = (line.removeprefix("rsa2048: ") for line in lines if line.startswith("rsa2048: "))
    (folder / "signature").write_bytes(bytes.fromhex(signature))
    subprocess.run(["openssl", "dgst", "-sha256", "-prverify", folder / "first.pem", "-signature", folder / "signature", update], check=True,
                   capture_output=True)

    board = power_on(client, folder, "--eeprom", update)
    assert board["outcome"] == "booted", board
    wait_until(lambda: step_of(daemon) == "done", 10, "it is back, and goes by what it was offered")
    daemon.cli("machine", "set", "five", "--require-trusted", "off")
    config.write_text("[all]\nHTTP_CACERT_HASH=" + 64 * "0" + "\n")
    assert "is not that of this server's authority" in daemon.refused("eeprom", "apply", "five", "--config", config)
    config.write_text("[all]\nSIGNED_BOOT=1\n")
    assert "it has SIGNED_BOOT, which wants a key in the EEPROM" in daemon.refused("eeprom", "apply", "five", "--config", config)


def test_a_key_that_the_board_does_not_have(site, folder):
    """Two keys are in flight: a board boots with the one that its machine names, and with no other."""
    daemon, client, _ = site
    daemon.cli("key", "create", "second")
    daemon.cli("key", "export", "second", "--public", "--out", folder / "second.bin")
    board = power_on(client, folder, *by_http(folder, "second.bin"))
    assert board["outcome"] != "booted" and "not signed with the key" in board["why"], board

    daemon.cli("machine", "set", "five", "--boot-key", "second")
    assert power_on(client, folder, *by_http(folder, "second.bin"))["outcome"] == "booted"
    assert "key second signs the boots of 1 machine, as five" in daemon.refused("key", "delete", "second")


def test_the_key_of_those_that_name_none_is_not_deleted(site):
    """The oldest signs for every machine that requires trust and names no other: another in its place, and none of them boots."""
    daemon, _, _ = site
    daemon.cli("machine", "add", "six", "--mac", "2c:cf:67:10:00:06", "--board", "pi5", "--image", "card", "--require-trusted", "on")
    daemon.cli("machine", "add", "free", "--mac", "2c:cf:67:10:00:07", "--board", "pi5", "--image", "card")
    daemon.cli("key", "create", "second")
    uses = {row["name"]: row["machines"] for row in daemon.items("key")}
    assert uses == {"first": 2, "second": 0}
    refused = daemon.refused("key", "delete", "first")
    assert "key first signs the boots of 2 machines" in refused and "machine set NAME --boot-key OTHER" in refused
    for name in ("five", "six"):
        daemon.cli("machine", "set", name, "--boot-key", "second")
    daemon.cli("key", "delete", "first")
    assert daemon.json("key", "show", "second")["machines"] == 2
    assert "there is no key first" in daemon.refused("key", "delete", "first")


def test_a_signed_boot_by_https(site, folder):
    """The firmware's own TLS believes a server by the certificate in its EEPROM, and no other."""
    daemon, client, _ = site
    line = daemon.cli("ca", "export", "--out", folder / "ca.der")

    # Another server, for a board that believes another authority: which of the two is the false one makes no difference to TLS.
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other",
                    "-keyout", folder / "other.pem", "-outform", "DER", "-out", folder / "other.der"], check=True, capture_output=True)
    other = f"HTTP_CACERT_HASH={hashlib.sha256((folder / 'other.der').read_bytes()).hexdigest()}\n"
    board = power_on(client, folder, *by_https(daemon, folder, "2712", folder / "other.der", other))
    assert "not vouched for by cacert.der" in board["why"] and board["octets"] == 0, board
    wait_until(lambda: "does not take the certificate" in daemon.cli("doctor", "five"), 10, "the doctor knows why")
    assert "handshake failed" in daemon.trail("five")
    board = power_on(client, folder, *by_https(daemon, folder, "2712", folder / "ca.der", other))
    assert "not the one that HTTP_CACERT_HASH names" in board["why"], board

    board = power_on(client, folder, *by_https(daemon, folder, "2712", folder / "ca.der", line))
    assert board["outcome"] == "booted", board
    assert [file["path"] for file in board["files"]] == ["boot/boot.sig", "boot/boot.img"]
    assert "boot.img" in daemon.trail("five")
    daemon.cli("machine", "set", "five", "--board", "pi4b")
    board = power_on(client, folder, *by_https(daemon, folder, "2711", folder / "ca.der", line), family="pi4")
    assert board["outcome"] == "booted", board


def test_what_was_changed_on_the_server(site, folder):
    """A kernel that somebody exchanged after it was signed."""
    daemon, client, files = site
    assert power_on(client, folder, *by_http(folder, "first.bin"))["outcome"] == "booted"
    name = hashlib.sha256(files["kernel_2712.img"]).hexdigest()
    blob = daemon.state / "store" / name[:2] / name[2:]
    blob.chmod(0o600)
    with blob.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"something else")
    board = power_on(client, folder, *by_http(folder, "first.bin"))
    assert board["outcome"] != "booted" and "not signed with the key" in board["why"], board
    wait_until(lambda: "read all of boot.img, did not start it" in daemon.cli("doctor", "five"), 10, "the doctor knows that it was refused")


def test_by_tftp_only_what_is_signed(site, folder):
    daemon, client, _ = site
    board = power_on(client, folder, "--signed", "--pubkey", folder / "first.bin")
    assert board["outcome"] == "booted", board
    board = power_on(client, folder)  # which checks nothing
    assert board["outcome"] != "booted", board
    assert daemon.json("boot", "explain", MAC)["method"] == "pi-signed"

    # SIGNED_BOOT=1: an EEPROM made with the key that the server keeps, which goes by nothing that somebody changed in it.
    (folder / "stock.bin").write_bytes(eeprom.image("2711"))
    (folder / "boot.conf").write_text("[all]\nBOOT_ORDER=0xe2\nSIGNED_BOOT=1\nENABLE_SELF_UPDATE=0\n")
    daemon.cli("eeprom", "edit", folder / "stock.bin", "--config", folder / "boot.conf", "--boot-key", "first", "--out", folder / "signed.bin")
    daemon.cli("machine", "set", "five", "--board", "pi4b")
    board = power_on(client, folder, "--eeprom", folder / "signed.bin", family="pi4")
    assert board["outcome"] == "booted" and [file["path"].split("/")[-1] for file in board["files"]] == ["boot.sig", "boot.img"], board
    octets = (folder / "signed.bin").read_bytes()
    (folder / "changed.bin").write_bytes(octets.replace(b"BOOT_ORDER=0xe2", b"BOOT_ORDER=0xe1"))
    done = client.run(BUILD / "bramble-sim", "pi4", "--interface", "eth0", "--eeprom", folder / "changed.bin", check=False)
    assert done.returncode == 2 and "not signed with its key" in done.stderr
    assert "there is no key second" in daemon.refused("eeprom", "edit", folder / "stock.bin", "--boot-key", "second", "--out", folder / "x.bin")


IPXE = ((60, b"PXEClient:Arch:00011:UNDI:003000"), (93, b"\0\x0b"), (94, b"\1\3\0"), (77, b"iPXE"))


def test_what_checks_nothing_is_offered_nothing(site):
    """Another loader on the same board, or with its MAC: no file, no agent, and a sentence."""
    daemon, client, files = site
    client.run("ip", "link", "set", "eth0", "address", MAC)
    wire = Wire(client)
    ack = wire.lease(MAC, 7, options=IPXE)
    wire.close()
    assert not ack.file.strip(b"\0") and 67 not in ack.options, ack
    client.run("ip", "address", "add", ack.yiaddr + "/24", "dev", "eth0")
    for path in ("b/-/boot.ipxe", "b/-/kernel_2712.img", "b/-/boot.img", "a/-/task", "a/-/root", "seed/-/user-data"):
        status = client.run("curl", "-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", f"http://10.77.0.1:5248/{path}").stdout
        assert status in ("403", "404"), (path, status)
    said = daemon.json("boot", "explain", MAC)
    assert said["method"] in ("", None), said
    assert any("machine five requires trust" in reason and "iPXE is offered no boot" in reason for reason in said["reasons"]), said


def give_root(world, folder):
    """A board that is Ready and has an agent, and an image whose root has cloud-init."""
    files, tree = simulated_boot_directory(folder / "boot"), folder / "tree"
    for name, text in (("etc/os-release", 'PRETTY_NAME="Small"\n'), ("usr/bin/cloud-init", "#!/bin/true\n"), ("etc/cloud/cloud.cfg", "{}\n")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    daemon = world.start_daemon()
    daemon.cli("image", "import", "small", folder / "boot", "--root", tree)
    import_agent(daemon, files)
    daemon.cli("subnet", "set", "10.77.0.0/24", "--unknown", "enlist")
    board = Board(world, folder)
    agent = board.boot()
    name = enlist(daemon, agent)
    return daemon, board, agent, name, commission(daemon, agent, name)


def test_a_seed_comes_with_its_root(world, folder):
    """The signed command line names none, nobody is given one at /seed/, and the agent gets it with the word about the root."""
    daemon, board, agent, name, last = give_root(world, folder)
    daemon.cli("key", "create", "first")
    daemon.cli("key", "export", "first", "--public", "--out", folder / "first.bin")
    daemon.cli("machine", "set", name, "--require-trusted", "on")
    (folder / "user-data").write_text("#cloud-config\npassword: of-this-machine\n")
    refused = daemon.refused("machine", "deploy", name, "--image", "small", "--root", "ram", "--user-data", folder / "user-data")
    assert "--give-secrets" in refused
    daemon.cli("machine", "deploy", name, "--image", "small", "--root", "ram", "--user-data", folder / "user-data", "--give-secrets")
    sent = wait_until(lambda: next((t for t in [agent.task(after=last).json] if t["kind"] == "reboot"), None), 10, "it is to reboot")
    assert agent.result(sent["id"]).status == 204

    namespace, out = board.namespace, folder / "trusted"
    namespace.run("ip", "address", "flush", "dev", "eth0")
    without_offloads(namespace, "eth0")
    fetched = pi.fetch(namespace, "eth0", "pi4", board.mac, board.serial, out, options=("--signed", "--pubkey", folder / "first.bin"))
    volume, = (path for path in (out / "fetched").rglob("boot.img"))
    cmdline = octets_in(volume, "cmdline.txt").decode()
    assert "bramble.url=https://10.77.0.1:5249/a/-" in cmdline and "bramble.run" in cmdline, cmdline
    assert "ds=" not in cmdline and "/seed/" not in cmdline, cmdline

    namespace.run("ip", "address", "add", fetched.board["ip"] + "/24", "dev", "eth0")
    inside = AgentClient(namespace, fetched.board["ip"], cmdline.replace("https://10.77.0.1:5249", "http://10.77.0.1:5248"))
    root = inside.ask("GET", "root").json
    assert root["root"] == "ram" and root["first_boot"] is None, root
    assert root["seed"]["user-data"] == "#cloud-config\npassword: of-this-machine\n"
    assert json.loads(root["seed"]["meta-data"])["local-hostname"] == name
    home = json.loads(root["seed"]["vendor-data"].split("\n", 1)[1])["phone_home"]["url"]
    for path in ("meta-data", "user-data", "vendor-data"):
        answer = inside.ask("GET", f"/seed/-/{path}")
        assert answer.status == 403 and "its agent brings the seed" in answer.text, answer.text

    assert inside.ask("POST", home.removeprefix("http://10.77.0.1:5248"), b"hostname=x",
                      headers={"Content-Type": "application/x-www-form-urlencoded"}).status == 204
    wait_until(lambda: state_of(daemon, name) == "Deployed", 10, "it is Deployed")
    wait_until(lambda: inside.ask("GET", "root").status == 403, 5, "its secrets are told no more")


def test_trust_does_not_begin_with_secrets(world, folder):
    """What was deployed under another rule is not anybody's to read because the rule changed."""
    daemon, board, agent, name, last = give_root(world, folder)
    (folder / "user-data").write_text("#cloud-config\npassword: of-this-machine\n")
    daemon.cli("machine", "deploy", name, "--image", "small", "--root", "ram", "--done-when", "dhcp", "--user-data", folder / "user-data")
    assert "is Deploying" in daemon.refused("machine", "set", name, "--require-trusted", "on")
    sent = wait_until(lambda: next((t for t in [agent.task(after=last).json] if t["kind"] == "reboot"), None), 10, "it is to reboot")
    assert agent.result(sent["id"]).status == 204
    board.boot().result(0)
    wire = Wire(board.namespace)
    assert wire.lease(board.mac, 7, options=((60, b"systemd"),))
    wire.close()
    wait_until(lambda: state_of(daemon, name) == "Deployed", 20, "it is Deployed")
    refused = daemon.refused("machine", "set", name, "--require-trusted", "on")
    assert f"machine {name} is deployed with user data" in refused and "--give-secrets" in refused
    daemon.cli("machine", "release", name)
    daemon.cli("machine", "set", name, "--require-trusted", "on")


SIGNER = """#!/bin/sh
cd {folder} || exit 1
echo run >>"${{3%/*}}/../runs"  # where its user may write
until [ -e go ]; do sleep 0.1; done
[ ! -e junk ] || exec echo no signature
openssl dgst -sign far.pem -sha256 "$3" | od -An -v -tx1 | tr -d ' \\n'
"""


def test_a_signer_that_takes_its_time(world, folder):
    """Boards wait for it or come again, others are served meanwhile; and one that fails is not run for each request."""
    boot_directory(folder / "boot")
    signers = folder / "signers"
    signers.mkdir()
    for path in (folder, signers):
        path.chmod(0o777)
    (signers / "hsm").write_text(SIGNER.format(folder=signers))
    (signers / "hsm").chmod(0o755)
    subprocess.run(["openssl", "genrsa", "-out", signers / "far.pem", "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "rsa", "-in", signers / "far.pem", "-pubout", "-out", folder / "far.pub"], check=True, capture_output=True)
    (signers / "far.pem").chmod(0o644)
    daemon = world.new_daemon()
    with daemon.config.open("a") as config:
        config.write(f"signers_dir: {signers}\n")
    daemon.start()
    daemon.cli("subnet", "add", "10.77.0.0/24", "--interface", "br0", "--dhcp", "server", "--range", "10.77.0.100-10.77.0.199")
    daemon.cli("image", "import", "card", folder / "boot")
    daemon.cli("key", "import", "far", "--signer", "hsm", "--pubkey", folder / "far.pub")
    daemon.cli("key", "export", "far", "--public", "--out", folder / "far.bin")
    daemon.cli("machine", "add", "five", "--mac", MAC, "--board", "pi5", "--image", "card", "--require-trusted", "on")
    client = world.client("boards")
    without_offloads(client, "eth0")
    without_offloads(world.server, f"port{world.cables}")

    assert "it is being signed" in daemon.refused("boot", "files", "five", "boot.sig")
    assert daemon.cli("status")
    threading.Timer(2, (signers / "go").touch).start()
    board = power_on(client, folder, *by_http(folder, "far.bin"))
    assert board["outcome"] == "booted", board
    assert (daemon.state / "runs").read_text() == "run\n"

    # Another volume, by TFTP: the first requests stay without an answer.
    (signers / "go").unlink()
    daemon.cli("machine", "set", "five", "--cmdline-extra", "quiet")
    threading.Timer(2, (signers / "go").touch).start()
    board = power_on(client, folder, "--signed", "--pubkey", folder / "far.bin")
    assert board["outcome"] == "booted", board
    assert "cannot be" not in daemon.trail("five")

    (signers / "junk").touch()
    daemon.cli("machine", "set", "five", "--cmdline-extra", "quiet splash")
    for _ in range(3):
        assert "it cannot be signed" in daemon.refused("boot", "files", "five", "boot.sig")
    assert (daemon.state / "runs").read_text() == "run\n" * 3


def test_volumes_made_and_signed_in_files(world, folder):
    files = boot_directory(folder / "boot")
    bramble = BUILD / "bramble"
    for out in ("a.img", "b.img"):
        subprocess.run([bramble, "bootimg", "make", folder / "boot", "--out", folder / out], check=True)
    assert (folder / "a.img").read_bytes() == (folder / "b.img").read_bytes()
    subprocess.run(["fsck.vfat", "-n", folder / "a.img"], check=True, capture_output=True)
    for name, octets in files.items():
        assert octets_in(folder / "a.img", name) == octets, name

    subprocess.run(["openssl", "genrsa", "-out", folder / "key.pem", "2048"], check=True, capture_output=True)
    subprocess.run([bramble, "bootimg", "sign", folder / "a.img", "--key", folder / "key.pem", "--out", folder / "boot.sig",
                    "--timestamp", "1614092425"], check=True)
    lines = (folder / "boot.sig").read_text().splitlines()
    assert lines[:2] == [hashlib.sha256((folder / "a.img").read_bytes()).hexdigest(), "ts: 1614092425"]
    by_openssl = subprocess.run(["openssl", "dgst", "-sign", folder / "key.pem", "-sha256", folder / "a.img"], check=True,
                                capture_output=True).stdout
    assert lines[2] == "rsa2048: " + by_openssl.hex()
    refused = subprocess.run([bramble, "bootimg", "make", folder / "nothing", "--out", folder / "c.img"], capture_output=True, text=True)
    assert refused.returncode == 5 and "nothing" in refused.stderr and not (folder / "c.img").exists()
