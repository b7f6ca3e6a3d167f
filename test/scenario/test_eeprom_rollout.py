"""An update of EEPROMs is rolled out to twenty simulated boards, wave by wave, until one of them does not take it."""
# SPDX-License-Identifier: Apache-2.0
import hashlib

from lab import eeprom, pi
from lab.namespace import wait_until
from test_agent_server import site  # noqa: F401 - a fixture
from test_simulated_boards import FAMILIES, boot_directory, card, simulate, whys
from test_taken_back import deployed  # noqa: F401 - likewise

N_BOARDS, PROTECTED = 20, 13
CONFIG = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf21\n"


def name(i):
    return f"pi-{i:02}"


def import_firmware(daemon, folder, soc="2711"):
    firmware = folder / f"firmware-{soc}"
    firmware.mkdir()
    (firmware / "pieeprom-2026-05-17.bin").write_bytes(eeprom.image(soc))
    (firmware / "recovery.bin").write_bytes(b"what would write it from a card")
    daemon.cli("eeprom", "import", firmware)


def register(daemon, folder):
    boot_directory(folder / "boot")
    daemon.cli("image", "import", "card", folder / "boot")
    import_firmware(daemon, folder)
    for i in range(1, N_BOARDS + 1):
        daemon.cli("machine", "add", name(i), "--mac", f"dc:a6:32:10:00:{i:02x}", "--board", "pi4b", "--image", "card")


def steps(daemon):
    return {row["machine"]: row["step"] for row in daemon.json("eeprom", "rollout")}


def wait_for(daemon, machines, step):
    wait_until(lambda: all(steps(daemon)[name(i)] == step for i in machines), 30, f"{machines} are {step}: {steps(daemon)}")


def boot_all(world, folder):
    report = simulate(world, folder, "pi4", "--count", N_BOARDS, "--eeprom-protected", PROTECTED)
    assert report["summary"]["booted"] == N_BOARDS, whys(report)
    return {i: board for i, board in enumerate(report["boards"], 1)}


def updated(boards):
    return {i for i, board in boards.items() if board["eeprom_updates"]}


def asked(board, file):
    return [row["outcome"] for row in board["files"] if row["path"].endswith(file)]


def test_a_roll_out_stops_at_the_first_failure(world, folder):
    daemon = world.start_daemon()
    register(daemon, folder)
    (folder / "bootconf.txt").write_text(CONFIG)
    daemon.cli("eeprom", "apply", "--all", "--config", folder / "bootconf.txt", "--canaries", "1", "--wave", "9")
    assert "is part of a roll-out already" in daemon.refused("eeprom", "apply", name(1), "--config", folder / "bootconf.txt")
    wait_for(daemon, [1], "offered")

    # The canary takes it, once; what it fetched is what its signature says, with its configuration in it.
    boards = boot_all(world, folder)
    assert updated(boards) == {1} and boards[1]["boot_order"] == 0xF21
    assert asked(boards[1], "pieeprom.upd") == ["fetched"] and asked(boards[1], "pieeprom.sig")[-1] == "not found"
    assert asked(boards[2], "pieeprom.sig") == ["not found"]
    wanted = eeprom.image(config=CONFIG.encode())
    fetched = folder / "fetched" / boards[1]["prefix"]
    assert (fetched / "pieeprom.upd").read_bytes() == wanted
    first, when, soc = (fetched / "pieeprom.sig").read_text().splitlines()
    assert first == hashlib.sha256(wanted).hexdigest() and soc == "target-soc: 2711"
    wait_for(daemon, [1], "done")

    # It goes on where it was when the daemon was killed in between.
    daemon.kill()
    daemon.start()
    wait_for(daemon, range(2, 11), "offered")
    assert updated(boot_all(world, folder)) == {*range(1, 11)} - {1}
    wait_for(daemon, range(2, 11), "done")
    wait_for(daemon, range(11, 20), "offered")
    assert steps(daemon)[name(20)] == "waiting"

    assert updated(boot_all(world, folder)) == {*range(11, 20)} - {PROTECTED}
    wait_for(daemon, [PROTECTED], "failed")
    wait_for(daemon, [20], "stopped")
    whole = {row["machine"]: row["why"] for row in daemon.json("eeprom", "rollout")}
    assert "went on without a restart" in whole[name(PROTECTED)] and name(PROTECTED) in whole[name(20)]
    assert not updated(boot_all(world, folder))


def test_firmware_by_its_day(world, folder):
    """The day of a release stands in its octets: what was imported is found by it, whatever its file is called."""
    daemon = world.start_daemon()
    register(daemon, folder)
    (folder / "bootconf.txt").write_text(CONFIG)
    (folder / "lines.txt").write_text("BOOT_UART=1\n")
    daemon.cli("eeprom-profile", "set", "board=pi4b", folder / "lines.txt", "--firmware", "2019-09-10")
    apply = ("eeprom", "apply", name(1), "--config", folder / "bootconf.txt")
    assert "no image eeprom-2711 is of that day" in daemon.refused(*apply)
    daemon.cli("eeprom-profile", "set", "board=pi4b", folder / "lines.txt", "--firmware", "2026-05-17")
    assert [update["image"] for update in daemon.json(*apply)] == ["eeprom-2711@1"]
    daemon.cli("eeprom", "stop")

    daemon.cli("image", "import", "eeprom-2711", "--boot-dir", folder / "firmware-2711")
    assert [update["image"] for update in daemon.json(*apply)] == ["eeprom-2711@2"]
    import_firmware(daemon, folder, "2712")
    assert "it cannot be a part of eeprom-2711" in daemon.refused("image", "import", "eeprom-2711", "--boot-dir", folder / "firmware-2712")


def test_a_board_that_boots_its_disk(site, deployed, folder):  # noqa: F811
    """It is handed over by files that are missing: the update is all that it finds on its way there."""
    _, daemon, _ = site
    board, machine = deployed("f12", "network-first")
    import_firmware(daemon, folder)
    (folder / "bootconf.txt").write_text("[all]\nBOOT_UART=1\nBOOT_ORDER=0xf12\n")
    daemon.cli("eeprom", "apply", machine, "--config", folder / "bootconf.txt")
    wait_until(lambda: steps(daemon)[machine] == "offered", 30, "the update is offered")
    assert board.boot() == ["network", "network", "SD card"]
    report = pi.fetched_in(board.folder / f"boot-{board.boots}").board
    assert report["eeprom_updates"] == 1 and report["outcome"] == "booted"
    assert {row["path"].rsplit("/", 1)[-1] for row in report["files"] if row["outcome"] == "fetched"} >= {"pieeprom.sig", "pieeprom.upd"}
    wait_until(lambda: steps(daemon)[machine] == "done", 30, "it is back, and on its disk")
    assert board.boot() == ["network", "SD card"] and not asked_and_got(board)

    # Who cannot be reached on its way to its disk is told so before anything is offered.
    daemon.cli("machine", "set", machine, "--drop-options", "on")
    refused = daemon.refused("eeprom", "apply", machine, "--config", folder / "bootconf.txt")
    assert "boots its own disk" in refused and f"bramble machine rescue {machine}" in refused
    import_firmware(daemon, folder, "2712")
    daemon.cli("machine", "add", "five", "--mac", "2c:cf:67:10:00:05", "--board", "pi5")
    assert "a board of its kind asks for no update" in daemon.refused("eeprom", "apply", "five", "--config", folder / "bootconf.txt")


def test_a_board_on_its_disk_that_takes_no_update(world, folder):
    """It goes on to its disk without a restart, and that is told."""
    daemon = world.start_daemon()
    daemon.cli("machine", "add", "pi", "--mac", FAMILIES["pi4"], "--board", "pi4b")
    import_firmware(daemon, folder)
    (folder / "bootconf.txt").write_text("[all]\nBOOT_ORDER=0xf12\n")
    daemon.cli("eeprom", "apply", "pi", "--config", folder / "bootconf.txt")
    wait_until(lambda: steps(daemon)["pi"] == "offered", 30, "the update is offered")
    report = simulate(world, folder, "pi4", "--card", card(folder)[0], "--boot-order", "f12", "--eeprom-protected", "1")
    board, = report["boards"]
    assert board["outcome"] == "booted" and board["mode"] == "SD card", whys(report)
    wait_until(lambda: steps(daemon)["pi"] == "failed", 30, "it has not taken it")
    assert "went on without a restart" in daemon.json("eeprom", "rollout")[0]["why"]


def asked_and_got(board):
    files = pi.fetched_in(board.folder / f"boot-{board.boots}").board["files"]
    return [row["path"] for row in files if row["outcome"] == "fetched" and row["path"].endswith(("sig", "upd"))]
